"""What the goods of a fact are: lot, expiry, cost and packing, as it says them or as they are known here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from inventory.ledger.bulkchecks import Catalogue, expiry_instant, money
from inventory.ledger.bulkfacts import PurchaseFact
from inventory.ledger.bulktables import CAME_BACK, empty, fill, rows
from inventory.ledger.counters import Key
from inventory.models import Allocation, IssuePurpose, Product, ReceiptPurpose
from inventory.quantity import to_thousandths

Level = tuple[Key, str]
"""A level and a unit kind of it."""


class Like(NamedTuple):
    """What goods are. `parent` is the batch they came from."""

    unit_cost: Any = None
    lot: str = ""
    expires_on: date | None = None
    expires_at: datetime | None = None
    packs_per_pallet: Any = None
    units_per_pack: Any = None
    parent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(PurchaseFact):
    """Goods of one batch, or of an unknown one, that arrived by a transfer. `like` is what they were where they left, `sent` the issue they
    left with, and `received_at` when they first came in."""

    transfer_key: str
    like: Like
    received_at: datetime
    sent: int | None = None


def goods_of(fact: PurchaseFact, product: Product, known: Catalogue, last: Mapping[Level, Like]) -> Like:
    """What the goods of a fact are that is booked for the first time; `last` is what was sold last."""
    if isinstance(fact, Piece):
        return fact.like if fact.like.parent is not None else _packed(fact.like, product)
    said = _said(fact, known)
    found = last.get((fact.key, str(fact.unit_kind))) if fact.purpose == ReceiptPurpose.SALE_RETURN else None
    if found is None:
        return _packed(said, product)
    about = said if said.lot or said.expires_at else found
    cost = found.unit_cost if said.unit_cost is None else said.unit_cost
    return found._replace(unit_cost=cost, lot=about.lot, expires_on=about.expires_on, expires_at=about.expires_at)


def corrected(fact: PurchaseFact, stored: Like, known: Catalogue) -> Like:
    """What stored goods are from now on. What a return does not say stays as it was found when it was booked, and so do goods that arrived
    from nobody knows where: somebody may have found out."""
    if isinstance(fact, Piece):
        return fact.like if fact.like.parent is not None else stored
    said = _said(fact, known)
    if fact.purpose != ReceiptPurpose.SALE_RETURN:
        return said
    about = said if said.lot or said.expires_at else stored
    return about._replace(unit_cost=stored.unit_cost if said.unit_cost is None else said.unit_cost)


def sold_last(wanted: Collection[Level]) -> dict[Level, Like]:
    """What was sold last of these levels, and what it cost; those of which no sale holds anything are left out. Two statements."""
    if not wanted:
        return {}
    fill(CAME_BACK, [{**key._asdict(), "unit_kind": kind} for key, kind in sorted(wanted)])
    latest = (
        "SELECT a.id FROM inventory_sale s JOIN inventory_allocation a ON a.sale_id = s.id "
        "WHERE s.product_id = k.product_id AND s.warehouse_id = k.warehouse_id AND s.unit_kind = k.unit_kind "
        f"AND s.purpose = '{IssuePurpose.SALE.value}' AND a.quantity > a.released ORDER BY s.id DESC, a.id DESC LIMIT 1"
    )
    found = [pk for (pk,) in rows(f"SELECT ({latest}) FROM {CAME_BACK.name} k") if pk is not None]
    empty(CAME_BACK)
    named = ("product_id", "warehouse_id", "unit_kind")
    columns = (*(f"batch__{name}" for name in named), "unit_cost", *(f"batch__{name}" for name in Like._fields[1:-1]), "batch_id")
    sold = Allocation.objects.filter(pk__in=found).order_by().values_list(*columns)
    return {(Key(product, place), kind): Like(*about) for product, place, kind, *about in sold}


def _said(fact: PurchaseFact, known: Catalogue) -> Like:
    return Like(money(fact.unit_cost), fact.lot, fact.expires_on, expiry_instant(fact, known))


def _packed(like: Like, product: Product) -> Like:
    return like._replace(packs_per_pallet=product.packs_per_pallet, units_per_pack=product.units_per_pack)


def in_thousandths(number: Any) -> int | None:
    return None if number is None else to_thousandths(number)
