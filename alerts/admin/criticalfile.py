"""Critical items as lines of a table."""

from __future__ import annotations

from typing import Any

from alerts.critical import Item
from inventory.wording import moment

HEADINGS = (
    "SKU",
    "Name",
    "State",
    "Level",
    "Since",
    "Counted in",
    "On hand",
    "Reserved",
    "Available",
    "Reorder point",
    "Reorder quantity",
    "On order",
    "Days left",
    "Demand a day",
    "Demand rests on",
    "To order",
    "Order on",
    "On draft",
    "Vendor",
    "Lead time in days",
    "Purchase price",
    "Number of",
)


def line(item: Item) -> list[Any]:
    """The cells below HEADINGS."""
    row, product, forecast = item.supply, item.supply.product, item.forecast
    return [
        product.sku,
        product.name,
        row.get_state_display(),
        row.get_level_display(),
        moment(row.since),
        product.unit_kind,
        row.on_hand,
        row.reserved,
        row.available,
        row.reorder_point,
        row.reorder_quantity,
        row.on_order,
        row.days_left,
        forecast.daily if forecast else None,
        forecast.get_basis_display() if forecast else None,
        forecast.quantity if forecast and forecast.quantity else None,
        forecast.reorder_on if forecast else None,
        forecast.draft if forecast else None,  # type: ignore[attr-defined]
        product.vendor.name if product.vendor else None,
        forecast.lead_days if forecast else product.lead_time_days,
        product.purchase_price,
        moment(item.as_of) if item.as_of else None,
    ]
