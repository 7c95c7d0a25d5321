"""Finale's loads beside their floor, on the database that the environment names (docs/bench.md). Prints one JSON document."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import django

from bench.ge import Disagreement
from bench.measure import apart, middle, taken

FIRST, SAME, SOME = "first load", "the same again", "1 % changed"
STOCK, CRITICAL = "stock only", "critical only"
_WRITES = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(?:inventory_\w+|sync_(?:product|stock|vendor|warehouse|order)ref)\b', re.IGNORECASE
)
_LOOKS = (
    "SELECT external_id, sku, name, active, barcode, gone_at IS NULL FROM sync_productref ORDER BY external_id",
    "SELECT key, sku, on_hand, reserved, on_order, gone_at IS NULL FROM sync_stockref ORDER BY key",
    "SELECT sku, name, active, lead_time_days, purchase_price FROM inventory_product ORDER BY sku",
    "SELECT p.sku, w.name, l.units, l.reserved_units, l.on_order_units FROM inventory_level l "
    "JOIN inventory_product p ON p.id = l.product_id JOIN inventory_warehouse w ON w.id = l.warehouse_id "
    "WHERE l.units <> 0 OR l.reserved_units <> 0 OR l.on_order_units <> 0 ORDER BY 1, 2",
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


def main() -> int:
    """Measure and print. Raises Disagreement."""
    parser = argparse.ArgumentParser(prog="bench.finale")
    parser.add_argument("--sandbox", required=True, help="a Finale account of --products products")
    parser.add_argument("--small", required=True, help="one whose stock is read by itself")
    parser.add_argument("--products", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    json.dump([*loads(given.sandbox, given.products, given.repeat), *short(given.small, given.repeat)], sys.stdout)
    return 0


def loads(sandbox: str, products: int, repeat: int) -> list[dict[str, Any]]:
    """The lines of the loads of a whole account, each compared with the floor's."""
    from bench.control import Control
    from bench.shop import open_finale
    from bench.stores import Stores

    shop, world, stores = open_finale(sandbox), Control(sandbox, "finale"), Stores()
    measured = {scenario: Measured() for scenario in (FIRST, SAME, SOME)}
    try:
        for number in range(1, repeat + 1):
            ours, bare = stores.copy("engine"), stores.copy("floor")
            stores.use(ours)
            for scenario, into in measured.items():
                if scenario == SOME:
                    world.act("touch", share=0.01, seed=number)
                asked = engine(shop, "full", into)
                _floor(stores, bare, shop, asked, into)
                _agree(stores, bare, f"{scenario}, repetition {number}")
    finally:
        stores.drop()
    return [into.line(scenario, {"products": products}) for scenario, into in measured.items()]


def short(sandbox: str, repeat: int) -> list[dict[str, Any]]:
    """The lines of the short syncs of a small account, between which one product in a hundred changes."""
    from bench.control import Control
    from bench.shop import open_finale
    from inventory.models import Supply
    from inventory.models.supply import SupplyState

    shop, world = open_finale(sandbox, "Small"), Control(sandbox, "finale")
    engine(shop, "full", Measured())
    found = []
    for scenario, scope in ((STOCK, "inventory"), (CRITICAL, "critical")):
        into = Measured()
        for number in range(1, repeat + 1):
            world.act("touch", share=0.01, seed=number)
            engine(shop, scope, into)
        lines = Supply.objects.filter(account=shop.account)
        counted = lines.exclude(state=SupplyState.FINE) if scope == "critical" else lines
        found.append(into.line(scenario, {"products": counted.count()}))
    return found


def engine(shop: Any, scope: str, into: Measured) -> list[tuple[str, str]]:
    """One sync, slice by slice as a worker does it; what it asked for."""
    from django.db import connection

    from sync import runs
    from sync.models import Status, Trigger
    from sync.sources.finale.client import Client

    asked: list[tuple[str, str]] = []
    spent: list[float] = []
    counted = {"statements": 0, "written": 0}

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        counted["statements"] += 1
        if _WRITES.match(sql):
            counted["written"] += max(context["cursor"].rowcount, 0)
        return result

    fetch = Client.fetch

    def timed(client: Client, feed: str, part: str = "") -> Any:
        began = time.perf_counter()
        answer = fetch(client, feed, part)
        spent.append(time.perf_counter() - began)
        asked.append((feed, part))
        return answer

    run = runs.start(shop.owner, shop.connection, scope, trigger=Trigger.COMMAND)
    Client.fetch = timed  # type: ignore[method-assign, assignment]
    try:
        with connection.execute_wrapper(count), taken() as all_:
            while run.is_active:
                runs.execute(run.pk)
                run.refresh_from_db()
    finally:
        Client.fetch = fetch  # type: ignore[method-assign]
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


def _floor(stores: Any, bare: str, shop: Any, asked: list[tuple[str, str]], into: Measured) -> None:
    from django.db import connections

    from bench.finalefloor import FinaleFloor

    def load() -> dict[str, Any]:
        raw = stores.bare(bare)
        floor = FinaleFloor(raw, address=shop.connection.base_url, account=shop.account.pk, connection=shop.connection.pk)
        spent = floor.load(asked)
        raw.close()
        return {"parts": [spent.fetch, spent.decode, spent.stage, spent.upsert], "written": spent.written}

    connections.close_all()
    said = apart(load)
    into.floor.append(sum(said["parts"]))
    into.parts.append(said["parts"])
    into.floor_written.append(said["written"])


def _agree(stores: Any, bare: str, where: str) -> None:
    from django.db import connection

    raw = stores.bare(bare)
    try:
        for sql in _LOOKS:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                theirs = raw.execute(sql)
                for number, (one, other) in enumerate(zip(_rows(cursor), _rows(theirs), strict=True), 1):
                    if one != other:
                        raise Disagreement(f"{where}, row {number}: the engine has {one}, the floor {other}")
    except ValueError as error:
        raise Disagreement(f"{where}: one of them has more rows: {sql}") from error
    finally:
        raw.close()


def _rows(cursor: Any) -> Any:
    while block := cursor.fetchmany(5_000):
        yield from map(tuple, block)


if __name__ == "__main__":
    sys.exit(main())
