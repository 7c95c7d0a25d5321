"""Purchases: goods that come in, and what is corrected or taken back of them (docs/ledger.md)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.acting import Actor
from inventory.ledger.booking import booking
from inventory.ledger.counters import Key
from inventory.ledger.facts import cost_of, happened, kind_of
from inventory.ledger.takingin import Goods, Received, take_in
from inventory.models import Cause, Product, Purchase, Vendor, Warehouse


def receive(
    actor: Actor,
    *,
    product: Product,
    warehouse: Warehouse,
    unit_kind: str,
    quantity: Any,
    unit_cost: Any = None,
    free_goods: bool = False,
    lot: str = "",
    expires_on: date | None = None,
    expires_at: datetime | None = None,
    bought_at: datetime | None = None,
    vendor: Vendor | None = None,
    reference: str = "",
    note: str = "",
    source_key: str | None = None,
    cause: Cause = Cause.PURCHASE_CREATION,
) -> Received:
    """Book a purchase: a batch is born, and sales that were short take from it.

    `expires_on` is the day on the package, `expires_at` an instant; not both. With a `source_key` it is booked once, and every repetition
    answers with the first. Raises NotAllowed, ValidationError naming a field, ExpiredProduct, SameLotAgain, NotALedger, BeforeOpening,
    Quarantined, and DoesNotExist for what is not the account's.
    """
    actor.require("purchase.add")
    # Before anything is locked or made: what can't be booked leaves no trace.
    kind_of(unit_kind)
    cost_of(unit_cost, free=free_goods)
    goods = Goods(
        product_id=product.pk,
        unit_kind=unit_kind,
        quantity=quantity,
        unit_cost=unit_cost,
        free_goods=free_goods,
        lot=lot,
        expires_on=expires_on,
        expires_at=expires_at,
    )
    with booking(actor, [Key(product.pk, warehouse.pk)], cause) as booked:
        known = Purchase.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return Received(known)
        at = happened(bought_at, booked.now, "bought_at")
        (received,) = take_in(
            booked, [goods], warehouse_id=warehouse.pk, at=at, vendor=vendor, reference=reference, note=note, source_key=source_key
        )
    return received
