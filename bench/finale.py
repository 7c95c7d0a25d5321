"""Finale's loads beside their floor, on the database that the environment names (docs/bench.md). Prints one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import django

from bench.engine import Measured, agree, beside, engine
from bench.floor import Spent

FIRST, SAME, SOME = "first load", "the same again", "1 % changed"
STOCK, CRITICAL = "stock only", "critical only"
_LOOKS = (
    "SELECT external_id, sku, name, active, barcode, gone_at IS NULL FROM sync_productref ORDER BY external_id",
    "SELECT key, sku, on_hand, reserved, on_order, gone_at IS NULL FROM sync_stockref ORDER BY key",
    "SELECT sku, name, active, lead_time_days, purchase_price FROM inventory_product ORDER BY sku",
    "SELECT p.sku, w.name, l.units, l.reserved_units, l.on_order_units FROM inventory_level l "
    "JOIN inventory_product p ON p.id = l.product_id JOIN inventory_warehouse w ON w.id = l.warehouse_id "
    "WHERE l.units <> 0 OR l.reserved_units <> 0 OR l.on_order_units <> 0 ORDER BY 1, 2",
)


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
                asked = engine(shop, "full", into, _calls())
                _floor(stores, bare, shop, asked, into)
                agree(stores, bare, _LOOKS, f"{scenario}, repetition {number}")
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
    engine(shop, "full", Measured(), _calls())
    found = []
    for scenario, scope in ((STOCK, "inventory"), (CRITICAL, "critical")):
        into = Measured()
        for number in range(1, repeat + 1):
            world.act("touch", share=0.01, seed=number)
            engine(shop, scope, into, _calls())
        lines = Supply.objects.filter(account=shop.account)
        counted = lines.exclude(state=SupplyState.FINE) if scope == "critical" else lines
        found.append(into.line(scenario, {"products": counted.count()}))
    return found


def _calls() -> tuple[type, str]:
    from sync.sources.finale.client import Client

    return Client, "fetch"


def _floor(stores: Any, bare: str, shop: Any, asked: list[tuple[Any, ...]], into: Measured) -> None:
    from bench.finalefloor import FinaleFloor

    def load() -> Spent:
        raw = stores.bare(bare)
        floor = FinaleFloor(raw, address=shop.connection.base_url, account=shop.account.pk, connection=shop.connection.pk)
        spent = floor.load([(feed, part) for feed, part in asked])
        raw.close()
        return spent

    beside(into, load)


if __name__ == "__main__":
    sys.exit(main())
