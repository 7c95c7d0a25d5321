"""One day of a till from its file to the ledger, three times, beside the same rows read and inserted bare (docs/bench.md).

Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

from bench.floor import staged
from bench.measure import middle, taken
from bench.till import LINES_EACH, Disagreement, copied_of, insert_bare

TABLES = (
    *("sync_syncrun", "sync_sourcefact", "sync_syncchange"),
    *("inventory_sale", "inventory_purchase", "inventory_batch", "inventory_allocation", "inventory_movement"),
)
"""What a day leaves: its lines as they were said, the log of the run, and what was booked."""
BATCHES_EACH = 5
PIECES = 21
UNKNOWN_IN, RETURN_IN, CHANGED_IN = 100, 60, 100
BRANCHES = ("001", "002", "003")
READ = (
    "SELECT RTRIM(BranchCode), RTRIM(BillNo), SerialNo, RTRIM(BarCode), Quantity, BillDate FROM INV_PointofSalesDetailTAB "
    "ORDER BY BranchCode, BillNo, SerialNo"
)


def main() -> int:
    """Measure and print. Raises Disagreement."""
    parser = argparse.ArgumentParser(prog="bench.tillday")
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    with TemporaryDirectory(prefix="levelstock-till-") as folder:
        json.dump(measure(given.lines, given.repeat, Path(folder)), sys.stdout)
    return 0


def measure(lines: int, repeat: int, folder: Path) -> list[dict[str, Any]]:
    """The lines of the three scenarios: the day, the same again, and after one bill in a hundred was voided, corrected or typed in late."""
    from django.conf import settings
    from django.core.management import call_command

    from bench.stock import fill
    from bench.stores import Stores

    settings.TILL_FILES = str(folder)
    call_command("migrate", verbosity=0)
    products = max(lines // LINES_EACH, 1)
    stock = fill("Till", products=products, batches=products * BATCHES_EACH, each=PIECES)
    connection = _connection(stock)
    _till(folder / "day.sqlite3", lines)
    stores = Stores()
    found: dict[str, list[dict[str, Any]]] = {"one day of a till": [], "the same again": [], "1 % voided, corrected or late": []}
    floors: dict[str, list[float]] = {name: [] for name in found}
    try:
        for _ in range(repeat):
            stores.use(stores.copy("counted"))
            shutil.copyfile(folder / "day.sqlite3", folder / "till.sqlite3")
            base = _newest()
            for name in found:
                if name.startswith("1 %"):
                    _change(folder / "till.sqlite3", lines)
                before = _newest()
                told = _run(connection)
                _check(connection, folder / "till.sqlite3", told["run"])
                found[name].append(told)
                floors[name].append(_floor(stores, folder / "till.sqlite3", base, before))
    finally:
        stores.drop()
    return [_line(name, lines, found[name], floors[name]) for name in found]


def _line(name: str, lines: int, ours: list[dict[str, Any]], floors: list[float]) -> dict[str, Any]:
    """Medians in milliseconds; the ratio is the median of those within a repetition. Counts are the last repetition's."""
    run = ours[-1]["run"]
    return {
        "scenario": name,
        "lines": lines,
        "ms": round(middle([each["seconds"] for each in ours]) * 1000, 1),
        "floorMs": round(middle(floors) * 1000, 1),
        "ratio": round(middle([each["seconds"] / floor for each, floor in zip(ours, floors, strict=True)]), 2),
        "peakMiB": round(max(each["peak"] for each in ours), 1),
        "statements": ours[-1]["statements"],
        "durationMs": run.stats.get("durationMs"),
        **{name: run.counters[name] for name in ("inserted", "updated", "removed", "unchanged", "held")},
    }


def _connection(stock: Any) -> Any:
    """The till's connection, its counters in one warehouse, and a barcode for every product."""
    from django.utils import timezone

    from inventory.models import AliasKind, Product, ProductAlias
    from sync.models import Connection, WarehouseRef

    account = stock.account
    settings = {"dialect": "sqlite", "file": "till.sqlite3", "start": _day().isoformat(), "run_lines": 10_000_000}
    made = Connection.objects.create(account=account, system="pos", name="Till", settings=settings)
    for code in BRANCHES:
        WarehouseRef.objects.create(
            account=account, connection=made, external_id=code, code=code, warehouse=stock.warehouse, first_seen_at=timezone.now()
        )
    numbers = Product.objects.filter(account=account).order_by("pk").values_list("pk", flat=True)
    ProductAlias.objects.bulk_create(
        [
            ProductAlias(account=account, product_id=pk, kind=AliasKind.BARCODE, text=_barcode(place), key=_barcode(place))
            for place, pk in enumerate(numbers)
        ],
        batch_size=1000,
    )
    return made


def _barcode(place: int) -> str:
    return f"40{place:011d}"


