"""Sellable lots: every verb that changes items (docs/items.md)."""

from __future__ import annotations

from inventory.items.editing import Edited, add, archive, archive_many, edit, edit_many, restore, restore_many
from inventory.items.following import differing, follow, follow_items, heal
from inventory.items.holds import hold
from inventory.items.holds import release as release_hold
from inventory.items.linking import link, unlink, warehouses_of
from inventory.items.offers import offer
from inventory.items.quantities import adjust, release, reserve, restocked, set_quantity, sold
from inventory.items.rules import notices

__all__ = [
    "Edited",
    "add",
    "adjust",
    "archive",
    "archive_many",
    "differing",
    "edit",
    "edit_many",
    "follow",
    "follow_items",
    "heal",
    "hold",
    "link",
    "notices",
    "offer",
    "release",
    "release_hold",
    "reserve",
    "restocked",
    "restore",
    "restore_many",
    "set_quantity",
    "sold",
    "unlink",
    "warehouses_of",
]
