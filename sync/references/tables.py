"""What a connection says, as tables of the engine. A source names the columns it speaks of; the others are left as they are."""

from __future__ import annotations

from sync.engine.tables import Field, Target
from sync.models import OrderRef, ProductRef, StockRef, VendorRef, WarehouseRef

PLACES = Target(
    entity="place",
    model=WarehouseRef,
    key="external_id",
    place="connection_id",
    fields=(
        Field("name", "place_changed"),
        Field("code", "place_changed"),
        Field("parent_id_there", "place_changed"),
        Field("active", "place_changed"),
    ),
    label=("name", "code"),
    gone="gone_at",
    born="first_seen_at",
    appeared="place_appeared",
    disappeared="place_disappeared",
    counted=True,
    plural="locations",
)

VENDORS = Target(
    entity="vendor_ref",
    model=VendorRef,
    key="external_id",
    place="connection_id",
    fields=(
        Field("party_id"),
        Field("name", "vendor_changed"),
        Field("name_key", carried_by="name"),
        Field("email", "vendor_changed", keep=True),
        Field("phone", "vendor_changed", keep=True),
        Field("contact", "vendor_changed", keep=True),
        Field("address", "vendor_changed", keep=True),
        Field("active", "vendor_changed", keep=True),
        Field("raw", keep=True),
        Field("changed_upstream_at", keep=True),
    ),
    label=("name", "party_id"),
    gone="gone_at",
    born="first_seen_at",
    appeared="vendor_appeared",
    disappeared="vendor_disappeared",
    counted=True,
    plural="suppliers",
)

PRODUCTS = Target(
    entity="product_ref",
    model=ProductRef,
    key="external_id",
    place="connection_id",
    fields=(
        Field("sku", "product_renamed"),
        Field("sku_key", carried_by="sku"),
        Field("name", "product_renamed", keep=True),
        Field("active", "product_switched", keep=True),
        Field("barcode", "product_changed", keep=True),
        Field("barcode_key", carried_by="barcode", keep=True),
        Field("category", "product_changed", keep=True),
        Field("cost", "product_price_changed", keep=True),
        Field("lead_time_days", "product_supply_changed", keep=True),
        Field("packing", "product_changed", keep=True),
        Field("units_per_case", carried_by="packing", keep=True),
        Field("vendor_id_there", "product_supply_changed", keep=True),
        Field("vendor_code", "product_supply_changed", keep=True),
        Field("vendor_price", "product_supply_changed", keep=True),
        Field("suppliers", keep=True),
        Field("guidelines", "product_reorder_changed", keep=True),
        Field("reorder_method", carried_by="guidelines", keep=True),
        Field("reorder_excluded", "product_reorder_changed", keep=True),
        Field("raw", keep=True),
        Field("digest"),
        Field("changed_upstream_at", keep=True),
    ),
    label=("sku", "name"),
    gone="gone_at",
    born="first_seen_at",
    appeared="product_appeared",
    disappeared="product_disappeared",
    counted=True,
    plural="products",
)

STOCK = Target(
    entity="stock_ref",
    model=StockRef,
    key="key",
    place="connection_id",
    fields=(
        Field("on_hand", "stock_changed"),
        Field("reserved", "stock_reserved_changed"),
        Field("on_order", "stock_on_order_changed"),
        Field("sku"),
    ),
    written_once=("product_id_there", "place_id_there"),
    label=("sku", "key"),
    gone="gone_at",
    born="first_seen_at",
    appeared="stock_appeared",
    disappeared="stock_gone",
    counted=True,
    plural="stock lines",
)

ORDERS = Target(
    entity="order_ref",
    model=OrderRef,
    key="external_id",
    place="connection_id",
    fields=(
        Field("number"),
        Field("reference", "purchase_order_changed"),
        Field("status", "purchase_order_changed"),
        Field("vendor_id_there"),
        Field("place_id_there"),
        Field("ordered_on"),
        Field("lines", keep=True),
        Field("changed_upstream_at", keep=True),
    ),
    label=("number", "reference"),
    gone="gone_at",
    born="first_seen_at",
    appeared="purchase_order_appeared",
    disappeared="purchase_order_gone",
    counted=True,
    plural="purchase orders",
)
