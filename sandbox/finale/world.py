"""One account of Finale: what there is, and what happens there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sandbox.finale import samples
from sandbox.finale.records import STAMP, Records
from sandbox.finale.samples import HOME
from sandbox.finale.stock import ON_HAND, ON_ORDER, RESERVED, Key, Stock, Totals, thousandths
from sandbox.system import ActionError

DRAFT, COMMITTED, CANCELLED = "ORDER_CREATED", "ORDER_LOCKED", "ORDER_CANCELLED"
COMPLETED, PACKED = "ORDER_COMPLETED", "SHIPMENT_PACKED"
Record = dict[str, Any]


def real_now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """As Finale writes times: UTC without saying so."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class World:
    """Products, places, parties, orders and shipments as records, stock as rows. All that reads or changes them holds `lock`."""

    products: Records
    places: Records
    parties: Records
    orders: Records
    shipments: Records
    stock: Stock
    now: Callable[[], datetime] = real_now

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.day = 0
        self.numbers = {"SO": 6000, "PO": 2000, "shipment": 30000, "product": 500000}

    @classmethod
    def exampleco(cls, now: Callable[[], datetime] = real_now) -> World:
        """Four products, four places, three parties, three orders, four shipments of January 2026."""
        world = cls(
            Records("productUrl", samples.PRODUCTS),
            Records("facilityUrl", samples.PLACES),
            Records("partyUrl", samples.PARTIES),
            Records("orderUrl", samples.ORDERS),
            Records("shipmentUrl", samples.SHIPMENTS),
            Stock(),
            now,
        )
        world.stock.fill(
            (Key(url, place, lot, None, by), sku, kind, thousandths(quantity)) for sku, url, place, lot, by, kind, quantity in samples.STOCK
        )
        return world

    @classmethod
    def generated(cls, products: int, **sizes: Any) -> World:
        """An account of that size (sandbox/finale/generated.py)."""
        from sandbox.finale.generated import generated

        return generated(products, **sizes)

    # What there is.

    def url(self, product: str) -> str:
        """The URL of the product with that SKU, or of that URL. Raises ActionError."""
        given = str(product).strip()
        found = given if given in self.products.places() else self.products.url_where("productId", given)
        if found is None:
            raise ActionError(f"There is no product “{given}”.")
        return found

    def product(self, product: str) -> Record:
        """The record of a SKU or URL. Raises ActionError."""
        return self._there(self.products, self.url(product))

    def totals(self, product: str) -> Totals:
        """Thousandths on hand, on order and reserved, over all places. Raises ActionError."""
        return self.stock.totals(self.url(product))

    def order(self, name: str) -> Record:
        """The order of that number, or URL. Raises ActionError."""
        given = str(name).strip()
        url = given if given.startswith("/") else f"{HOME}/order/{quote(given, safe='')}"
        if url not in self.orders.places():
            raise ActionError(f"There is no order “{given}”.")
        return self._there(self.orders, url)

    # What people do there.

    def add_product(self, sku: str, name: str = "", *, url: str = "", **columns: Any) -> str:
        """A new product; its URL. `columns` by their own names. Raises ActionError for a URL that is taken."""
        with self.lock:
            url = url or f"{HOME}/product/{self.next('product')}"
            if url in self.products.places():
                raise ActionError(f"{url} is there already.")
            moment = stamp(self.now())
            self.products.put(samples.product(url, sku, name or None, created=moment, updated=moment, **columns))
            return url

    def edit_product(self, product: str, **columns: Any) -> None:
        """Change columns of a product, by their own names. Raises ActionError."""
        with self.lock:
            self.products.put({"productUrl": self.url(product), STAMP: stamp(self.now()), **columns})

    def set_active(self, product: str, active: bool) -> None:
        """Switch a product on or off. Raises ActionError."""
        url = self.url(product)
        self.edit_product(
            product,
            statusId="PRODUCT_ACTIVE" if active else "PRODUCT_INACTIVE",
            actionUrlActivate=None if active else f"{url}/activate",
            actionUrlDeactivate=f"{url}/deactivate" if active else None,
        )

    def remove_product(self, product: str) -> None:
        """Take a product away, with its stock. Raises ActionError."""
        with self.lock:
            url = self.url(product)
            self.products.drop(url)
            for kind in (ON_HAND, ON_ORDER, RESERVED):
                for key, _ in self.stock.of(url, kind):
                    self.stock.put(key, "", kind, 0)

    def edit_party(self, party: str, **columns: Any) -> None:
        """Change columns of a party, by its URL or id; one that is not there is added."""
        with self.lock:
            url = party if party.startswith("/") else f"{HOME}/partygroup/{party}"
            new = {} if url in self.parties.places() else {"partyId": url.rpartition("/")[2], "roleTypeIdList": ["SUPPLIER"]}
            self.parties.put({"partyUrl": url, **new, STAMP: stamp(self.now()), **columns})

    def add_place(self, name: str, parent: str | None = None, number: int = 0) -> str:
        """A new location, or, with a parent's URL, a sublocation of it; its URL."""
        with self.lock:
            key = number or 11000 + len(self.places)
            url = f"{HOME}/facility/{key}"
            status = {"facilityName": name, "parentFacilityUrl": parent, "statusId": "FACILITY_ACTIVE"}
            self.places.put({"facilityId": str(key), "facilityUrl": url, **status})
            return url

    def set_stock(self, product: str, quantity: float, *, place: str = samples.A01, lot: str | None = None) -> None:
        """Have so many on hand in a place, as after a count: no document says so. Raises ActionError."""
        with self.lock:
            url = self.url(product)
            self.stock.put(Key(url, place, lot), self.sku(url), ON_HAND, thousandths(quantity))

    def restock(self, product: str, quantity: float, *, place: str = samples.A01) -> None:
        """Put so many more into a place. Raises ActionError."""
        with self.lock:
            url = self.url(product)
            self.stock.add(Key(url, place), self.sku(url), ON_HAND, thousandths(quantity))

    def order_sale(self, product: str, quantity: float) -> str:
        """A customer orders: the goods are reserved; the order's number. Raises ActionError."""
        with self.lock:
            url, name = self.url(product), f"SO-{self.next('SO')}"
            self._put_order(name, "SALES", COMMITTED, [(url, quantity, None)], saleSourceId="Web store")
            self.stock.put(Key(url, samples.A01, None, None, f"{HOME}/order/{name}"), self.sku(url), RESERVED, thousandths(quantity))
            return name

    def ship(self, product: str = "", quantity: float = 1, *, order: str = "", on: str = "") -> str:
        """Ship a sale: `quantity` of `product`, or all of a sales order that was not shipped; the shipment's URL.

        `on` is the day, today by default. More than there is makes the first place negative. Raises ActionError.
        """
        with self.lock:
            if order:
                sold = self.order(order)
                if sold["orderTypeId"] != "SALES_ORDER" or sold["statusId"] != COMMITTED:
                    raise ActionError(f"{sold['orderId']} is no sales order that waits to be shipped.")
                items = [(item["productUrl"], item["quantity"]) for item in sold["orderItemList"]]
                for url, _ in items:
                    for key, _reserved in self.stock.of(url, RESERVED):
                        if key.order == sold["orderUrl"]:
                            self.stock.put(key, "", RESERVED, 0)
                name = sold["orderId"]
            else:
                items, name = [(self.url(product), quantity)], f"SO-{self.next('SO')}"
                self._put_order(name, "SALES", COMMITTED, [(url, each, None) for url, each in items], saleSourceId="Web store")
            lines = [line for url, each in items for line in self._taken(url, each)]
            day = on or f"{self.now():%Y-%m-%d}"
            packed = [url for url in self.order(name)["shipmentUrlList"] if self._there(self.shipments, url)["statusId"] == PACKED]
            gone = {"statusId": "SHIPMENT_SHIPPED", "shipDate": f"{day}T19:00:00", "shipmentItemList": lines}
            if packed:
                self.shipments.put({"shipmentUrl": packed[0], STAMP: stamp(self.now()), **gone})
                shipment = str(packed[0])
            else:
                shipment = self._put_shipment(name, "SALES", "SHIPPED", lines, shipDate=gone["shipDate"])
            self._change_order(name, statusId=COMPLETED, shipmentUrlList=[shipment])
            return shipment

    def cancel_shipment(self, shipment: str) -> None:
        """Take a sales shipment back: its goods lie where they were. Raises ActionError."""
        with self.lock:
            if shipment not in self.shipments.places():
                raise ActionError(f"There is no shipment “{shipment}”.")
            kept = self._there(self.shipments, shipment)
            if kept["statusId"] != "SHIPMENT_CANCELLED":
                for item in kept["shipmentItemList"]:
                    self.stock.add(Key(item["productUrl"], item["facilityUrl"]), item["productId"], ON_HAND, thousandths(item["quantity"]))
                self.shipments.put({"shipmentUrl": shipment, "statusId": "SHIPMENT_CANCELLED", STAMP: stamp(self.now())})

    def sell_out(self, product: str) -> None:
        """Ship everything that is on hand. Raises ActionError when there is nothing."""
        with self.lock:
            on_hand = self.totals(product).on_hand
            if on_hand <= 0:
                raise ActionError(f"Nothing of {product} is on hand.")
            self.ship(product, on_hand / 1000)

    def buy(
        self,
        vendor: str,
        lines: Sequence[tuple[str, float]] | Mapping[str, float],
        *,
        reference: str = "",
        commit: bool = True,
        price: float | None = None,
    ) -> str:
        """A purchase order of (product, quantity) lines to a party's id or URL; its number.

        It counts as on order when it is committed, at once unless `commit` says otherwise. Raises ActionError.
        """
        with self.lock:
            party = vendor if vendor.startswith("/") else f"{HOME}/partygroup/{vendor}"
            if party not in self.parties.places():
                raise ActionError(f"There is no party “{vendor}”.")
            pairs = list(lines.items()) if isinstance(lines, Mapping) else list(lines)
            items = [(self.url(product), quantity, price) for product, quantity in pairs]
            name = f"PO-{self.next('PO')}"
            role = [{"roleTypeId": "SUPPLIER", "partyId": party.rpartition("/")[2]}]
            self._put_order(name, "PURCHASE", DRAFT, items, referenceNumber=reference[:60] or None, orderRoleList=role)
            if commit:
                self.commit(name)
            return name

    def commit(self, order: str) -> None:
        """Commit a purchase order: its goods are on order. Raises ActionError."""
        with self.lock:
            bought = self._purchase(order)
            if bought["statusId"] != DRAFT:
                raise ActionError(f"{bought['orderId']} is no draft.")
            self._change_order(bought["orderId"], statusId=COMMITTED)
            for item in bought["orderItemList"]:
                key = Key(item["productUrl"], samples.A01, None, None, bought["orderUrl"])
                self.stock.add(key, item["productId"], ON_ORDER, thousandths(item["quantity"]))

    def receive(self, order: str, quantity: float | None = None, *, on: str = "") -> str:
        """Receive what is on order of a purchase order, or `quantity` of each line; the shipment's URL.

        The order stays committed, as many never become completed. More than was ordered is taken. Raises ActionError.
        """
        with self.lock:
            bought = self._purchase(order)
            if bought["statusId"] not in (COMMITTED, COMPLETED):
                raise ActionError(f"{bought['orderId']} is not committed.")
            lines = []
            for item in bought["orderItemList"]:
                url, sku = item["productUrl"], item["productId"]
                waiting = Key(url, samples.A01, None, None, bought["orderUrl"])
                arrived = self.stock.quantity(waiting) if quantity is None else thousandths(quantity)
                if arrived:
                    self.stock.put(waiting, sku, ON_ORDER, max(0, self.stock.quantity(waiting) - arrived))
                    self.stock.add(Key(url, samples.A01), sku, ON_HAND, arrived)
                    lines.append(samples.shipped(sku, url, plain(arrived)))
            if not lines:
                raise ActionError(f"Nothing of {bought['orderId']} is on order any more.")
            day = on or f"{self.now():%Y-%m-%d}"
            shipment = self._put_shipment(bought["orderId"], "PURCHASE", "DELIVERED", lines, receiveDate=f"{day}T19:00:00")
            self._change_order(bought["orderId"], shipmentUrlList=[*bought["shipmentUrlList"], shipment])
            return shipment

    def cancel_order(self, order: str) -> None:
        """Cancel an order: nothing of it is on order or reserved any more. Raises ActionError."""
        with self.lock:
            kept = self.order(order)
            for item in kept["orderItemList"]:
                for kind in (ON_ORDER, RESERVED):
                    for key, _ in self.stock.of(item["productUrl"], kind):
                        if key.order == kept["orderUrl"]:
                            self.stock.put(key, "", kind, 0)
            self._change_order(kept["orderId"], statusId=CANCELLED)

    # Beneath.

    def next(self, kind: str) -> int:
        """The next free number: SO, PO, shipment, product."""
        self.numbers[kind] += 1
        return self.numbers[kind]

    def _taken(self, url: str, quantity: float) -> list[Record]:
        """Take goods from where they lie, the first places first; the lines of the shipment."""
        sku, wanted, lines = self.sku(url), thousandths(quantity), []
        for key, there in self.stock.of(url, ON_HAND):
            taken = min(there, wanted)
            if taken > 0:
                self.stock.add(key, sku, ON_HAND, -taken)
                wanted -= taken
                lines.append(samples.shipped(sku, url, plain(taken), key.place))
        if wanted:
            self.stock.add(Key(url, samples.A01), sku, ON_HAND, -wanted)
            lines.append(samples.shipped(sku, url, plain(wanted)))
        return lines

    def sku(self, url: str) -> str:
        """The SKU of the product with that URL. Raises KeyError."""
        place = self.products.places()[url]
        return str(json.loads(self.products.columns["productId"][place]))

    def _purchase(self, order: str) -> Record:
        found = self.order(order)
        if found["orderTypeId"] != "PURCHASE_ORDER":
            raise ActionError(f"{found['orderId']} is no purchase order.")
        return found

    def _put_order(self, name: str, kind: str, status: str, items: Sequence[tuple[str, float, float | None]], **more: Any) -> None:
        moment, url = stamp(self.now()), f"{HOME}/order/{name}"
        lines = [
            samples.line(url, number, self.sku(product), product, plain(thousandths(quantity)), price)
            for number, (product, quantity, price) in enumerate(items, 1)
        ]
        row = samples.order(name, kind, status.removeprefix("ORDER_"), **more)
        self.orders.put({**row, "orderItemList": lines, "orderDate": moment, "createdDate": moment, STAMP: moment})

    def _change_order(self, name: str, **columns: Any) -> None:
        self.orders.put({"orderUrl": f"{HOME}/order/{name}", STAMP: stamp(self.now()), **columns})

    def _put_shipment(self, order: str, kind: str, status: str, lines: list[Record], **more: Any) -> str:
        before = len(self.order(order)["shipmentUrlList"])
        row = samples.shipment(self.next("shipment"), f"{order}-{before + 1}", kind, status, lines, updated=stamp(self.now()), **more)
        self.shipments.put(row)
        return str(row["shipmentUrl"])

    def _there(self, records: Records, url: str) -> Record:
        found = records.record(url)
        assert found is not None
        return found


def plain(quantity: int) -> float:
    """Thousandths as a plain number: 40, 2.5."""
    return quantity // 1000 if quantity % 1000 == 0 else quantity / 1000
