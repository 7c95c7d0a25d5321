"""How many calls Brick Owl is sent. Pure (docs/brickowl.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EACH = "minute"
"""Every call."""
BULK = "bulk minute"
"""Batches and look-ups of many things at once, besides."""
_RESERVED = 10


def budgets(rules: Mapping[str, Any]) -> list[tuple[str, int, int, int]]:
    """Name, seconds, calls and how many of these are kept for what is urgent, by a connection's settings."""
    each = int(rules["budget_minute"])
    return [(EACH, 60, each, each // _RESERVED), (BULK, 60, int(rules["bulk_minute"]), 0)]
