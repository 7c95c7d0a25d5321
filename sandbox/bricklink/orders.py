"""Orders as BrickLink keeps and shows them. Of an order is kept what is in its list entry, and the batches of its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.bricklink.lots import escaped, stamp, wanted_in
from sandbox.market.memory import Row

CURRENCY = "EUR"
STATUSES = (
    "PENDING",
    "UPDATED",
    "PROCESSING",
    "READY",
    "PAID",
    "PACKED",
    "SHIPPED",
    "RECEIVED",
    "COMPLETED",
    "CANCELLED",
    "PURGED",
    "OCR",
    "NPB",
    "NPX",
    "NRS",
    "NSS",
)


def placed(number: int, lots: Sequence[tuple[Row, int]]) -> Row:
    """A new order of these lots and pieces."""
    now = stamp()
    return _counted(
        {
            "order_id": number,
            "date_ordered": now,
            "date_status_changed": now,
            "seller_name": "demo_seller",
            "store_name": "Demo Bricks",
            "buyer_name": f"demo_buyer_{number % 7}",
            "status": "PENDING",
            "payment": {"method": "PayPal", "status": "None", "currency_code": CURRENCY},
            "cost": {"currency_code": CURRENCY},
            "batches": [[_line(lot, pieces) for lot, pieces in lots]],
        }
    )


def grown(order: Row, lots: Sequence[tuple[Row, int]]) -> Row:
    """The order after its buyer has added a batch."""
    return _counted({**with_status(order, "UPDATED"), "batches": [*order["batches"], [_line(lot, pieces) for lot, pieces in lots]]})


def with_status(order: Row, status: str) -> Row:
    """The order in another status."""
    return {**order, "status": status, "date_status_changed": stamp()}


def listed(orders: Mapping[str, Row], query: Mapping[str, str]) -> list[Row]:
    """The list's entries, by `status` and `direction`."""
    if query.get("direction", "in") != "in" or query.get("filed", "false") == "true":
        return []
    passes = wanted_in(query.get("status", "").upper())
    return [entry(order) for order in orders.values() if passes(order["status"])]


def entry(order: Row) -> Row:
    """An order as the list shows it."""
    return {name: value for name, value in order.items() if name != "batches"}


def detail(order: Row) -> Row:
    """An order by itself."""
    cost = {**order["cost"], "final_total": order["cost"]["grand_total"], "shipping": "3.0000", "insurance": "0.0000", "credit": "0.0000"}
    return {
        **entry(order),
        "buyer_email": "demo_buyer@shop.example",
        "require_insurance": False,
        "is_invoiced": False,
        "is_filed": False,
        "drive_thru_sent": False,
        "remarks": "",
        "total_weight": "0",
        "shipping": {"method": "Letter", "method_id": 1, "tracking_no": "", "address": {"name": {"full": "Demo Buyer"}}},
        "cost": cost,
        "disp_cost": cost,
    }


def batches(order: Row, *, turn: int) -> list[list[Row]]:
    """The items in their batches. Their order is not stable: each reading begins with another one."""
    return [batch[turn % len(batch) :] + batch[: turn % len(batch)] for batch in order["batches"]]


def _line(lot: Row, pieces: int) -> Row:
    price = lot["unit_price"]
    line = {
        "inventory_id": lot["inventory_id"],
        "item": {**lot["item"], "name": escaped(lot["item"]["name"])},
        "color_id": lot["color_id"],
        "color_name": lot["color_name"],
        "quantity": pieces,
        "new_or_used": lot["new_or_used"],
        "unit_price": price,
        "unit_price_final": price,
        "disp_unit_price": price,
        "disp_unit_price_final": price,
        "currency_code": CURRENCY,
        "disp_currency_code": CURRENCY,
        "remarks": escaped(lot["remarks"]),
        "description": escaped(lot["description"]),
        "weight": "2.32",
    }
    return {**line, "completeness": lot["completeness"]} if "completeness" in lot else line


def _counted(order: Row) -> Row:
    lines: list[dict[str, Any]] = [line for batch in order["batches"] for line in batch]
    subtotal = sum((Decimal(line["unit_price"]) * line["quantity"] for line in lines), Decimal(0))
    return {
        **order,
        "total_count": sum(line["quantity"] for line in lines),
        "unique_count": len({line["inventory_id"] for line in lines}),
        "cost": {**order["cost"], "subtotal": f"{subtotal:.4f}", "grand_total": f"{subtotal + 3:.4f}"},
    }
