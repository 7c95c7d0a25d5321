"""Stock rows added up (docs/finale.md, “Stock”). Pure.

There are many rows for one product: by place, lot, packing and order, each with one quantity. A product that has none has no row at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from sync.engine.source import Held
from sync.sources.finale import cells
from sync.sources.finale.columns import Row
from sync.sources.finale.held import held_or, url
from sync.sources.finale.said import StockLine

MOST_HELD = 1_000
"""Rows that are kept with their sentences; the rest is counted only."""


class StockSums:
    """Plain sums per product and place, whatever order the rows come in.

    `held` are rows that can't be meant, `unclear` the keys they belong to and `unplaced` their number without one: for an unclear key no
    sum is given, since it would be wrong.
    """

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.held_count = 0
        self.unclear: set[str] = set()
        self.unplaced = 0
        self._sums: dict[tuple[str, str], list[int]] = {}
        self._skus: dict[str, str] = {}

    def add(self, row: Row, number: int = 0) -> None:
        """Add a row in the order of its shape."""
        found = held_or("stock", row, number, lambda: self._added(row))
        if isinstance(found, Held):
            self.held_count += 1
            if len(self.held) < MOST_HELD:
                self.held.append(found)
            product, place = row[0], row[1]
            if isinstance(product, str) and isinstance(place, str) and product and place:
                self.unclear.add(f"{product} {place}")
            else:
                self.unplaced += 1

    def rows(self) -> Iterator[StockLine]:
        """A line for each product and place, in no particular order."""
        for (product, place), (on_hand, reserved, on_order) in self._sums.items():
            key = f"{product} {place}"
            if key not in self.unclear:
                yield StockLine(key, product, place, self._skus.get(product, ""), on_hand, reserved, on_order)

    def _added(self, row: Row) -> None:
        product, place, on_hand, on_order, reserved, sku = row
        sku = cells.text(sku, "productId", 80)
        quantities = (
            cells.quantity(on_hand, "quantityOnHand"),
            cells.quantity(reserved, "quantityReserved"),
            cells.quantity(on_order, "quantityOnOrder"),
        )
        product = url(product, "productUrl")
        sums = self._sums.setdefault((product, url(place, "facilityUrl")), [0, 0, 0])
        for index, quantity in enumerate(quantities):
            sums[index] += quantity
        if sku:
            self._skus.setdefault(product, sku)
