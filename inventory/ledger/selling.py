"""Sales: what goes out, first expired first (docs/ledger.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import state
from accounts.errors import Problem
from inventory.allocation import Allocated, allocate
from inventory.errors import InsufficientStock, NoBatches
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.facts import check_ledger, happened, kind_of, money_of, quantity_of, text_of
from inventory.ledger.opening import Opened, open_for
from inventory.ledger.settling import settle
from inventory.ledger.taking import candidates, cost_of, take
from inventory.models import Allocation, Cause, Product, Sale, Warehouse


@dataclass(frozen=True)
class Sold:
    """A sale as booked: from which batches, which pallets or packs were opened for it, and its movements' ids."""

    sale: Sale
    allocations: tuple[Allocation, ...]
    opened: tuple[Opened, ...] = ()
    movement_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class SalePreview:
    """What a sale would take, or why it can't be. Nothing of it is stored; opened pallets and their batches are not there either."""

    asked: Decimal
    available: Decimal
    allocations: tuple[Allocation, ...] = ()
    opened: tuple[Opened, ...] = ()
    cost: Decimal = ZERO
    problem: Problem | None = field(default=None)


def sell(
    actor: Actor,
    *,
    product: Product,
    warehouse: Warehouse,
    unit_kind: str,
    quantity: Any,
    price: Any = None,
    sold_at: datetime | None = None,
    reference: str = "",
    note: str = "",
    source_key: str | None = None,
    cause: Cause = Cause.SALE_CREATION,
) -> Sold:
    """Book a sale, all of it or nothing. With a `source_key` it is booked once, and every repetition answers with the first.

    Raises NotAllowed, ValidationError naming a field, NoBatches, InsufficientStock, NotALedger, BeforeOpening, Quarantined, and
    DoesNotExist for what is not the account's.
    """
    actor.require("sale.add")
    key, kind = Key(product.pk, warehouse.pk), kind_of(unit_kind)
    with booking(actor, [key], cause) as booked:
        known = Sale.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return Sold(known, tuple(known.allocations.select_related("batch")))
        at = happened(sold_at, booked.now, "sold_at")
        warehouse = check_ledger(booked, key, at)
        stored = booked.products[product.pk]
        amount = quantity_of(stored, quantity)
        unit_price = None if price in (None, "") else money_of(price, "price")
        found, opened = _find(booked, key, kind, amount)
        sale = Sale(
            account=actor.account,
            product=stored,
            warehouse=warehouse,
            unit_kind=kind,
            quantity=amount,
            price=unit_price,
            sold_at=at,
            reference=text_of(reference, "reference", 100),
            note=text_of(note, "note", 300),
            source_key=source_key or None,
            correlation=booked.correlation,
            entered_by=actor.label[:200],
        )
        sale.save(force_insert=True)
        allocations = take(booked, sale, found.takes, source_key=source_key or "")
        sale.cost = cost_of(allocations)
        Sale.objects.filter(pk=sale.pk).update(cost=sale.cost)
        record(actor, entity="Sale", entity_id=sale.pk, action="ADD", after=state(sale), cause=cause.value, correlation=booked.correlation)
        movements = list(booked.movements)
        for inside in sorted({each.into.unit_kind for each in opened}):
            # More came out of what was opened than this sale needs.
            settle(booked, key, inside)
    return Sold(sale, tuple(allocations), tuple(opened), tuple(each.pk for each in movements))


def preview_sale(actor: Actor, *, product: Product, warehouse: Warehouse, unit_kind: str, quantity: Any) -> SalePreview:
    """What `sell` would do now, found by doing it in a transaction that is rolled back. Raises NotAllowed and ValidationError."""
    actor.require("sale.add")
    with transaction.atomic():
        try:
            with transaction.atomic():
                sold = sell(actor, product=product, warehouse=warehouse, unit_kind=unit_kind, quantity=quantity)
        except (NoBatches, InsufficientStock) as problem:
            told = problem.details or {}
            shown = SalePreview(Decimal(str(told["asked"])), Decimal(str(told["available"])), problem=problem)
        else:
            with booking(actor, [Key(product.pk, warehouse.pk)], Cause.SALE_CREATION) as booked:
                left = booked.counters[Key(product.pk, warehouse.pk)].of(unit_kind)
            shown = SalePreview(sold.sale.quantity, left + sold.sale.quantity, sold.allocations, sold.opened, sold.sale.cost)
        transaction.set_rollback(True)
    return shown


def _find(booked: Booking, key: Key, kind: str, quantity: Decimal) -> tuple[Allocated, list[Opened]]:
    """What the sale takes, after opening what the settings allow. Raises NoBatches and InsufficientStock."""
    found = allocate(candidates(booked, key, kind), quantity, now=booked.now)
    opened: list[Opened] = []
    if found.missing and booked.settings.open_pallets:
        opened = open_for(booked, key, kind, found.missing)
        if opened:
            found = allocate(candidates(booked, key, kind), quantity, now=booked.now)
    if not found.missing:
        return found, opened
    product, warehouse = booked.products[key.product_id], booked.warehouses[key.warehouse_id]
    available = quantity - found.missing
    details = {"available": _plain(available), "asked": _plain(quantity), "unit_kind": kind}
    if not available:
        raise NoBatches(f"There are no {kind} of {product} in {warehouse}.", hint=_elsewhere(booked, key, kind), details=details)
    raise InsufficientStock(
        f"Only {available} {kind} of {product} are in {warehouse}; {quantity} were asked for. Nothing was booked.",
        hint=_elsewhere(booked, key, kind),
        details=details,
    )


def _elsewhere(booked: Booking, key: Key, kind: str) -> str:
    counters = booked.counters[key]
    others = [f"{counters.of(other)} {other}" for other in counters._fields if other != kind and counters.of(other) > 0]
    if others:
        return f"There are {' and '.join(others)}, which are not opened by themselves. Open some first, or allow it in the stock settings."
    return "Enter a smaller quantity, or the purchase that is missing."


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)
