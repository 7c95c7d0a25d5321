"""Why a fact is held or ignored, and what to do about it (docs/facts.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping

HELD: Mapping[str, str] = {
    "unmapped_branch": "Branch not assigned",
    "unmapped_place": "Location not assigned",
    "missing_barcode": "No barcode",
    "unknown_barcode": "Unknown barcode",
    "ambiguous_barcode": "Barcode of several products",
    "unmatched_product": "Product not matched",
    "bad_quantity": "Quantity can't be read",
    "bad_date": "Date can't be right",
    "bad_key": "Line without its number",
    "duplicate_key": "Line number twice",
    "fraction": "Not a whole number",
    "refused": "Refused by the ledger",
}
PLACE_CODES = frozenset({"unmapped_branch", "unmapped_place"})
"""What facts are held for whose place has no warehouse here."""
IGNORED: Mapping[str, str] = {
    "zero_quantity": "Quantity 0",
    "rule": "By a rule",
    "by_hand": "Left out by hand",
    "uncounted_place": "A place that does not count",
    "same_warehouse": "Within one warehouse",
    "moves_nothing": "Moves no stock",
}

_SENTENCES: Mapping[str, str] = {
    "unmapped_branch": "Branch {place} has no warehouse here. Assign one; its lines book themselves then.",
    "unmapped_place": "Location {place} belongs to no warehouse here. Assign one; its moves book themselves then.",
    "missing_barcode": "The line has no barcode, so nobody can tell what it was. Correct it at the till, or enter the sale by hand.",
    "unknown_barcode": "No product here has the barcode “{barcode}”. Say which one it is, or that it is never booked.",
    "ambiguous_barcode": "Several products here have the barcode “{barcode}”. Take it away from all but one, or say which is meant.",
    "unmatched_product": "The product “{product}” there is matched to none here. Match it; its moves book themselves then.",
    "bad_quantity": "The quantity is missing or not a number. Correct it where it comes from.",
    "bad_date": "The date is missing, before the earliest day that is read, or in the future. Correct it where it comes from.",
    "bad_key": "The line has no branch, bill or line number to know it by. Correct it where it comes from.",
    "duplicate_key": "Another line has the same branch, bill and line number. Correct it where it comes from.",
    "fraction": "{quantity} is no whole number, and the product is counted in whole ones. Allow fractions of it, or correct the line.",
}


def sentence(code: str, *, place: str = "", named: str = "", barcode: str = "", product: str = "", quantity: str = "") -> str:
    """What is wrong with a fact that is held for `code`, and what to do. `named` is what `place` is called there, if that is known."""
    said = _SENTENCES.get(code, "The line can't be believed as it came. Correct it where it comes from.")
    called = f"“{named}” ({place})" if named and named != place else f"“{place}”"
    return said.format(place=called, barcode=barcode, product=product, quantity=quantity)[:500]
