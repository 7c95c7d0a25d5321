"""GE's unified sync beside its floor, on the database that the environment names (docs/bench.md). Prints one JSON document."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import django

from bench.measure import middle, taken
from sandbox.demo import GE_TOKEN
from sandbox.ge.world import ORG

SCENARIOS = ("first sync", "the same again", "next day")
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(inventory_\w+)')
_STORE = (
    "SELECT u.stock_key, u.bucket, u.origin, u.quantity, u.status, u.message, u.model, u.order_number, COALESCE(l.number, ''), "
    "u.gone_at IS NULL "
    "FROM inventory_unit u LEFT JOIN inventory_load l ON l.id = u.load_id ORDER BY u.stock_key"
)
_ROSTERS = "SELECT line_key, serial_key, model_key, quantity FROM inventory_loadunit ORDER BY line_key"
_LOADS = (
    "SELECT number, units, notes, order_number, sale_status, order_status, pricing, roster_units, not_reported_at IS NULL "
    "FROM inventory_load ORDER BY number"
)


class Disagreement(Exception):
    """The floor and the engine did not come to the same store: the comparison would mean nothing."""


@dataclass
class Measured:
    """One scenario, repetition by repetition: seconds, MiB and counts."""

    plan: list[float] = field(default_factory=list)
    apply: list[float] = field(default_factory=list)
    run: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    grown: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    floor_load: list[float] = field(default_factory=list)
    floor_peak: list[float] = field(default_factory=list)
    floor_written: list[int] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def line(self, scenario: str) -> dict[str, Any]:
        """Medians in milliseconds and MiB; each ratio is the median of those within a repetition, so that a slow moment hits both sides."""
        ours = [plan + apply for plan, apply in zip(self.plan, self.apply, strict=True)]
        return {
            "scenario": scenario,
            **self.sizes,
            "planMs": round(middle(self.plan) * 1000, 1),
            "applyMs": round(middle(self.apply) * 1000, 1),
            "planApplyMs": round(middle(ours) * 1000, 1),
            "runMs": round(middle(self.run) * 1000, 1),
            "floorMs": round(middle(self.floor) * 1000, 1),
            "floorLoadMs": round(middle(self.floor_load) * 1000, 1),
            "ratio": _ratio(ours, self.floor),
            "ratioToLoad": _ratio(ours, self.floor_load),
            "ratioRun": _ratio(self.run, self.floor),
            "statements": round(middle(self.statements)),
            "rowsWritten": round(middle(self.written)),
            "floorRowsWritten": round(middle(self.floor_written)),
            "changes": round(middle(self.changes)),
            "peakMiB": round(max(self.peak), 1),
            "grownMiB": round(max(self.grown), 1),
            "floorPeakMiB": round(max(self.floor_peak), 1),
            "repetitions": len(self.run),
        }


def _ratio(ours: list[float], floors: list[float]) -> float:
    return round(middle([each / floor for each, floor in zip(ours, floors, strict=True)]), 2)


def main() -> int:
    """Measure and print. Raises Disagreement."""
    parser = argparse.ArgumentParser(prog="bench.ge")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    json.dump(measure(given.sandbox, given.repeat), sys.stdout)
    return 0


def measure(sandbox: str, repeat: int) -> list[dict[str, Any]]:
    """The lines of all scenarios. Of several repetitions one more is made first, which warms up and is not counted."""
    from django.core.management import call_command

    from bench.control import Control
    from bench.shop import open_shop
    from bench.stores import Stores

    call_command("migrate", verbosity=0)
    shop = open_shop(sandbox)
    stores, world = Stores(), Control(sandbox)
    measured = {scenario: Measured() for scenario in SCENARIOS}
    try:
        for number in range(0 if repeat > 1 else 1, repeat + 1):
            world.act("reset")
            _repetition(stores, shop, world, measured if number else {scenario: Measured() for scenario in SCENARIOS}, number)
    finally:
        stores.drop()
    return [measured[scenario].line(scenario) for scenario in SCENARIOS]


def _repetition(stores: Any, shop: Any, world: Any, measured: dict[str, Measured], number: int) -> None:
    from bench.floor import Floor

    ours, bare = stores.copy("engine"), stores.copy("floor")
    stores.use(ours)
    raw = stores.bare(bare)
    floor = Floor(
        raw, base_url=shop.connection.base_url, token=GE_TOKEN, org=ORG, account=shop.account.pk, warehouse=shop.connection.warehouse_id
    )
    try:
        for scenario in SCENARIOS:
            if scenario == "next day":
                world.act("next-day")
            wanted = _engine(shop, measured[scenario])
            _floor(floor, wanted, measured[scenario])
            _agree(raw, f"{scenario}, repetition {number}")
    finally:
        raw.close()


def _engine(shop: Any, into: Measured) -> list[tuple[str, str]]:
    """One sync; the lists it read."""
    from django.db import connection

    from sync import runs
    from sync.models import RunFeed, Status, Trigger

    written = 0

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal written
        result = execute(sql, params, many, context)
        if _WRITES.match(sql):
            written += max(context["cursor"].rowcount, 0)
        return result

    run = runs.start(shop.owner, shop.connection, "inventory", trigger=Trigger.COMMAND)
    with connection.execute_wrapper(count), taken() as all_:
        runs.execute(run.pk)
    run.refresh_from_db()
    if run.status != Status.SUCCEEDED:
        raise Disagreement(f"Run {run.pk} ended as {run.status}: {run.message}")
    spent = run.stats["durationMs"]
    into.plan.append(spent["plan"] / 1000)
    into.apply.append((spent["apply"] + spent["sessions"]) / 1000)
    into.run.append(all_.seconds)
    into.peak.append(all_.peak)
    into.grown.append(all_.peak - all_.before)
    into.statements.append(run.stats["dbStatements"])
    into.written.append(written)
    into.changes.append(run.changes_logged)
    into.sizes = {"units": run.stats["totalGEItems"], "rosterRows": run.stats["rosterUnits"], "moved": run.counters["moved"]}
    return list(RunFeed.objects.filter(run=run).exclude(feed="load:units", part="").order_by("id").values_list("feed", "part"))


def _floor(floor: Any, wanted: list[tuple[str, str]], into: Measured) -> None:
    with taken() as all_:
        spent = floor.load(wanted)
    into.floor.append(spent.total)
    into.floor_load.append(spent.load)
    into.floor_peak.append(all_.peak)
    into.floor_written.append(spent.written)


def _agree(raw: Any, where: str) -> None:
    from django.db import connection

    for sql in (_STORE, _LOADS, _ROSTERS):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            ours = [tuple(row) for row in cursor.fetchall()]
        theirs = [tuple(row) for row in raw.execute(sql).fetchall()]
        if ours != theirs:
            different = [pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]][:3]
            raise Disagreement(f"{where}: {len(ours)} rows of the engine, {len(theirs)} of the floor, for example {different}")


if __name__ == "__main__":
    sys.exit(main())
