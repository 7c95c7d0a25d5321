"""Reading a collection by windows of `lastUpdatedDate`, where one answer would be cut (docs/finale.md, “Windows”). Pure.

Finale cuts every answer at 120,000 rows without a word, and takes ranges of at most 30 days. Both ends of a range are included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

SECOND = timedelta(seconds=1)
OVERLAP = timedelta(minutes=10)
"""How far behind what was read last a reading begins again: clocks differ, and what is being written shows late."""
_PART = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


def stamp(moment: datetime) -> str:
    """`moment`, aware and in whole seconds, as filters hold it: 2026-01-01T00:00:00Z."""
    moment = moment.astimezone(UTC)
    # Not by strftime, which writes the year 900 with three digits.
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}Z"


class Window(NamedTuple):
    """From `start` to `end`, both included, both UTC and in whole seconds."""

    start: datetime
    end: datetime

    @property
    def part(self) -> str:
        """As Client.fetch takes it and documents are kept under."""
        return f"{stamp(self.start)}/{stamp(self.end)}"

    @classmethod
    def of(cls, part: str) -> Window:
        """The window that is called `part`. Raises ValueError."""
        if not (found := _PART.fullmatch(part)):
            raise ValueError(f"“{part}” is no window: it must be START/END, as in 2026-01-01T00:00:00Z/2026-01-29T00:00:00Z.")
        start, end = (datetime.strptime(text, _STAMP).replace(tzinfo=UTC) for text in found.groups())
        if end < start:
            raise ValueError(f"The window “{part}” ends before it starts.")
        return cls(start, end)

    def halves(self) -> tuple[Window, Window]:
        """Two windows that meet in one second. Only for windows longer than a second."""
        middle = self.start + (self.end - self.start) // 2 // SECOND * SECOND
        return Window(self.start, middle), Window(middle, self.end)


class Step(NamedTuple):
    """How a walk goes on: what is to be `read` next, oldest first, and what is `stuck` because no shorter window can be asked for.

    `done` when nothing is left to read; what is stuck is missing all the same.
    """

    read: tuple[Window, ...]
    stuck: tuple[Window, ...]
    done: bool


def step(start: datetime, until: datetime, answers: Mapping[Window, int], *, width_days: int, cut: int) -> Step:
    """Where a walk over `start` … `until` stands, the windows in `answers` having brought so many rows.

    Windows are `width_days` long at most and meet in one second, so that nothing falls between them. One with `cut` rows or more was cut
    short: its halves are read in its place, down to a second. The same arguments give the same windows: a walk can be taken up again.
    """
    read: list[Window] = []
    stuck: list[Window] = []
    waiting = list(reversed(list(_whole(start, until, timedelta(days=width_days)))))
    while waiting:
        window = waiting.pop()
        rows = answers.get(window)
        if rows is None:
            read.append(window)
        elif rows >= cut and window.end - window.start > SECOND:
            first, second = window.halves()
            waiting += [second, first]
        elif rows >= cut:
            stuck.append(window)
    return Step(tuple(read), tuple(stuck), not read)


def catch_up(walk_started: datetime, now: datetime) -> Window:
    """What may have moved behind a walk's back: a row that is edited meanwhile lies in a later window than where it was looked for.

    To be walked by `step` like any other stretch, since a walk may have been parked for long.
    """
    return Window(behind(walk_started), max(_whole_second(now), behind(walk_started)))


def behind(moment: datetime) -> datetime:
    """Where a reading begins that follows one up to `moment`."""
    return _whole_second(moment) - OVERLAP


def read_to(window: Window, newest: datetime | None, before: datetime | None = None) -> datetime:
    """Up to where a feed is read after `window` brought rows of which the `newest` changed then: never earlier than `before`.

    An empty window counts as read to its end; otherwise a quiet account would be asked for the same window for ever.
    """
    reached = newest if newest is not None else window.end
    return reached if before is None else max(reached, before)


def _whole(start: datetime, until: datetime, width: timedelta) -> Iterator[Window]:
    start, until = _whole_second(start), _whole_second(until)
    while start <= until:
        end = min(start + width, until)
        yield Window(start, end)
        if end == until:
            return
        start = end


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
