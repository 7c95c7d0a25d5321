"""A sync as a worker does it, measured, and its store compared with the floor's."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.floor import Spent
from bench.ge import Disagreement
from bench.measure import apart, middle, taken

_WRITES = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(?:inventory_\w+|sync_(?:product|stock|vendor|warehouse|order|category|reorder)ref'
    r"|sync_sourcefact)\b",
    re.IGNORECASE,
)


@dataclass
class Measured:
    """One scenario, repetition by repetition: seconds, MiB and counts."""

    run: list[float] = field(default_factory=list)
    fetch: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    grown: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    parts: list[list[float]] = field(default_factory=list)
    floor_written: list[int] = field(default_factory=list)

    def line(self, scenario: str, sizes: dict[str, Any]) -> dict[str, Any]:
        """Medians in milliseconds and MiB; the ratio is the median of those within a repetition."""
        found = {
            "scenario": scenario,
            **sizes,
            "ms": round(middle(self.run) * 1000),
            "oursMs": round(middle([run - fetch for run, fetch in zip(self.run, self.fetch, strict=True)]) * 1000),
            "peakMiB": round(max(self.peak), 1),
            "grownMiB": round(max(self.grown), 1),
            "statements": round(middle(self.statements)),
            "rowsWritten": round(middle(self.written)),
            "changes": round(middle(self.changes)),
            "repetitions": len(self.run),
        }
        if self.floor:
            found |= {
                "floorMs": round(middle(self.floor) * 1000),
                "floorParts": [round(middle(part) * 1000) for part in zip(*self.parts, strict=True)],
                "ratio": round(middle([run / floor for run, floor in zip(self.run, self.floor, strict=True)]), 2),
                "floorRowsWritten": round(middle(self.floor_written)),
            }
        return found


def engine(shop: Any, scope: str, into: Measured, calls: tuple[type, str]) -> list[tuple[Any, ...]]:
    """One sync, slice by slice as a worker does it; what each call of the method `calls`, a class and a name, was given.

    Raises Disagreement when it does not succeed.
    """
    from django.db import connection

    from sync import runs
    from sync.models import Status, Trigger

    asked: list[tuple[Any, ...]] = []
    spent: list[float] = []
    counted = {"statements": 0, "written": 0}

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        counted["statements"] += 1
        if _WRITES.match(sql):
            counted["written"] += max(context["cursor"].rowcount, 0)
        return result

    owner, name = calls
    call = getattr(owner, name)

    def timed(client: Any, *given: Any) -> Any:
        began = time.perf_counter()
        answer = call(client, *given)
        spent.append(time.perf_counter() - began)
        asked.append(given)
        return answer

    run = runs.start(shop.owner, shop.connection, scope, trigger=Trigger.COMMAND)
    setattr(owner, name, timed)
    try:
        with connection.execute_wrapper(count), taken() as all_:
            while run.is_active:
                runs.execute(run.pk)
                run.refresh_from_db()
    finally:
        setattr(owner, name, call)
    if run.status != Status.SUCCEEDED:
        raise Disagreement(f"Run {run.pk} ended as {run.status}: {run.message}")
    into.run.append(all_.seconds)
    into.fetch.append(sum(spent))
    into.peak.append(all_.peak)
    into.grown.append(all_.peak - all_.before)
    into.statements.append(counted["statements"])
    into.written.append(counted["written"])
    into.changes.append(run.changes_logged)
    return asked


def beside(into: Measured, load: Callable[[], Spent]) -> None:
    """The floor of what was measured last, in a process of its own."""
    from django.db import connections

    def told() -> dict[str, Any]:
        spent = load()
        return {"parts": [spent.fetch, spent.decode, spent.stage, spent.upsert], "written": spent.written}

    connections.close_all()
    said = apart(told)
    into.floor.append(sum(said["parts"]))
    into.parts.append(said["parts"])
    into.floor_written.append(said["written"])


def agree(stores: Any, bare: str, looks: Sequence[str], where: str) -> None:
    """Raises Disagreement unless the database that is used now and the floor's, `bare`, answer `looks` alike."""
    from django.db import connection

    raw = stores.bare(bare)
    try:
        for sql in looks:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                theirs = raw.execute(sql)
                for number, (one, other) in enumerate(zip(_rows(cursor), _rows(theirs), strict=True), 1):
                    # Django turns SQLite's texts into dates.
                    if one != other and [*map(str, one)] != [*map(str, other)]:
                        raise Disagreement(f"{where}, row {number}: the engine has {one}, the floor {other}")
    except ValueError as error:
        raise Disagreement(f"{where}: one of them has more rows: {sql}") from error
    finally:
        raw.close()


def _rows(cursor: Any) -> Any:
    while block := cursor.fetchmany(5_000):
        yield from map(tuple, block)
