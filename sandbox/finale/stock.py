"""Stock as Finale keeps it: a row per product, place, lot, packing and order, exactly one quantity of which is not zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sandbox.finale.records import Columns, text

ON_HAND, ON_ORDER, RESERVED = "quantityOnHand", "quantityOnOrder", "quantityReserved"
QUANTITIES = (ON_HAND, ON_ORDER, RESERVED)


class Key(NamedTuple):
    """What makes a row."""

    product: str
    place: str
    lot: str | None = None
    packing: str | None = None
    order: str | None = None


class Totals(NamedTuple):
    """Of one product, in thousandths."""

    on_hand: int
    on_order: int
    reserved: int


def thousandths(quantity: float) -> int:
    """As quantities are kept."""
    return round(quantity * 1000)


def number(quantity: int) -> str:
    """The JSON of thousandths: 40, 2.5."""
    whole, rest = divmod(abs(quantity), 1000)
    return ("-" if quantity < 0 else "") + (f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole))


class Stock:
    """The rows, in the order in which they came. Not safe for several threads at once: the owner locks."""

    def __init__(self) -> None:
        self._rows: dict[Key, tuple[str, str, int]] = {}
        self._products: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        self._columns: Columns | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple[Key, str, str, int]]:
        """Key, SKU, which quantity, thousandths of every row."""
        return ((key, *value) for key, value in self._rows.items())

    def fill(self, rows: Iterable[tuple[Key, str, str, int]]) -> None:
        """Add many rows: key, SKU, which quantity, thousandths."""
        for key, sku, kind, quantity in rows:
            self._rows[key] = (sku, kind, quantity)
            self._products[key.product][key] = None
        self._columns = None

    def put(self, key: Key, sku: str, kind: str, quantity: int) -> None:
        """Have `quantity` thousandths in the row; with 0 it goes."""
        self._columns = None
        if quantity:
            self._rows[key] = (sku, kind, quantity)
            self._products[key.product][key] = None
        elif self._rows.pop(key, None) is not None:
            del self._products[key.product][key]

    def add(self, key: Key, sku: str, kind: str, quantity: int) -> None:
        """Have `quantity` thousandths more, or less, in the row."""
        self.put(key, sku, kind, self.quantity(key) + quantity)

    def quantity(self, key: Key) -> int:
        """Thousandths in the row; 0 where there is none."""
        row = self._rows.get(key)
        return row[2] if row else 0

    def of(self, product: str, kind: str) -> list[tuple[Key, int]]:
        """The product's rows with that quantity, in thousandths."""
        return [(key, self._rows[key][2]) for key in self._products.get(product, ()) if self._rows[key][1] == kind]

    def totals(self, product: str) -> Totals:
        """Sums over all places."""
        sums = dict.fromkeys(QUANTITIES, 0)
        for key in self._products.get(product, ()):
            _, kind, quantity = self._rows[key]
            sums[kind] += quantity
        return Totals(sums[ON_HAND], sums[ON_ORDER], sums[RESERVED])

    def columns(self) -> Columns:
        """As they are sent. Not to be changed."""
        if self._columns is None:
            keys, rows = list(self._rows), list(self._rows.values())
            plain: dict[str | None, str] = {None: "null"}
            for key in keys:
                for value in (key.place, key.lot, key.packing, key.order):
                    if value not in plain:
                        plain[value] = text(value)
            self._columns = {
                "productId": [text(row[0]) for row in rows],
                "productUrl": [text(key.product) for key in keys],
                "facilityUrl": [plain[key.place] for key in keys],
                "lotId": [plain[key.lot] for key in keys],
                "normalizedPackingString": [plain[key.packing] for key in keys],
                "orderUrl": [plain[key.order] for key in keys],
                **{kind: [number(row[2]) if row[1] == kind else "0" for row in rows] for kind in QUANTITIES},
            }
        return self._columns
