"""A till's sales booked first expired first, beside the same rows inserted bare (docs/bench.md). Prints one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from random import Random
from typing import Any

import django

from bench.measure import middle, taken

TABLES = ("inventory_sale", "inventory_allocation", "inventory_movement")
LINES_EACH = 50
BATCHES_EACH = 5
PIECES = 21
"""In each batch: all together a little more than is sold, so that most batches are used up and some sales are short."""


class Disagreement(Exception):
    """What was booked is not what was sold: the comparison would mean nothing."""


def main() -> int:
    """Measure and print. Raises Disagreement."""
    parser = argparse.ArgumentParser(prog="bench.till")
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    json.dump(measure(given.lines, given.repeat), sys.stdout)
    return 0


def measure(lines: int, repeat: int) -> list[dict[str, Any]]:
    """The lines of both scenarios: sales booked, and the same sales told again."""
    from django.core.management import call_command

    from bench.stock import fill
    from bench.stores import Stores

    call_command("migrate", verbosity=0)
    products = max(lines // LINES_EACH, 1)
    stock = fill("Till", products=products, batches=products * BATCHES_EACH, each=PIECES)
    facts = _facts(stock, lines)
    stores = Stores()
    ours: list[Any] = []
    again: list[Any] = []
    floors: list[float] = []
    try:
        for _ in range(repeat):
            stores.use(stores.copy("booked"))
            ours.append(_sell(stock, facts))
            copied = {table: copied_of(table) for table in TABLES}
            again.append(_sell(stock, facts))
            floors.append(_floor(stores, copied))
    finally:
        stores.drop()
    first = {"scenario": "till sales booked", **_line(lines, ours, floors), "floorRows": sum(len(rows) for _, rows in copied.values())}
    same = {"scenario": "the same again", **_line(lines, again, floors)}
    return [first, same]


def _line(lines: int, ours: list[dict[str, Any]], floors: list[float]) -> dict[str, Any]:
    """Medians in milliseconds; the ratio is the median of those within a repetition. Counts are the last repetition's."""
    return {
        "lines": lines,
        "ms": round(middle([each["seconds"] for each in ours]) * 1000, 1),
        "floorMs": round(middle(floors) * 1000, 1),
        "ratio": round(middle([each["seconds"] / floor for each, floor in zip(ours, floors, strict=True)]), 2),
        "peakMiB": round(max(each["peak"] for each in ours), 1),
        "grownMiB": round(max(each["grown"] for each in ours), 1),
        **{name: ours[-1][name] for name in ("statements", "chunks", "booked", "short", "repeated")},
    }


def _facts(stock: Any, lines: int) -> list[Any]:
    """The same days of a till each time: lines in the order of time, products at random."""
    from django.utils import timezone

    from inventory.ledger import SaleFact

    rng = Random(7)
    began = timezone.now() - timedelta(days=20)
    return [
        SaleFact(
            source_key=f"pos:{number}",
            product_id=stock.first + rng.randrange(stock.products),
            warehouse_id=stock.warehouse.pk,
            unit_kind="units",
            quantity=rng.choice((1, 1, 2, 4)),
            price="3.50",
            sold_at=began + timedelta(seconds=number),
            reference=f"bill {number // 4}",
        )
        for number in range(lines)
    ]


def _sell(stock: Any, facts: list[Any]) -> dict[str, Any]:
    from django.db import connection

    from inventory.ledger import sell_many

    statements = commits = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    commit = connection.commit

    def counted() -> None:
        nonlocal commits
        commits += 1
        commit()

    connection.commit = counted  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(count), taken() as all_:
            outcome = sell_many(stock.owner, facts)
    finally:
        connection.commit = commit  # type: ignore[method-assign]
    if outcome.processed != len(facts) or outcome.held:
        raise Disagreement(f"{outcome.processed} of {len(facts)} lines were processed, {len(outcome.held)} held.")
    return {
        "seconds": all_.seconds,
        "peak": all_.peak,
        "grown": all_.peak - all_.before,
        "statements": statements,
        "chunks": commits,
        "booked": outcome.booked,
        "short": outcome.short,
        "repeated": outcome.repeated,
    }


def copied_of(table: str, *, after: int = 0, upto: int = 2**62) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of a table as the driver gives them, those with a higher id than `after`, up to `upto`."""
    from django.apps import apps
    from django.db import connection
    from django.db.models import GeneratedField

    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    columns = [str(field.column) for field in model._meta.concrete_fields if not isinstance(field, GeneratedField)]
    with connection.cursor() as cursor:
        chosen = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(f"SELECT {chosen} FROM {table} WHERE id > %s AND id <= %s ORDER BY id", [after, upto])
        return columns, cursor.fetchall()


def _floor(stores: Any, copied: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> float:
    """Seconds in which the same rows go into the same tables, with their indexes and constraints, of a fresh copy."""
    raw = stores.bare(stores.copy("bare"))
    try:
        with taken() as all_:
            insert_bare(raw, copied)
    finally:
        raw.close()
    return all_.seconds


def insert_bare(raw: Any, copied: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    """Store the rows of each table, in one transaction."""
    cursor = raw.cursor()
    is_postgres = type(raw).__module__.startswith("psycopg")
    cursor.execute("BEGIN" if is_postgres else "BEGIN IMMEDIATE")
    for table, (names, rows) in copied.items():
        columns = [f'"{name}"' for name in names]
        if is_postgres:
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
    cursor.execute("COMMIT")


if __name__ == "__main__":
    sys.exit(main())
