"""Orders as Brick Owl keeps and shows them: numbers are text, and each line has a number of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from sandbox.brickowl import catalog
from sandbox.market.memory import Row

STATUSES = (
    "Pending",
    "Payment Submitted",
    "Payment Received",
    "Processing",
    "Processed",
    "Shipped",
    "Received",
    "On Hold",
    "Cancelled",
)
CANCELLED, SHIPPED = 8, 5


def placed(number: str, lots: Sequence[tuple[Row, int]], line_number: Callable[[], int]) -> Row:
    """A new, paid order of these lots and pieces."""
    now = int(time.time())
    order = {"order_id": number, "created": now, "updated": now, "status_id": 2, "lines": []}
    return grown(order, lots, line_number)


def grown(order: Row, lots: Sequence[tuple[Row, int]], line_number: Callable[[], int]) -> Row:
    """The order with more lines."""
    lines = [_line(lot, pieces, str(line_number())) for lot, pieces in lots]
    return {**order, "updated": int(time.time()), "lines": [*order["lines"], *lines]}


def with_status(order: Row, status: int) -> Row:
    """The order in another status."""
    return {**order, "status_id": status, "updated": int(time.time())}


def refunded(order: Row, line: str, pieces: int) -> Row:
    """The order after so many pieces more of a line were paid back."""
    lines = [{**each, "refunded": each["refunded"] + pieces} if each["id"] == line else each for each in order["lines"]]
    return {**order, "updated": int(time.time()), "lines": lines}


def listed(orders: Mapping[str, Row], query: Mapping[str, str], *, by_creation: bool = False) -> list[Row]:
    """The list's entries, by `status`, `order_time`, `list_type` and `sort_by`; the newest first."""
    if query.get("list_type", "store") != "store":
        return []
    key = "updated" if query.get("sort_by") == "updated" else "created"
    since = int(query["order_time"]) if query.get("order_time", "").isdigit() else 0
    status = query.get("status", "")
    found = [
        order
        for order in orders.values()
        if order["created" if by_creation else key] >= since and (not status or status in (str(order["status_id"]), words(order)))
    ]
    found.sort(key=lambda order: (order[key], order["order_id"]), reverse=True)
    most = min(int(query["limit"]), 5000) if query.get("limit", "").isdigit() else 500
    return [entry(order) for order in found[:most]]


def words(order: Row) -> str:
    """The status as the list says it."""
    return STATUSES[order["status_id"]]


def entry(order: Row) -> Row:
    """An order as the list shows it."""
    return {
        "order_id": order["order_id"],
        "order_date": str(order["created"]),
        "total_quantity": str(sum(line["quantity"] for line in order["lines"])),
        "total_lots": str(len(order["lines"])),
        "base_order_total": f"{total(order) + 3:.2f}",
        "status": words(order),
        "status_id": str(order["status_id"]),
    }


def view(order: Row, currency: str) -> Row:
    """An order by itself."""
    back = sum((Decimal(line["lot"]["base_price"]) * line["refunded"] for line in order["lines"]), Decimal(0))
    return {
        **entry(order),
        "order_time": str(order["created"]),
        "iso_order_time": datetime.fromtimestamp(order["created"], UTC).isoformat(),
        "processed_time": None,
        "iso_processed_time": "1970-01-01T00:00:00+00:00",
        "store_id": "7001",
        "ship_method_name": "Letter",
        "base_currency": currency,
        "payment_currency": currency,
        "payment_total": f"{total(order) + 3:.2f}",
        "ship_total": "3.00",
        "sub_total": f"{total(order):.2f}",
        "buyer_name": "Demo Buyer",
        "customer_username": "demo_buyer",
        "buyer_note": "",
        "refund_total": f"{back:.2f}",
        "seller_note": "",
        "tracking_number": None,
        "brickowl_fee": 0.1,
    }


def items(order: Row, lots: Mapping[str, Row]) -> list[Row]:
    """The lines. A lot that was deleted since has no number any more."""
    return [_shown(line, lots.get(line["lot"]["lot_id"])) for line in order["lines"]]


def total(order: Row) -> Decimal:
    return sum((Decimal(line["lot"]["base_price"]) * line["quantity"] for line in order["lines"]), Decimal(0))


def _line(lot: Row, pieces: int, number: str) -> Row:
    kept = ("lot_id", "name", "type", "boid", "full_con", "base_price", "personal_note", "public_note", "external_id", "ids")
    return {"id": number, "quantity": pieces, "refunded": 0, "lot": {name: lot[name] for name in kept}}


def _shown(line: Row, now: Row | None) -> Row:
    lot = line["lot"]
    color = lot["boid"].partition("-")[2]
    return {
        "order_item_id": line["id"],
        "name": lot["name"],
        "type": lot["type"],
        "boid": lot["boid"],
        "lot_id": lot["lot_id"] if now is not None else None,
        "condition": "Used" if lot["full_con"].startswith("used") else "New",
        "full_con": lot["full_con"],
        "ordered_quantity": str(line["quantity"]),
        "refunded_quantity": str(line["refunded"]),
        "remaining_quantity": str(now["qty"] if now is not None else 0),
        "base_price": lot["base_price"],
        "weight": "2.320",
        "color_name": catalog.COLORS.get(color, {}).get("name", ""),
        "color_id": color,
        "personal_note": lot["personal_note"],
        "public_note": lot["public_note"],
        "bl_lot_id": None,
        "external_lot_ids": {"other": lot["external_id"]} if lot["external_id"] else [],
        "ids": lot["ids"],
        "image_small": None,
    }
