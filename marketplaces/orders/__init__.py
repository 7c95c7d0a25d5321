"""Orders of shops: read, matched to items, booked once, and put back where a person says so (docs/orders.md)."""

from __future__ import annotations

from marketplaces.orders.clock import due, import_now, poll, poll_due, poll_now
from marketplaces.orders.deciding import decline, match, not_ours, restock
from marketplaces.orders.holding import release_shown
from marketplaces.orders.lists import restock_offers, shortfalls, unmatched, unreadable

__all__ = [
    "decline",
    "due",
    "import_now",
    "match",
    "not_ours",
    "poll",
    "poll_due",
    "poll_now",
    "release_shown",
    "restock",
    "restock_offers",
    "shortfalls",
    "unmatched",
    "unreadable",
]
