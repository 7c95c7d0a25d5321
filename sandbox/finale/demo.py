"""The garden supplier of the samples as it trades today: sixty products, five vendors, and 90 days of sales that rise and fall."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

from sandbox.finale import samples
from sandbox.finale.account import stamp
from sandbox.finale.records import Records
from sandbox.finale.samples import A01, B07, GREEN_SOURCE, HOME, MINERAL_WORKS, TRANSIT, Record
from sandbox.finale.stock import ON_HAND, ON_ORDER, Key, thousandths
from sandbox.finale.world import World

DAYS = 90
SAMPLES_END = datetime(2026, 1, 22)
"""The day that the samples lead up to; in the demo it is the first day."""
POTS, TOOLS, SEEDS = (f"{HOME}/partygroup/{number}" for number in (10041, 10052, 10063))
RIVERSIDE, R01 = f"{HOME}/facility/10100", f"{HOME}/facility/10101"

_VENDORS: tuple[tuple[str, str, str, str, tuple[str, str, str]], ...] = (
    (MINERAL_WORKS, "Mineral Works", "sales@mineralworks.example", "+1 555 010 0134", ("12 Quarry Road", "Stonebridge", "ID")),
    (POTS, "Northfield Pots", "hello@northfieldpots.example", "+1 555 010 0141", ("88 Kiln Street", "Northfield", "MN")),
    (TOOLS, "Riverbend Tools", "orders@riverbendtools.example", "+1 555 010 0152", ("5 Forge Yard", "Riverbend", "OH")),
    (SEEDS, "Sunrow Seeds", "post@sunrow.example", "", ("Field Farm", "Sunrow", "CA")),
)


class Good(NamedTuple):
    """One article: `rate` units are sold on an ordinary day, as `pattern` says; `stock` is what is left of it now."""

    sku: str
    name: str
    vendor: str
    cost: float
    lead: int | None
    rate: float
    pattern: str
    stock: int
    point: int | None
    category: int = 1


GOODS: tuple[Good, ...] = (
    Good("SOIL-50", "Potting soil 50 l", GREEN_SOURCE, 11.9, 14, 1.8, "rising", 22, 40, 0),
    Good("SOIL-SEED", "Seed compost 10 l", GREEN_SOURCE, 4.2, 14, 2.4, "steady", 96, 40, 0),
    Good("SOIL-ORCHID", "Orchid bark 5 l", GREEN_SOURCE, 5.6, 14, 0.4, "lumpy", 14, 8, 0),
    Good("SOIL-CACTUS", "Cactus mix 8 l", GREEN_SOURCE, 5.1, 14, 0.6, "steady", 3, 10, 0),
    Good("COIR-5", "Coir brick 5 kg", GREEN_SOURCE, 6.4, 21, 1.2, "falling", 130, 20, 0),
    Good("COMPOST-40", "Garden compost 40 l", GREEN_SOURCE, 6.8, 14, 3.1, "steady", 0, 45, 0),
    Good("MULCH-70", "Bark mulch 70 l", GREEN_SOURCE, 7.7, 14, 2.0, "falling", 64, 30, 0),
    Good("WORM-CAST", "Worm castings 4 kg", GREEN_SOURCE, 9.3, 14, 0.7, "rising", 18, 12, 0),
    Good("LIME-10", "Garden lime 10 kg", MINERAL_WORKS, 5.4, 21, 0.3, "lumpy", 21, 6),
    Good("VERM-3", "Vermiculite 100 l", MINERAL_WORKS, 15.8, 21, 0.9, "steady", 26, 24),
    Good("PERLITE-1CF", "Perlite 1 cu ft", MINERAL_WORKS, 4.1, 21, 1.5, "rising", 9, 35),
    Good("GRIT-20", "Horticultural grit 20 kg", MINERAL_WORKS, 3.9, 21, 0.5, "steady", 40, 12),
    Good("SAND-25", "Sharp sand 25 kg", MINERAL_WORKS, 2.8, 21, 0.8, "steady", 55, 20),
    Good("ROCK-DUST", "Rock dust 10 kg", MINERAL_WORKS, 6.0, 21, 0.2, "lumpy", 17, 4),
    Good("PUMICE-15", "Pumice 15 l", MINERAL_WORKS, 8.8, 21, 0.3, "lumpy", 0, 6),
    Good("ZEOLITE-5", "Zeolite 5 kg", MINERAL_WORKS, 7.2, 21, 0.0, "none", 24, None),
    Good("POT-TC-10", "Terracotta pot 10 cm", POTS, 0.9, 28, 4.2, "steady", 310, 120, 2),
    Good("POT-TC-15", "Terracotta pot 15 cm", POTS, 1.6, 28, 3.6, "steady", 84, 110, 2),
    Good("POT-TC-20", "Terracotta pot 20 cm", POTS, 2.9, 28, 2.2, "rising", 61, 70, 2),
    Good("POT-TC-30", "Terracotta pot 30 cm", POTS, 6.1, 28, 0.9, "steady", 44, 28, 2),
    Good("SAUCER-15", "Saucer 15 cm", POTS, 0.8, 28, 2.0, "steady", 150, 60, 2),
    Good("SAUCER 20/25", "Saucer set 20 and 25 cm", POTS, 2.3, 28, 0.6, "lumpy", 12, 18, 2),
    Good("TROUGH-60", "Window trough 60 cm", POTS, 7.9, 28, 0.7, "rising", 6, 20, 2),
    Good("HANG-BASKET", "Hanging basket 35 cm", POTS, 4.4, 28, 0.5, "falling", 70, 15, 2),
    Good("GLAZED-25", "Glazed pot 25 cm, blue", POTS, 12.5, 42, 0.3, "lumpy", 19, None, 2),
    Good("GLAZED-40", "Glazed pot 40 cm, blue", POTS, 26.0, 42, 0.1, "lumpy", 7, None, 2),
    Good("0042", "Plant label, wood, 50", POTS, 1.1, 28, 1.4, "steady", 88, 40, 2),
    Good("TRAY-24", "Cell tray 24", POTS, 1.0, 28, 3.0, "rising", 33, 80, 2),
    Good("TRAY-LID", "Clear lid for seed tray", POTS, 1.9, 28, 0.9, "steady", 47, 25, 2),
    Good("TROWEL", "Hand trowel", TOOLS, 5.2, 10, 1.1, "steady", 37, 14, 3),
    Good("FORK-HAND", "Hand fork", TOOLS, 5.4, 10, 0.8, "steady", 29, 10, 3),
    Good("SECATEUR-B", "Secateurs, bypass", TOOLS, 14.9, 10, 0.9, "rising", 4, 12, 3),
    Good("SECATEUR-A", "Secateurs, anvil", TOOLS, 13.5, 10, 0.3, "lumpy", 16, 5, 3),
    Good("GLOVES-S", "Gloves, small", TOOLS, 3.1, 10, 0.6, "steady", 31, 12, 3),
    Good("GLOVES-M", "Gloves, medium", TOOLS, 3.1, 10, 1.7, "steady", 0, 25, 3),
    Good("GLOVES-L", "Gloves, large", TOOLS, 3.1, 10, 1.3, "steady", 52, 20, 3),
    Good("HOSE-25", "Garden hose 25 m", TOOLS, 17.8, 10, 0.4, "falling", 33, 6, 3),
    Good("HOSE 1/2-CON", "Hose connector 1/2 inch", TOOLS, 1.4, 10, 2.6, "steady", 140, 40, 3),
    Good("SPRAYER-2", "Pump sprayer 2 l", TOOLS, 8.6, 10, 0.5, "lumpy", 20, 8, 3),
    Good("CAN-9", "Watering can 9 l", TOOLS, 9.9, 10, 0.7, "steady", 25, 10, 3),
    Good("TWINE-200", "Jute twine 200 m", TOOLS, 2.7, 10, 1.9, "steady", 10, 30, 3),
    Good("CANE-120", "Bamboo cane 120 cm, 20", TOOLS, 3.8, None, 1.0, "rising", 41, 20, 3),
    Good("DIBBER", "Dibber, ash", TOOLS, 4.0, 10, 0.1, "lumpy", 9, None, 3),
    Good("KNEELER", "Kneeler pad", TOOLS, 4.9, 10, 0.4, "spike", 28, 8, 3),
    Good("SD-TOM-RED", "Tomato seed, red", SEEDS, 0.8, 7, 2.8, "rising", 190, 60, 4),
    Good("SD-TOM-CHERRY", "Tomato seed, cherry", SEEDS, 0.9, 7, 3.3, "rising", 48, 60, 4),
    Good("SD-BASIL", "Basil seed", SEEDS, 0.6, 7, 2.5, "steady", 13, 40, 4),
    Good("SD-CHILI", "Chili seed, hot", SEEDS, 1.0, 7, 1.1, "steady", 7, 25, 4),
    Good("SD-LETTUCE", "Lettuce seed, mixed", SEEDS, 0.5, 7, 1.9, "steady", 160, 35, 4),
    Good("SD-BEAN", "Runner bean seed", SEEDS, 1.2, 7, 0.9, "falling", 110, 20, 4),
    Good("SD-SUNFLOWER", "Sunflower seed, giant", SEEDS, 0.7, 7, 1.4, "spike", 72, 25, 4),
    Good("SD-POPPY", "Poppy seed, field", SEEDS, 0.7, 7, 0.4, "lumpy", 39, 10, 4),
    Good("SD-MEADOW 1/2", "Meadow mix, half kilo", SEEDS, 11.0, 7, 0.2, "lumpy", 0, 3, 4),
    Good("SD-CARROT", "Carrot seed, early", SEEDS, 0.5, 7, 1.6, "steady", 140, 30, 4),
    Good("GIFT-SET", "Gift set, not bought again", TOOLS, 0, None, 0.1, "falling", 3, None, 3),
    Good("PEAT-80", "Peat 80 l, given up", GREEN_SOURCE, 0, 14, 0.0, "none", 0, None, 0),
)
_EXCLUDED, _INACTIVE, _BY_VELOCITY = "GIFT-SET", "PEAT-80", ("POT-TC-10", "SD-BASIL", "TWINE-200")
_SHIPS_A_DAY = 4


def demo(began: datetime) -> World:
    """The account on the day `began`, UTC."""
    world = World.exampleco()
    rng = Random("levelstock sandbox Finale")
    _shifted(world, began)
    _vendors(world, began)
    world.add_place("Riverside shop", number=10100)
    world.add_place("R-01", RIVERSIDE, number=10101)
    for number, good in enumerate(GOODS):
        _add(world, good, number, began)
    world.set_stock("POT-TC-20", 12, place=TRANSIT)
    world.shipments = Records("shipmentUrl", [*world.shipments.all(), *_sales(began, rng)])
    _open_orders(world, began)
    return world


def url_of(good: Good, number: int) -> str:
    """A third of the products have another number in their URL than their SKU."""
    return f"{HOME}/product/{100_500 + number if number % 3 == 0 else quote(good.sku, safe='')}"


def _shifted(world: World, began: datetime) -> None:
    """Orders and shipments of the samples, as if their last day were today."""
    days = timedelta(days=(began.replace(tzinfo=None) - SAMPLES_END).days)

    def moved(record: Record) -> Record:
        return {
            name: stamp(datetime.fromisoformat(value) + days) if name.endswith("Date") and value else value
            for name, value in record.items()
        }

    world.orders = Records("orderUrl", [moved(record) for record in world.orders.all()])
    world.shipments = Records("shipmentUrl", [moved(record) for record in world.shipments.all()])


def _vendors(world: World, began: datetime) -> None:
    for url, name, email, phone, (street, town, state) in _VENDORS:
        contacts: list[dict[str, Any]] = [{"contactMechTypeId": "EMAIL_ADDRESS", "infoString": email}]
        if phone:
            contacts.append({"contactMechTypeId": "TELECOM_NUMBER", "infoString": phone})
        contacts.append(
            {"contactMechTypeId": "POSTAL_ADDRESS", "address1": street, "city": town, "stateProvinceGeoId": state, "countryGeoId": "USA"}
        )
        roles = ["SUPPLIER", "CUSTOMER"] if url == MINERAL_WORKS else ["SUPPLIER"]
        party = {
            "partyUrl": url,
            "partyId": url.rpartition("/")[2],
            "groupName": name,
            "roleTypeIdList": roles,
            "contactMechList": contacts,
        }
        world.parties.put({**party, "lastUpdatedDate": stamp(began - timedelta(days=200))})


def _add(world: World, good: Good, number: int, began: datetime) -> None:
    url = url_of(good, number)
    reorder = []
    if good.sku == _EXCLUDED:
        reorder = [samples.guideline("doNotReorder")]
    elif good.sku in _BY_VELOCITY:
        reorder = [samples.guideline("salesVelocity")]
    elif good.point is not None:
        reorder = [samples.guideline("manual", good.point, max(good.point * 2, math.ceil(good.rate * 45)))]
    world.products.put(
        samples.product(
            url,
            good.sku,
            good.name,
            created=stamp(began - timedelta(days=700 - number)),
            updated=stamp(began - timedelta(days=1 + number * 7 % 400, hours=number % 9)),
            active=good.sku != _INACTIVE,
            cost=good.cost,
            leadTime=good.lead,
            universalProductCode=f"0850002{number:05d}",
            userCategory=f"##user{good.category:02d}",
            priceList=[{"productPriceTypeId": "LIST_PRICE", "price": round(good.cost * 2.1, 2), "currencyUomId": "USD"}],
            supplierList=[samples.supplier(good.vendor, good.cost, code=f"{good.vendor[-2:]}-{100 + number}", lead=good.lead)],
            reorderGuidelineList=reorder,
        )
    )
    shop = good.stock // 5 if number % 2 else 0
    bin_there = A01 if number % 3 else B07
    lot = f"L-{2300 + number}" if good.category in (0, 4) and number % 2 else None
    for place, quantity, its_lot in ((bin_there, good.stock - shop, lot), (R01, shop, None)):
        world.stock.put(Key(url, place, its_lot), good.sku, ON_HAND, thousandths(quantity))


_WEIGHT: dict[str, Callable[[float], float]] = {
    "steady": lambda _: 1.0,
    "rising": lambda passed: 0.5 + passed,
    "falling": lambda passed: 1.5 - passed,
    "spike": lambda _: 0.8,
    "none": lambda _: 0.0,
}
"""How much of the usual is sold when `passed` of the time is over; lumpy goods are sold seldom and several at once."""


def sold_on(good: Good, day: int, rng: Random) -> int:
    """How many are sold on the day-th of DAYS days."""
    if good.pattern == "lumpy":
        return rng.randint(2, 6) if rng.random() < good.rate / 4 else 0
    if good.pattern == "spike" and day == DAYS - 20:
        return 60
    return drawn(good.rate * _WEIGHT[good.pattern](day / DAYS), rng)


def drawn(mean: float, rng: Random) -> int:
    """A number around `mean`, as customers come."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _sales(began: datetime, rng: Random) -> list[Record]:
    """A few shipments on each of DAYS days, the last of them yesterday."""
    made: list[Record] = []
    for day in range(DAYS):
        when = (began - timedelta(days=DAYS - day)).replace(hour=16, minute=0, second=0)
        parcels: list[list[Record]] = [[] for _ in range(_SHIPS_A_DAY)]
        for number, good in enumerate(GOODS):
            quantity = sold_on(good, day, rng)
            if quantity:
                parcels[rng.randrange(_SHIPS_A_DAY)].append(samples.shipped(good.sku, url_of(good, number), quantity))
        for place, lines in enumerate(parcels):
            if lines:
                key = 21_000 + day * _SHIPS_A_DAY + place
                status = "DELIVERED" if DAYS - day > 4 else "SHIPPED"
                when_there = stamp(when + timedelta(minutes=31 * place))
                made.append(
                    samples.shipment(
                        key, f"SO-{key - 16_000}-1", "SALES", status, lines, updated=when_there, shipDate=f"{when:%Y-%m-%d}T16:00:00"
                    )
                )
    return made


