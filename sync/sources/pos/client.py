"""Reading a till: pages of lines, its own day, its tables (docs/till.md, “Reading”). Only SELECT is ever sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from time import sleep
from typing import Any

from sync.models.connection import Connection
from sync.sources.pos import statement
from sync.sources.pos.connecting import Line, open_line
from sync.sources.pos.dialects import DIALECTS
from sync.sources.pos.fetched import Fetched, body_of
from sync.sources.pos.mapping import line_of
from sync.sources.pos.options import Options, options_of
from sync.sources.pos.schema import RECORDED, SERIAL, Shape
from sync.sources.pos.statement import Key
from sync.sources.pos.system import BRANCHES
from sync.sources.pos.windows import NO_DAY, NO_KEY, Slice
from sync.wire.breaker import Outcome, outcome_of
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.errors import WireError
from sync.wire.retry import pause_before_next

LONGEST_PAUSE = 60.0
Row = tuple[Any, ...]


def client_for(connection: Connection, *, guarded: bool = True) -> Client:
    """The client of `connection`; unless `guarded` it passes by the breaker. Nothing is opened yet. Raises SettingsIncomplete."""
    return Client(connection, options_of(connection), guarded=guarded)


class Client:
    """One line to the till, opened when it is first needed and again where it was cut. For one thread at a time."""

    def __init__(self, connection: Connection, options: Options, *, guarded: bool, opener: Callable[..., Line] = open_line) -> None:
        self._connection, self._options, self._opener = connection, options, opener
        self._breaker = ConnectionBreaker(connection.pk) if guarded else None
        self._dialect = DIALECTS[options.dialect]
        self._line: Line | None = None
        self._shape: Shape | None = None
        self._today: date | None = None

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def shape(self) -> Shape:
        """Which tables and columns there are; asked for once."""
        if self._shape is None:
            self._shape = Shape.of(self._ask(self._dialect.columns))
        return self._shape

    def today(self) -> date:
        """The till's own day, asked for once; of a file, the day in the till's time zone."""
        if self._today is None:
            if self._dialect.today is None:
                self._today = datetime.now(self._options.zone).date()
            else:
                found = self._ask(self._dialect.today)[0][0]
                self._today = found.date() if isinstance(found, datetime) else found
        return self._today

    def fetch(self, feed: str, part: str = "") -> Fetched:
        """All lines of a part: a slice of days, those without a day or without a key; or all branches.

        Raises WireError, FeedProblem (no_table, no_column), CredentialsUnreadable, and ValueError for a part that there is not.
        """
        taken_at = datetime.now(UTC)
        self.shape().check(feed)
        if feed == BRANCHES:
            rows = self._ask(statement.branches(self._dialect, self.shape()))
            return Fetched(body_of([[*map(str, (value or "" for value in row))] for row in rows]), taken_at, {"rows": len(rows)})
        lines: list[list[Any]] = []
        last: dict[str, str] = {}
        for row in self._lines(feed, part):
            line = line_of(row)
            lines.append(line)
            branch, stamp = line[0], line[5]
            if branch is not None and stamp and last.get(branch, "") < stamp[:10]:
                last[branch] = stamp[:10]
        report = {"rows": len(lines), "today": self.today().isoformat(), "branches": last, "numbered": self.shape().has(feed, SERIAL)}
        return Fetched(body_of(lines), taken_at, report)

    def bill(self, feed: str, branch: str, bill: str) -> list[list[Any]]:
        """The lines that a bill has now, whatever their days. Raises WireError."""
        numbered = self.shape().has(feed, SERIAL)
        text = statement.bill(self._dialect, feed, numbered=numbered)
        return [line_of(row) for row in self._ask(text, [branch, bill])]

    def late_days(self, feed: str, since: date, first: date, end: date) -> list[date]:
        """The days from `first` to before `end` of lines recorded since; none where the till keeps no such time. Raises WireError."""
        if not self.shape().has(feed, RECORDED):
            return []
        rows = self._ask(statement.late_days(self._dialect, feed), [self._dialect.day(day) for day in (since, first, end)])
        return [found if isinstance(found := row[0], date) else date.fromisoformat(str(found)) for row in rows if row[0]]

    def _lines(self, feed: str, part: str) -> Iterator[Row]:
        if part == NO_KEY:
            text = statement.without_key(self._dialect, self.shape(), feed)
            yield from self._ask(text) if text else ()
        elif part == NO_DAY:
            yield from self._pages(feed, None)
        else:
            yield from self._pages(feed, Slice.of(part))

    def _pages(self, feed: str, wanted: Slice | None) -> Iterator[Row]:
        """Page after page, each beginning after the last line of the one before, in the server's own order."""
        rows, shape = self._options.page_rows, self.shape()
        days = wanted.bounds if wanted is not None else None
        text = statement.lines(self._dialect, shape, feed, days, rows=rows)
        only = wanted.branch if wanted is not None else ""
        after = statement.beginning(shape, feed, only or None)
        while True:
            page = self._ask(text, statement.parameters(self._dialect, days, after))
            kept = page if len(page) < rows else _without_last_key(page)
            for row in kept:
                if only and _alike(row[0]) != _alike(only):
                    return
                yield row
            if len(page) < rows:
                return
            after = Key(kept[-1][6], kept[-1][7], kept[-1][2])

    def _ask(self, text: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a statement; after a passing error it is asked again, on a new line. Raises WireError, CredentialsUnreadable."""
        tries = 0
        while True:
            tries += 1
            try:
                rows = self._asked(text, parameters)
            except WireError as error:
                self.close()
                pause = pause_before_next(error, tries, LONGEST_PAUSE)
                if pause is None:
                    raise
                sleep(pause)
            else:
                return rows

    def _asked(self, text: str, parameters: Sequence[Any]) -> list[Row]:
        is_new = self._line is None
        if is_new and self._breaker is not None:
            self._breaker.enter()
        outcome = Outcome.NEUTRAL
        try:
            if self._line is None:
                self._line = self._opener(self._options, self._connection.secrets)
            rows = self._line.rows(text, parameters)
            outcome = Outcome.SUCCESS if is_new else Outcome.NEUTRAL
        except WireError as error:
            outcome = outcome_of(error)
            raise
        finally:
            if self._breaker is not None and (is_new or outcome is not Outcome.NEUTRAL):
                self._breaker.record(outcome)
        return rows


def _without_last_key(page: Sequence[Row]) -> Sequence[Row]:
    """A full page without the lines of its last key, which may go on in the next one. Where all are of one key, the whole page."""
    last = _key(page[-1])
    end = len(page)
    while end and _key(page[end - 1]) == last:
        end -= 1
    return page[:end] if end else page


def _key(row: Row) -> tuple[str, str, str]:
    return _alike(row[6]), _alike(row[7]), _alike(row[2])


def _alike(value: Any) -> str:
    """As servers compare: without blanks at the end, and mostly without regard to case."""
    return str(value).rstrip().casefold()
