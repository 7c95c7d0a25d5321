"""What a shop shows of a lot against what it has been told. Pure (docs/verify.md)."""

from __future__ import annotations

import html
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from marketplaces.lots import RemoteLot

QUANTITY = "quantity"
_PRICES = ("price", "cost")
_TEXTS = ("notes", "location")

OWN = ("bulk", "sale_percent", "tiers", "cost")
"""Fields that are the shop's own unless the item says otherwise."""

Differing = dict[str, list[Any]]
"""Of each field: ours and the shop's."""


def managed(differs: Differing, item: Mapping[str, Any], rules: Mapping[str, Any]) -> Differing:
    """Of these differences those that are ours to mend: of `item`, its values of OWN, and of the connection's settings `rules`."""
    return {
        name: pair
        for name, pair in differs.items()
        if (item.get(name) is not None if name in OWN else rules.get(f"send_{name}", True) is not False)
    }


def differing(quantity: int, told: Mapping[str, Any], lot: RemoteLot) -> Differing:
    """In what a lot is other than the shop has been told: `quantity`, and `told` as `Listing.told` keeps it.

    Only what we have told is compared: the other fields are the shop's own. So is a lot that its seller hides, and a finer grade of the
    same condition.
    """
    found: Differing = {}
    if quantity != lot.quantity:
        found[QUANTITY] = [quantity, lot.quantity]
    for name, ours in (told.get("fields") or {}).items():
        if name in lot.fields and not same(name, ours, lot.fields[name]):
            found[name] = [ours, lot.fields[name]]
    return found


def same(name: str, ours: Any, theirs: Any) -> bool:
    """Whether a field has the same value on both sides, however it is written."""
    if ours == theirs:
        return True
    if name in _PRICES:
        return _number(ours) == _number(theirs)
    if name in _TEXTS:
        return _plain(ours) == _plain(theirs)
    if name == "tiers":
        return _steps(ours) == _steps(theirs)
    if name == "hidden":
        # Not ours to show again.
        return ours is not True and bool(theirs)
    if name == "condition":
        return _group(ours) == _group(theirs)
    if name in ("bulk", "sale_percent"):
        # Sold in ones, and no sale, are what a shop has that says nothing.
        return _number(ours or int(name == "bulk")) == _number(theirs or int(name == "bulk"))
    return False


def _number(value: Any) -> Decimal | None:
    """None for nothing. What can't be read as a number is like no number, not even itself."""
    if value in (None, ""):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


def _plain(text: Any) -> str:
    """Shops write some characters as entities, and their forms add blanks and line ends of their own."""
    return " ".join(html.unescape(str(text or "")).split())


def _steps(tiers: Any) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(_number(quantity), _number(price)) for quantity, price in tiers or ()]


def _group(code: Any) -> str:
    """A shop's own code for a condition, as far as we tell them apart: what does not begin with “new” is used."""
    return "new" if str(code).lower().startswith("new") else "used"
