"""What has to be true of a shop after every run, whatever happened to its worker and to the outside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Count, F

from accounts.models import AuditLog
from inventory.models import Load, Unit
from sync.engine.counters import PARTS
from sync.models import ACTIVE, Connection, FeedDocument, RunFeed, Status, SyncChange, SyncRun, Verdict

_STOCK = ("stock:FG", "stock:ASIS", "stock:STA")
_UNIT_FIELDS = ("bucket", "origin", "status", "message", "quantity", "model", "load", "order_number")
_LOAD_FIELDS = ("sale_status", "order_status", "order_number", "pricing", "units", "notes")


def violations(run: SyncRun) -> dict[str, list[str]]:
    """By invariant: what is wrong with the shop of `run` now; empty lists where all is well."""
    return {name: list(check(run)) for name, check in INVARIANTS.items()}


def _one_row_per_serial(run: SyncRun) -> Iterator[str]:
    units = Unit.objects.filter(warehouse=run.connection.warehouse).order_by()
    for key, rows in units.filter(serial_key__isnull=False).values_list("serial_key").annotate(rows=Count("pk")).filter(rows__gt=1):
        yield f"serial {key} has {rows} rows"
    lines = units.filter(serial_key__isnull=True).values_list("bucket", "model_key").annotate(rows=Count("pk")).filter(rows__gt=1)
    for bucket, model, rows in lines:
        yield f"the bulk line {model} in {bucket} has {rows} rows"


def _log_is_the_store(run: SyncRun) -> Iterator[str]:
    """Played back from the first change to the last, the log gives the rows that are stored."""
    yield from _played("unit", _UNIT_FIELDS, "gone_at", run.connection)
    yield from _played("load", _LOAD_FIELDS, "not_reported_at", run.connection)


def _played(entity: str, fields: tuple[str, ...], gone: str, connection: Connection) -> Iterator[str]:
    told: dict[int, dict[str, Any]] = {}
    changes = SyncChange.objects.filter(run__connection=connection, entity=entity).order_by("run_id", "seq")
    for pk, type_, after in changes.values_list("entity_id", "type", "after"):
        assert pk is not None
        if type_.endswith("_disappeared"):
            told.setdefault(pk, {})["gone"] = True
        else:
            told.setdefault(pk, {}).update({**(after or {}), **({"gone": False} if type_.endswith("_appeared") else {})})
    stored: Mapping[int, dict[str, Any]]
    if entity == "unit":
        values = Unit.objects.filter(warehouse=connection.warehouse).values("pk", gone, *(set(fields) - {"load"}), number=F("load__number"))
        stored = {row["pk"]: {**row, "load": row["number"]} for row in values}
    else:
        stored = {row["pk"]: row for row in Load.objects.filter(warehouse=connection.warehouse).values("pk", gone, *fields)}
    for pk in sorted(stored.keys() | told.keys()):
        if pk not in stored or pk not in told:
            yield f"{entity} {pk} is {'not stored' if pk not in stored else 'not in the log'}"
            continue
        row, said = stored[pk], told[pk]
        different = [name for name in fields if _text(row[name]) != _text(said.get(name))]
        if different or (row[gone] is not None) != said.get("gone", False):
            yield f"{entity} {pk}: the log says otherwise of {', '.join(different) or 'whether it is gone'}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _log_is_whole(run: SyncRun) -> Iterator[str]:
    """A run that was applied has all its change rows, numbered from 1; any other has none."""
    rows: dict[int, list[int]] = {}
    for pk, seq in SyncChange.objects.filter(run__connection=run.connection).order_by("seq").values_list("run_id", "seq"):
        rows.setdefault(pk, []).append(seq)
    for each in SyncRun.objects.filter(connection=run.connection):
        expected = list(range(1, each.changes_logged + 1)) if each.applied_at else []
        if rows.get(each.pk, []) != expected:
            yield f"run {each.pk} has {len(rows.get(each.pk, []))} change rows, {len(expected)} were announced"


def _nothing_gone_without_proof(run: SyncRun) -> Iterator[str]:
    gone = [label.upper() for label in _of_units(run).filter(type="item_disappeared").values_list("label", flat=True)]
    if not gone:
        return
    verdicts = dict(RunFeed.objects.filter(run=run, feed__in=_STOCK).values_list("feed", "verdict"))
    if run.scope != "inventory" or [verdicts.get(feed) for feed in _STOCK] != [Verdict.COMPLETE] * 3:
        yield f"run {run.pk} removed {len(gone)} units, but its lists were {verdicts}"
    listed = {str(row.get("serial") or "").upper() for feed in _STOCK for row in _rows(run, feed)}
    for label in gone:
        if label in listed:
            yield f"run {run.pk} removed {label}, which a list has"


def _rows(run: SyncRun, feed: str) -> list[dict[str, Any]]:
    document = FeedDocument.objects.filter(used_by__run=run, feed=feed).first()
    found: list[dict[str, Any]] = json.loads(document.content())["rows"] if document else []
    return found


def _of_units(run: SyncRun) -> Any:
    return SyncChange.objects.filter(run=run, entity="unit")


def _counters_add_up(run: SyncRun) -> Iterator[str]:
    counters = run.counters
    if run.applied_at is None:
        return
    if counters["processed"] != sum(counters[part] for part in PARTS):
        yield f"run {run.pk}: the parts of {counters} are not its sum"
    on_hand = Unit.objects.filter(warehouse=run.connection.warehouse, gone_at__isnull=True).count()
    kept = sum(counters[part] for part in ("inserted", "updated", "moved", "revived", "unchanged", "unconfirmed"))
    latest = SyncRun.objects.filter(connection=run.connection, applied_at__isnull=False).order_by("-pk").first()
    if latest == run and kept != on_hand:
        yield f"run {run.pk}: {kept} rows by its counters, {on_hand} on hand"
    types = Counter(_of_units(run).values_list("type", flat=True))
    if types["item_appeared"] != counters["inserted"] + counters["revived"] or types["item_disappeared"] != counters["removed"]:
        yield f"run {run.pk}: {dict(types)} in the log, {counters} counted"
    if types["item_migrated"] != counters["moved"]:
        yield f"run {run.pk}: {types['item_migrated']} moves in the log, {counters['moved']} counted"


def _no_run_is_stuck(run: SyncRun) -> Iterator[str]:
    for each in SyncRun.objects.filter(connection=run.connection, status__in=ACTIVE):
        yield f"run {each.pk} is still {each.status}"
    for each in SyncRun.objects.filter(connection=run.connection, lease_until__isnull=False):
        yield f"run {each.pk} has a lease though it is over"
    if run.status == Status.FAILED and not run.message:
        yield f"run {run.pk} failed without a word"


def _told_once(run: SyncRun) -> Iterator[str]:
    """Each run that is over has one audit row, and no list was stored twice for it."""
    written = Counter(AuditLog.objects.filter(account=run.account, entity="SyncRun", action="SYNC").values_list("entity_id", flat=True))
    for pk in SyncRun.objects.filter(connection=run.connection).exclude(status__in=ACTIVE).values_list("pk", flat=True):
        if written[str(pk)] != 1:
            yield f"run {pk} has {written[str(pk)]} audit rows"
    stored = FeedDocument.objects.filter(run__connection=run.connection).order_by().values_list("run_id", "feed", "part")
    for pk, feed, part, times in stored.annotate(times=Count("pk")).filter(times__gt=1):
        yield f"run {pk} has stored {feed} {part} {times} times"


INVARIANTS: dict[str, Callable[[SyncRun], Iterator[str]]] = {
    "one row per serial": _one_row_per_serial,
    "the log played back is the store": _log_is_the_store,
    "all change rows of a run, or none": _log_is_whole,
    "nothing gone without proof": _nothing_gone_without_proof,
    "counters add up": _counters_add_up,
    "no run is stuck": _no_run_is_stuck,
    "told once": _told_once,
}
"""By name, each gives a sentence for everything that is wrong."""
