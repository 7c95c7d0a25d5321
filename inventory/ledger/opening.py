"""Opening pallets into packs and packs into units, as movements that everybody can see (docs/ledger.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.acting import Actor
from accounts.audit import record
from inventory.errors import NotOpenable
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.facts import check_ledger, kind_of, quantity_of
from inventory.ledger.settling import settle
from inventory.models import Batch, BatchOrigin, Cause, MovementKind, Product, UnitKind, Warehouse
from inventory.quantity import LARGEST, from_thousandths, to_thousandths

INTO = {UnitKind.PALLETS: UnitKind.PACKS, UnitKind.PACKS: UnitKind.UNITS}
FROM = {inner: outer for outer, inner in INTO.items()}


@dataclass(frozen=True)
class Opened:
    """So many pallets or packs of one batch, opened into a batch of what was in them."""

    batch: Batch
    quantity: Decimal
    into: Batch
    pieces: Decimal


def open_packs(actor: Actor, *, product: Product, warehouse: Warehouse, unit_kind: str, quantity: Any) -> tuple[Opened, ...]:
    """Open whole pallets (packs) into packs (units), those that expire first.

    Raises NotAllowed, ValidationError, NotALedger, Quarantined, and NotOpenable where too few are there or nobody knows what is in one.
    """
    actor.require("stock.open")
    kind, key = kind_of(unit_kind), Key(product.pk, warehouse.pk)
    if kind not in INTO:
        raise NotOpenable("A unit can't be opened.", hint="Choose pallets or packs.")
    with booking(actor, [key], Cause.UNIT_BREAK) as booked:
        check_ledger(booked, key, booked.now)
        amount = quantity_of(booked.products[product.pk], quantity)
        if amount != amount.to_integral_value():
            raise NotOpenable(f"Only whole {kind} can be opened, not {amount}.")
        opened = _open(booked, key, kind, amount)
        if sum((each.quantity for each in opened), ZERO) < amount:
            raise NotOpenable(
                f"Fewer than {amount} {kind} of {product} can be opened in {warehouse}.",
                hint="It has to be known how many are in one: the product says it, and each batch keeps what it said at receipt.",
            )
        settle(booked, key, INTO[kind])
        record(
            actor,
            entity="Product",
            entity_id=product.pk,
            action="OPEN",
            after={"warehouse": warehouse.pk, "unit_kind": kind.value, "quantity": amount, "batches": [each.into.pk for each in opened]},
            cause=Cause.UNIT_BREAK.value,
            correlation=booked.correlation,
        )
    return tuple(opened)


def open_for(booked: Booking, key: Key, kind: str, missing: Decimal) -> list[Opened]:
    """Open as many pallets and packs as `missing` more of `kind` need, and as can be; those that expire first."""
    outer = FROM.get(UnitKind(kind))
    if outer is None:
        return []
    opened = _for(booked, key, outer, missing)
    missing -= sum((each.pieces for each in opened), ZERO)
    if missing > 0 and FROM.get(outer) is not None:
        # Nothing is left to open but what lies in pallets: as many packs as these pieces need.
        inside = _pieces_of_product(booked, key, outer)
        deeper = open_for(booked, key, outer, _up(missing / inside)) if inside else []
        if deeper:
            return [*opened, *deeper, *_for(booked, key, outer, missing)]
    return opened


def _for(booked: Booking, key: Key, outer: UnitKind, missing: Decimal) -> list[Opened]:
    opened = []
    for batch in booked.candidates(key, outer):
        inside = pieces(batch)
        whole = min(_up(missing / inside), Decimal(math.floor(batch.remaining))) if inside else ZERO
        if whole > 0:
            opened.append((batch, whole))
            missing -= whole * inside
        if missing <= 0:
            break
    return [_break(booked, batch, whole) for batch, whole in opened]


def _open(booked: Booking, key: Key, outer: UnitKind, quantity: Decimal) -> list[Opened]:
    chosen = []
    for batch in booked.candidates(key, outer):
        whole = min(quantity, Decimal(math.floor(batch.remaining))) if pieces(batch) else ZERO
        if whole > 0:
            chosen.append((batch, whole))
            quantity -= whole
        if quantity <= 0:
            break
    return [_break(booked, batch, whole) for batch, whole in chosen]


def pieces(batch: Batch) -> Decimal:
    """How many packs (units) are in one pallet (pack) of the batch; 0 where that is unknown."""
    inside = batch.packs_per_pallet if batch.unit_kind == UnitKind.PALLETS else batch.units_per_pack
    return inside or ZERO


def _pieces_of_product(booked: Booking, key: Key, outer: UnitKind) -> Decimal:
    product = booked.products[key.product_id]
    inside = product.packs_per_pallet if outer == UnitKind.PALLETS else product.units_per_pack
    return inside or ZERO


def _break(booked: Booking, batch: Batch, quantity: Decimal) -> Opened:
    inside = pieces(batch)
    if quantity * inside >= LARGEST:
        raise NotOpenable(f"{quantity} {batch.unit_kind} of {inside} each are more than can be kept in one batch.", hint="Open fewer.")
    # A thousandth is the finest there is; factors are given by people and far coarser.
    got = from_thousandths(to_thousandths(quantity * inside))
    into = booked.new_batch(
        Batch(
            product_id=batch.product_id,
            warehouse_id=batch.warehouse_id,
            unit_kind=INTO[UnitKind(batch.unit_kind)],
            origin=BatchOrigin.OPENED,
            parent=batch,
            unit_cost=None if batch.unit_cost is None else (batch.unit_cost / inside).quantize(Decimal("0.0001")),
            lot=batch.lot,
            expires_on=batch.expires_on,
            expires_at=batch.expires_at,
            received_at=batch.received_at,
            packs_per_pallet=batch.packs_per_pallet,
            units_per_pack=batch.units_per_pack,
        )
    )
    about = {"reason": f"{quantity} {batch.unit_kind} opened into {got} {into.unit_kind}."}
    booked.change(batch, MovementKind.UNIT_BREAK, -quantity, **about)
    booked.change(into, MovementKind.UNIT_BREAK, got, **about)
    return Opened(batch, quantity, into, got)


def _up(number: Decimal) -> Decimal:
    return Decimal(math.ceil(number))
