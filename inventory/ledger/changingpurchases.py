"""Purchases that are changed or voided (docs/ledger.md)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed
from inventory.errors import AlreadyUndone, BatchInUse, QuantityBelowSold
from inventory.ledger.booking import Booking, booking
from inventory.ledger.bought import returned_to
from inventory.ledger.counters import ZERO, Key
from inventory.ledger.expirychange import change_expiry, keys_of, offspring
from inventory.ledger.facts import cost_of, kind_of, quantity_of, text_of
from inventory.ledger.outside import check_purchase
from inventory.ledger.settling import settle
from inventory.ledger.takingin import about_lot, described, expiry
from inventory.ledger.usage import held_by, in_words
from inventory.models import Batch, Cause, MovementKind, Purchase, PurchaseStatus
from inventory.signals import purchase_changed

UNCHANGED: Any = object()


def edit_purchase(
    actor: Actor,
    purchase: Purchase,
    *,
    quantity: Any = UNCHANGED,
    unit_cost: Any = UNCHANGED,
    free_goods: Any = UNCHANGED,
    unit_kind: Any = UNCHANGED,
    lot: Any = UNCHANGED,
    expires_on: Any = UNCHANGED,
    expires_at: Any = UNCHANGED,
    vendor: Any = UNCHANGED,
    reference: Any = UNCHANGED,
    note: Any = UNCHANGED,
) -> Purchase:
    """Correct a purchase; what is not given stays. Batch and counters follow; the cost of sales already made stays as it was.

    Raises NotAllowed, ValidationError naming a field, AlreadyUndone for a voided one, ToldOutside for how much arrived by a transfer,
    QuantityBelowSold, BatchInUse for another unit kind
    of what has been used, SameLotAgain, Quarantined, MovedMeanwhile, Purchase.DoesNotExist.
    """
    actor.require("purchase.edit")
    keys = {_key(purchase)}
    if expires_on is not UNCHANGED or expires_at is not UNCHANGED:
        keys |= keys_of(offspring(Batch.objects.get(pk=purchase.batch_id)))
    with booking(actor, keys, Cause.PURCHASE_EDIT, correlation=purchase.correlation) as booked:
        stored, batch = _stored(booked, purchase)
        before = described(stored)
        if unit_kind is not UNCHANGED or quantity is not UNCHANGED:
            check_purchase(stored)
        if unit_kind is not UNCHANGED:
            _change_kind(booked, stored, batch, kind_of(unit_kind))
        if quantity is not UNCHANGED:
            _resize(booked, stored, batch, quantity)
        if unit_cost is not UNCHANGED or free_goods is not UNCHANGED:
            stored.free_goods = stored.free_goods if free_goods is UNCHANGED else bool(free_goods)
            batch.unit_cost = cost_of(
                None if unit_cost is UNCHANGED and stored.free_goods else _or(unit_cost, batch.unit_cost), free=stored.free_goods
            )
        if lot is not UNCHANGED:
            _change_lot(booked, batch, text_of(lot, "lot", 80))
        if expires_on is not UNCHANGED or expires_at is not UNCHANGED:
            change_expiry(booked, batch, *expiry(booked, _or(expires_on, None), _or(expires_at, None)))
        stored.vendor = _or(vendor, stored.vendor)
        stored.reference = stored.reference if reference is UNCHANGED else text_of(reference, "reference", 100)
        stored.note = stored.note if note is UNCHANGED else text_of(note, "note", 300)
        booked.flush()
        batch.save(update_fields=["unit_cost", "lot", "expires_on", "expires_at", "warned_days", "unit_kind"])
        stored.save(update_fields=["free_goods", "vendor", "reference", "note"])
        settle(booked, _key(purchase), batch.unit_kind)
        old, new = changed(before, described(stored))
        if new:
            _tell(booked, stored, "CHANGE", old, new)
    return stored


def void_purchase(actor: Actor, purchase: Purchase) -> Purchase:
    """Take a purchase back of which nothing has been used and into whose batch nothing came back: the batch is kept and void.

    Raises NotAllowed, AlreadyUndone, ToldOutside for what arrived by a transfer, BatchInUse with the sales that hold it, Quarantined,
    Purchase.DoesNotExist.
    """
    actor.require("purchase.void")
    with booking(actor, [_key(purchase)], Cause.PURCHASE_DELETION, correlation=purchase.correlation) as booked:
        stored, batch = _stored(booked, purchase)
        check_purchase(stored)
        used = batch.sold + batch.written_off + batch.moved_out + batch.broken
        if used or returned_to(batch):
            raise _in_use(stored, batch)
        before = described(stored)
        booked.change(batch, MovementKind.RECEIPT_VOID, -batch.remaining, document_id=stored.pk)
        booked.flush()
        Batch.objects.filter(pk=batch.pk).update(voided_at=booked.now)
        stored.status, stored.voided_at = PurchaseStatus.VOIDED, booked.now
        stored.save(update_fields=["status", "voided_at"])
        _tell(booked, stored, "DELETE", before, {"status": stored.status})
    return stored


def void_rest(actor: Actor, purchase: Purchase) -> Purchase:
    """Take back what is left of a purchase of which some has been used.

    Raises as `void_purchase` does, BatchInUse where nothing is left.
    """
    actor.require("purchase.void")
    with booking(actor, [_key(purchase)], Cause.PURCHASE_DELETION, correlation=purchase.correlation) as booked:
        stored, batch = _stored(booked, purchase)
        check_purchase(stored)
        if not batch.remaining:
            raise _in_use(stored, batch)
        rest = batch.remaining
        booked.change(batch, MovementKind.RECEIPT_VOID, -rest, document_id=stored.pk, reason="What was left of it.")
        _tell(booked, stored, "VOID_REST", {"remaining": rest}, {"remaining": ZERO})
    return stored


def _in_use(purchase: Purchase, batch: Batch) -> BatchInUse:
    sales = held_by([batch])
    bought = batch.received - returned_to(batch)
    return BatchInUse(
        f"{purchase} can't be voided: of its {bought} {batch.unit_kind} {in_words([batch], sales)}.",
        hint="Cancel those first, or void only the rest." if batch.remaining else "Cancel those first.",
        details={"sales": sales, "remaining": float(batch.remaining)},
    )


def _resize(booked: Booking, purchase: Purchase, batch: Batch, value: Any) -> None:
    wanted = quantity_of(booked.products[batch.product_id], value)
    used = batch.received + batch.gained - batch.remaining
    received = wanted + returned_to(batch)
    if received + batch.gained < used:
        raise QuantityBelowSold(
            f"{used} of batch {batch.pk} have been sold or used; the purchase can't be {wanted}.",
            hint="Cancel what was taken from it first.",
            details={"used": float(used), "asked": float(wanted)},
        )
    booked.change(batch, MovementKind.RECEIPT_EDIT, received - batch.received, document_id=purchase.pk)


def _change_kind(booked: Booking, purchase: Purchase, batch: Batch, kind: str) -> None:
    if kind == batch.unit_kind:
        return
    if batch.remaining != batch.received or batch.allocations.exists() or returned_to(batch):
        raise BatchInUse(
            f"Batch {batch.pk} has been used, so it stays in {batch.unit_kind}.", hint="Void it and enter it anew.", details={"sales": []}
        )
    quantity = batch.received
    about = {"document_id": purchase.pk, "reason": f"Was entered as {batch.unit_kind}."}
    booked.change(batch, MovementKind.RECEIPT_EDIT, -quantity, **about)
    batch.unit_kind = kind
    booked.change(batch, MovementKind.RECEIPT_EDIT, quantity, **about)


def _change_lot(booked: Booking, batch: Batch, lot: str) -> None:
    if lot == batch.lot:
        return
    batch.lot = lot
    about_lot(booked, batch)


def _key(purchase: Purchase) -> Key:
    return Key(purchase.batch.product_id, purchase.batch.warehouse_id)


def _stored(booked: Booking, purchase: Purchase) -> tuple[Purchase, Batch]:
    """The purchase and its batch as they are now. Raises AlreadyUndone for a voided one."""
    stored = Purchase.objects.select_related("vendor").get(pk=purchase.pk, account=booked.account)
    if stored.status != PurchaseStatus.BOOKED:
        raise AlreadyUndone(f"{stored} was voided before.")
    found = booked.batches([stored.batch_id])
    if not found:
        raise ValidationError({"batch": f"The batch of purchase {stored.pk} has moved elsewhere; try again."})
    stored.batch = found[stored.batch_id]
    return stored, stored.batch


def _tell(booked: Booking, purchase: Purchase, action: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    booked.store()
    purchase_changed.send(sender=Purchase, purchase=purchase, actor=booked.actor)
    record(
        booked.actor,
        entity="Purchase",
        entity_id=purchase.pk,
        action=action,
        before=before,
        after=after,
        cause=booked.cause.value,
        correlation=booked.correlation,
    )


def _or(given: Any, otherwise: Any) -> Any:
    return otherwise if given is UNCHANGED else given
