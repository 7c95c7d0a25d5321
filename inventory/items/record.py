"""An item as its history and the audit log tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory.items.fields import READERS
from inventory.models import Item

QUANTITIES = ("quantity_available", "quantity_reserved", "quantity_sold")
"""Told as differences, so that what happens between two rows stays."""

FIELDS = tuple(name for name in READERS if name not in QUANTITIES)


def told(item: Item) -> dict[str, Any]:
    """The fields whose old and new values are kept, as JSON holds them: decimals as text, a product as its id."""
    values = {name: plain(getattr(item, name)) for name in FIELDS}
    return {**values, "product": item.product_id, "archived": item.archived_at is not None}


def counted(item: Item) -> tuple[int, int, int]:
    """Available, reserved and sold."""
    return (item.quantity_available, item.quantity_reserved, item.quantity_sold)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Old and new value of each field that differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def plain(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, datetime) else value
