"""Master data as rows of the tables that keep it, a page at a time (docs/odoo.md, “Records”)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sync.engine.source import Held
from sync.engine.tables import Missing, TablePlan, Target
from sync.references.tables import CATEGORIES, PLACES, PRODUCTS, REORDER, VENDORS
from sync.sources.odoo import mapping
from sync.sources.odoo.pulling import Pulled
from sync.sources.odoo.said import CategorySaid, PlaceSaid, ProductSaid, ReorderSaid, VendorSaid

TARGETS: dict[str, Target] = {
    "categories": CATEGORIES,
    "warehouses": PLACES,
    "locations": PLACES,
    "vendors": VENDORS,
    "products": PRODUCTS,
    "reorder": REORDER,
}
"""The table of each feed of master data."""
_COLUMNS: dict[str, tuple[str, ...]] = {
    CATEGORIES.entity: CategorySaid._fields,
    PLACES.entity: PlaceSaid._fields,
    VENDORS.entity: VendorSaid._fields,
    PRODUCTS.entity: ProductSaid._fields,
    REORDER.entity: ReorderSaid._fields,
}
_SAID: dict[str, Callable[..., Any]] = {
    "categories": mapping.category,
    "warehouses": mapping.warehouse,
    "locations": mapping.location,
    "vendors": mapping.vendor,
    "products": mapping.product,
    "reorder": mapping.reorder,
}
WITHOUT_BARCODE = "Products have no barcode: no till can tell of them."


def table(target: Target, pulled: Sequence[Pulled], *, missing: tuple[Missing, ...] = ()) -> TablePlan:
    """What a table should hold of what was read."""
    return TablePlan(target, _COLUMNS[target.entity], _rows(pulled), missing=missing, in_thousandths=True)


def _rows(pulled: Sequence[Pulled]) -> Iterator[tuple[Any, ...]]:
    for one in pulled:
        number = 0
        for page in one.pages():
            for row in page.rows:
                number += 1
                if one.since is not None:
                    one.taken.add(str(row["id"]))
                said = _SAID[one.feed](row, number)
                if isinstance(said, Held):
                    one.hold(said)
                elif said is not None:
                    if isinstance(said, ProductSaid) and not said.barcode and said.active:
                        one.warn(WITHOUT_BARCODE)
                    yield said
