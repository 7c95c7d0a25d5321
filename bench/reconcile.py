"""Reconcile over a large warehouse beside the bare grouped query (docs/bench.md). Prints one JSON document."""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

from bench.measure import Taken, middle, taken
from bench.place import ROOT

EACH = 20
ONE_PERCENT = 100
KINDS = 3
WHILE_SELLING = 3


class NotRight(Exception):
    """Reconcile did not find or mend what was wrong: its time would mean nothing."""


def main() -> int:
    """Measure and print. Raises NotRight."""
    parser = argparse.ArgumentParser(prog="bench.reconcile")
    parser.add_argument("--products", type=int, required=True)
    parser.add_argument("--batches", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    json.dump(measure(given.products, given.batches, given.repeat), sys.stdout)
    return 0


def measure(products: int, batches: int, repeat: int) -> list[dict[str, Any]]:
    """The lines of both scenarios: all levels verified, and one in a hundred set right."""
    from django.core.management import call_command

    from bench.stock import fill
    from inventory.dialect import is_postgres

    call_command("migrate", verbosity=0)
    stock = fill("Reconcile", products=products, batches=batches, each=EACH, kinds=KINDS)
    floors: list[float] = []
    clean: list[dict[str, Any]] = []
    dirty: list[dict[str, Any]] = []
    # One more first, which warms up and is not counted.
    for number in range(repeat + 1):
        found = [_bare(), _verify(stock, 0), _correct(stock, number)]
        if number:
            floors.append(found[0]["seconds"])
            clean.append(found[1])
            dirty.append(found[2])
    sizes = {"products": products, "batches": batches}
    lines = [
        {"scenario": "verify", **sizes, **_line(clean, floors)},
        {"scenario": "correct 1 %", **sizes, **_line(dirty, floors)},
    ]
    if is_postgres():
        lines[0].update(_while_selling(stock, lambda: _verify(stock, 0)))
        # Others each time: a level that is wrong again and again is told of, which is no part of this.
        others = itertools.count(repeat + 1)
        lines[1].update(_while_selling(stock, lambda: _correct(stock, next(others), exact=False)))
    return lines


def _line(ours: list[dict[str, Any]], floors: list[float]) -> dict[str, Any]:
    """Medians in milliseconds; the ratio is the median of those within a repetition."""
    return {
        "ms": round(middle([each["seconds"] for each in ours]) * 1000, 1),
        "floorMs": round(middle(floors) * 1000, 1),
        "ratio": round(middle([each["seconds"] / floor for each, floor in zip(ours, floors, strict=True)]), 2),
        "peakMiB": round(max(each["peak"] for each in ours), 1),
        "grownMiB": round(max(each["grown"] for each in ours), 1),
        **{name: ours[-1][name] for name in ("statements", "drifted", "corrected")},
    }


def _bare() -> dict[str, Any]:
    from inventory.ledger.bulktables import rows

    sums = ", ".join(f"SUM(CASE WHEN unit_kind = '{kind}' THEN remaining ELSE 0 END) AS {kind}" for kind in ("pallets", "packs", "units"))
    unequal = " OR ".join(f"COALESCE(l.{kind}, 0) <> COALESCE(s.{kind}, 0)" for kind in ("pallets", "packs", "units"))
    with taken() as all_:
        rows(
            f"SELECT COUNT(*) FROM (SELECT product_id, warehouse_id, {sums} FROM inventory_batch "
            "WHERE remaining > 0 AND expiry_booked_at IS NULL GROUP BY product_id, warehouse_id) s "
            f"FULL JOIN inventory_level l ON l.product_id = s.product_id AND l.warehouse_id = s.warehouse_id WHERE {unequal}"
        )
    return _spent(all_, 0)


def _verify(stock: Any, drifted: int) -> dict[str, Any]:
    from inventory.reconcile import verify

    with _counted() as counted, taken() as all_:
        page = verify(stock.owner)
    if page.drifted != drifted or page.scanned != stock.products:
        raise NotRight(f"{page.drifted} of {page.scanned} levels were found wrong, {drifted} of {stock.products} are.")
    return {**_spent(all_, counted[0]), "drifted": page.drifted, "corrected": 0}


def _correct(stock: Any, which: int, *, exact: bool = True) -> dict[str, Any]:
    """Set right what was made wrong; not `exact` where sales mend some of it first."""
    from bench.stock import off
    from inventory.models import Cause, Reconciliation
    from inventory.reconcile import execute, start

    wrong = off(ONE_PERCENT, which)
    with _counted() as counted, taken() as all_:
        run = start(stock.owner, cause=Cause.SCHEDULED_CRON)
        execute(run.pk)
    run = Reconciliation.objects.get(pk=run.pk)
    corrected = run.counters.get("corrected", 0)
    if run.status != "succeeded" or (exact and corrected != wrong):
        raise NotRight(f"The pass ended as {run.status} ({run.message}) with {corrected} of {wrong} levels set right.")
    return {**_spent(all_, counted[0]), "drifted": run.counters["drifted"], "corrected": corrected}


def _while_selling(stock: Any, do: Any) -> dict[str, Any]:
    """Do it a few times while a till in another process sells, and what its sales had to wait."""
    arguments = ("--warehouse", str(stock.warehouse.pk), "--first", str(stock.first), "--products", str(stock.products))
    command = [sys.executable, "-m", "bench.seller", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as seller:
        assert seller.stdin is not None
        assert seller.stdout is not None
        seller.stdout.readline()
        for _ in range(WHILE_SELLING):
            do()
        seller.stdin.close()
        told: dict[str, Any] = json.loads(seller.stdout.readline())
    return told


def _spent(all_: Taken, statements: int) -> dict[str, Any]:
    return {"seconds": all_.seconds, "peak": all_.peak, "grown": all_.peak - all_.before, "statements": statements}


@contextmanager
def _counted() -> Iterator[list[int]]:
    from django.db import connection

    counted = [0]

    def count(execute: Any, *arguments: Any) -> Any:
        counted[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        yield counted


if __name__ == "__main__":
    sys.exit(main())
