"""What leaves a warehouse without a sale: from which batches, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Sum

from accounts.errors import Problem
from inventory.allocation import allocate
from inventory.errors import InsufficientStock, NoBatches
from inventory.ledger.booking import Booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.taking import MONEY, candidates
from inventory.models import Batch, Movement, MovementKind, UnitKind

Parts = Sequence[tuple[Batch, Decimal]]
"""So much of each of these batches."""


def first_expired(booked: Booking, key: Key, kind: UnitKind, quantity: Decimal) -> Parts:
    """From which batches `quantity` goes, those that expire first first. Raises NoBatches and InsufficientStock."""
    found = allocate(candidates(booked, key, kind), quantity, now=booked.now)
    if found.missing:
        raise _too_few(booked, key, kind, quantity, quantity - found.missing)
    batches = booked.batches(each.batch for each in found.takes)
    return [(batches[each.batch], each.quantity) for each in found.takes]


def out_of(booked: Booking, batch: Batch, key: Key, kind: UnitKind, quantity: Decimal) -> Parts:
    """That `quantity` goes from a batch that somebody named, expired or not.

    Raises ValidationError for a batch of something else, NoBatches and InsufficientStock.
    """
    stored = named(booked, batch, key, kind)
    if stored.remaining < quantity:
        said = {"available": _plain(stored.remaining), "asked": _plain(quantity), "unit_kind": kind.value, "batch": stored.pk}
        if not stored.remaining:
            raise NoBatches(f"Nothing is left of batch {stored.pk}.", hint="Choose another batch.", details=said)
        raise InsufficientStock(
            f"Only {stored.remaining} {kind} are left of batch {stored.pk}; {quantity} were asked for. Nothing was booked.",
            hint="Enter a smaller quantity, or choose another batch.",
            details=said,
        )
    return [(stored, quantity)]


def named(booked: Booking, batch: Batch, key: Key, kind: UnitKind) -> Batch:
    """The batch that somebody named, as it is now. Raises ValidationError where it is none of this product, warehouse and unit kind."""
    stored = booked.batches([batch.pk]).get(batch.pk)
    if stored is None or Key(stored.product_id, stored.warehouse_id) != key or stored.unit_kind != kind:
        product, warehouse = booked.products[key.product_id], booked.warehouses[key.warehouse_id]
        raise ValidationError({"batch": f"Batch {batch.pk} is none of {kind} of {product} in {warehouse}."})
    return stored


def cost_of_parts(parts: Parts) -> Decimal:
    """What these parts of batches cost; those of batches without a known cost count nothing."""
    return sum((quantity * (batch.unit_cost or 0) for batch, quantity in parts), ZERO).quantize(MONEY)


def moved_by(booked: Booking, kind: MovementKind, document_id: int) -> Parts:
    """What a document's movements of a kind have done to each batch so far, in the order of the batches."""
    rows = Movement.objects.filter(account=booked.account, document_id=document_id, kind=kind).order_by("batch")
    sums = dict(rows.values_list("batch").annotate(Sum("batch_delta")))
    batches = booked.batches(sums)
    return [(batches[pk], delta) for pk, delta in sums.items()]


def _too_few(booked: Booking, key: Key, kind: UnitKind, asked: Decimal, available: Decimal) -> Problem:
    product, warehouse = booked.products[key.product_id], booked.warehouses[key.warehouse_id]
    said = {"available": _plain(available), "asked": _plain(asked), "unit_kind": kind.value}
    hint = "What has expired goes only where its batch is named."
    if not available:
        return NoBatches(f"There are no {kind} of {product} in {warehouse}.", hint=hint, details=said)
    return InsufficientStock(
        f"Only {available} {kind} of {product} are in {warehouse}; {asked} were asked for. Nothing was booked.", hint=hint, details=said
    )


def _plain(number: Any) -> int | float:
    return int(number) if number == int(number) else float(number)
