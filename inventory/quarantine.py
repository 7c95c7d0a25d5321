"""Levels whose batches contradict themselves are left alone until a person has rebuilt them (docs/integrity.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import connection, transaction

from accounts.acting import Actor
from accounts.audit import Entry, record_many
from inventory import moment
from inventory.batchfigures import differing_of
from inventory.ledger.correction import ENTITY
from inventory.ledger.counters import Key
from inventory.ledger.locking import among, lock
from inventory.models import BALANCES, Batch, Cause, Level
from inventory.signals import levels_quarantined

ACTION = "QUARANTINE"
LONGEST_REASON = 300
AT_ONCE = 500


def contradictions(keys: Collection[Key]) -> dict[Key, str]:
    """Which of these levels have batches that do not add up, or that are not as their movements made them; in words. Two statements."""
    if not keys:
        return {}
    rows = list(Batch.objects.filter(~BALANCES, among(keys)).order_by("pk").values_list("product_id", "warehouse_id", "pk"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT product_id, warehouse_id, id FROM ({differing_of(keys)}) found ORDER BY id")
        rows += cursor.fetchall()
    found: dict[Key, set[int]] = {}
    for product, warehouse, pk in rows:
        found.setdefault(Key(product, warehouse), set()).add(pk)
    return {key: _named(sorted(pks)) for key, pks in found.items()}


def quarantine(actor: Actor, reasons: Mapping[Key, str], *, cause: Cause) -> list[Key]:
    """Quarantine these levels, each for its reason; those that are quarantined already stay as they are. The ones that were not yet.

    They are locked until the end of the caller's transaction. An audit row for each, and one signal for all.
    """
    with transaction.atomic():
        levels, _ = lock(actor.account, reasons)
        now = moment.now()
        caught = {key: level for key, level in levels.items() if level.ledger and level.quarantined_at is None}
        if not caught:
            return []
        for key, level in caught.items():
            level.quarantined_at, level.quarantine_reason = now, reasons[key][:LONGEST_REASON]
        Level.objects.bulk_update(caught.values(), ["quarantined_at", "quarantine_reason"], batch_size=AT_ONCE)
        entries = [
            Entry(ENTITY, level.pk, ACTION, {"quarantined": False}, {"quarantined": True, "reason": level.quarantine_reason}, cause.value)
            for level in caught.values()
        ]
        record_many(actor, entries)
        levels_quarantined.send(
            sender=Level,
            account_id=actor.account.pk,
            keys=[tuple(key) for key in caught],
            reason=next(iter(caught.values())).quarantine_reason,
        )
    return list(caught)


def _named(pks: Sequence[int]) -> str:
    if len(pks) == 1:
        return f"Batch {pks[0]} does not add up."
    more = f" and {len(pks) - 5} more" if len(pks) > 5 else ""
    return f"Batches {', '.join(map(str, pks[:5]))}{more} do not add up."
