"""What the demo account sells on both marketplaces: a dozen items, two of them linked to goods in the ledger. Standard library only."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.children import Broken
from sandbox.hub import Hub
from sandbox.shop import HEADINGS

PLACE = "PARTS"
GOODS = (
    ("QTS-BRICK24", "Brick 2 x 4, red, loose", "Bricks > Bricks", "Northgate Parts", "units", "", "", 14, "0.04", "0.12"),
    ("QTS-PLATE24", "Plate 2 x 4, grey, loose", "Bricks > Plates", "Northgate Parts", "units", "", "", 14, "0.03", "0.10"),
)
BUYS = (("QTS-BRICK24", 400, "0.04"), ("QTS-PLATE24", 250, "0.03"))

Item = dict[str, Any]
ITEMS: tuple[Item, ...] = (
    {"part_number": "3001", "color_id": 11, "quantity_available": 40, "price": "0.125", "location": "A-12", "notes": "Seller's best"},
    {"part_number": "3003", "color_id": 5, "quantity_available": 25, "price": "0.090", "location": "A-13", "condition": "used"},
    {
        "part_number": "3004",
        "color_id": 1,
        "quantity_available": 200,
        "price": "0.080",
        "location": "A-14",
        "tiers": [[50, "0.070"], [100, "0.060"]],
    },
    {"part_number": "3023", "color_id": 3, "quantity_available": 60, "price": "0.050", "location": "B-02", "bulk": 2},
    {"part_number": "3710", "color_id": 12, "quantity_available": 30, "price": "0.060", "location": "B-03"},
    {"part_number": "3068b", "color_id": 86, "quantity_available": 15, "price": "0.110", "location": "B-04", "notes": "no scratches"},
    {
        "part_number": "9999-1",
        "item_type": "SET",
        "condition": "used",
        "completeness": "complete",
        "quantity_available": 1,
        "price": "49.90",
        "location": "SHELF-2",
        "notes": "box worn",
    },
    {"part_number": "qtx001", "item_type": "MINIFIG", "quantity_available": 3, "price": "4.50", "location": "C-01"},
    # These don't reach both shops, each for a reason of its own: no price, unknown, several candidates, and a colour that is not known.
    {"part_number": "3005", "color_id": 7, "quantity_available": 80, "location": "A-15", "name": "Brick 1 x 1, price to be found"},
    {"part_number": "3666", "color_id": 11, "quantity_available": 20, "price": "0.070", "location": "B-05"},
    {"part_number": "3622", "color_id": 6, "quantity_available": 35, "price": "0.060", "location": "A-16"},
    {"part_number": "3024", "color_id": 240, "quantity_available": 10, "price": "0.150", "location": "B-06"},
)
LINKED: tuple[tuple[Item, str, dict[str, Any]], ...] = (
    ({"part_number": "3001", "color_id": 5, "price": "0.120", "location": "BIN-1"}, "QTS-BRICK24", {"buffer": 20}),
    ({"part_number": "3020", "color_id": 86, "price": "0.100", "location": "BIN-2"}, "QTS-PLATE24", {"share": 50}),
)
"""An item, the goods whose stock it offers, and by which rules."""

FOUND_THERE = {"number": "3010", "color": "2", "quantity": "8", "price": "0.09", "notes": "Added on the site"}
"""A lot that is at BrickLink already, and that nobody here knows."""


class Bricks:
    """What is entered, with keys, so that a start that was cut off goes on where it was."""

    def __init__(self, address: str, token: str) -> None:
        self._hub = Hub(address, token)

    def fill(self) -> None:
        """Goods, items and links. Raises Broken with the hub's sentence."""
        now = datetime.now(UTC)
        self._hub.import_products(HEADINGS, GOODS)
        products = {row["sku"]: row["id"] for row in self._hub.all("/api/products")}
        place = next((row["id"] for row in self._hub.all("/api/warehouses") if row["code"] == PLACE), None)
        if place is None:
            raise Broken("The demo shop was not filled, so that its items can't be linked to it.")
        for number, (sku, quantity, cost) in enumerate(BUYS):
            self._hub.post(
                "/api/purchases",
                {
                    "product": products[sku],
                    "warehouse": place,
                    "unit_kind": "units",
                    "quantity": quantity,
                    "unit_cost": cost,
                    "bought_at": (now - timedelta(days=20)).isoformat(),
                    "source_key": f"demo bricks {number}",
                },
            )
        for number, item in enumerate(ITEMS):
            self._hub.post("/api/items", item, key=f"demo item {number}")
        for number, (item, sku, rules) in enumerate(LINKED):
            made = self._hub.post("/api/items", item, key=f"demo linked item {number}")
            self._hub.post(f"/api/items/{made['id']}/link", {"product": products[sku], "warehouses": [place], **rules})


def add_on_site(sandbox: str) -> None:
    """Somebody adds FOUND_THERE on BrickLink's site. Raises Broken."""
    body = json.dumps(FOUND_THERE).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(f"{sandbox}/_control/bricklink/add-lot", body, headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30):
            pass
    except OSError as error:
        raise Broken(f"The demo's lot could not be added at the sandbox: {error}") from error
