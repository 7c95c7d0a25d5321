"""GE's six lists by their keys, and what people call them."""

from __future__ import annotations

BUCKETS = ("FG", "ASIS", "STA")
STOCK = tuple(f"stock:{bucket}" for bucket in BUCKETS)
OPEN, HISTORY, ROSTERS = "loads:open", "loads:history", "load:units"
LISTS = (*STOCK, OPEN, HISTORY, ROSTERS)
"""In the order in which pages show them."""

LABELS = {**dict(zip(STOCK, BUCKETS, strict=True)), OPEN: "loads for sale", HISTORY: "load history", ROSTERS: "rosters"}


def bucket_of(feed: str) -> str:
    """FG for `stock:FG`; blank for a list that is no stock."""
    return feed.removeprefix("stock:") if feed in STOCK else ""


def named(feed: str) -> str:
    """The list in a sentence: “the FG list”, “the load history”."""
    bucket = bucket_of(feed)
    return f"the {bucket} list" if bucket else f"the {LABELS[feed]}"
