"""A collection as Finale sends it: column by column, oldest change first. The JSON of every value is kept ready, so answers are joins."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

STAMP = "lastUpdatedDate"
NULL = "null"
Columns = dict[str, list[str]]
"""JSON texts by column; position i of every column belongs to the same record."""


def text(value: Any) -> str:
    """The JSON of a value."""
    return json.dumps(value, ensure_ascii=False)


def encoded(columns: Mapping[str, Sequence[str]]) -> bytes:
    """The body of an answer."""
    return ("{" + ",".join(f"{text(name)}:[{','.join(values)}]" for name, values in columns.items()) + "}").encode()


class Records:
    """Records by their URL, the column `anchor`. With a column STAMP they stand in its order, else as they came.

    Not safe for several threads at once: the owner locks.
    """

    def __init__(self, anchor: str, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self.anchor = anchor
        self.columns: Columns = {}
        self.version = 0
        self._stamps: list[str] = []
        self._places: dict[str, int] | None = None
        self._sorted: tuple[int, list[str]] = (-1, [])
        rows = list(records)
        names = list(dict.fromkeys(name for row in rows for name in row))
        if rows:
            self.load({name: [text(row.get(name)) for row in rows] for name in names})

    def __len__(self) -> int:
        return len(self.columns.get(self.anchor, ()))

    def load(self, columns: Columns) -> None:
        """Have these records and no others. The columns become the table's own."""
        self.columns = columns
        self._sort()

    def _sort(self) -> None:
        self.version += 1
        self._places = None
        stamps = self.columns.get(STAMP)
        if stamps is None:
            self._stamps = []
            return
        order = sorted(range(len(stamps)), key=stamps.__getitem__)
        if order != list(range(len(stamps))):
            self.columns = {name: [values[place] for place in order] for name, values in self.columns.items()}
        self._stamps = [value[1:-1] for value in self.columns[STAMP]]

    def places(self) -> dict[str, int]:
        """Where each URL stands, until the next change."""
        if self._places is None:
            self._places = {json.loads(url): place for place, url in enumerate(self.columns.get(self.anchor, ()))}
        return self._places

    def sorted_urls(self) -> list[str]:
        """All URLs in their own order. Not to be changed."""
        if self._sorted[0] != self.version:
            self._sorted = self.version, sorted(self.places())
        return self._sorted[1]

    def record(self, url: str) -> dict[str, Any] | None:
        """One record with plain values."""
        place = self.places().get(url)
        return None if place is None else {name: json.loads(values[place]) for name, values in self.columns.items()}

    def all(self) -> list[dict[str, Any]]:
        """Every record with plain values: for small tables."""
        return self._read(range(len(self)))

    def newest(self, count: int) -> list[dict[str, Any]]:
        """The records changed last, the newest first, with plain values."""
        return self._read(range(max(0, len(self) - count), len(self)))[::-1]

    def changed_since(self, moment: str) -> list[dict[str, Any]]:
        """Records with plain values that were changed at `moment` or later, oldest change first."""
        return self._read(range(bisect_left(self._stamps, moment), len(self)))

    def _read(self, places: range) -> list[dict[str, Any]]:
        return [{name: json.loads(values[place]) for name, values in self.columns.items()} for place in places]

    def url_where(self, column: str, value: Any) -> str | None:
        """The URL of the newest record with that value in a column."""
        wanted, values = text(value), self.columns.get(column, [])
        found = next((place for place in range(len(values) - 1, -1, -1) if values[place] == wanted), None)
        return None if found is None else json.loads(self.columns[self.anchor][found])

    def put(self, record: Mapping[str, Any]) -> None:
        """Add a record, or change what is given of the one with its URL. Raises KeyError without a URL."""
        url = record[self.anchor]
        kept = self.record(url)
        if kept is not None:
            self.drop(url)
        whole = {**(kept or {}), **record}
        for name in whole:
            if name not in self.columns:
                self.columns[name] = [NULL] * len(self)
        stamp = str(whole.get(STAMP) or "")
        place = bisect_right(self._stamps, stamp) if STAMP in self.columns else len(self)
        for name, values in self.columns.items():
            values.insert(place, text(whole.get(name)))
        if STAMP in self.columns:
            self._stamps.insert(place, stamp)
        self._places = None
        self.version += 1

    def put_many(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Change what is given of many records, by URL. Raises KeyError for one that is not there."""
        places = self.places()
        for url, values in changes.items():
            for name, value in values.items():
                self.columns[name][places[url]] = text(value)
        self._sort()

    def drop(self, url: str) -> None:
        """Forget the record. Raises KeyError when there is none."""
        place = self.places()[url]
        for values in self.columns.values():
            del values[place]
        if STAMP in self.columns:
            del self._stamps[place]
        self._places = None
        self.version += 1

    def between(self, lower: str, upper: str) -> range:
        """Positions of what was changed from `lower` to `upper`, both included."""
        return range(bisect_left(self._stamps, lower), bisect_right(self._stamps, upper))

    def cut_out(self, places: range | Sequence[int]) -> Columns:
        """The columns of those positions, as lists of their own."""
        if isinstance(places, range):
            return {name: values[places.start : places.stop] for name, values in self.columns.items()}
        return {name: [values[place] for place in places] for name, values in self.columns.items()}
