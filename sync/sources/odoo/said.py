"""What Odoo says, in the columns of the tables that keep it (sync/references/tables.py). Moves are sync.facts.said.FactSaid.

None is what an answer did not say; what it said to be unknown is blank.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

WAREHOUSE, LOCATION, CATEGORY, VENDOR, PRODUCT, RULE, ORDER = (
    "warehouse:",
    "location:",
    "category:",
    "partner:",
    "product:",
    "rule:",
    "order:",
)
"""What the external ids of records begin with; behind it is Odoo's id."""


class CategorySaid(NamedTuple):
    external_id: str
    name: str
    path: str
    """Its name after those of the categories it lies in."""
    parent_id_there: str
    changed_upstream_at: datetime | None


class PlaceSaid(NamedTuple):
    """A warehouse, or an internal location in the warehouse `parent_id_there`; blank for one that lies in none."""

    external_id: str
    name: str
    code: str
    parent_id_there: str
    active: bool


class VendorSaid(NamedTuple):
    external_id: str
    party_id: str
    name: str
    name_key: str
    email: str
    phone: str
    contact: str
    address: str
    active: bool
    raw: str
    changed_upstream_at: datetime | None


class ProductSaid(NamedTuple):
    """A variant. `cost` is plain decimal text; `raw` JSON of prices, type and unit. `fractional`: its unit is weighed or measured."""

    external_id: str
    sku: str
    sku_key: str
    name: str
    active: bool
    barcode: str
    barcode_key: str
    category: str
    category_id_there: str
    cost: str
    fractional: bool | None
    raw: str
    changed_upstream_at: datetime | None


class ReorderSaid(NamedTuple):
    """A reordering rule; `point` and `maximum` in thousandths."""

    external_id: str
    product_id_there: str
    place_id_there: str
    point: int
    maximum: int | None
    method: str
    active: bool
    changed_upstream_at: datetime | None


class OrderSaid(NamedTuple):
    """A purchase order. `lines` are quantities in thousandths of the product's unit, by product."""

    external_id: str
    number: str
    reference: str
    status: str
    vendor_id_there: str
    place_id_there: str
    ordered_on: date | None
    lines: dict[str, int]
    changed_upstream_at: datetime | None


class QuantSaid(NamedTuple):
    """What is of one product in one location now, in thousandths."""

    product_id_there: str
    place_id_there: str
    on_hand: int
