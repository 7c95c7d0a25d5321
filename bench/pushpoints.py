"""The points of a drill of pushes on the database that the environment names: edits, sales, faults, drains killed at any moment. JSON.

A drain runs in a process of its own and is killed; then time passes for the rest, and both marketplaces have to have what the items say.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from random import Random
from typing import Any

import django

from bench.told import Told

CHAPTER = 20
"""So many points happen to one business; then a new one begins with empty stores."""
ITEMS = 3
LONGEST = 60.0
"""Seconds within which everything has to be told."""
ONE_LOT, EQUAL, TOLD, SETTLED = (
    "no item has two lots at a shop",
    "each shop offers what the item has",
    "what was told is what is there",
    "every listing is synced",
)
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("500_after", {"times": 1}),
    ("reset_after", {"times": 1}),
    ("html_after", {"times": 1}),
    ("empty_after", {"times": 1}),
    ("status", {"times": 1, "status": 500}),
    ("reset", {"times": 1}),
    ("html", {"times": 1}),
    ("throttled", {"times": 1, "retry_after": "0"}),
    ("sale_before", {"times": 1}),
    ("sale_after", {"times": 1}),
)


def main() -> int:
    """Go through the points and print what came of them."""
    parser = argparse.ArgumentParser(prog="bench.pushpoints")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    drill = Drill(given.sandbox, Random(given.seed))
    for number in range(1, given.points + 1):
        drill.point(number)
        if number % 10 == 0 or number == given.points:
            told = drill.told
            done = f"{number} of {given.points} points, {told.killed} killed, {sum(told.violated.values())} wrong"
            print(f"{given.name}: pushes, {done}", file=sys.stderr)
    json.dump(drill.told.content(), sys.stdout)
    return 0


class Drill:
    """Businesses whose pushes go wrong, one after the other."""

    def __init__(self, sandbox: str, rng: Random) -> None:
        from bench.market import Market

        self._sandbox, self._rng = sandbox, rng
        self._markets = {name: Market(sandbox, name) for name in ("bricklink", "brickowl")}
        self.told = Told()
        self._usual: Any = None

    def _chapter(self, number: int) -> None:
        from bench import death
        from bench.market import BLACK, PARTS, open_shops, widen
        from inventory import items
        from marketplaces import push

        for market in self._markets.values():
            market.act("reset")
            market.act("clear")
        self._seller = open_shops(self._sandbox, f"Seller {number}")
        widen(self._seller)
        owner = self._seller.owner
        self._items = [
            items.add(owner, part_number=part, color_id=BLACK, quantity_available=20, price="0.125", location=f"A-{part}")
            for part in PARTS[:ITEMS]
        ]
        first, second = self._seller.shops.values()
        self._usual = death.usual(partial(push.drain, first.pk))
        push.drain(second.pk)

    def point(self, number: int) -> None:
        """Something happens, a drain is killed in the middle of telling it, and everything is told all the same."""
        from bench import death
        from marketplaces import push

        if number % CHAPTER == 1:
            self._chapter(number)
        rng = self._rng
        happened = [self._change() for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.5:
            happened.append(self._sale())
        name = rng.choice(sorted(self._markets))
        fault = None
        if rng.random() < 0.4:
            fault, settings = rng.choice(FAULTS)
            self._markets[name].act("switch", name=fault, **settings)
        shop = self._seller.shops[name]
        moment = death.some_moment(rng, self._usual)
        self._free()
        killed = death.work(partial(push.drain, shop.pk), moment)
        if rng.random() < 0.3:
            happened.append(self._change())
        told = self.told
        told.points += 1
        told.killed += killed
        told.kills += killed
        told.not_killed += not killed
        told.faults[fault or "none"] += 1
        if killed:
            told.moments[moment.kind] += 1
        where = f"point {number} ({', '.join(happened)}; {name} killed {moment if killed else 'not'}; {fault or 'no fault'})"
        self._settle()
        self._judge(where)

    def _change(self) -> str:
        from inventory import items
        from inventory.models import Item

        rng, owner = self._rng, self._seller.owner
        item = Item.objects.get(pk=rng.choice(self._items).pk)
        what = rng.choice(("quantity", "quantity", "sql", "price", "notes"))
        if what == "quantity":
            items.set_quantity(owner, item, rng.choice((0, 1, 5, 12, 20)), reason="drill")
        elif what == "sql":
            Item.objects.filter(pk=item.pk).update(quantity_available=rng.choice((0, 3, 9)))
        elif what == "price":
            items.edit(owner, item, price=f"0.{rng.randint(100, 999)}")
        else:
            items.edit(owner, item, notes=f"note {rng.randint(1, 99)} & “more”")
        return what

    def _sale(self) -> str:
        market = self._markets[self._rng.choice(sorted(self._markets))]
        lots = [lot for lot in market.lots() if lot.quantity and not lot.hidden]
        if not lots:
            return "nothing to sell"
        lot = self._rng.choice(lots)
        market.act("sell", lot=lot.lot_id, pieces=min(lot.quantity, self._rng.randint(1, 3)))
        return f"sale at {market.name}"

    def _free(self) -> None:
        """Time passes until the leases of the dead are over, and until what waits is due."""
        from django.db.models.functions import Now

        from marketplaces.models import Listing, Shop
        from sync.models import Breaker

        Shop.objects.update(lease_until=None, resting_until=None)
        Listing.objects.update(lease_until=None)
        Listing.objects.filter(due_at__isnull=False).update(due_at=Now())
        Breaker.objects.update(state="closed", until=None, failures=0, successes=0)

    def _settle(self) -> None:
        """The minutes after it, without another fault: orders are read, the sweep runs, drains work."""
        from marketplaces import orders, push
        from marketplaces.models import Listing, OrderLine

        for market in self._markets.values():
            market.act("clear")
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            self._free()
            for shop in self._seller.shops.values():
                orders.import_now(shop)
            push.sweep()
            for shop in self._seller.shops.values():
                push.drain(shop.pk)
            waiting = Listing.objects.filter(account=self._seller.account, due_at__isnull=False).exists()
            unmatched = OrderLine.objects.filter(order__account=self._seller.account, booking="unmatched").exists()
            if not waiting and not unmatched and not self._differing():
                return

    def _differing(self) -> bool:
        from marketplaces import push

        return push.differing(list(self._seller.shops.values())).exists()

    def _judge(self, where: str) -> None:
        from inventory.models import Item
        from marketplaces.models import Listing

        rows = {row.pk: row for row in Item.objects.filter(account=self._seller.account)}
        wrong: dict[str, list[str]] = {ONE_LOT: [], EQUAL: [], TOLD: [], SETTLED: []}
        for name, shop in self._seller.shops.items():
            lots = self._markets[name].lots()
            for listing in Listing.objects.filter(shop=shop):
                item = rows[listing.item_id]
                mine = [lot for lot in lots if lot.token == item.token]
                there = sum(lot.quantity for lot in mine if not lot.hidden)
                label = f"{item.part_number} at {name}"
                if len(mine) > 1:
                    wrong[ONE_LOT].append(f"{label} has the lots {', '.join(lot.lot_id for lot in mine)}")
                if there != item.offered:
                    wrong[EQUAL].append(f"{label}: {there} there, {item.offered} here")
                if mine and item.offered and mine[0].price != f"{item.price:.3f}":
                    wrong[EQUAL].append(f"{label}: {mine[0].price} there, {item.price} here")
                if listing.told_quantity != sum(lot.quantity for lot in mine):
                    wrong[TOLD].append(f"{label}: told {listing.told_quantity}, there {sum(lot.quantity for lot in mine)}")
                if listing.state != "synced":
                    wrong[SETTLED].append(f"{label}: {listing.state} {listing.code} {listing.sentence}")
        for invariant, sentences in wrong.items():
            self.told.judge(invariant, sentences, where)


if __name__ == "__main__":
    sys.exit(main())
