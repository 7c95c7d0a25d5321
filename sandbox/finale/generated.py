"""Accounts of any size, the same on every machine for the same numbers; quick to make, with a bulk import that stamped many at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

from sandbox.finale import samples
from sandbox.finale.account import real_now, stamp
from sandbox.finale.records import NULL, Columns, Records, text
from sandbox.finale.samples import HOME
from sandbox.finale.stock import ON_HAND, ON_ORDER, RESERVED, Key, Stock, thousandths
from sandbox.finale.world import World
from sandbox.system import ActionError

FIRST_CHANGE = datetime(2012, 1, 9, 8)
BURST_AT = datetime(2023, 3, 12, 3, 14, 15)
"""The second in which the bulk import stamped its products."""
VENDORS = 40
SHELVES = 8
_EMPTY = "[]"


def generated(
    products: int,
    *,
    seed: int = 1,
    burst: int = 0,
    active_share: float = 0.9,
    stock_rows: int | None = None,
    facilities: int = 3,
    guidelines_share: float = 0.5,
    orders: int = 50,
    shipments: int = 200,
) -> World:
    """So many products; `burst` of them were last changed in the second BURST_AT, the others evenly since FIRST_CHANGE.

    `active_share` of them are active, `guidelines_share` have a reorder point. `stock_rows` (at most 100,000 by default) are on hand rows,
    spread over the sublocations of `facilities` locations. `orders` are open purchase and sales orders, half each; `shipments` are sales of
    the last 90 days.
    """
    made = _Made(products, seed, burst, active_share, guidelines_share, facilities)
    world = World(
        Records("productUrl"),
        Records("facilityUrl", made.places()),
        Records("partyUrl", made.parties()),
        Records("orderUrl"),
        Records("shipmentUrl"),
        Stock(),
    )
    world.products.load(made.columns())
    world.stock.fill(made.stock(min(products, 100_000) if stock_rows is None else stock_rows))
    made.business(world, orders, shipments)
    return world


class _Made:
    def __init__(self, products: int, seed: int, burst: int, active: float, guidelines: float, facilities: int) -> None:
        self._count, self._seed, self._burst = products, seed, min(burst, products)
        self._active, self._guidelines, self._facilities = round(active * 1000), round(guidelines * 1000), facilities
        self._now = real_now().replace(tzinfo=None)
        self._skus = [sku(number) for number in range(products)]
        self._urls = [f"{HOME}/product/{product_id(number, each)}" for number, each in enumerate(self._skus)]
        self._shelves = [f"{HOME}/facility/{location(place) + shelf}" for place in range(facilities) for shelf in range(1, SHELVES + 1)]

    def _chance(self, number: int, of: int, salt: int) -> int:
        """A number below `of` that looks random and is always the same."""
        return ((number * 2_654_435_761 + self._seed * 97 + salt * 40_503) >> 7) % of

    def is_active(self, number: int) -> bool:
        return self._chance(number, 1000, 1) < self._active

    def columns(self) -> Columns:
        numbers, urls = range(self._count), self._urls
        on = [self.is_active(number) for number in numbers]
        active, inactive = text("PRODUCT_ACTIVE"), text("PRODUCT_INACTIVE")
        return {
            "productId": [f'"{each}"' for each in self._skus],
            "productUrl": [f'"{url}"' for url in urls],
            "internalName": [f'"Article {number} of {self._chance(number, 900, 2) + 100} mm"' for number in numbers],
            "productTypeId": ['"GOOD"'] * self._count,
            "statusId": [active if each else inactive for each in on],
            "cost": [_cents(self._chance(number, 20_000, 3)) for number in numbers],
            "universalProductCode": [f'"0{85_000_000_000 + number}"' if number % 3 else NULL for number in numbers],
            "userCategory": [f'"##user{self._chance(number, 12, 4):02d}"' for number in numbers],
            "leadTime": [str(7 + number % 30) if number % 5 else NULL for number in numbers],
            "normalizedPackingString": ['"12 cs 12/1"' if number % 10 == 0 else NULL for number in numbers],
            "priceList": [
                f'[{{"productPriceTypeId":"LIST_PRICE","price":{self._chance(number, 300, 5) + 1}.5,"currencyUomId":"USD"}}]'
                for number in numbers
            ],
            "supplierList": [self._suppliers(number) for number in numbers],
            "reorderGuidelineList": [self._reorder(number) for number in numbers],
            "userFieldDataList": [_EMPTY] * self._count,
            "createdDate": ['"2011-05-06T12:00:00"'] * self._count,
            "lastUpdatedDate": self._stamps(),
            "actionUrlActivate": [NULL if each else f'"{url}/activate"' for each, url in zip(on, urls, strict=True)],
            "actionUrlDeactivate": [f'"{url}/deactivate"' if each else NULL for each, url in zip(on, urls, strict=True)],
        }

    def _stamps(self) -> list[str]:
        """Rising, so that products need no sorting: a burst in its place among the others."""
        others = self._count - self._burst
        step = (self._now - timedelta(hours=1) - FIRST_CHANGE) / max(1, others)
        moments = [FIRST_CHANGE + step * place for place in range(others)]
        before = sum(moment < BURST_AT for moment in moments)
        return [f'"{stamp(moment)}"' for moment in (*moments[:before], *[BURST_AT] * self._burst, *moments[before:])]

    def _suppliers(self, number: int) -> str:
        entries = []
        for place in range((0, 1, 1, 1, 2)[self._chance(number, 5, 6)]):
            party = self._chance(number + place, VENDORS, 7)
            price, rank = _cents(self._chance(number, 15_000, 8) + 1), "90_ALT_SUPPL" if place else "10_MAIN_SUPPL"
            entries.append(
                f'{{"supplierPartyUrl":"{HOME}/partygroup/{20_000 + party}","supplierPrefOrderId":"{rank}",'
                f'"supplierProductId":"V{party}-{number}","price":{price},"leadTime":{5 + party},"currencyUomId":"USD"}}'
            )
        return f"[{','.join(entries)}]"

    def _reorder(self, number: int) -> str:
        if self._chance(number, 1000, 9) >= self._guidelines:
            return _EMPTY
        place = f'"facilityUrl":"{HOME}/facility/{location(number % self._facilities)}"'
        method = ("manual", "manual", "manual", "salesVelocity", "doNotReorder")[self._chance(number, 5, 10)]
        if method != "manual":
            return f'[{{{place},"reorderCalculationMethodId":"##{method}"}}]'
        point = 5 + self._chance(number, 40, 11)
        return f'[{{{place},"reorderCalculationMethodId":"##manual","reorderPoint":{point},"reorderQuantity":{point * 2}}}]'

    def places(self) -> Iterator[samples.Record]:
        for place in range(self._facilities):
            home = f"{HOME}/facility/{location(place)}"
            yield _place(location(place), f"Warehouse {place + 1}", None)
            for shelf in range(1, SHELVES + 1):
                yield _place(location(place) + shelf, f"W{place + 1}-{shelf:02d}", home)

    def parties(self) -> Iterator[samples.Record]:
        for number in range(VENDORS):
            yield {
                "partyId": str(20_000 + number),
                "partyUrl": f"{HOME}/partygroup/{20_000 + number}",
                "groupName": f"Vendor {number + 1} Ltd",
                "roleTypeIdList": ["SUPPLIER"],
                "contactMechList": [{"contactMechTypeId": "EMAIL_ADDRESS", "infoString": f"orders@vendor{number + 1}.example"}],
                "lastUpdatedDate": stamp(FIRST_CHANGE + timedelta(days=number)),
            }

    def stock(self, rows: int) -> Iterator[tuple[Key, str, str, int]]:
        """One row a product, then another place of each, and so on."""
        shelves = self._shelves
        for row in range(rows):
            turn, number = divmod(row, self._count)
            place = shelves[(self._chance(number, len(shelves), 12) + turn) % len(shelves)]
            lot = f"L-{number % 997:03d}-{turn // len(shelves)}" if turn >= len(shelves) or number % 11 == 0 else None
            yield Key(self._urls[number], place, lot), self._skus[number], ON_HAND, thousandths(1 + self._chance(row, 120, 13))

    def business(self, world: World, orders: int, shipments: int) -> None:
        """Open orders, and what was sold in the last 90 days."""
        made = []
        for number in range(orders):
            bought, place = number % 2 == 0, self._chance(number, self._count, 14)
            name, url = (f"PO-{7000 + number}" if bought else f"SO-{7000 + number}"), self._urls[place]
            moment = stamp(self._now - timedelta(days=1 + number % 60))
            order = samples.order(name, "PURCHASE" if bought else "SALES", "LOCKED", orderDate=moment, createdDate=moment)
            home = f"{HOME}/facility/{location(0)}"
            order["destinationFacilityUrl" if bought else "originFacilityUrl"] = home
            quantity, link = 10 + number % 50, order["orderUrl"]
            role = {"roleTypeId": "SUPPLIER" if bought else "CUSTOMER", "partyId": str(20_000 + number % VENDORS)}
            items = [samples.line(link, 1, self._skus[place], url, quantity)]
            made.append({**order, "orderItemList": items, "orderRoleList": [role], "lastUpdatedDate": moment})
            key, kind = Key(url, self._shelves[0], None, None, link), ON_ORDER if bought else RESERVED
            world.stock.put(key, self._skus[place], kind, thousandths(quantity))
        world.orders = Records("orderUrl", made)
        sold = []
        for number in range(shipments):
            place, day = self._chance(number, self._count, 15), self._now - timedelta(days=90 * (shipments - number) / shipments)
            line = samples.shipped(self._skus[place], self._urls[place], 1 + number % 7, self._shelves[0])
            row = samples.shipment(
                40_000 + number,
                f"SO-{100_000 + number}-1",
                "SALES",
                "SHIPPED",
                [line],
                updated=stamp(day),
                shipDate=f"{day:%Y-%m-%d}T16:00:00",
            )
            sold.append(row)
        world.shipments = Records("shipmentUrl", sold)


def touch(world: World, share: float, *, seed: int = 1) -> int:
    """Change costs of a share of the products (0.01 is one in a hundred) and one stock row of each, now; how many. Raises ActionError."""
    if not 0 < share <= 1:
        raise ActionError(f"“{share}” is no share: give a number above 0, up to 1.")
    with world.lock:
        urls = world.products.sorted_urls()
        step = max(1, round(1 / share))
        changed = urls[seed % step :: step]
        moment = stamp(world.now())
        world.products.put_many({url: {"cost": 1000 + seed + place % 7, "lastUpdatedDate": moment} for place, url in enumerate(changed)})
        for url in changed:
            for key, quantity in world.stock.of(url, ON_HAND)[:1]:
                world.stock.add(key, world.sku(url), ON_HAND, 1000 if quantity < 200_000 else -1000)
        return len(changed)


def sku(number: int) -> str:
    """The number-th SKU: leading zeros for some, blanks and slashes for a few."""
    if number % 97 == 5:
        return f"TRAY {number}/20"
    return f"{number:07d}" if number % 10 == 3 else f"ART-{number:06d}"


def product_id(number: int, its_sku: str) -> str:
    """The end of its URL: another number for a third, else the SKU, percent-encoded."""
    return str(500_000 + number) if number % 3 == 0 else quote(its_sku, safe="")


def location(place: int) -> int:
    """The number of the place-th location; its sublocations follow it."""
    return 10_000 + place * 100


def _place(number: int, name: str, parent: str | None) -> samples.Record:
    url = f"{HOME}/facility/{number}"
    status = "FACILITY_ACTIVE"
    return {"facilityId": str(number), "facilityUrl": url, "facilityName": name, "parentFacilityUrl": parent, "statusId": status}


def _cents(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}" if amount else "0"
