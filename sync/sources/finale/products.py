"""What the collection of products says (docs/finale.md, “Products”). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from inventory.keys import model_key, sku_key
from sync.engine.source import Held
from sync.sources.finale import cells
from sync.sources.finale.cells import Unclear
from sync.sources.finale.columns import Row
from sync.sources.finale.held import URL, held_or, url
from sync.sources.finale.said import ProductSaid
from sync.texts import fixed, storable

ACTIVE = "PRODUCT_ACTIVE"
DO_NOT_REORDER = "##doNotReorder"
MIXED = "mixed"
"""The reorder method of a product whose locations have different ones."""

_SAID_BY: Mapping[str, tuple[str, ...]] = {
    "internalName": ("name",),
    "cost": ("cost",),
    "universalProductCode": ("barcode", "barcode_key"),
    "normalizedPackingString": ("packing", "units_per_case"),
    "supplierList": ("vendor_id_there", "vendor_code", "vendor_price", "suppliers"),
    "reorderGuidelineList": ("guidelines", "reorder_method", "reorder_excluded"),
}


def unsaid(absent: Collection[str]) -> frozenset[str]:
    """The fields of ProductSaid that an answer without the columns `absent` says nothing of: stored values of them stay."""
    fields = {field for column, names in _SAID_BY.items() if column in absent for field in names}
    if {"userCategory", "category"} <= set(absent):
        fields.add("category")
    if {"leadTime", "supplierList"} & set(absent):
        fields.add("lead_time_days")
    return frozenset(fields)


def product(row: Row, number: int = 0, absent: Collection[str] = ()) -> ProductSaid | Held:
    """A product, `row` being in the order of its shape; it may have the JSON of the other columns as one more entry.

    `absent` are columns that the answer has not: what they would say is None.
    """
    return held_or("products", row, number, lambda: _product(row, absent))


def _product(row: Row, absent: Collection[str]) -> ProductSaid:
    there, sku, status, changed, name, cost, barcode, user_category, category, lead, packing, suppliers, guidelines, *rest = row
    sku = cells.text(sku, "productId", 80)
    if not sku:
        raise Unclear("productId", "There is no “productId”.")
    if not isinstance(status, str) or not status:
        raise Unclear("statusId", "“statusId” does not say whether it is active.")
    barcode = cells.text(barcode, "universalProductCode", 80)
    packing = cells.text(packing, "normalizedPackingString", 80)
    given = _suppliers(suppliers)
    main = next((each for each in given if each["main"]), {})
    reorder, method, excluded = _guidelines(guidelines)
    own = cells.days(lead, "leadTime")
    said = ProductSaid(
        external_id=url(there, "productUrl"),
        sku=sku,
        sku_key=sku_key(sku),
        name=cells.text(name, "internalName", 300),
        active=status == ACTIVE,
        barcode=barcode,
        barcode_key=model_key(barcode),
        category=cells.text(user_category, "userCategory", 120) or cells.text(category, "category", 120),
        cost=cells.price(cost, "cost"),
        lead_time_days=main["lead_days"] if main.get("lead_days") is not None else own,
        packing=packing,
        units_per_case=cells.per_case(packing),
        vendor_id_there=main.get("party", ""),
        vendor_code=main.get("code", ""),
        vendor_price=main.get("price", ""),
        suppliers=fixed(given),
        guidelines=reorder,
        reorder_method=method,
        reorder_excluded=excluded,
        raw=storable(rest[0]) if rest else None,
        changed_upstream_at=cells.moment(changed, "lastUpdatedDate"),
    )
    if not absent:
        return said
    unknown: dict[str, Any] = dict.fromkeys(unsaid(absent))
    return said._replace(**unknown)


def _suppliers(value: Any) -> list[dict[str, Any]]:
    """The supplier entries that name a party. The main one is the first whose preference holds MAIN, else the first."""
    named = [each for each in cells.entries(value, "supplierList") if each.get("supplierPartyUrl")]
    main = next((each for each in named if "MAIN" in str(each.get("supplierPrefOrderId") or "")), named[0] if named else None)
    return [
        {
            "party": url(each["supplierPartyUrl"], "supplierPartyUrl"),
            "main": each is main,
            "code": cells.text(each.get("supplierProductId"), "supplierProductId", 80),
            "price": cells.price(each.get("price") if each.get("price") is not None else each.get("unitPrice"), "price"),
            "currency": cells.text(each.get("currencyUomId"), "currencyUomId", 10),
            "lead_days": cells.days(each.get("leadTime"), "leadTime"),
            "available": cells.amount(each.get("quantityAvailable"), "quantityAvailable"),
            "comments": cells.text(each.get("generalComments"), "generalComments", 1_000),
        }
        for each in named
    ]


def _guidelines(value: Any) -> tuple[str, str, bool]:
    """Reorder settings by location as JSON, their method, and whether the product is not to be reordered. No entry is unknown: blank."""
    found = [
        {
            "place": cells.text(_first(each, "facilityUrl", "facilityId", "facilityName"), "facilityUrl", URL),
            "method": cells.text(each.get("reorderCalculationMethodId"), "reorderCalculationMethodId", 40),
            "point": cells.amount(each.get("reorderPoint"), "reorderPoint"),
            "quantity": cells.amount(each.get("reorderQuantity"), "reorderQuantity"),
        }
        for each in cells.entries(value, "reorderGuidelineList")
    ]
    methods = {str(each["method"]) for each in found}
    if DO_NOT_REORDER in methods:
        return fixed(found), DO_NOT_REORDER, True
    return fixed(found) if found else "", methods.pop() if len(methods) == 1 else MIXED if methods else "", False


def _first(entry: Mapping[str, Any], *names: str) -> Any:
    return next((entry[name] for name in names if entry.get(name)), None)
