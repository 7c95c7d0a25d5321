"""What outside systems say of products, vendors and warehouses, and what follows from it here (docs/references.md)."""

from __future__ import annotations

from sync.references.verbs import (
    KnownAlready,
    NotThere,
    match_product,
    merge,
    set_counts,
    set_owners,
    set_warehouse,
    split,
    unpin,
)

__all__ = [
    "KnownAlready",
    "NotThere",
    "match_product",
    "merge",
    "set_counts",
    "set_owners",
    "set_warehouse",
    "split",
    "unpin",
]
