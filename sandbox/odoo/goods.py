"""What the grocer of the demo sells. The garden goods have the codes and barcodes that they have at Finale's demo, too."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.finale.demo import GOODS as GARDEN_GOODS

INDUS, HARBOUR, SUNRISE, POTS = "Indus Foods", "Harbour Trading", "Sunrise Poultry", "Northfield Pots"
VENDORS: tuple[tuple[str, str, str, str], ...] = (
    (INDUS, "sales@indusfoods.example", "+92 21 555 0100", "Karachi"),
    (HARBOUR, "orders@harbour.example", "+92 21 555 0111", "Karachi"),
    (SUNRISE, "farm@sunrise.example", "+92 22 555 0122", "Hyderabad"),
    (POTS, "hello@northfieldpots.example", "+1 555 010 0141", "Northfield"),
)
CATEGORIES: tuple[tuple[str, str], ...] = (
    ("Rice", "Grocery"),
    ("Cooking oil", "Grocery"),
    ("Tea and coffee", "Grocery"),
    ("Grocery", ""),
    ("Fresh", ""),
    ("Cleaning", "Household"),
    ("Household", ""),
    ("Garden", ""),
)
"""With the one above. Some come before it."""


class Article(NamedTuple):
    """`rate` units are sold in a shop on an ordinary day."""

    code: str
    name: str
    barcode: str
    category: str
    vendor: str
    cost: float
    rate: float
    unit: str = "piece"


_GROCERIES: tuple[Article, ...] = (
    Article("RICE-5", "Basmati Rice 5 kg", "8964000100017", "Rice", INDUS, 2010.0, 3.0),
    Article("RICE-1", "Basmati Rice 1 kg", "8964000100024", "Rice", INDUS, 415.5, 6.0),
    Article("RICE-LOOSE", "Rice, loose", "2100010000000", "Rice", INDUS, 290.0, 9.5, "kilo"),
    Article("RICE-SELA-5", "Sela Rice 5 kg", "8964000100079", "Rice", INDUS, 1850.0, 1.5),
    Article("OIL-3", "Sunflower Oil 3 l", "8964000100031", "Cooking oil", INDUS, 1530.0, 4.0),
    Article("OIL-1", "Sunflower Oil 1 l", "8964000100086", "Cooking oil", INDUS, 525.0, 7.0),
    Article("GHEE-1", "Ghee 1 kg", "8964000100093", "Cooking oil", INDUS, 610.0, 2.0),
    Article("TEA-500", "Black Tea 500 g", "0096400010048", "Tea and coffee", HARBOUR, 702.25, 3.5),
    Article("TEA-GREEN", "Green Tea 100 g", "8964000100109", "Tea and coffee", HARBOUR, 310.0, 0.8),
    Article("COFFEE-200", "Coffee 200 g", "8964000100116", "Tea and coffee", HARBOUR, 1240.0, 0.6),
    Article("SUGAR-1", "Sugar 1 kg", "8964000100123", "Grocery", HARBOUR, 142.0, 8.0),
    Article("SALT-800", "Salt 800 g", "8964000100130", "Grocery", HARBOUR, 38.0, 4.0),
    Article("FLOUR-10", "Wheat Flour 10 kg", "8964000100147", "Grocery", HARBOUR, 1180.0, 2.5),
    Article("LENTIL-1", "Red Lentils 1 kg", "8964000100154", "Grocery", HARBOUR, 330.0, 3.0),
    Article("CHICKPEA-1", "Chickpeas 1 kg", "8964000100161", "Grocery", HARBOUR, 360.0, 2.0),
    Article("DATES-400", "Dates 400 g", "8964000100178", "Grocery", HARBOUR, 420.0, 1.0),
    Article("BISCUIT", "Biscuits, box of 24", "8964000100185", "Grocery", HARBOUR, 480.0, 2.2),
    Article("EGGS-12", "Eggs, tray of 12", "", "Fresh", SUNRISE, 298.0, 9.0),
    Article("EGG", "Egg", "8964000100192", "Fresh", SUNRISE, 25.0, 10.0),
    Article("CHICKEN", "Chicken, whole, by weight", "2100020000007", "Fresh", SUNRISE, 560.0, 6.4, "kilo"),
    Article("YOGHURT", "Yoghurt 1 kg", "8964000100208", "Fresh", SUNRISE, 210.0, 5.0),
    Article("SOAP", "Laundry Soap", "8964000100062", "Cleaning", HARBOUR, 96.0, 5.0),
    Article("DETERGENT-1", "Detergent 1 kg", "8964000100215", "Cleaning", HARBOUR, 390.0, 2.4),
    Article("BLEACH-2", "Bleach 2 l", "8964000100222", "Cleaning", HARBOUR, 260.0, 1.2),
    Article("MATCHES", "Matches, 10 boxes", "8964000100239", "Household", HARBOUR, 55.0, 2.0),
    Article("BREAKFAST", "Breakfast Set", "8964000100246", "Grocery", "", 0.0, 0.5),
)
_ALSO_AT_FINALE = (
    *("SOIL-50", "COMPOST-40", "POT-TC-15", "POT-TC-20", "TRAY-24", "TROWEL", "GLOVES-M", "GLOVES-L"),
    *("HOSE-25", "CAN-9", "TWINE-200", "SD-TOM-RED", "SD-BASIL", "SD-CHILI"),
)
ARTICLES: tuple[Article, ...] = (
    *_GROCERIES,
    *(
        # Costs in another currency than Finale's.
        Article(good.sku, good.name, f"0850002{number:05d}", "Garden", POTS, round(good.cost * 280, 2), round(good.rate / 4, 2))
        for number, good in enumerate(GARDEN_GOODS)
        if good.sku in _ALSO_AT_FINALE
    ),
)
SET = (("TEA-500", 1), ("SUGAR-1", 1), ("DATES-400", 1))
"""What one BREAKFAST is made of."""
