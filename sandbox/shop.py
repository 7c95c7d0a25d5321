"""The demo account's own shop: what it stocks, and two weeks of its business, entered through the REST API. Standard library only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.ge.world import MODELS
from sandbox.hub import Hub

PLACES = {"PARTS": "Parts counter", "BACK": "Back store"}
DAYS_OPEN = 30

HEADINGS = (
    "sku",
    "name",
    "category",
    "vendor",
    "counted in",
    "packs per pallet",
    "units per pack",
    "lead time",
    "purchase price",
    "sale price",
)
GOODS = (
    ("QTS-DESCALER", "Descaler, 500 ml", "Care > Descaling", "Bluewater Supply", "packs", 40, 12, 7, "18.00", "29.90"),
    ("QTS-DETERGENT", "Dishwasher tablets, 60", "Care > Washing", "Bluewater Supply", "packs", 48, 1, 7, "9.50", "15.90"),
    ("QTS-FILTER", "Water filter", "Care > Filters", "Bluewater Supply", "units", "", "", 10, "11.20", "24.50"),
    ("QTS-HOSE15", "Drain hose, 1.5 m", "Parts > Hoses", "Northgate Parts", "units", "", "", 14, "3.80", "9.90"),
    ("QTS-HOSE25", "Drain hose, 2.5 m", "Parts > Hoses", "Northgate Parts", "units", "", "", 14, "4.60", "12.90"),
    ("QTS-GASKET", "Door gasket, front", "Parts > Seals", "Northgate Parts", "units", "", "", 14, "14.00", "32.00"),
    ("QTS-PUMP", "Drain pump", "Parts > Pumps", "Northgate Parts", "units", "", "", 21, "21.50", "54.00"),
    ("QTS-BELT", "Drum belt", "Parts > Belts", "Northgate Parts", "units", "", "", 14, "5.10", "14.90"),
)
"""What is on the shelves; the models of the appliances are products, too."""

BUYS = (
    # Product, place, kind, how much, cost of one, lot, days to its expiry, days ago, reference.
    ("QTS-DESCALER", "PARTS", "packs", 12, "18.00", "D-118", 12, 28, "BW-4401"),
    ("QTS-DESCALER", "PARTS", "packs", 24, "18.40", "D-131", 260, 13, "BW-4455"),
    ("QTS-DESCALER", "BACK", "pallets", 2, "690.00", "D-131", 260, 13, "BW-4455"),
    ("QTS-DETERGENT", "PARTS", "packs", 30, "9.50", "T-07", 5, 27, "BW-4402"),
    ("QTS-DETERGENT", "PARTS", "packs", 40, "9.80", "T-09", 190, 9, "BW-4470"),
    ("QTS-FILTER", "PARTS", "units", 20, "11.20", "F-22", 28, 25, "BW-4410"),
    ("QTS-FILTER", "PARTS", "units", 40, "11.20", "F-31", 400, 6, "BW-4481"),
    ("QTS-HOSE15", "PARTS", "units", 50, "3.80", "", None, 24, "NG-901"),
    ("QTS-HOSE25", "PARTS", "units", 25, "4.60", "", None, 24, "NG-901"),
    ("QTS-GASKET", "PARTS", "units", 10, "14.00", "", None, 20, "NG-915"),
    ("QTS-PUMP", "PARTS", "units", 6, "21.50", "", None, 20, "NG-915"),
    ("QTS-BELT", "PARTS", "units", 15, "5.10", "", None, 18, "NG-922"),
)
SALES = (
    # Product, kind, how much, price of one, days ago.
    ("QTS-DESCALER", "packs", 3, "29.90", 12),
    ("QTS-DETERGENT", "packs", 8, "15.90", 12),
    ("QTS-HOSE15", "units", 7, "9.90", 11),
    ("QTS-FILTER", "units", 9, "24.50", 10),
    ("QTS-GASKET", "units", 4, "32.00", 9),
    ("QTS-DESCALER", "packs", 5, "29.90", 8),
    ("QTS-PUMP", "units", 5, "54.00", 7),
    ("QTS-BELT", "units", 6, "14.90", 6),
    ("QTS-DETERGENT", "packs", 14, "15.90", 5),
    ("QTS-FILTER", "units", 13, "24.50", 4),
    ("QTS-GASKET", "units", 3, "32.00", 3),
    ("QTS-HOSE25", "units", 4, "12.90", 2),
    ("QTS-DESCALER", "packs", 7, "29.90", 1),
)
REORDER = {"QTS-GASKET": (5, 10), "QTS-PUMP": (2, 6), "QTS-BELT": (5, 15), "QTS-FILTER": (15, 40)}


class Shop:
    """What is entered. Each entry has a key, so a start that was cut off goes on where it was."""

    def __init__(self, address: str, token: str) -> None:
        self._hub = Hub(address, token)

    def fill(self) -> None:
        """Warehouses, products, purchases, sales and reorder points. Raises Broken with the hub's sentence."""
        now = datetime.now(UTC)
        places = {code: self._place(code, name, now) for code, name in PLACES.items()}
        appliances = [(model, f"Appliance {model}", "Appliances", "", "units", "", "", "", "", "") for model in MODELS]
        self._hub.import_products(HEADINGS, [*GOODS, *appliances])
        products = {row["sku"]: row["id"] for row in self._hub.all("/api/products")}
        for number, (sku, place, kind, quantity, cost, lot, expires, ago, reference) in enumerate(BUYS):
            self._hub.post(
                "/api/purchases",
                {
                    "product": products[sku],
                    "warehouse": places[place],
                    "unit_kind": kind,
                    "quantity": quantity,
                    "unit_cost": cost,
                    "lot": lot,
                    "expires_on": None if expires is None else f"{now + timedelta(days=expires):%Y-%m-%d}",
                    "bought_at": (now - timedelta(days=ago)).isoformat(),
                    "reference": reference,
                    "source_key": f"demo purchase {number}",
                },
            )
        for number, (sku, kind, quantity, price, ago) in enumerate(SALES):
            self._hub.post(
                "/api/sales",
                {
                    "product": products[sku],
                    "warehouse": places["PARTS"],
                    "unit_kind": kind,
                    "quantity": quantity,
                    "price": price,
                    "sold_at": (now - timedelta(days=ago)).isoformat(),
                    "reference": f"B-{1001 + number}",
                    "source_key": f"demo sale {number}",
                },
            )
        for sku, (point, quantity) in REORDER.items():
            level = {"product": products[sku], "warehouse": places["PARTS"], "reorder_point": point, "reorder_quantity": quantity}
            self._hub.post("/api/levels", level)

    def _place(self, code: str, name: str, now: datetime) -> int:
        known = [row["id"] for row in self._hub.all("/api/warehouses") if row["code"] == code]
        opened = (now - timedelta(days=DAYS_OPEN)).isoformat()
        warehouse = {"name": name, "code": code, "mode": "ledger", "opened_at": opened}
        return int(known[0] if known else self._hub.post("/api/warehouses", warehouse)["id"])
