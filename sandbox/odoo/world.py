"""A database to begin with: a grocer with two warehouses, eight products and two vendors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox.odoo.buying import Buying
from sandbox.odoo.database import real_now

INSTALLED = datetime(2026, 3, 1, 4, 10, 40, 189819)
"""The instant, with its microseconds, that stamps everything a small world begins with."""


class World(Buying):
    """A database in use."""

    @classmethod
    def small(cls, version: int = 19, *, now: Callable[[], datetime] = real_now, installed: datetime = INSTALLED) -> World:
        """Products, places and vendors; nothing was bought and nothing has moved yet. All was written in one transaction."""
        world = cls(version, lambda: installed)
        with world.transaction():
            world.add_category("Rice")
            # A parent that comes after its child.
            grocery = world.add_category("Grocery")
            world.category("Rice").parent = grocery
            world.add_category("Cooking oil", grocery)
            world.add_category("Household")
            world.add_warehouse("Central", "CEN")
            world.add_warehouse("Clifton", "CLF")
            world.add_partner("Indus Foods", email="sales@indusfoods.example", phone="+92 21 555 0100", city="Karachi", ref="V-01")
            world.add_partner("Harbour Trading", email="orders@harbour.example", city="Karachi")
            world.add_partner("Walk-in customer", vendor=False)
            for code, name, barcode, category, price, cost in (
                ("RICE-5", "Basmati Rice 5 kg", "8964000100017", "Rice", 2450.0, 2010.0),
                ("RICE-1", "Basmati Rice 1 kg", "8964000100024", "Rice", 520.0, 415.5),
                ("OIL-3", "Sunflower Oil 3 l", "8964000100031", "Cooking oil", 1790.0, 1530.0),
                ("TEA-500", "Black Tea 500 g", "0096400010048", "Grocery", 890.0, 702.25),
                ("EGGS-12", "Eggs, tray of 12", "", "Grocery", 360.0, 298.0),
                ("SOAP", "Laundry Soap", "8964000100062", "Household", 140.0, 96.0),
            ):
                world.add_product(code, name, barcode=barcode, category=category, price=price, cost=cost)
            world.add_product("DELIVERY", "Home delivery", price=150.0, kind="service", category="Household")
            world.add_product("BAG", "Carrier bag", price=5.0, cost=1.5, kind="consu", category="Household")
            world.set_point("RICE-5", "CEN", 20, 60)
            world.set_point("RICE-5", "CLF", 5, 15)
        world.now = now
        return world
