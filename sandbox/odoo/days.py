"""A day's business: what is due arrives, shops are filled, counted and cleaned out, a vendor is written to."""

from __future__ import annotations

from random import Random

from sandbox.finale.demo import drawn
from sandbox.odoo.buying import OPEN
from sandbox.odoo.goods import ARTICLES, SET, VENDORS, Article
from sandbox.odoo.records import Move, Order, Warehouse
from sandbox.odoo.world import World

DELIVERY = 2
"""So many days later vendors deliver."""
WEEK, STOCKED = 7, 14
"""Shops are counted every week, and filled for so many days."""
RECENT = 400
SETS = 6


def pass_day(world: World) -> None:
    """All of it is written now, but `world.day` counts on."""
    with world.lock:
        world.day += 1
        rng = Random(f"levelstock sandbox Odoo {world.day}")
        there = {row.code for row in world.products if row.active}
        goods = [article for article in ARTICLES if article.code in there]
        places = list(world.warehouses)
        _arrive(world)
        _receive(world)
        _order(world, goods, rng)
        if len(places) > 1 and goods:
            _fill(world, goods, places[0], places[1:])
            _count(world, goods, places[1:], rng)
        if goods:
            _seldom(world, goods, places[0], rng)


def _arrive(world: World) -> None:
    """What is on the road arrives; what lies at an entrance is put away."""
    for move in [move for move in world.moves.newest(RECENT) if move.origin is world.transit and move.state == "assigned"]:
        world.arrive(move)
    for place in world.warehouses:
        if place.two_steps:
            for product in list(world.products):
                waiting = world.quant(product, place.input)
                if waiting > 0:
                    world.put_away(product, waiting, place)


def _receive(world: World) -> None:
    """Some vendors send less, and the rest later or never; some send more."""
    for order in world.orders.newest(60):
        waiting = _waiting(order)
        if order.state != "purchase" or not waiting or world.day - order.day < DELIVERY:
            continue
        way = 9 if order.effective else order.id % 7
        if way == 0:
            world.receive(order, {move.product.code: max(1, move.demand * 6 // 10) for move in waiting})
        elif way == 1:
            world.receive(order, {move.product.code: move.demand + (2 if place == 0 else 0) for place, move in enumerate(waiting)})
        elif way == 2:
            world.receive(order, {move.product.code: max(1, move.demand - 1) for move in waiting}, back_order=False)
        else:
            world.receive(order)


def _waiting(order: Order) -> list[Move]:
    return [move for line in order.lines for move in line.moves if move.state in OPEN]


def _order(world: World, goods: list[Article], rng: Random) -> None:
    known = {row.name for row in world.partners if row.active}
    for number, (vendor, *_) in enumerate(VENDORS):
        if vendor not in known or (world.day + 2 * number) % 6:
            continue
        lines = {}
        for article in goods:
            if article.vendor == vendor:
                wanted = round(article.rate * STOCKED * 3) + 6 - world.on_hand(article.code, world.warehouse("CEN"))
                if wanted > 5:
                    lines[article.code] = float(round(wanted))
        if lines:
            order = world.buy(
                vendor, lines, warehouse="CEN", price=round(20 + rng.random() * 400, 2), reference=f"{vendor[:2].upper()}-{world.day}"
            )
            if world.day % 3 == 0:
                world.add_note(order, "Deliver before noon, please.")


def _fill(world: World, goods: list[Article], central: Warehouse, shops: list[Warehouse]) -> None:
    for number, shop in enumerate(shops):
        if (world.day + number) % 2:
            continue
        for article in goods:
            missing = round(article.rate * STOCKED) - world.on_hand(article.code, shop)
            moved = min(missing, world.quant(article.code, central.stock))
            if moved >= max(1, article.rate * 4):
                # The second shop is far away.
                world.transfer(article.code, float(int(moved)), central, shop, via_transit=number == 1, arrives=False)


def _count(world: World, goods: list[Article], shops: list[Warehouse], rng: Random) -> None:
    """Shops sell by a till that Odoo doesn't know: it learns of it by the week's count."""
    for number, shop in enumerate(shops):
        if (world.day + 6 + 3 * number) % WEEK:
            continue
        for article in goods:
            there = world.quant(article.code, shop.stock)
            if there > 0:
                world.count(article.code, max(0.0, there - drawn(min(article.rate * WEEK, 60.0), rng)), shop)


def _seldom(world: World, goods: list[Article], central: Warehouse, rng: Random) -> None:
    day = world.day
    article = goods[day % len(goods)]
    if day % 4 == 0 and world.quant(article.code, central.stock) >= 5:
        sent = world.deliver(article.code, 4, central)
        if day % 12 == 0:
            world.take_back(sent, 1)
    if day % WEEK == 3:
        for code in ("EGGS-12", "YOGHURT", "CHICKEN"):
            if any(each.code == code for each in goods) and world.quant(code, central.stock) >= 3:
                world.scrap(code, rng.randint(1, 3), central)
    codes = {each.code for each in goods}
    if day % WEEK == 5 and {"BREAKFAST", *(code for code, _ in SET)} <= codes and _enough(world, central):
        world.manufacture("BREAKFAST", SETS, [(code, amount * SETS) for code, amount in SET], central)
    receipts = [move for move in world.moves.newest(RECENT) if move.state == "done" and move.origin.usage == "supplier"]
    if day % 15 == 9 and receipts:
        world.send_back(receipts[0], 1)
    if day % 20 == 11 and receipts:
        world.correct(receipts[-1], receipts[-1].done + 1)
    if day % 5 == 2:
        world.set_cost(article.code, round(article.cost * (0.97 + rng.random() / 10), 2) or 1.0)


def _enough(world: World, central: Warehouse) -> bool:
    return all(world.quant(code, central.stock) >= amount * SETS for code, amount in SET)
