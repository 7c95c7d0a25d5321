"""Which products a critical sync writes: those that are critical now, and those that what was just read makes critical."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.models import CRITICAL_STATES
from inventory.quantity import to_thousandths
from sync.models import Connection, ProductRef
from sync.sources.finale.stockreading import Stock, available

AT_ONCE = 2_000


def chosen(connection: Connection, stock: Stock, counting: Mapping[str, int]) -> set[str]:
    """The external ids of these products. A product that is missing from a complete list has nothing; from another one, nothing is known.

    One statement; products are streamed.
    """
    now = available(stock.lines, counting)
    listed = {line.product_id_there for line in stock.lines}
    rows = ProductRef.objects.filter(connection=connection, gone_at=None, product__supply__isnull=False).order_by()
    columns = ("external_id", "product__supply__state", "product__supply__available", "product__supply__reorder_point")
    found = set()
    for there, state, before, point in rows.values_list(*columns).iterator(chunk_size=AT_ONCE):
        known = there in listed or stock.complete
        if state in CRITICAL_STATES or (
            known
            and now.get(there, 0) <= (to_thousandths(point) if point is not None else 0)
            and now.get(there, 0) != to_thousandths(before)
        ):
            found.add(there)
    return found
