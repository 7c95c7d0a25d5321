"""What follows from stock and loads as they are now: product links, names of loads, sessions and conflicts. In the run's transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.db.models.expressions import RawSQL

from inventory import conflicts, sessions
from inventory.conflicts import Found
from inventory.dialect import quoted
from inventory.linking import link
from inventory.models import Conflict, ConflictKind, Load, Unit, Warehouse
from sync.engine.compare import CHANGED, MOVED, NEW, REVIVED, Diff
from sync.engine.source import Extra as ChangeRow
from sync.engine.source import Remark, Told
from sync.engine.stage import diff_table
from sync.models import SyncChange, SyncRun
from sync.sources.ge.friendlynames import friendly_name
from sync.sources.ge.lists import BUCKETS
from sync.sources.ge.tables import UNITS

if TYPE_CHECKING:
    from sync.sources.ge.source import Extra


def follow_up(run: SyncRun, warehouse: Warehouse, extra: Extra, diffs: Sequence[Diff], at: datetime) -> Told:
    """Bring everything that depends on units and loads in line; what was done, as change rows and counters."""
    units = next(diff for diff in diffs if diff.target is UNITS)
    if units.rows(NEW, CHANGED, MOVED, REVIVED):
        touched = RawSQL(f"SELECT id FROM {quoted(diff_table(UNITS))} WHERE kind IN (%s, %s, %s, %s)", (NEW, CHANGED, MOVED, REVIVED))
        link(Unit.objects.filter(pk__in=touched))
    if extra.loads_judged:
        _name_loads(warehouse)
    counts = sessions.follow(warehouse, loads_judged=extra.loads_judged, at=at)
    opened, resolved = _conflicts(run, warehouse, extra, units, at)
    stats, details = _stored(warehouse)
    facts = extra.facts
    return Told(
        changes=[*(_change(each, "conflict_opened") for each in opened), *(_change(each, "conflict_resolved") for each in resolved)],
        stats={
            **stats,
            "conflictsOpened": len(opened),
            "conflictsResolved": len(resolved),
            "rosterNotOnHand": _not_on_hand(warehouse, facts.rostered_serials),
            "sessionsCreated": counts.created,
            "sessionsReopened": counts.reopened,
            "sessionsClosed": counts.closed,
            "sessions": asdict(counts),
        },
        details=details,
        warnings=[
            Remark("units_mismatch", f"Load {number} announces {announced:,} units, its roster has {listed:,}.")
            for number, announced, listed in facts.mismatched
        ],
    )


def _name_loads(warehouse: Warehouse) -> None:
    """Loads for sale that have no name yet get the one their note tells; later it is the floor's own."""
    nameless = Load.objects.filter(warehouse=warehouse, friendly_name="", sale_status="FOR SALE", not_reported_at__isnull=True)
    found = [(pk, friendly_name(notes)) for pk, notes in nameless.exclude(notes="").values_list("pk", "notes")]
    named = [Load(pk=pk, friendly_name=name) for pk, name in found if name]
    if named:
        Load.objects.bulk_update(named, ["friendly_name"], batch_size=500)


def _conflicts(run: SyncRun, warehouse: Warehouse, extra: Extra, units: Diff, at: datetime) -> tuple[list[Conflict], list[Conflict]]:
    facts = extra.facts
    serials = {each.serial_key for each in facts.repeated} | set(facts.open_loads)
    ids = dict(Unit.objects.filter(warehouse=warehouse, serial_key__in=serials).values_list("serial_key", "pk")) if serials else {}
    found = [
        Found(ConflictKind.DUPLICATE_IN_FEED, f"{each.bucket} {each.serial_key}", ids.get(each.serial_key), {"sides": [*each.sides]})
        for each in facts.repeated
    ]
    judged: list[tuple[str, str]] = [(ConflictKind.DUPLICATE_IN_FEED, f"{bucket} ") for bucket in facts.believed]
    if extra.loads_judged:
        found += [
            Found(ConflictKind.IN_TWO_OPEN_LOADS, serial, ids.get(serial), {"loads": [*loads]})
            for serial, loads in facts.open_loads.items()
        ]
        judged.append((ConflictKind.IN_TWO_OPEN_LOADS, ""))
    if units.rows(CHANGED, MOVED, REVIVED):
        found += _other_models(run)
    return conflicts.settle(warehouse, found, judged=judged, run_id=run.pk, at=at)


def _other_models(run: SyncRun) -> list[Found]:
    """Units whose model became another one in this run, or that came back as another one: serials are given again after twelve years."""
    changed = SyncChange.objects.filter(run=run, entity=UNITS.entity).filter(
        Q(type=UNITS.field("model").change) | Q(type=UNITS.appeared, before__isnull=False)
    )
    return [
        Found(ConflictKind.MODEL_MISMATCH, label.upper(), pk, {"was": before["model"], "now": after["model"]})
        for pk, label, before, after in changed.values_list("entity_id", "label", "before", "after")
        # A change row has the key only where that differs too.
        if before and after and before.get("model_key") and before["model_key"] != after["model_key"]
    ]


def _change(conflict: Conflict, type_: str) -> ChangeRow:
    opened = type_ == "conflict_opened"
    details = {"kind": conflict.kind, **conflict.details}
    return ChangeRow(
        entity="conflict",
        entity_id=conflict.pk,
        label=conflict.key,
        type=type_,
        old=None if opened else conflict.kind,
        new=conflict.kind if opened else None,
        before=None if opened else details,
        after=details if opened else None,
    )


def _stored(warehouse: Warehouse) -> tuple[dict[str, Any], dict[str, Any]]:
    on_hand = Unit.objects.filter(warehouse=warehouse, gone_at__isnull=True)
    stored: Counter[str] = Counter()
    in_loads, unknown = 0, set()
    rows = on_hand.order_by().values_list("bucket", "model_key")
    for bucket, model, number, loaded, linked in rows.annotate(all=Count("pk"), loaded=Count("load"), linked=Count("product")):
        stored[bucket] += number
        in_loads += loaded if bucket == "ASIS" else 0
        if model and linked < number:
            unknown.add(model)
    stats = {"itemsInLoads": in_loads, "unassignedItems": stored["ASIS"] - in_loads, "unknownModels": len(unknown)}
    return stats, {bucket.lower(): {"stored": stored[bucket]} for bucket in BUCKETS}


def _not_on_hand(warehouse: Warehouse, serials: frozenset[str]) -> int:
    """How many of the serials on the rosters just read are in no bucket."""
    on_hand = Unit.objects.filter(warehouse=warehouse, gone_at__isnull=True, serial_key__isnull=False)
    return len(serials) - sum(1 for key in on_hand.values_list("serial_key", flat=True).iterator(chunk_size=5000) if key in serials)
