"""One account of Finale: what there is in it, and how people keep its catalogue."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sandbox.finale import samples
from sandbox.finale.records import STAMP, Columns, Records
from sandbox.finale.samples import HOME, Record
from sandbox.finale.stock import ON_HAND, ON_ORDER, RESERVED, Key, Stock, Totals, thousandths
from sandbox.system import ActionError


def real_now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """As Finale writes times: UTC without saying so."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class Account:
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
        self.yesterday: Columns | None = None
        """Stock as it was before the last day's business."""
        self.numbers = {"SO": 6000, "PO": 2000, "shipment": 30000, "product": 500000}

    def url(self, product: str) -> str:
        """The URL of the product with that SKU, or of that URL. Raises ActionError."""
        given = str(product).strip()
        found = given if given in self.products.places() else self.products.url_where("productId", given)
        if found is None:
            raise ActionError(f"There is no product “{given}”.")
        return found

    def product(self, product: str) -> Record:
        """The record of a SKU or URL. Raises ActionError."""
        return self.there(self.products, self.url(product))

    def totals(self, product: str) -> Totals:
        """Thousandths on hand, on order and reserved, over all places. Raises ActionError."""
        return self.stock.totals(self.url(product))

    def order(self, name: str) -> Record:
        """The order of that number, or URL. Raises ActionError."""
        given = str(name).strip()
        url = given if given.startswith("/") else f"{HOME}/order/{quote(given, safe='')}"
        if url not in self.orders.places():
            raise ActionError(f"There is no order “{given}”.")
        return self.there(self.orders, url)

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

    def party(self, party: str) -> str:
        """The URL of the party with that id, URL or name. Raises ActionError."""
        given = str(party).strip()
        for url in (given, f"{HOME}/partygroup/{given}", self.parties.url_where("groupName", given)):
            if url in self.parties.places():
                return str(url)
        raise ActionError(f"There is no party “{given}”.")

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

    def next(self, kind: str) -> int:
        """The next free number: SO, PO, shipment, product."""
        self.numbers[kind] += 1
        return self.numbers[kind]

    def sku(self, url: str) -> str:
        """The SKU of the product with that URL. Raises KeyError."""
        place = self.products.places()[url]
        return str(json.loads(self.products.columns["productId"][place]))

    def there(self, records: Records, url: str) -> Record:
        """The record of that URL, which is there."""
        found = records.record(url)
        assert found is not None
        return found
