"""Items pushed by the real worker to the sandbox's marketplaces, on the database that the environment names. Prints one JSON document.

Three things are measured: how long after a save the shop is called; how many calls follow a thousand edits of a paused shop; and what
comparing a shop with twenty thousand lots takes of our own time (docs/bench.md).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import django

from bench.measure import middle, taken
from bench.place import ROOT

EDITS_EACH = 5
PATIENCE = 300.0
SHOP = "bricklink"


class Disagreement(Exception):
    """A shop was not told what was saved: the figures would mean nothing."""


def main() -> int:
    """Measure and print. Raises Disagreement."""
    parser = argparse.ArgumentParser(prog="bench.push")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--lots", type=int, required=True)
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--saves", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from bench.market import Market, open_shops, widen

    call_command("migrate", verbosity=0)
    market = Market(given.sandbox, SHOP)
    seller = open_shops(given.sandbox)
    widen(seller)
    found = []
    with _worker(settings.DATA_DIR):
        made = _listed(seller, given.items)
        found.append(_saved_to_called(made, market, given.saves))
        found.append(_paused(seller, made, market))
    found.append(_compared(seller, market, given.lots))
    json.dump(found, sys.stdout)
    return 0


def _listed(seller: Any, number: int) -> list[Any]:
    """So many items, of which both shops have been told."""
    from bench.market import BLACK, PARTS
    from inventory import items

    rows = [
        {"part_number": PARTS[each % len(PARTS)], "color_id": BLACK, "quantity_available": 50, "price": "0.125", "location": f"A-{each}"}
        for each in range(number)
    ]
    items.upsert_many(seller.owner, rows)
    _until(lambda: _waiting(seller) == 0, "the first push")
    from inventory.models import Item

    return list(Item.objects.filter(account=seller.account).order_by("pk"))


def _saved_to_called(made: list[Any], market: Any, saves: int) -> dict[str, Any]:
    """Milliseconds from each save to the attempt that follows it, one save after the other; the floor is a bare call."""
    from inventory.models import Item
    from marketplaces.models import Attempt, Listing

    rng, waits = Random(3), []
    for number in range(saves):
        item = Item.objects.get(pk=rng.choice(made).pk)
        newest = Attempt.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        item.quantity_available = 51 + number
        item.save()
        saved = time.monotonic()
        attempts = Attempt.objects.filter(pk__gt=newest, listing__item=item, shop__connection__system=SHOP)
        # Asked again at once: what is measured must not wait for whoever measures.
        _until(attempts.exists, "a call", pause=0.002)
        waits.append(time.monotonic() - saved)
        due = Listing.objects.filter(item=item, due_at__isnull=False)
        _until(lambda due=due: not due.all().exists(), "the end of a push", pause=0.01)  # type: ignore[misc]
    floor = _bare_call(market)
    in_order = sorted(waits)
    return {
        "scenario": "saved to called",
        "edits": saves,
        "medianMs": round(middle(waits) * 1000, 1),
        "p95Ms": round(in_order[math.ceil(len(in_order) * 0.95) - 1] * 1000, 1),
        "worstMs": round(in_order[-1] * 1000, 1),
        "floorMs": round(floor * 1000, 1),
    }


def _bare_call(market: Any) -> float:
    """Seconds of a call to the sandbox alone."""
    waits = []
    for _ in range(20):
        began = time.monotonic()
        market.calls()
        waits.append(time.monotonic() - began)
    return middle(waits)


def _paused(seller: Any, made: list[Any], market: Any) -> dict[str, Any]:
    """Five edits of each item while the shop is paused, and the calls that follow when it goes on."""
    from inventory.models import Item
    from sync import connections

    connection = seller.shops[SHOP].connection
    connections.pause(seller.owner, connection)
    rng = Random(5)
    edits = EDITS_EACH * len(made)
    for number in range(edits):
        item = Item.objects.get(pk=made[number % len(made)].pk)
        item.quantity_available, item.price = rng.randint(1, 99), f"0.{rng.randint(100, 999)}"
        item.save()
    before = _pushing(market)
    began = time.monotonic()
    connections.resume(seller.owner, connection)
    _until(lambda: _waiting(seller) == 0, "the pushes after the pause")
    seconds = time.monotonic() - began
    calls = _pushing(market) - before
    there = {lot.token: lot.quantity for lot in market.lots()}
    for row in Item.objects.filter(account=seller.account):
        if there.get(row.token) != row.quantity_available:
            raise Disagreement(f"{row.part_number}: {there.get(row.token)} there, {row.quantity_available} here.")
    bare = _bare_call(market) * calls
    return {
        "scenario": "a paused shop goes on",
        "edits": edits,
        "items": len(made),
        "calls": calls,
        "ms": round(seconds * 1000, 1),
        "floorMs": round(bare * 1000, 1),
    }


def _pushing(market: Any) -> int:
    """The calls that came in for pushes. Orders are read by the minute, whatever is pushed."""
    return sum(int(number) for kind, number in market.calls().items() if not kind.startswith("order"))


def _compared(seller: Any, market: Any, lots: int) -> dict[str, Any]:
    """A shop whose list has so many lots: our own seconds of comparing it, without those that reading the list alone takes."""
    from marketplaces import verify
    from marketplaces.models import Verification

    shop = seller.shops[SHOP]
    known = _fill(seller, shop, market, lots)
    asked = verify.start(seller.owner, shop)
    before = market.calls().get("lots", 0)
    with taken() as whole:
        verify.execute(asked.pk)
    calls = market.calls().get("lots", 0) - before
    done = Verification.objects.get(pk=asked.pk)
    if done.status != "succeeded":
        raise Disagreement(f"The comparison ended {done.status}: {done.message}")
    floor = middle([_list_seconds(market) for _ in range(3)])
    return {
        "scenario": "a whole shop compared",
        "lots": known,
        "differences": done.differences.count(),
        "calls": calls,
        "ms": round(whole.seconds * 1000, 1),
        "floorMs": round(floor * 1000, 1),
        "oursMs": round(max(whole.seconds - floor, 0) * 1000, 1),
        "peakMiB": round(whole.peak, 1),
    }


def _fill(seller: Any, shop: Any, market: Any, lots: int) -> int:
    """Bring the shop to so many lots, all of them known and told, one in a hundred with another quantity there; how many there are."""
    from inventory.models import Item
    from marketplaces.models import Listing, Lot

    mine = {lot.lot_id for lot in market.lots()}
    market.act("fill", lots=lots - len(mine), number="3001", color=11, quantity=5, price="0.125", condition="new", place="B-")
    fresh = [lot for lot in market.lots() if lot.lot_id not in mine]
    account = seller.account
    fields = {"part_number": "3001", "color_id": 11, "quantity_available": 5, "price": "0.125"}
    rows = Item.objects.bulk_create([Item(account=account, location=lot.place, **fields) for lot in fresh], batch_size=1000)
    listings = Listing.objects.bulk_create(
        [
            Listing(
                account=account,
                shop=shop,
                item=row,
                lot_id=lot.lot_id,
                told_quantity=4 if number % 100 == 0 else 5,
                told={"fields": {"price": "0.125", "notes": "", "location": lot.place, "hidden": False}, "identity": IDENTITY},
                state="synced",
                item_version=1,
                rules_version=shop.rules_version,
            )
            for number, (lot, row) in enumerate(zip(fresh, rows, strict=True))
        ],
        batch_size=1000,
    )
    since = account.created_at
    Lot.objects.bulk_create(
        [Lot(account=account, shop=shop, lot_id=each.lot_id, listing=each, origin="adopted", since=since) for each in listings],
        batch_size=1000,
    )
    return len(mine) + len(fresh)


IDENTITY = {"type": "PART", "number": "3001", "color": 11, "condition": "N", "completeness": ""}


def _list_seconds(market: Any) -> float:
    """What asking for the whole list takes, decoded and forgotten."""
    began = time.monotonic()
    market.lots()
    return time.monotonic() - began


def _waiting(seller: Any) -> int:
    from marketplaces.models import Listing

    return int(Listing.objects.filter(account=seller.account, due_at__isnull=False).count())


def _until(true: Callable[[], bool], what: str, *, pause: float = 0.05) -> None:
    """Raises Disagreement when it does not come true."""
    ends = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends:
            raise Disagreement(f"After {PATIENCE:.0f} seconds still no sign of {what}.")
        time.sleep(pause)


@contextmanager
def _worker(data: Path) -> Iterator[None]:
    """The worker as it runs in production, with the queue in the database."""
    with (data / "worker.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, stdout=log, stderr=log, env=dict(os.environ))
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    sys.exit(main())
