"""The door to what Finale's rows say: one function per collection, each a row at a time (docs/finale.md, “Fields”). Pure."""

from __future__ import annotations

from collections.abc import Collection

from sync.sources.finale import parties, products
from sync.sources.finale.orders import order
from sync.sources.finale.parties import vendor
from sync.sources.finale.places import locations, place
from sync.sources.finale.products import product
from sync.sources.finale.shapes import SHAPES, row_of, table
from sync.sources.finale.shipments import shipment
from sync.sources.finale.stock import StockSums

__all__ = ["SHAPES", "StockSums", "locations", "order", "place", "product", "row_of", "shipment", "table", "unsaid", "vendor"]


def unsaid(feed: str, absent: Collection[str]) -> frozenset[str]:
    """The fields of what is said of products or vendors that an answer without the columns `absent` says nothing of: stored values stay."""
    return {"products": products.unsaid, "vendors": parties.unsaid}[feed](absent)
