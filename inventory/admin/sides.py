"""The sides of a conflict as a table: its details are what a source wrote, in whatever shape fits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.wording import NOTHING

FIRST = ("was", "now", "model", "serial", "bucket", "status", "message", "quantity")
"""The order of names that have one; the others follow by the alphabet, as PostgreSQL keeps no order of its own."""


@dataclass(frozen=True)
class Sides:
    """`heads` are the columns; each row has a name and a text for each of them."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def sides(details: Mapping[str, Any]) -> list[Sides]:
    """One table for the plain values of `details`, and one for each list of records in it."""
    named = [(name, details[name]) for name in _ordered(details)]
    plain = [(words(name), (_text(value),)) for name, value in named if not _is_records(value)]
    tables = [Sides(("",), tuple(plain))] if plain else []
    return tables + [_compared(words(name), value) for name, value in named if _is_records(value)]


def words(name: str) -> str:
    """A key as people read it."""
    return name.replace("_", " ").strip().capitalize()


def _compared(name: str, records: Sequence[Mapping[str, Any]]) -> Sides:
    """Records beside each other: a numbered column for each ("sides" become "Side 1", "Side 2"), a row for each of their fields."""
    fields = _ordered({field for record in records for field in record})
    heads = tuple(f"{name.removesuffix('s')} {number}" for number in range(1, len(records) + 1))
    return Sides(heads, tuple((words(field), tuple(_text(record.get(field)) for record in records)) for field in fields))


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or NOTHING
    if isinstance(value, dict):
        return ", ".join(f"{words(str(key))}: {_text(each)}" for key, each in value.items()) or NOTHING
    return str(value) if value not in (None, "") else NOTHING
