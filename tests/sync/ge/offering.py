"""Lists that a test hands to the sync instead of a server: in the order, at the pace and with the failures it wants."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sync.feedproblem import FeedProblem
from sync.sources.ge.fetched import Fetched
from sync.sources.ge.reading import checksum_of


@dataclass
class Offering:
    """The lists of one day, by feed; rosters under `load:units:NUMBER`.

    `arrive` names feeds that come in just this order, however many threads ask.
    """

    lists: Mapping[str, bytes]
    in_parallel: bool = True
    footer_promised: bool = True
    arrive: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._came = {feed: threading.Event() for feed in self.arrive}

    def probe(self) -> None:
        """Nothing."""

    def fetch(self, feed: str, part: str = "") -> Fetched:
        name = f"{feed}:{part}" if part else feed
        self.asked.append(name)
        if feed in self._came and (place := self.arrive.index(feed)):
            assert self._came[self.arrive[place - 1]].wait(150)
        try:
            if name not in self.lists:
                raise FeedProblem("not_there", f"There is no {name}.", "")
            body = self.lists[name]
            return Fetched(body, "application/vnd.ms-excel", "", datetime.now(UTC), checksum_of(body), "test")
        finally:
            if feed in self._came:
                self._came[feed].set()
