"""Conflicts: questions the lists leave open, opened and settled by syncs, resolved by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from inventory.errors import AlreadyResolved
from inventory.keys import trimmed
from inventory.models import Conflict, ConflictStatus, Warehouse

BY_SYNC = "sync"
NOT_FOUND_ANY_MORE = "A sync did not find it any more."
LONGEST_RESOLUTION = 500


@dataclass(frozen=True)
class Found:
    """A conflict that a sync has found. `kind` is a ConflictKind, `key` what it is about, `details` the sides that disagree, as JSON."""

    kind: str
    key: str
    unit_id: int | None
    details: dict[str, Any]


def settle(
    warehouse: Warehouse, found: Sequence[Found], *, judged: Sequence[tuple[str, str]], run_id: int, at: datetime
) -> tuple[list[Conflict], list[Conflict]]:
    """Bring the open conflicts of `warehouse` in line with what a sync has found; those it opened and those it resolved.

    One that a person resolved is not opened again while its details stay the same. `judged` says which conflicts the sync would have
    found: pairs of a kind and the beginning of the key; of these, open ones that are not in `found` are resolved. Call it in the
    transaction of the stock. A constant number of statements (inserts and updates come in batches).
    """
    wanted = {(each.kind, each.key): each for each in found}
    stored = {(row.kind, row.key): row for row in Conflict.objects.filter(warehouse=warehouse, status=ConflictStatus.OPEN)}
    resolved = [row for place, row in stored.items() if place not in wanted and _is_judged(row, judged)]
    Conflict.objects.filter(pk__in=[row.pk for row in resolved]).update(**_as_resolved(resolved, run_id, at))
    missing = {place: each for place, each in wanted.items() if place not in stored}
    settled = _resolved_by_people(warehouse, missing)
    opened = [
        Conflict(
            account_id=warehouse.account_id,
            warehouse=warehouse,
            kind=each.kind,
            key=each.key,
            unit_id=each.unit_id,
            details=each.details,
            opened_at=at,
            opened_by_run=run_id,
        )
        for place, each in missing.items()
        if each.details not in settled.get(place, ())
    ]
    Conflict.objects.bulk_create(opened)
    _refresh([(stored[place], each) for place, each in wanted.items() if place in stored])
    return opened, resolved


def resolve(actor: Actor, conflict: Conflict, resolution: str = "") -> Conflict:
    """Close a conflict as decided, with a sentence about the decision. Safe to repeat.

    Raises NotAllowed, AlreadyResolved when it was decided otherwise before, ValidationError for a sentence of more than 500 characters.
    """
    actor.require("conflict.resolve")
    resolution = trimmed(resolution)
    if len(resolution) > LONGEST_RESOLUTION:
        raise ValidationError({"resolution": f"A resolution has at most {LONGEST_RESOLUTION} characters; this one has {len(resolution)}."})
    with transaction.atomic():
        stored = Conflict.objects.select_for_update(no_key=True).get(pk=conflict.pk, account=actor.account)
        by = actor.label[:200]
        if stored.status == ConflictStatus.RESOLVED:
            if (stored.resolved_by_run, stored.resolved_by, stored.resolution) == (None, by, resolution):
                return stored
            who = "A sync" if stored.resolved_by_run else stored.resolved_by
            raise AlreadyResolved(f"{who} has resolved this conflict already: {stored.resolution or 'without a word'}")
        stored.status, stored.resolved_at, stored.resolved_by, stored.resolution = ConflictStatus.RESOLVED, timezone.now(), by, resolution
        stored.save(update_fields=["status", "resolved_at", "resolved_by", "resolution"])
        before = {"status": ConflictStatus.OPEN.value}
        after = {"status": ConflictStatus.RESOLVED.value, "resolution": resolution}
        record(actor, entity="Conflict", entity_id=stored.pk, action="RESOLVE", before=before, after=after)
    return stored


def _is_judged(row: Conflict, judged: Sequence[tuple[str, str]]) -> bool:
    return any(row.kind == kind and row.key.startswith(prefix) for kind, prefix in judged)


def _as_resolved(rows: Sequence[Conflict], run_id: int, at: datetime) -> dict[str, Any]:
    """The columns of conflicts that a sync resolves, written to `rows` as well."""
    columns = {
        "status": ConflictStatus.RESOLVED,
        "resolved_at": at,
        "resolved_by": BY_SYNC,
        "resolved_by_run": run_id,
        "resolution": NOT_FOUND_ANY_MORE,
    }
    for row in rows:
        for name, value in columns.items():
            setattr(row, name, value)
    return columns


def _resolved_by_people(warehouse: Warehouse, missing: dict[tuple[str, str], Found]) -> dict[tuple[str, str], list[Any]]:
    """What people resolved about the same things before: the details of each."""
    if not missing:
        return {}
    rows = Conflict.objects.filter(
        warehouse=warehouse, status=ConflictStatus.RESOLVED, resolved_by_run__isnull=True, key__in={key for _, key in missing}
    )
    settled: dict[tuple[str, str], list[Any]] = {}
    for kind, key, details in rows.values_list("kind", "key", "details"):
        settled.setdefault((kind, key), []).append(details)
    return settled


def _refresh(pairs: Sequence[tuple[Conflict, Found]]) -> None:
    """Let open conflicts say what was found now."""
    changed = []
    for row, each in pairs:
        if (row.details, row.unit_id) != (each.details, each.unit_id):
            row.details, row.unit_id = each.details, each.unit_id
            changed.append(row)
    Conflict.objects.bulk_update(changed, ["details", "unit"], batch_size=500)
