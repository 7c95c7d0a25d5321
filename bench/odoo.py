"""Odoo's stock moves beside their floor, on the database that the environment names (docs/bench.md). Prints one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import django

from bench.engine import Measured, agree, beside, engine
from bench.floor import Spent

FIRST, SAME, SOME = "all moves", "all of them again", "1 % corrected"
_LOOKS = (
    "SELECT external_id, feed, kind, product_there, place_there, place_to_there, quantity, happened_at, day, document, state, "
    "changed_upstream_at, gone_at IS NULL FROM sync_sourcefact ORDER BY external_id",
)


def main() -> int:
    """Measure and print. Raises Disagreement."""
    parser = argparse.ArgumentParser(prog="bench.odoo")
    parser.add_argument("--sandbox", required=True, help="an Odoo of --moves moves")
    parser.add_argument("--moves", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    json.dump(loads(given.sandbox, given.moves, given.repeat), sys.stdout)
    return 0


def loads(sandbox: str, moves: int, repeat: int) -> list[dict[str, Any]]:
    """The lines of the syncs of moves, each compared with the floor's; master data are there before."""
    from bench.control import Control
    from bench.shop import open_odoo
    from bench.stores import Stores
    from sync.models import Cursor

    shop, world = open_odoo(sandbox), Control(sandbox, "odoo")
    engine(shop, "master", Measured(), _calls())
    stores = Stores()
    measured = {scenario: Measured() for scenario in (FIRST, SAME, SOME)}
    try:
        for number in range(1, repeat + 1):
            ours, bare = stores.copy("engine"), stores.copy("floor")
            stores.use(ours)
            for scenario, into in measured.items():
                if scenario == SAME:
                    # As after a reset: everything is read from the beginning.
                    Cursor.objects.filter(connection=shop.connection).delete()
                if scenario == SOME:
                    world.act("touch", share=0.01, seed=number)
                asked = engine(shop, "transactional", into, _calls())
                _floor(stores, bare, shop, asked, into)
                agree(stores, bare, _LOOKS, f"{scenario}, repetition {number}")
    finally:
        stores.drop()
    return [into.line(scenario, {"moves": moves}) for scenario, into in measured.items()]


def _calls() -> tuple[type, str]:
    from sync.sources.odoo.json2 import Json2

    return Json2, "call"


def _floor(stores: Any, bare: str, shop: Any, asked: list[tuple[Any, ...]], into: Measured) -> None:
    from bench.odoofloor import OdooFloor

    reads = [(model, parameters) for _wire, model, method, parameters, _expect in asked if method == "search_read"]

    def load() -> Spent:
        raw = stores.bare(bare)
        floor = OdooFloor(raw, address=shop.connection.base_url, account=shop.account.pk, connection=shop.connection.pk)
        spent = floor.load(reads)
        raw.close()
        return spent

    beside(into, load)


if __name__ == "__main__":
    sys.exit(main())
