"""Brick Owl's words for ours: sorts of things and conditions. Pure (docs/brickowl.md)."""

from __future__ import annotations

import re

from inventory.models import Completeness, Condition, ItemType

PART, SET, MINIFIGURE, GEAR, STICKER = "Part", "Set", "Minifigure", "Gear", "Sticker"
MINIBUILD, INSTRUCTIONS, PACKAGING = "Minibuild", "Instructions", "Packaging"
KINDS = (PART, SET, MINIFIGURE, GEAR, STICKER, MINIBUILD, INSTRUCTIONS, PACKAGING)

_KINDS_OF: dict[str, tuple[str, ...]] = {
    ItemType.PART: (PART, MINIBUILD),
    ItemType.SET: (SET, GEAR),
    ItemType.MINIFIG: (MINIFIGURE, MINIBUILD),
    ItemType.GEAR: (GEAR, SET),
    ItemType.INSTRUCTION: (INSTRUCTIONS,),
    ItemType.ORIGINAL_BOX: (PACKAGING,),
}
# A minibuild can be either of two of ours, so it is none of them for sure.
_TYPES_OF: dict[str, str] = {
    PART: ItemType.PART,
    STICKER: ItemType.PART,
    SET: ItemType.SET,
    MINIFIGURE: ItemType.MINIFIG,
    GEAR: ItemType.GEAR,
    INSTRUCTIONS: ItemType.INSTRUCTION,
    PACKAGING: ItemType.ORIGINAL_BOX,
}
_NEW_SETS: dict[str, str] = {Completeness.SEALED: "news", Completeness.COMPLETE: "newc", Completeness.INCOMPLETE: "newi"}
_SETS: dict[str, tuple[str, str]] = {
    "new": (Condition.NEW, Completeness.UNSTATED),
    "news": (Condition.NEW, Completeness.SEALED),
    "newc": (Condition.NEW, Completeness.COMPLETE),
    "newi": (Condition.NEW, Completeness.INCOMPLETE),
    "usedc": (Condition.USED, Completeness.COMPLETE),
    "usedi": (Condition.USED, Completeness.INCOMPLETE),
}


def kinds_of(item_type: str, number: str, name: str) -> tuple[str, ...]:
    """As what Brick Owl may have such an item, likeliest first; empty where it sells no such thing."""
    kinds = _KINDS_OF.get(item_type, ())
    if item_type == ItemType.PART and (name.lower().startswith("sticker") or "stk" in number.lower()):
        return (STICKER, *kinds)
    return kinds


def type_of(kind: str) -> str:
    """Our type of a lot of that kind, blank where it can be more than one."""
    return _TYPES_OF.get(kind, "")


def needs_color(kind: str) -> bool:
    """Whether a lot can't be made without a colour."""
    return kind == PART


def may_have_color(kind: str) -> bool:
    """Whether a colour may be named at all: others are refused with one."""
    return kind in (PART, GEAR, MINIBUILD)


def set_number(number: str) -> str:
    """The number of a set as catalogues have it: with the suffix that says which edition."""
    return number if re.search(r"-\d+$", number) else f"{number}-1"


def code_of(item_type: str, condition: str, completeness: str, used_grade: str) -> str:
    """The code of a condition for a new lot. `used_grade` is the code for used things of which no more is known."""
    new = condition == Condition.NEW
    if item_type == ItemType.SET:
        return _NEW_SETS.get(completeness, "news") if new else ("usedi" if completeness == Completeness.INCOMPLETE else "usedc")
    if item_type == ItemType.ORIGINAL_BOX:
        # A box has been opened, or it would be a set.
        return "usedn" if new else "usedg"
    return "new" if new else used_grade


def meaning_of(code: str, item_type: str) -> tuple[str, str]:
    """The condition and completeness that a lot's code tells; both blank for none. Of all but sets the completeness is blank."""
    code = code.strip().lower()
    if not code:
        return "", ""
    if item_type == ItemType.SET and code in _SETS:
        return _SETS[code]
    if item_type == ItemType.ORIGINAL_BOX and code == "usedn":
        return Condition.NEW, ""
    return (Condition.NEW if code.startswith("new") else Condition.USED), ""


def says(code: str, item_type: str, condition: str, completeness: str) -> bool:
    """Whether a lot of that code says of the item what it is: then a finer grade of its seller's is left alone."""
    shown, whole = meaning_of(code, item_type)
    if shown != condition:
        return False
    unstated = item_type != ItemType.SET or not completeness or not whole
    # Sealed is not said of used sets there.
    return unstated or whole == completeness or (condition == Condition.USED and {whole, completeness} == {"complete", "sealed"})
