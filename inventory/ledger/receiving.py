"""Purchases: goods that come in, and what is corrected or taken back of them (docs/ledger.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.audit import record
from inventory.errors import ExpiredProduct, SameLotAgain
from inventory.ledger.booking import Booking, booking
from inventory.ledger.bought import returned_to
from inventory.ledger.counters import Key
from inventory.ledger.facts import check_ledger, cost_of, ends, happened, kind_of, quantity_of, text_of
from inventory.ledger.settling import settle
from inventory.models import Batch, BatchOrigin, Cause, MovementKind, Product, Purchase, SameLot, Vendor, Warehouse


@dataclass(frozen=True)
class Received:
    """A purchase as booked. `warnings` are sentences; `settled` is how much of it earlier shortfalls took at once."""

    purchase: Purchase
    warnings: tuple[str, ...] = ()
    settled: Decimal = Decimal(0)


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
    key, kind = Key(product.pk, warehouse.pk), kind_of(unit_kind)
    cost = cost_of(unit_cost, free=free_goods)
    with booking(actor, [key], cause) as booked:
        known = Purchase.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return Received(known)
        stored = booked.products[product.pk]
        at = happened(bought_at, booked.now, "bought_at")
        check_ledger(booked, key, at)
        batch = Batch(
            product=stored,
            warehouse_id=warehouse.pk,
            unit_kind=kind,
            origin=BatchOrigin.PURCHASE,
            unit_cost=cost,
            lot=text_of(lot, "lot", 80),
            received_at=at,
            packs_per_pallet=stored.packs_per_pallet,
            units_per_pack=stored.units_per_pack,
        )
        batch.expires_on, batch.expires_at = expiry(booked, expires_on, expires_at)
        warnings = [*_about_expiry(booked, batch), *about_lot(booked, batch)]
        amount = quantity_of(stored, quantity)
        purchase = Purchase(
            account=actor.account,
            vendor=vendor,
            free_goods=free_goods,
            reference=text_of(reference, "reference", 100),
            note=text_of(note, "note", 300),
            source_key=source_key or None,
            correlation=booked.correlation,
            entered_by=actor.label[:200],
        )
        purchase.batch = booked.new_batch(batch)
        purchase.save(force_insert=True)
        booked.change(batch, MovementKind.RECEIPT, amount, document_id=purchase.pk, happened_at=at, source_key=source_key or "")
        settled = settle(booked, key, kind)
        record(
            actor,
            entity="Purchase",
            entity_id=purchase.pk,
            action="ADD",
            after=described(purchase),
            cause=cause.value,
            correlation=booked.correlation,
        )
    return Received(purchase, tuple(warnings), settled)


def described(purchase: Purchase) -> dict[str, Any]:
    """A purchase with its batch, as the audit log tells of it."""
    batch = purchase.batch
    return {
        "product": batch.product_id,
        "warehouse": batch.warehouse_id,
        "unit_kind": batch.unit_kind,
        "quantity": batch.received - returned_to(batch),
        "unit_cost": batch.unit_cost,
        "free_goods": purchase.free_goods,
        "lot": batch.lot,
        "expires_on": batch.expires_on,
        "expires_at": batch.expires_at,
        "bought_at": batch.received_at,
        "vendor": purchase.vendor_id,
        "reference": purchase.reference,
        "note": purchase.note,
        "status": purchase.status,
        "batch": batch.pk,
    }


def expiry(booked: Booking, day: date | None, instant: datetime | None) -> tuple[date | None, datetime | None]:
    """The day on the package and the instant from which it counts. Raises ValidationError where both are given."""
    if day is not None and instant is not None:
        raise ValidationError({"expires_at": "Enter either the day on the package or an instant, not both."})
    return day, ends(day, booked.settings, booked.account.time_zone) if day is not None else instant


def _about_expiry(booked: Booking, batch: Batch) -> list[str]:
    if batch.expires_at is None:
        return []
    left = batch.expires_at - booked.now
    if left.total_seconds() <= 0:
        raise ExpiredProduct(
            f"These goods expired on {batch.expires_on or batch.expires_at.date()} and can't be put into stock.",
            hint="Check the date. Goods that came in and were thrown away need no purchase here.",
        )
    days = left.days + (1 if left.seconds or left.microseconds else 0)
    # A day on the package is counted from today's, however late in the day it ends.
    today = booked.now.astimezone(ZoneInfo(booked.account.time_zone)).date()
    ahead = days if batch.expires_on is None else (batch.expires_on - today).days
    if booked.settings.warn_days and ahead <= booked.settings.warn_days:
        return [f"This expires within {days} {'day' if days == 1 else 'days'}."]
    return []


def about_lot(booked: Booking, batch: Batch) -> list[str]:
    """What there is to say of a lot number that another batch has. Raises SameLotAgain where the setting refuses it."""
    if not batch.lot:
        return []
    others = Batch.objects.filter(account=booked.account, product=batch.product, lot=batch.lot, voided_at__isnull=True)
    before = others.exclude(pk=batch.pk).first()
    if before is None:
        return []
    sentence = f"Lot {batch.lot} of {batch.product} came in before, as batch {before.pk}."
    if booked.settings.same_lot == SameLot.REFUSE:
        raise SameLotAgain(sentence, hint="Enter another lot number, or change the quantity of that purchase.")
    return [sentence]
