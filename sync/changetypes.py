"""Types of changes in words."""

from __future__ import annotations

CHANGE_TYPES: dict[str, str] = {
    "item_appeared": "Unit new",
    "item_disappeared": "Unit gone",
    "item_migrated": "Unit moved",
    "item_reserved": "Unit reserved",
    "item_status_changed": "Availability changed",
    "item_message_changed": "Availability message changed",
    "item_qty_changed": "Quantity changed",
    "item_load_changed": "Load of unit changed",
    "item_model_changed": "Model changed",
    "item_cso_changed": "Order number of unit changed",
    "load_appeared": "Load new",
    "load_disappeared": "Load gone",
    "load_sold": "Load sold",
    "load_status_changed": "Sale state of load changed",
    "load_cso_assigned": "Order number of load assigned",
    "load_cso_status_changed": "Order state of load changed",
    "load_units_changed": "Units of load changed",
    "load_details_changed": "Details of load changed",
    "conflict_opened": "Conflict opened",
    "conflict_resolved": "Conflict resolved",
    "place_appeared": "Location new",
    "place_changed": "Location changed",
    "place_disappeared": "Location gone",
    "vendor_appeared": "Vendor new",
    "vendor_changed": "Vendor changed",
    "vendor_disappeared": "Vendor gone",
    "product_appeared": "Product new",
    "product_renamed": "Product renamed",
    "product_switched": "Product switched on or off",
    "product_changed": "Product changed",
    "product_price_changed": "Purchase price changed",
    "product_supply_changed": "Supply of product changed",
    "product_reorder_changed": "Reorder point changed",
    "product_disappeared": "Product gone",
    "stock_appeared": "Stock new",
    "stock_changed": "Stock changed",
    "stock_reserved_changed": "Reserved stock changed",
    "stock_on_order_changed": "Stock on order changed",
    "stock_gone": "Stock gone",
    "purchase_order_appeared": "Purchase order new",
    "purchase_order_changed": "Purchase order changed",
    "purchase_order_gone": "Purchase order gone",
    "held": "Row held",
    "unconfirmed": "Kept unconfirmed",
}


def in_words(change_type: str) -> str:
    """The type as people say it; one that has no words here is spelled out."""
    return CHANGE_TYPES.get(change_type) or change_type.replace("_", " ").capitalize()
