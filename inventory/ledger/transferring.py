"""Transfers: stock that goes from one warehouse to another and stays what it is (docs/ledger.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.audit import record
from accounts.differences import changed, state
from inventory.errors import AlreadyUndone, BatchInUse
from inventory.ledger.booking import Booking, booking
from inventory.ledger.counters import Key
from inventory.ledger.facts import check_ledger, happened, kind_of, quantity_of, text_of
from inventory.ledger.leaving import Parts, first_expired, moved_by
from inventory.ledger.settling import settle
from inventory.ledger.usage import held_by, in_words
from inventory.models import Batch, BatchOrigin, Cause, MovementKind, Product, Transfer, TransferStatus, Warehouse


@dataclass(frozen=True)
class ReversedTransfer:
    """A reversed transfer. `notes` are sentences about what did not come back to the counters, and why."""

    transfer: Transfer
    notes: tuple[str, ...] = ()


def transfer(
    actor: Actor,
    *,
    product: Product,
    source: Warehouse,
    target: Warehouse,
    unit_kind: str,
    quantity: Any,
    note: str = "",
    happened_at: datetime | None = None,
    source_key: str | None = None,
) -> Transfer:
    """Move stock between two warehouses that are kept here, all that is asked or nothing, first expired first.

    Each batch it is taken from gets a batch in the target, with its lot, expiry, cost and time of receipt, so that the order of taking
    stays. Sales that were short in the target take from it. With a `source_key` it is booked once, and every repetition answers with the
    first. Raises NotAllowed, ValidationError naming a field, NoBatches, InsufficientStock, NotALedger, BeforeOpening, Quarantined, and
    DoesNotExist for what is not the account's.
    """
    actor.require("transfer.add")
    kind = kind_of(unit_kind)
    if source.pk == target.pk:
        raise ValidationError({"target": f"{target} is where it comes from. Choose another warehouse."})
    out_of, into = Key(product.pk, source.pk), Key(product.pk, target.pk)
    with booking(actor, [out_of, into], Cause.TRANSFER) as booked:
        known = Transfer.objects.filter(account=actor.account, source_key=source_key).first() if source_key else None
        if known is not None:
            return known
        at = happened(happened_at, booked.now, "happened_at")
        stored = booked.products[product.pk]
        moved = Transfer(
            account=actor.account,
            product=stored,
            source=check_ledger(booked, out_of, at),
            target=check_ledger(booked, into, at),
            unit_kind=kind,
            quantity=quantity_of(stored, quantity),
            note=text_of(note, "note", 300),
            happened_at=at,
            source_key=source_key or None,
            correlation=booked.correlation,
            entered_by=actor.label[:200],
        )
        parts = first_expired(booked, out_of, kind, moved.quantity)
        moved.save(force_insert=True)
        _move(booked, moved, parts)
        settle(booked, into, kind)
        _audit(booked, moved, "ADD", None, state(moved))
    return moved


def reverse_transfer(actor: Actor, transfer: Transfer) -> ReversedTransfer:
    """Take a transfer back: the batches it came from get back what left them, and those it made are void.

    What has expired meanwhile stays out of the counter. Raises NotAllowed, AlreadyUndone for one that was reversed, BatchInUse with the
    sales that hold it once anything that arrived was used, NotALedger, Quarantined, and DoesNotExist for one of another account.
    """
    actor.require("transfer.reverse")
    keys = [Key(transfer.product_id, transfer.source_id), Key(transfer.product_id, transfer.target_id)]
    with booking(actor, keys, Cause.TRANSFER, correlation=transfer.correlation) as booked:
        stored = Transfer.objects.get(pk=transfer.pk, account=actor.account)
        if stored.status != TransferStatus.BOOKED:
            raise AlreadyUndone(f"Transfer {stored.pk} was reversed before; its stock went back then.")
        for key in keys:
            check_ledger(booked, key, booked.now)
        before = state(stored)
        arrived = moved_by(booked, MovementKind.TRANSFER_IN, stored.pk)
        _check_unused(stored, arrived)
        about = {"document_id": stored.pk, "reason": "Reversed."}
        for batch, delta in arrived:
            booked.change(batch, MovementKind.TRANSFER_IN, -delta, **about)
        notes = []
        for batch, delta in moved_by(booked, MovementKind.TRANSFER_OUT, stored.pk):
            booked.change(batch, MovementKind.TRANSFER_OUT, -delta, **about)
            if batch.expiry_booked_at is not None:
                notes.append(f"Batch {batch.pk} has expired: what came back to it is not for sale.")
        booked.flush()
        Batch.objects.filter(pk__in=[batch.pk for batch, _ in arrived]).update(voided_at=booked.now)
        settle(booked, keys[0], stored.unit_kind)
        stored.status, stored.reversed_at = TransferStatus.REVERSED, booked.now
        stored.save(update_fields=["status", "reversed_at"])
        _audit(booked, stored, "REVERSE", *changed(before, state(stored)))
    return ReversedTransfer(stored, tuple(notes))


def _move(booked: Booking, moved: Transfer, parts: Parts) -> None:
    copies = [
        Batch(
            product_id=moved.product_id,
            warehouse_id=moved.target_id,
            unit_kind=batch.unit_kind,
            origin=BatchOrigin.TRANSFER,
            parent=batch,
            unit_cost=batch.unit_cost,
            lot=batch.lot,
            expires_on=batch.expires_on,
            expires_at=batch.expires_at,
            received_at=batch.received_at,
            packs_per_pallet=batch.packs_per_pallet,
            units_per_pack=batch.units_per_pack,
        )
        for batch, _ in parts
    ]
    about = {
        "document_id": moved.pk,
        "happened_at": moved.happened_at,
        "reason": moved.note,
        "source_key": moved.source_key or "",
    }
    for (batch, quantity), copy in zip(parts, booked.new_batches(copies), strict=True):
        booked.change(batch, MovementKind.TRANSFER_OUT, -quantity, **about)
        booked.change(copy, MovementKind.TRANSFER_IN, quantity, **about)


def _check_unused(transfer: Transfer, arrived: Parts) -> None:
    used = [batch for batch, delta in arrived if batch.remaining != delta or batch.received != delta]
    if not used:
        return
    sales = held_by(used)
    raise BatchInUse(
        f"Transfer {transfer.pk} can't be reversed: of what arrived {in_words(used, sales)}.",
        hint="Cancel those first, or transfer back what is left.",
        details={"sales": sales, "remaining": float(sum((batch.remaining for batch, _ in arrived), Decimal(0)))},
    )


def _audit(booked: Booking, moved: Transfer, action: str, before: Any, after: Any) -> None:
    record(
        booked.actor,
        entity="Transfer",
        entity_id=moved.pk,
        action=action,
        before=before,
        after=after,
        cause=Cause.TRANSFER.value,
        correlation=booked.correlation,
    )
