"""Write-offs: what is gone without a sale, and why (docs/ledger.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory.errors import AlreadyUndone
from inventory.ledger.booking import booking
from inventory.ledger.counters import Key
from inventory.ledger.facts import check_ledger, happened, kind_of, quantity_of, text_of
from inventory.ledger.leaving import cost_of_parts, first_expired, moved_by, out_of
from inventory.ledger.settling import settle
from inventory.models import Batch, Cause, MovementKind, Product, Warehouse, WriteOff, WriteOffReason, WriteOffStatus


@dataclass(frozen=True)
class ReversedWriteOff:
    """A reversed write-off. `notes` are sentences about what did not come back to the counters, and why."""

    write_off: WriteOff
    notes: tuple[str, ...] = ()


def write_off(
    actor: Actor,
    *,
    product: Product,
    warehouse: Warehouse,
    unit_kind: str,
    quantity: Any,
    reason: str,
    note: str,
    batch: Batch | None = None,
    happened_at: datetime | None = None,
    source_key: str | None = None,
) -> WriteOff:
    """Write stock off, all that is asked or nothing: from the `batch` that is named, else first expired first.

    What has expired is written off only by naming its batch; the counter, which it left when it expired, stays. The note says what
    happened. With a `source_key` it is booked once, and every repetition answers with the first. Raises NotAllowed, ValidationError naming
    a field, NoBatches, InsufficientStock, NotALedger, BeforeOpening, Quarantined, and DoesNotExist for what is not the account's.
    """
    actor.require("write_off.add")
    key, kind = Key(product.pk, warehouse.pk), kind_of(unit_kind)
    with booking(actor, [key], Cause.WRITE_OFF) as booked:
        known = WriteOff.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return known
        at = happened(happened_at, booked.now, "happened_at")
        place = check_ledger(booked, key, at)
        stored = booked.products[product.pk]
        amount = quantity_of(stored, quantity)
        gone = WriteOff(
            account=actor.account,
            product=stored,
            warehouse=place,
            unit_kind=kind,
            quantity=amount,
            reason=_reason(reason),
            note=_note(note),
            happened_at=at,
            source_key=source_key or None,
            correlation=booked.correlation,
            entered_by=actor.label[:200],
        )
        parts = first_expired(booked, key, kind, amount) if batch is None else out_of(booked, batch, key, kind, amount)
        gone.batch = None if batch is None else parts[0][0]
        gone.cost = cost_of_parts(parts)
        gone.save(force_insert=True)
        about = {"document_id": gone.pk, "happened_at": at, "reason": gone.note, "source_key": source_key or ""}
        for each, part in parts:
            booked.change(each, MovementKind.WRITE_OFF, -part, **about)
        record(
            actor,
            entity="WriteOff",
            entity_id=gone.pk,
            action="ADD",
            after=state(gone),
            cause=Cause.WRITE_OFF.value,
            correlation=booked.correlation,
        )
    return gone


def reverse_write_off(actor: Actor, write_off: WriteOff) -> ReversedWriteOff:
    """Take a write-off back: each batch gets what the write-off took from it; what has expired meanwhile stays out of the counter.

    Raises NotAllowed, AlreadyUndone for one that was reversed, NotALedger, Quarantined, and DoesNotExist for one of another
    account.
    """
    actor.require("write_off.reverse")
    key = Key(write_off.product_id, write_off.warehouse_id)
    with booking(actor, [key], Cause.WRITE_OFF, correlation=write_off.correlation) as booked:
        stored = WriteOff.objects.get(pk=write_off.pk, account=actor.account)
        if stored.status != WriteOffStatus.BOOKED:
            raise AlreadyUndone(f"Write-off {stored.pk} was reversed before; its stock came back then.")
        check_ledger(booked, key, booked.now)
        before = state(stored)
        notes = []
        for batch, taken in moved_by(booked, MovementKind.WRITE_OFF, stored.pk):
            booked.change(batch, MovementKind.WRITE_OFF, -taken, document_id=stored.pk, reason="Reversed.")
            if batch.expiry_booked_at is not None:
                notes.append(f"Batch {batch.pk} has expired: what came back to it is not for sale.")
        settle(booked, key, stored.unit_kind)
        stored.status, stored.reversed_at = WriteOffStatus.REVERSED, booked.now
        stored.save(update_fields=["status", "reversed_at"])
        old, new = changed(before, state(stored))
        record(
            actor,
            entity="WriteOff",
            entity_id=stored.pk,
            action="REVERSE",
            before=old,
            after=new,
            cause=Cause.WRITE_OFF.value,
            correlation=booked.correlation,
        )
    return ReversedWriteOff(stored, tuple(notes))


def _reason(reason: str) -> WriteOffReason:
    if reason not in WriteOffReason.values:
        raise ValidationError({"reason": f"There is no reason “{reason}”. Use {', '.join(WriteOffReason.values)}."})
    return WriteOffReason(reason)


def _note(note: str) -> str:
    said = text_of(note, "note", 300)
    if not said:
        raise ValidationError({"note": "Say what happened to it."})
    return said
