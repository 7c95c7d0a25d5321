"""An expiry that was entered wrongly is corrected wherever the goods are by now (docs/ledger.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.audit import Entry, record_many
from inventory.errors import MovedMeanwhile
from inventory.ledger.booking import Booking
from inventory.ledger.counters import Key
from inventory.ledger.settling import settle
from inventory.models import Batch

COLUMNS = ["expires_on", "expires_at", "warned_days"]


def offspring(batch: Batch) -> list[Batch]:
    """What was transferred, opened or came back out of a batch with its expiry, and out of these in turn."""
    found: list[Batch] = []
    parents = [batch.pk]
    while parents:
        rows = Batch.objects.filter(account=batch.account_id, parent__in=parents, expires_at=batch.expires_at).order_by("pk")
        found += rows
        parents = [row.pk for row in found[len(found) - len(rows) :]]
    return found


def keys_of(batches: Sequence[Batch]) -> set[Key]:
    return {Key(batch.product_id, batch.warehouse_id) for batch in batches}


def change_expiry(booked: Booking, batch: Batch, day: Any, instant: Any) -> None:
    """Give a batch and all that came out of it another expiry; counters and shortfalls follow. The caller saves `batch` itself.

    Raises MovedMeanwhile where some of it has just come to lie under a level that is not locked.
    """
    children = offspring(batch)
    if not keys_of(children) <= booked.levels.keys():
        raise MovedMeanwhile(f"Goods of batch {batch.pk} have just been moved to another warehouse.")
    family = booked.batches(each.pk for each in children)
    _change(booked, batch, day, instant)
    entries = []
    for each in sorted(family.values(), key=lambda row: row.pk):
        before = {"expires_on": each.expires_on, "expires_at": each.expires_at}
        _change(booked, each, day, instant)
        booked.flush()
        each.save(update_fields=COLUMNS)
        entries.append(Entry("Batch", each.pk, "CHANGE", before, {"expires_on": day, "expires_at": instant}, booked.cause.value))
    record_many(booked.actor, entries, correlation=booked.correlation)
    for key, kind in sorted({(Key(each.product_id, each.warehouse_id), each.unit_kind) for each in family.values()}):
        settle(booked, key, kind)


def _change(booked: Booking, batch: Batch, day: Any, instant: Any) -> None:
    batch.expires_on, batch.expires_at, batch.warned_days = day, instant, None
    if instant is not None and instant <= booked.now:
        # Stored first: a batch without an expiry can't be expired.
        batch.save(update_fields=["expires_on", "expires_at"])
        booked.expire([batch])
    elif batch.expiry_booked_at is not None:
        booked.lift_expiry(batch)
