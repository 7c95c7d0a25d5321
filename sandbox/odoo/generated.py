"""Databases of any size, the same on every machine for the same numbers; quick to make and to serve."""

from __future__ import annotations

import gc
from datetime import timedelta

from sandbox.odoo.database import real_now
from sandbox.odoo.records import Move, Order, Product, Template
from sandbox.odoo.world import World
from sandbox.system import ActionError

SPAN = timedelta(days=365)
TIES = 20
"""So many moves were written in one transaction."""
VENDORS, SHOPS, CATEGORIES = 40, 3, 60
LINES = 10


def generated(products: int, moves: int, *, version: int = 19, orders: int = 0, seed: int = 1) -> World:
    """So many products and done moves of the year before; receipts, transfers, scrap, counts and returns of four warehouses.

    Three in five moves are receipts. There are `orders` purchase orders of LINES lines, without moves. What is where is not kept.
    """
    world = World(version, lambda: real_now() - SPAN - timedelta(days=30))
    collects = gc.isenabled()
    gc.disable()
    try:
        with world.transaction():
            _master_data(world, products, seed)
        _moves(world, moves, seed)
        _orders(world, orders, seed)
    finally:
        if collects:
            gc.enable()
    world.now = real_now
    return world


def _chance(number: int, of: int, seed: int, salt: int) -> int:
    """A number below `of` that looks random and is always the same."""
    return ((number * 2_654_435_761 + seed * 97 + salt * 40_503) >> 7) % of


def _master_data(world: World, products: int, seed: int) -> None:
    above = [world.add_category(f"Department {number}") for number in range(1, 7)]
    groups = [world.add_category(f"Group {number}", above[number % len(above)]) for number in range(CATEGORIES)]
    for number, code in enumerate(("CEN", *(f"SH{shop}" for shop in range(1, SHOPS + 1)))):
        world.add_warehouse(f"Shop {number}" if number else "Central", code)
    for number in range(VENDORS):
        world.add_partner(f"Vendor {number:02d}", email=f"vendor{number:02d}@vendors.example")
    for number in range(products):
        template = Template(
            id=world.templates.next_id(),
            created=world.stamp,
            written=world.stamp,
            name=f"Article {number} of {_chance(number, 900, seed, 2) + 100} g",
            category=groups[_chance(number, CATEGORIES, seed, 3)],
            unit=world.piece,
            price=10 + _chance(number, 5000, seed, 4) / 4,
        )
        world.templates.put(template)
        product = Product(
            id=world.products.next_id(),
            created=world.stamp,
            written=world.stamp,
            template=template,
            code=f"ART-{number:06d}",
            barcode=f"89650{number:08d}" if _chance(number, 50, seed, 5) else "",
            costs={world.company.id: 8 + _chance(number, 5000, seed, 4) / 5},
        )
        world.products.put(product)
        template.variants.append(product)


def _moves(world: World, count: int, seed: int) -> None:
    goods, places = list(world.products), list(world.warehouses)
    began, step = real_now().replace(microsecond=0) - SPAN, SPAN / max(1, count)
    central = places[0]
    for number in range(count):
        if number % TIES == 0:
            stamp = began + step * number + timedelta(microseconds=_chance(number, 1_000_000, seed, 6))
            date = stamp.replace(microsecond=0)
        place = places[_chance(number, len(places), seed, 7)]
        kind = _chance(number, 20, seed, 8)
        origin, to = world.vendors, place.stock
        if 12 <= kind < 16:
            origin, to = central.stock, places[1 + number % SHOPS].stock
        elif kind == 16:
            origin, to = place.stock, world.losses
        elif kind == 17:
            origin, to = world.losses, place.stock
        elif kind == 18:
            origin, to = place.stock, world.vendors
        elif kind == 19:
            origin, to = place.stock, world.making
        product = goods[_chance(number, len(goods), seed, 9)]
        amount = 1.0 + _chance(number, 48, seed, 10)
        world.moves.put(
            Move(
                id=world.moves.next_id(),
                created=stamp,
                written=stamp,
                product=product,
                unit=world.piece,
                demand=amount,
                done=amount,
                state="done",
                date=date,
                origin=origin,
                to=to,
                company=world.company,
                reference=f"WH/{number // TIES:05d}",
                picked=True,
                is_inventory=kind in (16, 17),
            )
        )


def _orders(world: World, count: int, seed: int) -> None:
    goods, vendors = list(world.products), [row for row in world.partners if row.supplier_rank]
    made: list[Order] = []
    for number in range(count):
        with world.at(real_now() - SPAN + SPAN / count * number):
            lines = [(goods[_chance(number * LINES + line, len(goods), seed, 11)], 1.0 + line) for line in range(LINES)]
            # A draft, as confirming makes moves.
            made.append(world.buy(vendors[number % len(vendors)], lines, price=12.5, confirm=False))
            made[-1].state, made[-1].approved = "purchase", made[-1].ordered


def touch(world: World, share: float, *, seed: int = 1) -> int:
    """Correct that share of the done moves, as people do, by one; how many. Raises ActionError for a share that is none."""
    if not 0 < share <= 1:
        raise ActionError("Give a share above 0 and at most 1.")
    with world.transaction():
        chosen = [move for move in world.moves if move.state == "done" and _chance(move.id, 10_000, seed, 12) < share * 10_000]
        for move in chosen:
            move.done += 1
            move.written = world.stamp
        return len(chosen)


def touch_products(world: World, share: float, *, seed: int = 1) -> int:
    """Change what that share of the products costs; how many. Raises ActionError for a share that is none."""
    if not 0 < share <= 1:
        raise ActionError("Give a share above 0 and at most 1.")
    with world.transaction():
        chosen = [row for row in world.products if _chance(row.id, 10_000, seed, 13) < share * 10_000]
        for row in chosen:
            world.set_cost(row, row.costs.get(world.company.id, 0.0) + 1)
        return len(chosen)
