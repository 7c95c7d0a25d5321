"""Lists and searches of admin and API over a full store, on the database that the environment names. Prints one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import django

from bench.measure import middle, taken

FEW = 500
"""So many units and ten times as many changes, to see that a list needs as many queries for few rows as for many."""


@dataclass(frozen=True)
class Page:
    """One address, and what somebody does there."""

    what: str
    address: str


@dataclass(frozen=True)
class Seen:
    """What an address cost."""

    milliseconds: list[float]
    queries: int
    bytes: int


def pages(unit: str, run: int, far: int) -> list[Page]:
    """The addresses to measure; `unit` is a serial, `run` a run that there is, `far` a page towards the end."""
    return [
        Page("admin, units: first page", "/admin/inventory/unit/"),
        Page("admin, units: all, a page far back", f"/admin/inventory/unit/?state=all&p={far}"),
        Page("admin, units: a serial", f"/admin/inventory/unit/?q={unit}"),
        Page("admin, units: part of a model", "/admin/inventory/unit/?q=QTX1"),
        Page("admin, units: nothing found", "/admin/inventory/unit/?q=nowhere"),
        Page("admin, units: one bucket", "/admin/inventory/unit/?bucket__exact=STA"),
        Page("admin, units: sorted by model", "/admin/inventory/unit/?o=2"),
        Page("admin, changes: newest", "/admin/sync/syncchange/"),
        Page("admin, changes: a page far back", f"/admin/sync/syncchange/?p={far}"),
        Page("admin, changes: of a serial", f"/admin/sync/syncchange/?q={unit}"),
        Page("admin, changes: nothing found", "/admin/sync/syncchange/?q=nowhere"),
        Page("admin, changes: of a type", "/admin/sync/syncchange/?type=item_migrated"),
        Page("admin, changes: of a rare type", "/admin/sync/syncchange/?type=load_appeared"),
        Page("admin, changes: of a load", "/admin/sync/syncchange/?load=7QX20260100000001"),
        Page("admin, changes: of a run", f"/admin/sync/syncchange/?run={run}"),
        Page("admin, loads", "/admin/inventory/load/"),
        Page("admin, first screen", "/admin/"),
        Page("API, units", "/api/units"),
        Page("API, changes", "/api/changes"),
        Page("API, changes of a serial", f"/api/changes?serial={unit}"),
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.pages")
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--changes", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    json.dump(measure(given.units, given.changes, given.repeat), sys.stdout)
    return 0


def measure(units: int, changes: int, repeat: int) -> list[dict[str, Any]]:
    """A line for each page: median and worst in milliseconds, queries with few rows and with many."""
    from django.core.management import call_command
    from django.test import Client

    from bench.shop import open_shop

    call_command("migrate", verbosity=0)
    shop = open_shop("http://127.0.0.1:9")
    client = Client()
    client.force_login(_owner(shop.account))
    run = _run(shop)
    little = min(FEW, units // 2)
    _fill(shop, run, first=1, units=little, changes=little * 10)
    few = _look_at(client, pages("ZZ0000050", run, 2), 1)
    _fill(shop, run, first=little + 1, units=units - little, changes=changes - little * 10)
    _settle()
    wanted = pages("ZZ0000050", run, max(units // 150, 2))
    many = _look_at(client, wanted, repeat)
    return [
        {
            "page": page.what,
            "milliseconds": round(middle(full.milliseconds), 1),
            "worst": round(max(full.milliseconds), 1),
            "queriesFew": small.queries,
            "queriesMany": full.queries,
            "bytes": full.bytes,
            "units": units,
            "changes": changes,
        }
        for page, small, full in zip(wanted, few, many, strict=True)
    ]


def _look_at(client: Any, wanted: list[Page], repeat: int) -> list[Seen]:
    from django.test.utils import override_settings

    # The addresses of static files without their check sums: nothing has been collected here.
    plain = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    plain["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=plain):
        return [_look(client, page, repeat) for page in wanted]


def _look(client: Any, page: Page, repeat: int) -> Seen:
    """Ask for a page `repeat` times; where that is more than once, one more time first, to warm up."""
    from django.db import connection

    milliseconds, queries, size = [], 0, 0
    for number in range(0 if repeat > 1 else 1, repeat + 1):
        queries = 0

        def count(execute: Callable[..., Any], *args: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*args)

        with connection.execute_wrapper(count), taken() as spent:
            answer = client.get(page.address)
            size = len(answer.content)
        if answer.status_code != 200:
            raise RuntimeError(f"{page.address} answered {answer.status_code}.")
        if number:
            milliseconds.append(spent.seconds * 1000)
    return Seen(milliseconds, queries, size)


def _owner(account: Any) -> Any:
    from accounts.models import Member, User
    from accounts.roles import Role

    user = User.objects.create_user("bench")
    Member.objects.create(account=account, user=user, role=Role.OWNER)
    return user


def _run(shop: Any) -> int:
    from sync.models import Status, SyncRun, Trigger

    at = datetime.now(UTC)
    run = SyncRun.objects.create(
        account=shop.account,
        connection=shop.connection,
        dataset="stock",
        scope="inventory",
        trigger=Trigger.COMMAND,
        status=Status.SUCCEEDED,
        message="Filled for a measurement.",
        started_at=at,
        finished_at=at,
        applied_at=at,
    )
    return run.pk


def _fill(shop: Any, run: int, *, first: int, units: int, changes: int) -> None:
    """More units (one in ten gone), loads with 60 of them each, and changes spread over them, by one statement per table."""
    from django.db import connection, models
    from django.utils import timezone

    from inventory.models import Load, Unit
    from sync.models import SyncChange

    account, place, now = shop.account.pk, shop.connection.warehouse_id, timezone.now()

    def insert(model: type[models.Model], start: int, rows: int, values: dict[str, str]) -> None:
        columns: dict[str, str] = {}
        parameters: list[Any] = []
        for column in model._meta.concrete_fields:
            if column.primary_key or isinstance(column, models.GeneratedField) or column.column in values:
                continue
            assert column.column is not None
            columns[column.column] = "%s"
            default = now if isinstance(column, models.DateTimeField) and not column.null else column.get_default()
            parameters.append(column.get_db_prep_save(default, connection))
        columns |= values
        names = ", ".join(map(connection.ops.quote_name, columns))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) WITH RECURSIVE n(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n "
                f"WHERE i < {start + rows - 1}) SELECT {', '.join(columns.values())} FROM n",
                parameters,
            )

    padded = "substr('0000000' || CAST({} AS text), length(CAST({} AS text)) + 1, 7)"
    serial = "'ZZ' || " + padded.format("n.i", "n.i")
    owned = {"account_id": str(account)}
    here = {**owned, "warehouse_id": str(place)}
    bucket = "CASE n.i %% 3 WHEN 0 THEN 'FG' WHEN 1 THEN 'ASIS' ELSE 'STA' END"
    model = "'QTX' || CAST(10 + n.i %% 90 AS text) || 'FRIDGE'"
    number = "'7QX202601' || substr('00000000' || CAST(n.i / 60 AS text), length(CAST(n.i / 60 AS text)) + 1, 8)"
    insert(Load, first, max(units // 60, 1), {**here, "number": number.replace("n.i / 60", "n.i"), "sale_status": "'FOR SALE'"})
    moment = connection.ops.adapt_datetimefield_value(now)
    gone = f"CASE WHEN n.i %% 10 = 0 THEN {'CAST(' if connection.vendor == 'postgresql' else ''}'{moment}'"
    gone += " AS timestamptz) END" if connection.vendor == "postgresql" else " END"
    load = f"(SELECT l.id FROM inventory_load l WHERE l.warehouse_id = {place} AND l.number = {number})"
    told = {"model": model, "model_key": model, "bucket": bucket, "status": "'Available'", "gone_at": gone, "load_id": load}
    insert(Unit, first, units, {**here, "serial": serial, "serial_key": serial, **told})
    of = f"(1 + n.i %% {first + units - 1})"
    types = "CASE n.i %% 5 WHEN 0 THEN 'item_migrated' WHEN 1 THEN 'item_appeared' ELSE 'item_status_changed' END"
    changed = {
        **owned,
        "run_id": str(run),
        "correlation": f"'{uuid.uuid4().hex}'" if connection.vendor == "sqlite" else f"CAST('{uuid.uuid4()}' AS uuid)",
        "seq": "n.i",
        "entity": "'unit'",
        "entity_id": of,
        "label": "'ZZ' || " + padded.format(of, of),
        "group": bucket,
        "scope": number,
        "type": types,
        "field": "'bucket'",
        "old": "'ASIS'",
        "new": "'STA'",
    }
    insert(SyncChange, (first - 1) * 10 + 1, changes, changed)


def _settle() -> None:
    """Fresh statistics, as a database that has been in use has them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
