"""Purchase orders: drafted, approved, sent, received (docs/purchase-orders.md). Every verb behind admin, API and what suggests orders."""

from __future__ import annotations

from inventory.purchasing.deciding import approve, cancel, mark_sent, take_back
from inventory.purchasing.drafting import Drafted, add_lines, draft, edit, remove_line
from inventory.purchasing.lines import OrderedLine
from inventory.purchasing.receiving import Arrival, OrderReceived, receive

__all__ = [
    "Arrival",
    "Drafted",
    "OrderReceived",
    "OrderedLine",
    "add_lines",
    "approve",
    "cancel",
    "draft",
    "edit",
    "mark_sent",
    "receive",
    "remove_line",
    "take_back",
]
