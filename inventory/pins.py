"""Fields that people have set here and that no outside system overwrites (docs/references.md)."""

from __future__ import annotations

from collections.abc import Collection

from accounts.acting import Actor

OF_PRODUCTS = frozenset(
    {"sku", "name", "category", "purchase_price", "vendor", "lead_time_days", "units_per_pack", "reorder_excluded", "active"}
)
"""The fields of a product that an outside system may set."""

OF_VENDORS = frozenset({"email", "phone", "contact", "address", "active"})


def read(pins: str) -> frozenset[str]:
    """The names in a column of pins."""
    return frozenset(pins.split(",")) - {""}


def pin(actor: Actor, pins: str, changed: Collection[str], *, among: frozenset[str]) -> str:
    """A column of pins with those of the changed fields that an outside system may set, where a person has changed them."""
    mine = among & set(changed) if actor.user is not None else frozenset()
    names = read(pins) | mine
    return f",{','.join(sorted(names))}," if names else ""
