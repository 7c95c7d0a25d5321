"""What the collection of orders says of purchase orders (docs/finale.md, “Purchase orders”). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sync.engine.source import Held
from sync.sources.finale import cells
from sync.sources.finale.columns import Row
from sync.sources.finale.filters import PURCHASE_ORDER
from sync.sources.finale.held import held_or, url
from sync.sources.finale.parties import SUPPLIER
from sync.sources.finale.said import OrderSaid

COMMITTED = "ORDER_LOCKED"
CANCELLED = "ORDER_CANCELLED"


def order(row: Row, number: int = 0) -> OrderSaid | Held | None:
    """A purchase order; None for an order of another type, whatever was filtered for.

    Whether it is received is not in its status: one may stay committed for ever (docs/finale.md, “Receipts”).
    """
    return held_or("orders", row, number, lambda: _order(row))


def _order(row: Row) -> OrderSaid | None:
    there, kind, status, changed, number, reference, ordered, destination, roles, items = row
    if kind != PURCHASE_ORDER:
        return None
    there = url(there, "orderUrl")
    return OrderSaid(
        external_id=there,
        number=cells.text(number, "orderId", 80),
        reference=cells.text(reference, "referenceNumber", 80),
        status=cells.text(status, "statusId", 40),
        vendor_id_there=_supplier(cells.entries(roles, "orderRoleList"), there),
        place_id_there=url(destination, "destinationFacilityUrl") if destination else "",
        ordered_on=cells.day(ordered, "orderDate"),
        lines=None if items is None else _lines(cells.entries(items, "orderItemList")),
        changed_upstream_at=cells.moment(changed, "lastUpdatedDate"),
    )


def _lines(items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Lines of one product are added. One without a product is a note or a fee."""
    found: dict[str, int] = {}
    for each in items:
        if each.get("productUrl"):
            product = url(each["productUrl"], "productUrl")
            found[product] = found.get(product, 0) + cells.quantity(each.get("quantity"), "quantity")
    return found


def _supplier(roles: Sequence[Mapping[str, Any]], there: str) -> str:
    """The supplier's URL. Orders name the party by its id, which is the end of its URL in the same account."""
    role = next((each for each in roles if each.get("roleTypeId") == SUPPLIER), {})
    if role.get("partyUrl"):
        return url(role["partyUrl"], "partyUrl")
    party = cells.text(role.get("partyId"), "partyId", 80)
    base, found, _ = there.partition("/api/")
    return f"{base}/api/partygroup/{quote(party, safe='')}" if party and found else ""
