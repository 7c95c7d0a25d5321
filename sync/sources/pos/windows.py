"""Which days of a till are read, and in which pieces (docs/till.md, “Days”). Pure.

All days are the till's own: `BillDate` has no time zone and often no time of day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote

DAY = timedelta(days=1)
OPEN_START, OPEN_END = date.min, date.max
"""Where a slice has no bound: whatever a database can take for a day, the last one of the calendar included, is in one of them."""
Bounds = tuple[date | None, date | None]
"""The first day and the day after the last one; None where there is no bound."""
AT_FIRST = timedelta(days=90)
"""So far back the first sync goes where no day is set."""
NO_DAY, NO_KEY = "no-day", "no-key"
"""The parts of lines without a date, and of those without branch, bill or number: no range of days and no page finds them."""


class Slice(NamedTuple):
    """The lines from the beginning of day `start` to the beginning of day `end`; with `branch` only that branch's.

    It begins before everything with OPEN_START, and goes on for ever with OPEN_END.
    """

    start: date
    end: date
    branch: str = ""

    @property
    def part(self) -> str:
        """As Client.fetch takes it and documents are kept under."""
        of = f"/{quote(self.branch, safe='')}" if self.branch else ""
        return f"{self.start.isoformat()}/{self.end.isoformat()}{of}"

    @classmethod
    def of(cls, part: str) -> Slice:
        """The slice that is called `part`. Raises ValueError."""
        start, end, *branch = part.split("/")
        return cls(date.fromisoformat(start), date.fromisoformat(end), unquote(branch[0]) if branch else "")

    @property
    def bounds(self) -> Bounds:
        """What the days in it are compared with."""
        return None if self.start == OPEN_START else self.start, None if self.end == OPEN_END else self.end

    def has(self, day: date | None) -> bool:
        return day is not None and self.start <= day and (day < self.end or self.end == OPEN_END)


def first_day(today: date, *, watermark: date | None, start: date | None, earliest: date, lookback: int) -> date:
    """The day a sync begins with: `lookback` days before the last complete day that was read, or at first the day that was set."""
    if watermark is None:
        found = start or today - AT_FIRST
    else:
        found = min(watermark, today) - lookback * DAY
        if start is not None:
            found = max(found, start)
    return min(max(found, earliest), today)


def days(first: date, today: date) -> Iterator[Slice]:
    """One slice for each day from `first` to the till's `today`, both included; tomorrow's midnight is not in them."""
    day = first
    while day <= today:
        yield Slice(day, day + DAY)
        day += DAY


def ahead(today: date) -> Slice:
    """Everything that is dated after `today`: a till whose clock is a day ahead, and mistakes."""
    return Slice(today + DAY, OPEN_END)


def before(earliest: date) -> Slice:
    """Everything that is dated before the earliest day there can be."""
    return Slice(OPEN_START, earliest)


def lagging(branches: Mapping[str, date], *, first: date, today: date, lookback: int, offline: int, earliest: date) -> list[Slice]:
    """What a sync that begins with day `first` has to read of branches whose last known day is further back.

    A branch that was offline brings the bills of all these days at once. One that has been silent for more than `offline` days is not
    waited for any more.
    """
    found = []
    for branch, last in sorted(branches.items()):
        start = max(last - lookback * DAY, earliest)
        if start < first and last >= today - offline * DAY:
            found.append(Slice(start, first, branch))
    return found


def complete(last_read: date, today: date) -> date:
    """The last day of which everything is known when `last_read` was read on the till's `today`: never today, which goes on."""
    return min(last_read, today - DAY)
