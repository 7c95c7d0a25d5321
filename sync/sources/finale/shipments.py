"""What the collection of shipments says: sales that left and purchases that arrived (docs/finale.md, “Shipments”). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sync.engine.source import Held
from sync.sources.finale import cells
from sync.sources.finale.cells import Unclear
from sync.sources.finale.columns import Row
from sync.sources.finale.held import held_or, url
from sync.sources.finale.said import ShipmentLine


class Kind(StrEnum):
    """What a shipment is to us."""

    SALE = "sale"
    RECEIPT = "receipt"
    OTHER = "other"


KINDS: Mapping[str, Kind] = {"SALES_SHIPMENT": Kind.SALE, "PURCHASE_SHIPMENT": Kind.RECEIPT}
DONE: Mapping[Kind, frozenset[str]] = {
    Kind.SALE: frozenset({"SHIPMENT_SHIPPED", "SHIPMENT_DELIVERED"}),
    Kind.RECEIPT: frozenset({"SHIPMENT_DELIVERED"}),
    Kind.OTHER: frozenset(),
}
"""The states in which goods have left for a customer, or have arrived from a vendor."""


class ShipmentSaid(NamedTuple):
    """A shipment. Its `lines` replace all that were kept of it: none where nothing moved (yet), or it was cancelled.

    None where goods moved and the list does not say which: the shipment is then read by itself.
    """

    external_id: str
    kind: Kind
    lines: tuple[ShipmentLine, ...] | None
    changed_upstream_at: datetime | None


def shipment(row: Row, number: int = 0) -> ShipmentSaid | Held:
    """A shipment, `row` being in the order of its shape."""
    return held_or("shipments", row, number, lambda: _shipment(row))


def _shipment(row: Row) -> ShipmentSaid:
    there, type_there, status, shipped, changed, received, order, origin, destination, items = row
    there = url(there, "shipmentUrl")
    kind = KINDS.get(str(type_there), Kind.OTHER)
    lines: tuple[ShipmentLine, ...] | None = ()
    if status in DONE[kind]:
        day = _day(kind, shipped, received)
        place = origin if kind is Kind.SALE else destination
        order = url(order, "primaryOrderUrl") if order else ""
        lines = None if items is None else _lines(cells.entries(items, "shipmentItemList"), there, place, day, order)
    return ShipmentSaid(there, kind, lines, cells.moment(changed, "lastUpdatedDate"))


def _day(kind: Kind, shipped: Any, received: Any) -> date:
    found = cells.day(shipped, "shipDate") if kind is Kind.SALE else cells.day(received, "receiveDate") or cells.day(shipped, "shipDate")
    if found is None:
        field = "shipDate" if kind is Kind.SALE else "receiveDate"
        raise Unclear(field, f"The goods have moved, but “{field}” does not say when.")
    return found


def _lines(items: Sequence[Mapping[str, Any]], there: str, place: Any, day: date, order: str) -> tuple[ShipmentLine, ...]:
    return tuple(
        ShipmentLine(
            document=there,
            line=index,
            product_id_there=url(each.get("productUrl"), "productUrl"),
            place_id_there=url(each.get("facilityUrl") or place, "facilityUrl") if each.get("facilityUrl") or place else "",
            day=day,
            quantity=cells.quantity(each.get("quantity"), "quantity"),
            order_id_there=order,
        )
        for index, each in enumerate(items)
    )