def _open_orders(world: World, began: datetime) -> None:
    """What the vendors owe: two committed purchase orders, one of them partly received, and a draft."""
    goods = {good.sku: (url_of(good, number), good) for number, good in enumerate(GOODS)}
    for name, vendor, status, ago, lines, waiting in (
        ("PO-1011", POTS, "LOCKED", 19, (("POT-TC-15", 200), ("TRAY-24", 120)), {"POT-TC-15": 80}),
        ("PO-1014", TOOLS, "LOCKED", 4, (("GLOVES-M", 60), ("SECATEUR-B", 24)), {"GLOVES-M": 60, "SECATEUR-B": 24}),
        ("PO-1016", MINERAL_WORKS, "CREATED", 1, (("PUMICE-15", 12),), {}),
    ):
        moment, url = stamp(began - timedelta(days=ago)), f"{HOME}/order/{name}"
        items = [
            samples.line(url, place, sku, goods[sku][0], quantity, goods[sku][1].cost) for place, (sku, quantity) in enumerate(lines, 1)
        ]
        arrived = [samples.shipped(sku, goods[sku][0], quantity - waiting.get(sku, 0)) for sku, quantity in lines if status == "LOCKED"]
        arrived = [line for line in arrived if line["quantity"]]
        shipments = []
        if arrived:
            when = began - timedelta(days=2)
            row = samples.shipment(
                20_500 + ago, f"{name}-1", "PURCHASE", "DELIVERED", arrived, updated=stamp(when), receiveDate=f"{when:%Y-%m-%d}T19:00:00"
            )
            world.shipments.put(row)
            shipments = [row["shipmentUrl"]]
        role = [{"roleTypeId": "SUPPLIER", "partyId": vendor.rpartition("/")[2]}]
        dates = {"orderDate": moment, "createdDate": moment, "lastUpdatedDate": moment}
        world.orders.put(
            samples.order(name, "PURCHASE", status, orderItemList=items, orderRoleList=role, shipmentUrlList=shipments, **dates)
        )
        for sku, quantity in waiting.items():
            world.stock.put(Key(goods[sku][0], A01, None, None, url), sku, ON_ORDER, thousandths(quantity))
