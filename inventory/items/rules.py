"""What the fields of an item may be beside each other, and what is worth a word. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from inventory.items.fields import rounded
from inventory.models import Item, ItemType

SHOP_TEXT = 255
"""Characters that shops take of a text."""
_HAS_SUFFIX = re.compile(r".+-[0-9]+")


def with_suffix(item_type: str, part_number: str) -> str:
    """The number as catalogues have it: those of sets end with a suffix, -1 where none is given."""
    if item_type == ItemType.SET and part_number and not _HAS_SUFFIX.fullmatch(part_number):
        return f"{part_number}-1"
    return part_number


def wrong(item: Item) -> dict[str, str]:
    """A sentence for each field that does not go with another, by the field's name."""
    found: dict[str, str] = {}
    if len(item.part_number) > 80:
        found["part_number"] = f"With the suffix of a set the number has {len(item.part_number)} characters, at most 80 are possible."
    if item.completeness and item.item_type != ItemType.SET:
        found["completeness"] = f"Only a set is complete or not; this is of the type {item.item_type}. Leave it empty."
    if item.tiers and item.price is not None and rounded(Decimal(item.tiers[0][1])) >= rounded(item.price):
        found["tiers"] = f"The first tier costs {item.tiers[0][1]}; that has to be less than the price of {item.price.normalize():f}."
    if item.maximum is not None and item.maximum < item.minimum:
        found["maximum"] = f"Offering at most {item.maximum:,} contradicts offering none below {item.minimum:,}."
    return found


def notices(item: Item, given: Mapping[str, Any] | None = None) -> list[str]:
    """What somebody who has just entered `given` should know of the item as it is now: nothing is wrong, but not all is as they think."""
    found = []
    number = str((given or {}).get("part_number") or "").strip()
    if number and number != item.part_number:
        found.append(f"part_number: {number} was kept as {item.part_number}, as numbers of sets end with a suffix.")
    for name, text in (("notes", item.notes), ("location", item.location)):
        if len(text) > SHOP_TEXT:
            found.append(f"{name}: The text has {len(text):,} characters; shops are sent the first {SHOP_TEXT}.")
    if item.price is None:
        found.append("price: Without a price it is not sent to any shop.")
    return found
