"""What Finale says, in the columns of the tables that keep it (sync/models/reference.py). `external_id` is its host-relative URL, as sent.

None is what an answer did not say. What it said to be unknown is blank, or None where the column has no blank; docs/finale.md lists which.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class ProductSaid(NamedTuple):
    """A product. `cost` and `vendor_price` are plain decimal text; `suppliers`, `guidelines` and `raw` are JSON in a fixed form."""

    external_id: str
    sku: str
    sku_key: str
    name: str | None
    active: bool
    barcode: str | None
    barcode_key: str | None
    category: str | None
    cost: str | None
    lead_time_days: int | None
    packing: str | None
    units_per_case: int | None
    """In thousandths."""
    vendor_id_there: str | None
    vendor_code: str | None
    vendor_price: str | None
    suppliers: str | None
    guidelines: str | None
    reorder_method: str | None
    reorder_excluded: bool | None
    raw: str | None
    changed_upstream_at: datetime | None


class VendorSaid(NamedTuple):
    """A supplier. `raw` are its contacts as they came."""

    external_id: str
    party_id: str
    name: str
    name_key: str
    email: str | None
    phone: str | None
    contact: str | None
    address: str | None
    active: bool | None
    raw: str | None
    changed_upstream_at: datetime | None


class PlaceSaid(NamedTuple):
    """A location, or a sublocation in the location `parent_id_there`."""

    external_id: str
    name: str
    code: str
    parent_id_there: str
    active: bool


class StockLine(NamedTuple):
    """What is of one product in one place, in thousandths. `key` is product and place with a blank between."""

    key: str
    product_id_there: str
    place_id_there: str
    sku: str
    on_hand: int
    reserved: int
    on_order: int


class ShipmentLine(NamedTuple):
    """One line of a shipment that left (a sale) or arrived (a receipt). `quantity` is in thousandths, a correction negative.

    `document` is the shipment's URL, `order_id_there` the order's, `day` the day the goods moved in Finale's own calendar.
    """

    document: str
    line: int
    product_id_there: str
    place_id_there: str
    day: date
    quantity: int
    order_id_there: str


class OrderSaid(NamedTuple):
    """A purchase order. `lines` are quantities in thousandths by product; None where the list of orders did not hold them."""

    external_id: str
    number: str
    reference: str
    status: str
    vendor_id_there: str
    place_id_there: str
    ordered_on: date | None
    lines: dict[str, int] | None
    changed_upstream_at: datetime | None
