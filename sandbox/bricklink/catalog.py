"""What BrickLink's catalogue holds here: public sample numbers with invented names, and a family of invented numbers without end."""

from __future__ import annotations

import re
from dataclasses import dataclass

COLORS: dict[int, tuple[str, str]] = {
    0: ("(Not Applicable)", "000000"),
    1: ("White", "FFFFFF"),
    2: ("Tan", "DEC69C"),
    3: ("Yellow", "F7D117"),
    4: ("Orange", "FF7E14"),
    5: ("Red", "B30006"),
    6: ("Green", "00642E"),
    7: ("Blue", "0057A6"),
    8: ("Brown", "532115"),
    9: ("Light Gray", "9C9C9C"),
    10: ("Dark Gray", "6B5A5A"),
    11: ("Black", "212121"),
    12: ("Trans-Clear", "EEEEEE"),
    36: ("Bright Green", "10CB31"),
    80: ("Dark Green", "2E5543"),
    85: ("Dark Bluish Gray", "595D60"),
    86: ("Light Bluish Gray", "AFB5C7"),
    88: ("Reddish Brown", "89351D"),
    174: ("Demo Blue", "9FC3E9"),
    175: ("Demo Rose", "E8A2B4"),
    240: ("Demo Glow", "E0FFB0"),
}
"""Number: name and hex. Brick Owl's stand-in knows all of them but 240."""


@dataclass(frozen=True)
class Entry:
    """A thing in the catalogue."""

    type: str
    no: str
    name: str
    category: int


_ENTRIES = {
    (entry.type, entry.no): entry
    for entry in (
        Entry("PART", "3001", "Brick 2 x 4", 5),
        Entry("PART", "3003", "Brick 2 x 2", 5),
        Entry("PART", "3004", "Brick 1 x 2", 5),
        Entry("PART", "3005", "Brick 1 x 1", 5),
        Entry("PART", "3010", "Brick 1 x 4", 5),
        Entry("PART", "3020", "Plate 2 x 4", 26),
        Entry("PART", "3021", "Plate 2 x 3", 26),
        Entry("PART", "3022", "Plate 2 x 2", 26),
        Entry("PART", "3023", "Plate 1 x 2", 26),
        Entry("PART", "3024", "Plate 1 x 1", 26),
        Entry("PART", "3068b", "Tile 2 x 2 with Groove", 37),
        Entry("PART", "3622", "Brick 1 x 3", 5),
        Entry("PART", "3666", "Plate 1 x 6", 26),
        Entry("PART", "3710", "Plate 1 x 4", 26),
        Entry("PART", "54200", "Slope 30 (Demo's & other)", 31),
        Entry("SET", "9999-1", "Demo Lighthouse", 65),
        Entry("SET", "9998-1", "Demo Harbour", 65),
        Entry("MINIFIG", "qtx001", "Demo Sailor", 67),
        Entry("MINIFIG", "qtx002", "Demo Cook", 67),
        Entry("GEAR", "qtxmug", "Demo Mug", 170),
        Entry("BOOK", "qtxbook", "Demo Book", 871),
        Entry("INSTRUCTION", "9999-1", "Demo Lighthouse", 65),
        Entry("ORIGINAL_BOX", "9999-1", "Demo Lighthouse", 65),
    )
}
TYPES = ("MINIFIG", "PART", "SET", "BOOK", "GEAR", "CATALOG", "INSTRUCTION", "UNSORTED_LOT", "ORIGINAL_BOX")
_FAMILY = re.compile(r"qx\d{4,6}")


def entry(kind: str, no: str) -> Entry | None:
    """What the catalogue has under that number. Parts qx0001, qx0002 … exist as many as anybody wants."""
    found = _ENTRIES.get((kind, no))
    if found is None and kind == "PART" and _FAMILY.fullmatch(no):
        return Entry("PART", no, f"Demo Part {no[2:]}", 5)
    if found is None and kind == "UNSORTED_LOT":
        return Entry(kind, no, "Unsorted Lot", 0)
    return found


def entries() -> list[Entry]:
    """Everything but the endless family."""
    return list(_ENTRIES.values())
