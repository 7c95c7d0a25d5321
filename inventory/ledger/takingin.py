"""Goods that come in together: each is a batch of its own, all are booked in a constant number of statements (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from accounts.audit import Entry, record_many
from inventory.errors import ExpiredProduct, SameLotAgain
from inventory.ledger.booking import Booking
from inventory.ledger.bought import returned_to
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.facts import check_ledger, cost_of, ends, kind_of, quantity_of, text_of
from inventory.ledger.settling import settle_short
from inventory.models import Batch, BatchOrigin, MovementKind, Purchase, SameLot, Vendor


@dataclass(frozen=True, kw_only=True)
class Goods:
    """So much of a product, with what one costs. `name` is what sentences call it where several come together."""

    product_id: int
    unit_kind: str
    quantity: Any
    unit_cost: Any = None
    free_goods: bool = False
    lot: str = ""
    expires_on: date | None = None
    expires_at: datetime | None = None
    name: str = ""


@dataclass(frozen=True)
class Received:
    """A purchase as booked. `warnings` are sentences; `settled` is how much of it earlier shortfalls took at once."""

    purchase: Purchase
    warnings: tuple[str, ...] = ()
    settled: Decimal = Decimal(0)


def take_in(
    booked: Booking,
    goods: Sequence[Goods],
    *,
    warehouse_id: int,
    at: datetime,
    vendor: Vendor | None = None,
    reference: str = "",
    note: str = "",
    source_key: str | None = None,
) -> list[Received]:
    """Book what came in at `at`, in a booking that holds the levels of all of it; sales that were short take from it.

    Where several are of one level and kind, the first of them says what shortfalls took. A `source_key` is for one only.
    Raises as `receive` does; what is wrong with goods that have a name is said at `lines`.
    """
    read = _read(booked, goods, warehouse_id, at)
    before = _lots_before(booked, [batch for batch, _ in read])
    warnings = [[*_about_expiry(booked, batch), *_about_lot(booked, batch, before)] for batch, _ in read]
    batches = booked.new_batches([batch for batch, _ in read])
    purchases = Purchase.objects.bulk_create(
        [
            Purchase(
                account=booked.account,
                batch=batch,
                vendor=vendor,
                free_goods=each.free_goods,
                reference=text_of(reference, "reference", 100),
                note=text_of(note, "note", 300),
                source_key=source_key or None,
                correlation=booked.correlation,
                entered_by=booked.actor.label[:200],
            )
            for batch, each in zip(batches, goods, strict=True)
        ],
        batch_size=500,
    )
    for purchase, (batch, amount) in zip(purchases, read, strict=True):
        about = {"document_id": purchase.pk, "happened_at": at, "source_key": source_key or ""}
        booked.change(batch, MovementKind.RECEIPT, amount, **about)
    settled = settle_short(booked, {(Key(batch.product_id, warehouse_id), batch.unit_kind) for batch in batches})
    record_many(
        booked.actor,
        (Entry("Purchase", purchase.pk, "ADD", after=described(purchase, back=ZERO), cause=booked.cause.value) for purchase in purchases),
        correlation=booked.correlation,
    )
    return [
        Received(purchase, tuple(said), settled.pop((Key(purchase.batch.product_id, warehouse_id), purchase.batch.unit_kind), ZERO))
        for purchase, said in zip(purchases, warnings, strict=True)
    ]


def described(purchase: Purchase, *, back: Decimal | None = None) -> dict[str, Any]:
    """A purchase with its batch, as the audit log tells of it. `back` is what customers returned into it, asked for unless given."""
    batch = purchase.batch
    return {
        "product": batch.product_id,
        "warehouse": batch.warehouse_id,
        "unit_kind": batch.unit_kind,
        "quantity": batch.received - (returned_to(batch) if back is None else back),
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


def about_lot(booked: Booking, batch: Batch) -> list[str]:
    """What there is to say of a lot number that another batch has. Raises SameLotAgain where the setting refuses it."""
    return _about_lot(booked, batch, _lots_before(booked, [batch]))


def _read(booked: Booking, goods: Sequence[Goods], warehouse_id: int, at: datetime) -> list[tuple[Batch, Decimal]]:
    """The batches, with nothing in them yet and not stored, and how much is to come into each."""
    read, wrong = [], []
    for each in goods:
        try:
            read.append(_batch(booked, each, warehouse_id, at))
        except ValidationError as error:
            if not each.name:
                raise
            wrong += [f"{each.name}, {field}: {said}" for field, sentences in error.message_dict.items() for said in sentences]
    if wrong:
        raise ValidationError({"lines": wrong})
    return read


def _batch(booked: Booking, goods: Goods, warehouse_id: int, at: datetime) -> tuple[Batch, Decimal]:
    key, kind = Key(goods.product_id, warehouse_id), kind_of(goods.unit_kind)
    cost = cost_of(goods.unit_cost, free=goods.free_goods)
    check_ledger(booked, key, at)
    product = booked.products[goods.product_id]
    batch = Batch(
        product=product,
        warehouse_id=warehouse_id,
        unit_kind=kind,
        origin=BatchOrigin.PURCHASE,
        unit_cost=cost,
        lot=text_of(goods.lot, "lot", 80),
        received_at=at,
        packs_per_pallet=product.packs_per_pallet,
        units_per_pack=product.units_per_pack,
    )
    batch.expires_on, batch.expires_at = expiry(booked, goods.expires_on, goods.expires_at)
    return batch, quantity_of(product, goods.quantity)


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


def _lots_before(booked: Booking, batches: Sequence[Batch]) -> dict[tuple[int, str], int]:
    """A batch that has the product and the lot number of one of these, other than it, in one query."""
    lots = {batch.lot for batch in batches if batch.lot}
    if not lots:
        return {}
    rows = Batch.objects.filter(account=booked.account, product__in={batch.product_id for batch in batches}, lot__in=lots)
    others = rows.filter(voided_at__isnull=True).exclude(pk__in=[batch.pk for batch in batches if batch.pk])
    return {(product, lot): pk for product, lot, pk in others.order_by("-pk").values_list("product_id", "lot", "pk")}


def _about_lot(booked: Booking, batch: Batch, before: dict[tuple[int, str], int]) -> list[str]:
    first = before.get((batch.product_id, batch.lot)) if batch.lot else None
    if first is None:
        return []
    sentence = f"Lot {batch.lot} of {batch.product} came in before, as batch {first}."
    if booked.settings.same_lot == SameLot.REFUSE:
        raise SameLotAgain(sentence, hint="Enter another lot number, or change the quantity of that purchase.")
    return [sentence]
