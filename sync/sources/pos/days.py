"""What a run reads of a till: its parts in order, until all are read, the run has had its share, or one can't be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.errors import Problem
from sync.engine.documents import Document, gather
from sync.engine.job import Job, Parked
from sync.engine.source import Remark, Wanted
from sync.feedproblem import FeedProblem
from sync.models import FeedDocument
from sync.sources.pos import windows
from sync.sources.pos.client import Client
from sync.sources.pos.cursors import Marks
from sync.sources.pos.options import Options
from sync.sources.pos.windows import NO_DAY, NO_KEY, Slice

MOST_LATE_DAYS = 62


@dataclass
class Reading:
    """What was read of one feed on the till's `today`. `upto` is the last day to which nothing is missing; None where not even one was.

    `more` says that days are left for the next run. `problem` is what kept the rest from being read.
    """

    feed: str
    today: date
    first: date
    documents: list[Document] = field(default_factory=list)
    upto: date | None = None
    more: bool = False
    problem: FeedProblem | Problem | None = None
    warnings: list[Remark] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(int(document.report.get("rows", 0)) for document in self.documents)

    def slices(self) -> Iterator[Slice]:
        """The ranges of days that were read to their ends."""
        for document in self.documents:
            if document.part not in (NO_DAY, NO_KEY):
                yield Slice.of(document.part)

    def last_days(self, *, until: date | None = None) -> dict[str, date]:
        """The last day on which each branch has lines in what was read; with `until` not after it."""
        found: dict[str, date] = {}
        for document in self.documents:
            for branch, text in dict(document.report.get("branches", {})).items():
                day = date.fromisoformat(text) if _is_day(text) else None
                if day is not None and (until is None or day <= until) and found.get(branch, date.min) < day:
                    found[branch] = day
        return found


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def today_of(job: Job, client: Client, feed: str) -> date:
    """The till's own day: the one on which the run began to read, however long it was put down or waited for a person."""
    read = FeedDocument.objects.filter(run=job.run, feed=feed).order_by("pk").values_list("report", flat=True).first()
    return date.fromisoformat(read["today"]) if read else client.today()


def read_today(job: Job, client: Client, options: Options, feed: str, *, since: date | None) -> Reading:
    """The lines of today and what is dated after it. With `since`, the day of the last such reading, also those of the days since then."""
    today = today_of(job, client, feed)
    first = max(min(since or today, today), today - timedelta(days=max(options.lookback_days, 1)))
    reading = Reading(feed, today, first)
    _read(job, client, reading, [*windows.days(first, today), windows.ahead(today)])
    return reading


def read_days(job: Job, client: Client, options: Options, feed: str, marks: Marks) -> Reading:
    """The days since the last complete one and those before that are looked at again, the oldest first; then what has no right place."""
    today = today_of(job, client, feed)
    first = windows.first_day(today, watermark=marks.day, start=options.start, earliest=options.earliest, lookback=options.lookback_days)
    reading = Reading(feed, today, first)
    behind = windows.lagging(
        marks.branches,
        first=first,
        today=today,
        lookback=options.lookback_days,
        offline=options.offline_days,
        earliest=options.earliest,
    )
    days = list(windows.days(first, today))
    old = [day for day in days if marks.day is not None and day.start <= marks.day]
    if _read(job, client, reading, [*days], new_after=len(old), most=options.run_lines) and not reading.more:
        late = _late(client, options, reading, marks)
        _read(job, client, reading, [*behind, *late, windows.ahead(today), windows.before(options.earliest), NO_DAY, NO_KEY])
    return reading


def _late(client: Client, options: Options, reading: Reading, marks: Marks) -> list[Slice]:
    """Days further back in which lines were recorded since the last complete day."""
    if not options.late_lines or marks.day is None or reading.problem is not None:
        return []
    try:
        days = client.late_days(reading.feed, marks.day, options.start or options.earliest, reading.first)
    except Problem as problem:
        reading.problem = problem
        return []
    if len(days) > MOST_LATE_DAYS:
        reading.warnings.append(
            Remark(
                "late_days",
                f"Lines of {len(days):,} days further back were recorded since; the newest {MOST_LATE_DAYS} of these days are read again. "
                "Reset the sales to read all of them.",
            )
        )
    return [Slice(day, day + windows.DAY) for day in days[-MOST_LATE_DAYS:]]


def _read(job: Job, client: Client, reading: Reading, parts: Sequence[Slice | str], *, new_after: int = 0, most: int = 0) -> bool:
    """Read `parts` one after the other; whether all of them, or as many as the run may, were read.

    With `most`, the run has had its share when the parts after the first `new_after` had so many lines.
    """
    read = 0
    job.expect(len(reading.documents) + len(parts))
    for number, each in enumerate(parts):
        if most and read >= most:
            reading.more = True
            return True
        part = each if isinstance(each, str) else each.part
        document = gather(job, [Wanted(reading.feed, part)], client.fetch, at_once=1, keep=False)[reading.feed, part]
        if document.problem is not None:
            reading.problem = document.problem
            return False
        reading.documents.append(document)
        if isinstance(each, Slice) and not each.branch and each.start >= reading.first and each.end - each.start == windows.DAY:
            reading.upto = each.start
        if number >= new_after:
            read += int(document.report.get("rows", 0))
        if job.slice_over:
            raise Parked("Goes on with its next days at once.")
        job.check()
    return True
