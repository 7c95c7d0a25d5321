"""Which fields Odoo has in which version: the one place that knows (docs/odoo.md, “Versions”). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

OLDEST, NEWEST = 16, 19
"""The versions whose fields were looked at. A newer one is taken to be like the newest."""
ALWAYS = 99


class Version(NamedTuple):
    """17.0 is (17, 0), saas~18.2 is (18, 2): between 18 and 19, with some of what is new in 19."""

    major: int
    minor: int = 0

    def __str__(self) -> str:
        return str(self.major) if not self.minor else f"{self.major}.{self.minor}"

    @classmethod
    def of(cls, text: Any) -> Version:
        """The version in 17.0, 19.0+e, saas~18.2. Raises ValueError."""
        found = re.search(r"(?<!\d)(\d{1,3})(?:\.(\d{1,3}))?", text) if isinstance(text, str) else None
        if found is None:
            raise ValueError("It names no version.")
        return cls(int(found[1]), int(found[2] or 0))


@dataclass(frozen=True)
class Field:
    """A field that is read, in the versions `since` to `until`. Without a `needed` one nothing of the model is used.

    `instead` names what newer versions have in its place.
    """

    name: str
    since: int = 0
    until: int = ALWAYS
    instead: str = ""
    needed: bool = False

    def may_be_in(self, version: Version) -> bool:
        """Whether the version has it, or, between two versions, whether one of the two has."""
        return self.since <= version.major + (1 if version.minor else 0) and version.major <= self.until

    def must_be_in(self, version: Version) -> bool:
        """Whether it is needed, and the version has it for certain."""
        return self.needed and self.since <= version.major and version.major + (1 if version.minor else 0) <= self.until


def _needed(name: str, since: int = 0, until: int = ALWAYS, instead: str = "") -> Field:
    return Field(name, since, until, instead, needed=True)


def _plain(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name) for name in names)


def _all_needed(*names: str) -> tuple[Field, ...]:
    return tuple(_needed(name) for name in names)


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "product.category": (*_all_needed("name", "write_date"), *_plain("complete_name", "parent_id")),
    "stock.warehouse": (
        *_all_needed("name", "active", "write_date"),
        *_plain("code", "lot_stock_id", "view_location_id", "company_id"),
    ),
    "stock.location": (
        *_all_needed("complete_name", "usage", "warehouse_id", "active", "write_date"),
        *_plain("name", "location_id", "company_id"),
        Field("scrap_location", until=18),
        Field("return_location", until=17),
    ),
    "stock.picking.type": (*_all_needed("code", "warehouse_id"), *_plain("name", "active", "write_date")),
    "res.partner": (
        *_all_needed("name", "active", "supplier_rank", "write_date"),
        *_plain("ref", "email", "phone", "street", "street2", "zip", "city", "state_id", "country_id", "vat"),
        Field("mobile", until=18),
    ),
    "product.product": (
        *_all_needed("name", "active", "type", "uom_id", "write_date"),
        *_plain("default_code", "barcode", "categ_id", "list_price", "lst_price", "standard_price", "product_tmpl_id", "company_id"),
        Field("detailed_type", until=17, instead="is_storable"),
        _needed("is_storable", since=18),
        Field("uom_po_id", until=18, instead="uom_ids"),
    ),
    "stock.warehouse.orderpoint": (
        *_all_needed("product_id", "location_id", "product_min_qty", "product_max_qty", "active", "write_date"),
        *_plain("warehouse_id", "trigger"),
        Field("qty_multiple", until=18),
    ),
    "purchase.order": (
        *_all_needed("name", "state", "partner_id", "picking_type_id", "write_date"),
        *_plain("date_order", "date_approve", "effective_date", "receipt_status", "partner_ref", "origin", "currency_rate", "company_id"),
        Field("locked", since=19),
    ),
    "purchase.order.line": (
        *_all_needed("order_id", "product_id", "product_qty", "product_uom_qty", "display_type", "write_date"),
        *_plain("qty_received", "price_unit", "price_subtotal", "date_planned", "state", "partner_id"),
        _needed("product_uom", until=18, instead="product_uom_id"),
        _needed("product_uom_id", since=19),
    ),
    "stock.move": (
        *_all_needed("state", "date", "product_id", "product_uom_qty", "product_qty", "product_uom", "write_date"),
        *_all_needed("location_id", "location_dest_id", "location_usage", "location_dest_usage"),
        _needed("quantity_done", until=16, instead="quantity"),
        _needed("quantity", since=17),
        Field("name", until=18, instead="reference"),
        *_plain("reference", "origin", "picking_id", "picking_code", "purchase_line_id", "origin_returned_move_id", "to_refund"),
        *_plain("production_id", "raw_material_production_id", "move_orig_ids", "is_inventory", "price_unit", "company_id"),
        Field("scrapped", until=18, instead="scrap_id"),
        Field("scrap_ids", until=16, instead="scrap_id"),
        Field("scrap_id", since=17),
    ),
    "stock.quant": (
        *_all_needed("product_id", "location_id", "quantity"),
        *_plain("reserved_quantity", "company_id", "write_date"),
    ),
    "uom.uom": (*_all_needed("name", "factor"), *_plain("write_date"), Field("relative_factor", since=19)),
}


def known(model: str, version: Version, there: Collection[str]) -> list[str]:
    """The fields of `model` to ask this version for, `there` being those that it says it has. The id comes first."""
    return ["id", *(field.name for field in FIELDS[model] if field.may_be_in(version) and field.name in there)]


def lacking(model: str, version: Version, there: Collection[str]) -> str:
    """The first field that is needed of `model` in this version and not `there`; blank when all are."""
    return next((field.name for field in FIELDS[model] if field.must_be_in(version) and field.name not in there), "")


def instead_of(model: str, field: str, version: Version) -> str:
    """What this version has in place of a field, as a sentence; blank where the field should be there or is unknown."""
    row = next((each for each in FIELDS.get(model, ()) if each.name == field), None)
    if row is None or row.may_be_in(version):
        return ""
    if row.since > version.major:
        return f"It came with Odoo {row.since}."
    return f"It went with Odoo {row.until + 1}{f'; “{row.instead}” stands in its place' if row.instead else ''}."
