"""A shop's lot as the fields of an item: the mapping the other way round. Pure (docs/verify.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from inventory.models import ItemStatus
from marketplaces.lots import RemoteLot


def fields_of(lot: RemoteLot) -> dict[str, Any]:
    """A new item's fields. What the shop has by default is left to each shop. A lot that its seller hides becomes a reserved item, so that
    no other shop shows it."""
    return {
        "part_number": lot.part_number,
        "item_type": lot.item_type or "PART",
        "color_id": lot.color_id,
        "condition": lot.condition,
        "completeness": lot.completeness,
        "name": lot.name,
        "quantity_available": max(lot.quantity, 0),
        "status": _status(lot.fields.get("hidden")),
        **{name: read(lot.fields.get(name)) for name, read in _READERS.items()},
    }


def taken(names: Collection[str], lot: RemoteLot) -> dict[str, Any]:
    """Of an item that is there, those of the named fields of a lot; its quantity is not among them, since it moves by the difference."""
    values: dict[str, Any] = {name: read(lot.fields.get(name)) for name, read in _READERS.items() if name in names}
    if "hidden" in names:
        values["status"] = _status(lot.fields.get("hidden"))
    if "condition" in names:
        values["condition"] = lot.condition
    return values


def untranslated(lot: RemoteLot) -> str:
    """Why no item can be made of it, in a sentence; blank when one can."""
    if not lot.part_number:
        return "Its catalogue number is not known. Make the item by hand, then say that the lot is this item."
    if lot.color_id is None:
        return "The shop's colour is not known here. Map the colour, compare again, then make an item of the lot."
    if not lot.condition:
        return "The shop does not say whether it is new or used. Make the item by hand, then say that the lot is this item."
    return ""


def _status(hidden: Any) -> str:
    return ItemStatus.RESERVED if hidden is True else ItemStatus.AVAILABLE


def _positive(value: Any) -> str | None:
    return str(value) if value not in (None, "") and Decimal(str(value)) > 0 else None


def _above(least: int) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        return int(value) if value not in (None, "") and int(value) > least else None

    return read


_READERS: dict[str, Callable[[Any], Any]] = {
    "price": _positive,
    "cost": _positive,
    "notes": lambda value: str(value or ""),
    "location": lambda value: str(value or ""),
    "bulk": _above(1),
    "sale_percent": _above(0),
    "tiers": lambda value: list(value) if value else None,
}
