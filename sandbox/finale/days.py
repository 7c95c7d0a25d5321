"""A day's business: what is waiting is shipped, customers buy, a vendor delivers, somebody edits the catalogue."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

from sandbox.finale.account import stamp
from sandbox.finale.demo import drawn
from sandbox.finale.stock import ON_ORDER
from sandbox.finale.world import COMMITTED, World

MEMORY = 30
"""Customers buy as in so many days before."""
BUYS_AT_ONCE = 200


def pass_day(world: World) -> None:
    """All of it is written down now, with today's date, but `world.day` counts on."""
    with world.lock:
        world.day, world.yesterday = world.day + 1, world.stock.columns()
        rng = Random(f"levelstock sandbox Finale {world.day}")
        since = stamp(world.now() - timedelta(days=MEMORY))
        _ship_waiting(world)
        for url, sold in list(sold_since(world, since).items())[:BUYS_AT_ONCE]:
            on_hand = world.stock.totals(url).on_hand // 1000
            bought = min(drawn(sold / MEMORY, rng), on_hand)
            if bought > 0:
                world.ship(url, bought)
        _order_some(world, rng)
        _deliver(world)
        urls = world.products.sorted_urls()
        if urls:
            url = rng.choice(urls)
            world.edit_product(url, cost=round(1 + rng.random() * 20, 2))


def sold_since(world: World, since: str) -> Counter[str]:
    """Units by product, of the shipments changed since."""
    sold: Counter[str] = Counter()
    for row in world.shipments.changed_since(since):
        if row["shipmentTypeId"] == "SALES_SHIPMENT" and row["statusId"] in ("SHIPMENT_SHIPPED", "SHIPMENT_DELIVERED"):
            for line in row["shipmentItemList"]:
                sold[line["productUrl"]] += line["quantity"]
    there = world.products.places()
    return Counter({url: count for url, count in sorted(sold.items()) if url in there})


def _ship_waiting(world: World) -> None:
    for row in world.orders.all():
        if row["orderTypeId"] == "SALES_ORDER" and row["statusId"] == COMMITTED:
            there = all(world.stock.totals(line["productUrl"]).on_hand >= line["quantity"] * 1000 for line in row["orderItemList"])
            if there:
                world.ship(order=row["orderId"])


def _order_some(world: World, rng: Random) -> None:
    """Two customers order for tomorrow."""
    candidates = [url for url in world.products.sorted_urls()[:5000] if world.stock.totals(url).on_hand >= 5000]
    for url in rng.sample(candidates, min(2, len(candidates))):
        world.order_sale(url, rng.randint(1, 4))


def _deliver(world: World) -> None:
    """The purchase order that waits longest arrives, whole."""
    for row in world.orders.all():
        if row["orderTypeId"] == "PURCHASE_ORDER" and row["statusId"] == COMMITTED:
            waiting = [
                key
                for line in row["orderItemList"]
                for key, _ in world.stock.of(line["productUrl"], ON_ORDER)
                if key.order == row["orderUrl"]
            ]
            if waiting:
                world.receive(row["orderId"])
                return
