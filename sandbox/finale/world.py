"""What happens in an account: sales and purchases, from the order to the shipment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.finale import samples
from sandbox.finale.account import Account, real_now, stamp
from sandbox.finale.records import STAMP, Records
from sandbox.finale.samples import HOME, Record
from sandbox.finale.stock import ON_HAND, ON_ORDER, RESERVED, Key, Stock, thousandths
from sandbox.system import ActionError

DRAFT, COMMITTED, CANCELLED = "ORDER_CREATED", "ORDER_LOCKED", "ORDER_CANCELLED"
COMPLETED, PACKED = "ORDER_COMPLETED", "SHIPMENT_PACKED"


@dataclass
class World(Account):
    """An account that trades."""

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
            packed = [url for url in self.order(name)["shipmentUrlList"] if self.there(self.shipments, url)["statusId"] == PACKED]
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
            kept = self.there(self.shipments, shipment)
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
        """A purchase order of (product, quantity) lines to a party's id, URL or name; its number.

        It counts as on order when it is committed, at once unless `commit` says otherwise. Raises ActionError.
        """
        with self.lock:
            party = self.party(vendor)
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


def plain(quantity: int) -> float:
    """Thousandths as a plain number: 40, 2.5."""
    return quantity // 1000 if quantity % 1000 == 0 else quantity / 1000
