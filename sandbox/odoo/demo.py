"""The grocer of the demo: forty products, three warehouses, four vendors, and what happened in sixty days."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.odoo.database import real_now
from sandbox.odoo.days import STOCKED, pass_day
from sandbox.odoo.goods import ARTICLES, CATEGORIES, VENDORS
from sandbox.odoo.world import World

DAYS = 60


def demo(began: datetime, version: int = 19) -> World:
    """The database on the day `began`, UTC."""
    morning = began.replace(hour=min(began.hour, 5), minute=0, second=0, microsecond=189819)
    world = World(version, lambda: morning - timedelta(days=DAYS + 1))
    with world.transaction():
        _fill(world)
    world.day = -DAYS
    while world.day < 0:
        with world.at(morning + timedelta(days=world.day)):
            pass_day(world)
    with world.at(min(morning + timedelta(minutes=30), began)):
        _loose_ends(world)
    world.now = real_now
    return world


def _fill(world: World) -> None:
    """Master data, and how much there was when all was counted for the first time."""
    for name, _ in CATEGORIES:
        world.add_category(name)
    for name, above in CATEGORIES:
        if above:
            world.edit_category(name, parent=above)
    world.add_warehouse("Central", "CEN")
    world.add_warehouse("Clifton", "CLF")
    world.add_warehouse("Saddar", "SAD", two_steps=True)
    for name, email, phone, city in VENDORS:
        world.add_partner(name, email=email, phone=phone, city=city)
    world.add_partner("Sea View Hotel", vendor=False, email="kitchen@seaview.example")
    units = {"piece": world.piece, "kilo": world.kilo}
    for article in ARTICLES:
        world.add_product(
            article.code,
            article.name,
            barcode=article.barcode,
            category=article.category,
            price=round(article.cost * 1.25),
            cost=article.cost,
            unit=units[article.unit],
        )
    world.add_product("DELIVERY", "Home delivery", price=150.0, kind="service", category="Household")
    world.add_product("BAG", "Carrier bag", price=5.0, cost=1.5, kind="consu", category="Household")
    for number, article in enumerate(ARTICLES):
        for code, days in (("CEN", 3 * STOCKED), ("CLF", STOCKED), ("SAD", STOCKED)):
            world.count(article.code, float(round(article.rate * days) + 2), code)
        if number % 2 == 0:
            world.set_point(article.code, "CEN", round(article.rate * STOCKED), round(article.rate * STOCKED * 3) + 6)
        if number % 3 == 0:
            world.set_point(article.code, "CLF", round(article.rate * 4) + 1, round(article.rate * STOCKED) + 2)


def _loose_ends(world: World) -> None:
    """A draft, an order in dozens, one that was cancelled, one that is locked, and a product that is given up."""
    world.buy("Indus Foods", {"OIL-3": 24, "GHEE-1": 12}, warehouse="CEN", price=520, confirm=False)
    world.buy("Sunrise Poultry", {"EGG": 20}, warehouse="SAD", price=290, unit=world.dozen)
    world.cancel(world.buy("Harbour Trading", {"COFFEE-200": 6}, warehouse="CLF", price=1250))
    locked = world.buy("Harbour Trading", {"SALT-800": 30, "MATCHES": 20}, warehouse="CLF", price=41)
    world.receive(locked)
    world.lock_order(locked)
    world.archive("TEA-GREEN")
