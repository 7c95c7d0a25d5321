"""In which transactions facts are booked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from inventory.ledger.bulkfacts import Fact
from inventory.ledger.counters import Key

KEYS = 500
FACTS = 5000
"""At most so many levels are locked, and so many facts booked, by one transaction."""

Some = TypeVar("Some", bound=Fact)


@dataclass(frozen=True, slots=True)
class Work(Generic[Some]):
    """A fact to book. `place` is where it stood in the call, `before` the level it was booked to by an earlier revision."""

    fact: Some
    place: int
    before: Key | None = None

    @property
    def keys(self) -> set[Key]:
        return {self.fact.key} if self.before is None else {self.fact.key, self.before}


def chunks(works: Iterable[Work[Some]], *, keys: int = KEYS, facts: int = FACTS) -> Iterator[list[Work[Some]]]:
    """All of them, level by level so that few transactions touch many; within one in the order in which they happened.

    Facts of one level never change their order, also where a level needs several chunks.
    """
    chunk: list[Work[Some]] = []
    touched: set[Key] = set()
    for work in sorted(works, key=lambda work: (work.fact.key, work.fact.at, work.place)):
        if chunk and (len(chunk) == facts or len(touched | work.keys) > keys):
            yield _in_time(chunk)
            chunk, touched = [], set()
        chunk.append(work)
        touched |= work.keys
    if chunk:
        yield _in_time(chunk)


def _in_time(chunk: list[Work[Some]]) -> list[Work[Some]]:
    return sorted(chunk, key=lambda work: (work.fact.at, work.place))
