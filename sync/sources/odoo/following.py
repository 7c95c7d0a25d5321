"""What follows here from what Odoo says, a chunk at a time: categories, warehouses, vendors, products, points and our own orders."""

from __future__ import annotations

from datetime import datetime

from inventory.dialect import quoted
from inventory.models import WarehouseMode
from sync.engine.stage import diff_table
from sync.engine.tables import Target
from sync.models import Connection, OrderRef, ReorderRef, WarehouseRef
from sync.references import categories, places, reordering, vendors
from sync.references.products import Products
from sync.references.statements import Some, table_of
from sync.references.tables import CATEGORIES, ORDERS, PLACES, PRODUCTS, REORDER, VENDORS
from sync.sources.odoo import orders
from sync.sources.odoo.options import Options
from sync.sources.odoo.said import WAREHOUSE


class Following:
    """One run's way of following a connection."""

    def __init__(self, connection: Connection, options: Options) -> None:
        self._connection, self._options = connection, options
        self._products: Products | None = None

    @property
    def products(self) -> Products:
        if self._products is None:
            self._products = Products(self._connection, match_sku=self._options.match_sku)
        return self._products

    def chunk(self, target: Target, at: datetime) -> None:
        """What the rows of the difference table of `target` mean. Within the transaction that writes them."""
        some = Some(f"r.id IN (SELECT id FROM {quoted(diff_table(target))})")
        if target is CATEGORIES:
            self.categories(at)
        elif target is PLACES:
            self.places(at)
        elif target is VENDORS:
            vendors.follow(self._connection, some)
        elif target is PRODUCTS:
            self.products.follow(some, at)
            reordering.follow_rules(self._connection, some, at)
        elif target is REORDER:
            ruled = f"SELECT t.product_id_there FROM {table_of(ReorderRef)} t WHERE t.id IN (SELECT id FROM {quoted(diff_table(REORDER))})"
            reordering.follow_rules(
                self._connection, Some(f"r.connection_id = %s AND r.external_id IN ({ruled})", [self._connection.pk]), at
            )
        elif target is ORDERS:
            rows = OrderRef.objects.filter(connection=self._connection)
            mine = rows.extra(where=[f"id IN (SELECT id FROM {quoted(diff_table(ORDERS))})"]).order_by("id")
            orders.follow(self._connection, list(mine))

    def categories(self, at: datetime) -> None:
        """The tree, and the products in what is another category here than before."""
        moved = categories.follow(self._connection)
        for start in range(0, len(moved), 500):
            part = moved[start : start + 500]
            marks = ", ".join(["%s"] * len(part))
            some = Some(f"r.connection_id = %s AND r.category_id_there IN ({marks})", [self._connection.pk, *part])
            self.products.follow(some, at)

    def places(self, at: datetime) -> None:
        """Warehouses, and the points of what lies in them where that has changed."""
        changed = places.follow(
            self._connection,
            uncounted=self._options.uncounted,
            wanted=(),
            mode=WarehouseMode.LEDGER,
            opened_at=self._options.book_from,
            is_warehouse=_is_warehouse,
        )
        if changed:
            reordering.follow_rules(self._connection, self.everything, at)

    @property
    def everything(self) -> Some:
        return Some("r.connection_id = %s", [self._connection.pk])

    def all(self, at: datetime) -> None:
        """Everything once more, from all that is said."""
        self.categories(at)
        self.places(at)
        vendors.follow(self._connection, self.everything)
        self.products.follow(self.everything, at)
        reordering.follow_rules(self._connection, self.everything, at)


def _is_warehouse(ref: WarehouseRef) -> bool:
    """A location that lies in no warehouse, and one that goods pass on their way, wait for a person to say whose they are."""
    return ref.external_id.startswith(WAREHOUSE)
