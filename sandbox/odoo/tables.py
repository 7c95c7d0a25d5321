"""One kind of records, by id."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

from sandbox.odoo.records import Row

R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """Records in the order of their ids. Not safe for several threads at once: the world's lock is."""

    def __init__(self, first: int = 1) -> None:
        self._rows: dict[int, R] = {}
        self._ids: list[int] = []
        self._next = first

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return map(self._rows.__getitem__, self._ids)

    def after(self, number: int) -> Iterator[R]:
        """Those with a greater id."""
        return map(self._rows.__getitem__, islice(self._ids, bisect_right(self._ids, number), None))

    def newest(self, count: int) -> list[R]:
        """The last of them, the newest first."""
        return [self._rows[number] for number in reversed(self._ids[-count:])]

    def get(self, number: int) -> R | None:
        return self._rows.get(number)

    def next_id(self) -> int:
        """An id that nobody has, and nobody will get."""
        number, self._next = self._next, self._next + 1
        return number

    def put(self, row: R) -> R:
        """Add a record, whose id came from `next_id`, maybe long ago."""
        self._rows[row.id] = row
        if not self._ids or row.id > self._ids[-1]:
            self._ids.append(row.id)
        else:
            insort(self._ids, row.id)
        return row

    def drop(self, row: R) -> None:
        """Delete a record: nothing stays behind."""
        del self._rows[row.id]
        del self._ids[bisect_left(self._ids, row.id)]
