"""Sellable lots: every verb that changes items (docs/items.md)."""

from __future__ import annotations

from inventory.items.attaching import attach, detach
from inventory.items.editing import Edited, add, archive, archive_many, edit, edit_many, restore, restore_many
from inventory.items.following import differing, follow, follow_items, heal
from inventory.items.holds import hold
from inventory.items.holds import release as release_hold
from inventory.items.importing import ImportReport, import_csv
from inventory.items.linking import link, unlink, warehouses_of
from inventory.items.offers import offer
from inventory.items.quantities import adjust, release, reserve, restocked, set_quantity, sold
from inventory.items.rules import notices
from inventory.items.undoing import undo, undoable
from inventory.items.upserting import Upserted, upsert_many

__all__ = [
    "Edited",
    "ImportReport",
    "Upserted",
    "add",
    "adjust",
    "archive",
    "archive_many",
    "attach",
    "detach",
    "differing",
    "edit",
    "edit_many",
    "follow",
    "follow_items",
    "heal",
    "hold",
    "import_csv",
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
    "undo",
    "undoable",
    "unlink",
    "upsert_many",
    "warehouses_of",
]
