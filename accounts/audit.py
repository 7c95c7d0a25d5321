"""Writing the audit log: who did what, when and why (docs/audit.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.acting import Actor
from accounts.models import AuditLog

BATCH = 1000

State = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One row to be written by `record_many`; the fields mean what they mean in `record`."""

    entity: str
    entity_id: object
    action: str
    before: State | None = None
    after: State | None = None
    cause: str = ""


def record(
    actor: Actor,
    *,
    entity: str,
    entity_id: object,
    action: str,
    before: State | None = None,
    after: State | None = None,
    cause: str = "",
    correlation: uuid.UUID | None = None,
) -> AuditLog:
    """Write one row: `actor` did `action` (a word in capitals) to the `entity` (a model's name) with this id.

    `before` and `after` hold the changed fields only. Never pass a secret in them, nor in `cause`: rows are kept for ever and every member
    may read them. Call it in the transaction of the change. A cause longer than 300 characters is cut.
    """
    row = _row(actor, Entry(entity, entity_id, action, before, after, cause), correlation)
    row.save(force_insert=True)
    return row


def record_many(actor: Actor, entries: Iterable[Entry], *, correlation: uuid.UUID | None = None) -> uuid.UUID:
    """Write a row for each entry under one correlation, a new one unless given; returns it. What `record` says holds for each."""
    together = correlation or uuid.uuid4()
    AuditLog.objects.bulk_create((_row(actor, entry, together) for entry in entries), batch_size=BATCH)
    return together


def _row(actor: Actor, entry: Entry, correlation: uuid.UUID | None) -> AuditLog:
    return AuditLog(
        account=actor.account,
        actor=actor.user,
        actor_label=actor.label[:200],
        entity=entry.entity,
        entity_id=str(entry.entity_id),
        action=entry.action,
        cause=entry.cause[:300],
        before=None if entry.before is None else dict(entry.before),
        after=None if entry.after is None else dict(entry.after),
        correlation=correlation,
    )
