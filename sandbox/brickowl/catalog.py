"""What Brick Owl's catalogue holds here: most of what BrickLink's stand-in has, under numbers and colours of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.bricklink import catalog as bricklink

TYPES = ("Part", "Set", "Minifigure", "Gear", "Sticker", "Minibuild", "Instructions", "Packaging")
COLORED = {"Part": "must", "Gear": "may", "Minibuild": "may"}
"""Whether a lot of that type has a colour; of the others it must not."""

_TYPES = {"PART": "Part", "SET": "Set", "MINIFIG": "Minifigure", "GEAR": "Gear", "INSTRUCTION": "Instructions", "ORIGINAL_BOX": "Packaging"}
_FIRST_BOID = 900_001

UNKNOWN = "3666"
"""BrickLink knows it, Brick Owl does not."""
SEVERAL_ONE_CARRIES = "3710"
"""Two entries come up; one of them carries the BrickLink number."""
SEVERAL = "3622"
"""Two entries come up, and neither carries the BrickLink number: a person has to choose."""
BY_DESIGN_ONLY = "3068b"
"""Comes up as a design number only."""
RETIRING = "54200"
"""Scheduled for deletion: creates and updates are refused."""
AS_MINIBUILD = "qtx002"
"""A minifigure at BrickLink, a minibuild here."""

COLORS: dict[str, dict[str, Any]] = {
    number: {
        "id": number,
        "name": name,
        "hex": code,
        "peeron_names": [name],
        "ldraw_ids": [],
        "bl_ids": bl_ids,
        # Both that claim 36 call it as BrickLink does, and only one of them is called so itself.
        "bl_names": ["Bright Green" if number == "19" else name],
        "lego_colors": [],
    }
    for number, name, code, bl_ids in (
        ("92", "White", "f4f4f4", ["1"]),
        ("89", "Tan", "d9bb7b", ["2"]),
        ("93", "Yellow", "fac80a", ["3"]),
        ("80", "Orange", "d67923", ["4"]),
        ("81", "Red", "b40000", ["5"]),
        ("61", "Green", "00852b", ["6"]),
        ("39", "Blue", "1e5aa8", ["7", "-7"]),
        ("46", "Brown", "543324", ["8"]),
        ("66", "Light Gray", "8a928d", ["9"]),
        ("53", "Dark Gray", "545955", ["10"]),
        ("38", "Black", "05131d", ["11", "", "0"]),
        ("97", "Transparent", "fcfcfc", ["12"]),
        ("41", "Bright Green", "58ab41", ["36"]),
        ("20", "Dark Green", "00451a", ["80"]),
        ("50", "Dark Bluish Gray", "646464", ["85"]),
        ("64", "Light Bluish Gray", "969696", ["86"]),
        ("82", "Reddish Brown", "5f3109", ["88"]),
        ("257", "Demo Blue", "9fc3e9", ["174"]),
        ("259", "Demo Rose", "e8a2b4", ["175", "1175"]),
        ("19", "Demo Other Green", "55aa40", ["36"]),
        ("300", "Demo Odd One", "aaaaaa", None),
        ("301", "Demo Odder One", "bbbbbb", []),
        ("302", "Demo Oddest One", "cccccc", ["-1", "", "x"]),
    )
}
"""Lists with one, several, no, empty and negative numbers, null, a double claim, and numbers above 255: as they come."""


@dataclass(frozen=True)
class Entry:
    """A thing in the catalogue. `ids` are the foreign numbers by which it is found, each with its type."""

    boid: str
    type: str
    name: str
    ids: tuple[tuple[str, str], ...]

    @property
    def retiring(self) -> bool:
        return any(number == RETIRING for number, _ in self.ids)


def _entries() -> dict[str, Entry]:
    made: list[Entry] = []

    def add(kind: str, name: str, *ids: tuple[str, str]) -> None:
        made.append(Entry(str(_FIRST_BOID + len(made)), kind, name, ids))

    for thing in bricklink.entries():
        kind = _TYPES.get(thing.type, "")
        if not kind or thing.no == UNKNOWN:
            continue
        if thing.no in (SEVERAL, SEVERAL_ONE_CARRIES):
            add(kind, thing.name, (thing.no, "design_id"), *([(thing.no, "bl_item_no")] if thing.no == SEVERAL_ONE_CARRIES else []))
            add(kind, f"{thing.name}, older mould", (thing.no, "design_id"))
        elif thing.no == BY_DESIGN_ONLY:
            add(kind, thing.name, (thing.no, "design_id"))
        elif thing.no == AS_MINIBUILD:
            add("Minibuild", thing.name, (thing.no, "bl_item_no"))
        elif thing.type == "PART":
            add(kind, thing.name, (thing.no, "design_id"), (thing.no, "bl_item_no"))
        elif thing.type in ("SET", "INSTRUCTION", "ORIGINAL_BOX"):
            add(kind, thing.name, (thing.no, "set_number"), (thing.no, "bl_item_no"))
        else:
            add(kind, thing.name, (thing.no, "bl_item_no"))
    return {entry.boid: entry for entry in made}


ENTRIES = _entries()
_FAMILY = re.compile(r"qx(\d{4,6})")


def base(boid: str) -> str:
    """The number without a colour."""
    return boid.partition("-")[0]


def entry(boid: str) -> Entry | None:
    """What the catalogue has under that number, with or without a colour."""
    number = base(boid)
    if number in ENTRIES:
        return ENTRIES[number]
    # The family without end: part qx0012 is 80000000012, qx000012 is 80200000012.
    if len(number) == 11 and number.startswith("8") and number.isdigit() and number[1] == "0":
        width, value = 4 + int(number[2]), int(number[3:])
        if width <= 6 and len(str(value)) <= width:
            return _family(f"qx{value:0{width}d}", number)
    return None


def lookup(number: str, kind: str, id_type: str) -> list[str]:
    """The numbers that come up for a foreign number: the base, and, of a part, two of its colours."""
    found = [
        one for one in ENTRIES.values() if one.type == kind and any(no == number and (not id_type or of == id_type) for no, of in one.ids)
    ]
    family = _FAMILY.fullmatch(number)
    if family and kind == "Part" and id_type in ("", "bl_item_no", "design_id"):
        digits = family.group(1)
        found.append(_family(number, f"80{len(digits) - 4}{int(digits):08d}"))
    boids: list[str] = []
    for one in found:
        boids += [f"{one.boid}-38", f"{one.boid}-92", one.boid] if kind == "Part" else [one.boid]
    return boids


def described(found: Entry, boid: str) -> dict[str, Any]:
    """An entry as catalog/lookup shows it."""
    color = boid.partition("-")[2]
    return {
        "boid": boid,
        "type": found.type,
        "name": found.name,
        "url": f"https://www.brickowl.com/boid/{boid}",
        "permalink": f"https://www.brickowl.com/boid/{boid}",
        "cat_name_path": "Demo",
        "color_name": COLORS.get(color, {}).get("name"),
        "color_id": color or None,
        "ids": [{"id": number, "type": of} for number, of in found.ids],
        "images": [],
        "missing_data": [],
    }


def _family(number: str, boid: str) -> Entry:
    return Entry(boid, "Part", f"Demo Part {number[2:]}", ((number, "design_id"), (number, "bl_item_no")))
