"""Brick Owl's catalogue: how our numbers and colours are looked up, and what its answers mean. Pure (docs/brickowl.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inventory.models import ItemType
from marketplaces.models import PartFinding
from marketplaces.providers.brickowl import words
from marketplaces.providers.brickowl.values import mapping, rows, text, whole
from marketplaces.providers.rules import plain

MOST_CANDIDATES = 20
_MOST_COLOR = 2**31 - 1


@dataclass(frozen=True)
class Question:
    """One call of catalog/id_lookup. `id_type` blank: of any kind."""

    number: str
    kind: str
    id_type: str

    def parameters(self) -> dict[str, str]:
        named = {"id_type": self.id_type} if self.id_type else {}
        return {"id": self.number, "type": self.kind, **named}


def questions(item_type: str, number: str, name: str) -> Iterator[Question]:
    """In which order a number is asked for; the first answer with anything in it decides."""
    for kind in words.kinds_of(item_type, number, name):
        if item_type == ItemType.PART:
            yield Question(number, kind, "bl_item_no")
            yield Question(number, kind, "design_id")
            yield Question(number, kind, "")
        elif kind == words.SET:
            yield Question(words.set_number(number), kind, "set_number")
            yield Question(words.set_number(number), kind, "bl_item_no")
        else:
            yield Question(number, kind, "bl_item_no")
            yield Question(number, kind, "")


def suggestion(item_type: str, number: str, name: str) -> Question | None:
    """What may be asked for a number that is not known: the same mould without its letter. Its answer is shown and never used by itself."""
    plain_number = re.fullmatch(r"(\d+)[a-z]+", number, re.IGNORECASE)
    if item_type != ItemType.PART or plain_number is None:
        return None
    return Question(plain_number[1], words.kinds_of(item_type, number, name)[0], "bl_item_no")


def bases(answer: Any) -> list[str]:
    """The different things in an answer of id_lookup, without their colours."""
    boids = mapping(answer).get("boids")
    if isinstance(boids, dict):
        boids = list(boids.values())
    found = (text(boid).partition("-")[0] for boid in boids) if isinstance(boids, list) else ()
    return list(dict.fromkeys(boid for boid in found if boid))


def details(answer: Any) -> dict[str, Mapping[str, Any]]:
    """What bulk_lookup tells of each thing, by its id without colour; however it wraps them."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in _things(answer, 4):
        found.setdefault(text(row["boid"]).partition("-")[0], row)
    return found


def _things(answer: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, dict) and text(answer.get("boid")):
        yield answer
    elif depth and isinstance(answer, dict | list):
        for inner in answer.values() if isinstance(answer, dict) else answer:
            yield from _things(inner, depth - 1)


def carrying(told: Mapping[str, Mapping[str, Any]], number: str) -> list[str]:
    """Those of the things that bear BrickLink's `number`."""
    wanted = number.lower()
    return [
        boid
        for boid, row in told.items()
        if any(text(each.get("type")) == "bl_item_no" and text(each.get("id")).lower() == wanted for each in rows(row.get("ids"), "id"))
    ]


def candidate(boid: str, told: Mapping[str, Mapping[str, Any]], *, suggested: bool = False) -> dict[str, Any]:
    """A thing to choose, as `PartMapping.candidates` holds it. `suggested`: it is another mould of the same number."""
    row = told.get(boid, {})
    return {"id": boid, "name": plain(text(row.get("name")))[:300], "type": text(row.get("type"))[:40], "suggested": suggested}


@dataclass(frozen=True)
class Finding:
    """What a look-up came to."""

    finding: PartFinding
    boid: str = ""
    kind: str = ""
    name: str = ""
    candidates: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


@dataclass(frozen=True)
class Color:
    """A colour of Brick Owl's. `name` is BrickLink's."""

    remote_id: str
    remote_name: str
    name: str = ""


def colors(answer: Any) -> tuple[dict[int, Color], list[tuple[int, str, str]]]:
    """Brick Owl's colour of each of BrickLink's, from color_list, and which of BrickLink's are claimed by more than one: the one that was
    taken and another. The one of the same name is taken, else the lower id."""
    claims: dict[int, list[Color]] = {}
    for remote_id, row in _listed(answer):
        names = row.get("bl_names")
        names = names if isinstance(names, list) else [names]
        ids = row.get("bl_ids")
        for position, value in enumerate(ids if isinstance(ids, list) else [ids]):
            ours = whole(value)
            if 0 < ours <= _MOST_COLOR:
                name = plain(text(names[position])) if position < len(names) else ""
                claims.setdefault(ours, []).append(Color(remote_id, plain(text(row.get("name")))[:100], name[:100]))
    chosen: dict[int, Color] = {}
    doubled: list[tuple[int, str, str]] = []
    for ours, claimed in claims.items():
        first, *others = sorted(dict.fromkeys(claimed), key=lambda each: (not _same_name(each), int(each.remote_id)))
        chosen[ours] = first
        doubled.extend((ours, first.remote_id, other.remote_id) for other in others if other.remote_id != first.remote_id)
    return chosen, doubled


def _listed(answer: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    pairs = answer.items() if isinstance(answer, dict) else enumerate(answer if isinstance(answer, list) else ())
    for key, row in pairs:
        if isinstance(row, dict):
            remote = whole(row.get("id") if row.get("id") is not None else key)
            if remote > 0:
                yield str(remote), row


def _same_name(color: Color) -> bool:
    return bool(color.name) and color.name.casefold() == color.remote_name.casefold()
