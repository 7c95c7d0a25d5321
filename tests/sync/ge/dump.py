"""What is stored of a shop and what a run logged, in one form: sorted by keys, without ids, runs and our own times."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import BooleanField, Case, When

from inventory.models import Conflict, Load, LoadUnit, ScanSession, Unit
from sync.models import Connection, FeedState, HeldRow, PlanRow, SyncChange, SyncRun, Unconfirmed

_OURS = {"id", "account", "warehouse", "first_seen_at", "gone_at", "not_reported_at", "product"}
_CHANGE = ("seq", "entity", "label", "group", "scope", "type", "field", "old", "new", "before", "after")


def store(connection: Connection) -> bytes:
    """Units, loads, rosters, sessions and conflicts of the connection's warehouse."""
    place = connection.warehouse_id
    units = [*(name for name in _names(Unit) if name != "load"), "load__number", "product__sku", "gone"]
    gone = Case(When(gone_at=None, then=False), default=True, output_field=BooleanField())
    left_out = Case(When(not_reported_at=None, then=False), default=True, output_field=BooleanField())
    tables: dict[str, list[Any]] = {
        "units": list(Unit.objects.filter(warehouse=place).annotate(gone=gone).order_by("stock_key").values_list(*units)),
        "loads": list(
            Load.objects.filter(warehouse=place).annotate(left_out=left_out).order_by("number").values_list(*_names(Load), "left_out")
        ),
        "rosters": list(
            LoadUnit.objects.filter(warehouse=place)
            .order_by("line_key")
            .values_list(*(name for name in _names(LoadUnit) if name != "load"), "load__number")
        ),
        "sessions": sorted(
            ScanSession.objects.filter(warehouse=place)
            .order_by()
            .values_list("kind", "bucket", "load__number", "status", "closed_by", "closed_reason", "note", "empty_runs"),
            key=str,
        ),
        "conflicts": sorted(
            Conflict.objects.filter(warehouse=place).order_by().values_list("kind", "key", "unit__serial_key", "details", "status"), key=str
        ),
    }
    return _bytes(tables)


def around(connection: Connection) -> bytes:
    """What is kept beside the store: measures of feeds, held and unconfirmed rows."""
    return _bytes(
        [
            sorted(FeedState.objects.filter(connection=connection).values_list("feed", "rows", "checksum", "run"), key=str),
            sorted(HeldRow.objects.filter(connection=connection).values_list("feed", "part", "row", "code", "run"), key=str),
            sorted(Unconfirmed.objects.filter(connection=connection).values_list("entity", "label", "reason", "run"), key=str),
        ]
    )


def changes(run: SyncRun) -> bytes:
    """The change rows of a run in their order."""
    return _bytes(list(SyncChange.objects.filter(run=run).order_by("seq").values_list(*_CHANGE)))


def plan(run: SyncRun) -> bytes:
    """The rows of a preview in their order; held input rows by what is wrong with them, because each format numbers rows its own way."""
    return _bytes(list(PlanRow.objects.filter(run=run).exclude(type="held").order_by("seq").values_list(*_CHANGE)))


def _names(model: Any) -> list[str]:
    return sorted(field.name for field in model._meta.concrete_fields if field.name not in _OURS)


def _bytes(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, default=str, indent=1).encode()
