"""Rows that can't be meant are held with a sentence; what all mappings share. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sync.engine.source import Held
from sync.sources.finale.cells import Unclear
from sync.sources.finale.columns import Row
from sync.sources.finale.shapes import SHAPES
from sync.texts import clean, storable

URL = 300
"""Characters of an external id that can be kept."""
_NAMES: Mapping[str, str] = {
    "products": "productId",
    "stock": "productId",
    "places": "facilityName",
    "vendors": "groupName",
    "orders": "orderId",
    "shipments": "shipmentUrl",
}

T = TypeVar("T")


def held_or(feed: str, row: Row, number: int, make: Callable[[], T]) -> T | Held:
    """What `make` makes of the row; held, with a sentence that names the row and its record, where a value of it can't be meant."""
    try:
        return make()
    except Unclear as problem:
        found = dict(zip(SHAPES[feed].wanted, row, strict=False))
        telling = dict.fromkeys((SHAPES[feed].anchor, _NAMES[feed], problem.field))
        raw = {column: clean(str(found[column]))[:200] for column in telling if found.get(column) is not None}
        name = raw.get(_NAMES[feed]) or raw.get(SHAPES[feed].anchor, "")
        sentence = (
            f"Row {number:,}{f' ({name[:80]})' if name else ''}: {problem.sentence} What is stored stays until Finale says it clearly."
        )
        return Held(number, "unclear", sentence, raw)


def url(value: Any, field: str) -> str:
    """A record's URL, exactly as sent. Raises Unclear where there is none."""
    if not isinstance(value, str) or not value.strip():
        raise Unclear(field, f"There is no “{field}”.")
    if len(value) > URL or storable(value) != value:
        raise Unclear(field, f"“{field}” is longer than {URL} characters or holds what can't be kept.")
    return value


def last_segment(there: str) -> str:
    return there.rstrip("/").rpartition("/")[2][:80]