def _till(path: Path, lines: int) -> None:
    from sandbox.till.generated import Sizes, fill
    from sandbox.till.world import Till

    barcodes = [_barcode(place) for place in range(max(lines // LINES_EACH, 1))]
    fill(Till(path), Sizes(lines, _day(), 1, BRANCHES, barcodes, UNKNOWN_IN, RETURN_IN), seed=7)


def _day() -> date:
    """The till's last whole day, which is UTC's: in the morning most of today's bills would be in the future, and be held for that."""
    return datetime.now(UTC).date() - timedelta(days=1)


def _change(path: Path, lines: int) -> None:
    """A third of the changed bills is voided, a third corrected, a third new and late."""
    each = max(lines // CHANGED_IN // 3, 1)
    with sqlite3.connect(path) as raw:
        table = "INV_PointofSalesDetailTAB"
        raw.execute(f"DELETE FROM {table} WHERE rowid %% {lines // each} = 3".replace("%%", "%"))
        raw.execute(f"UPDATE {table} SET Quantity = Quantity + 1 WHERE rowid %% {lines // each} = 5 AND Quantity > 0".replace("%%", "%"))
        raw.execute(
            f"INSERT INTO {table} SELECT BranchCode, 'L' || BillNo, SerialNo, BarCode, Quantity, BillDate, trDateTime, UserName, Rate, "
            f"NetAmount FROM {table} WHERE rowid %% {lines // each} = 9".replace("%%", "%")
        )
    raw.close()


def _run(connection: Any) -> dict[str, Any]:
    from django.db import connection as database

    from accounts.acting import Actor
    from sync import runs
    from sync.models import Status, Trigger

    statements = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    with database.execute_wrapper(count), taken() as all_:
        run = runs.start(Actor.system(connection.account, "Bench"), connection, "sales", trigger=Trigger.BUTTON)
        run.status = Status.QUEUED
        while run.status == Status.QUEUED:
            # On a slow machine it takes more than one slice.
            runs.execute(run.pk)
            run.refresh_from_db()
    if run.status != Status.SUCCEEDED:
        raise Disagreement(f"The run ended as {run.status}: {run.message}")
    return {"seconds": all_.seconds, "peak": all_.peak, "statements": statements, "run": run}


def _check(connection: Any, till: Path, run: Any) -> None:
    """Every line is booked once, or held by name: sums as the till has them."""
    from django.db.models import Count, Sum

    from inventory.models import Purchase, PurchaseStatus, Sale, SaleStatus
    from sync.models import SourceFact

    def sums(condition: str) -> tuple[int, int]:
        raw = sqlite3.connect(till)
        try:
            lines, pieces = raw.execute(f"SELECT COUNT(*), SUM(ABS(Quantity)) FROM INV_PointofSalesDetailTAB WHERE {condition}").fetchone()
        finally:
            raw.close()
        return int(lines), int(pieces or 0)

    sold = Sale.objects.exclude(status=SaleStatus.CANCELLED).aggregate(lines=Count("pk"), pieces=Sum("quantity"))
    back = Purchase.objects.filter(purpose="sale_return").exclude(status=PurchaseStatus.VOIDED)
    returned = back.aggregate(lines=Count("pk"), pieces=Sum("batch__received"))
    held = SourceFact.objects.filter(connection=connection, state="held", gone_at=None).count()
    known = "BarCode NOT LIKE '999%'"
    wanted = (*sums(f"{known} AND Quantity > 0"), *sums(f"{known} AND Quantity < 0"), sums("BarCode LIKE '999%'")[0])
    booked = (sold["lines"], int(sold["pieces"] or 0), returned["lines"], int(returned["pieces"] or 0), held)
    if booked != wanted:
        raise Disagreement(f"Booked were {booked} (lines sold, pieces, lines returned, pieces, lines held); the till has {wanted}.")
    if run.counters["processed"] != sum(number for name, number in run.counters.items() if name != "processed"):
        raise Disagreement(f"The counters don't add up: {run.counters}")


def _newest() -> dict[str, int]:
    """The highest id of each table: what comes after it, the next run has written."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            found[table] = int(cursor.fetchone()[0])
        return found


def _floor(stores: Any, till: Path, base: dict[str, int], before: dict[str, int]) -> float:
    """Seconds in which the lines are read, staged and joined with those stored before, and the rows that the run has added are inserted."""
    stored = {table: copied_of(table, after=base[table], upto=number) for table, number in before.items()}
    added = {table: copied_of(table, after=number) for table, number in before.items()}
    raw = stores.bare(stores.copy("bare"))
    try:
        insert_bare(raw, stored)
        with taken() as all_:
            _read_and_join(raw, till)
            insert_bare(raw, added)
    finally:
        raw.close()
    return all_.seconds


def _read_and_join(raw: Any, till: Path) -> None:
    source = sqlite3.connect(till)
    lines = [
        (f"POS:{branch}:{bill}:{serial}", branch, barcode, int(pieces * 1000), moment)
        for branch, bill, serial, barcode, pieces, moment in source.execute(READ)
    ]
    source.close()
    cursor = raw.cursor()
    staged(
        cursor,
        "floor_lines",
        "key varchar(180) PRIMARY KEY, branch text, barcode text, quantity bigint, moment text",
        lines,
        is_postgres=type(raw).__module__.startswith("psycopg"),
    )
    cursor.execute(
        "SELECT COUNT(*) FROM floor_lines s LEFT JOIN sync_sourcefact t ON t.external_id = s.key "
        "WHERE t.id IS NULL OR t.quantity <> ABS(s.quantity) OR t.barcode <> s.barcode"
    )
    cursor.execute("DROP TABLE floor_lines")


if __name__ == "__main__":
    sys.exit(main())
