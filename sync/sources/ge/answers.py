"""The JSON answers of a server that offers the lists: rows under our own names, totals, and the time they were taken.

An answer becomes the same table a file becomes, so the same data gives the same rows either way. Pages are joined before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from inventory.keys import trimmed
from sync.feedproblem import FeedProblem
from sync.sources.ge.cells import moment
from sync.sources.ge.columns import ANSWER
from sync.sources.ge.loadlists import loads_history, loads_open
from sync.sources.ge.rosters import load_units
from sync.sources.ge.rows import Footer, LoadFeed, RosterFeed, StockFeed
from sync.sources.ge.stocklists import stock
from sync.tabular import Table

_MOST_NAMES = 100
_HINT = "Have the server answer as docs/ge-files.md describes."


def stock_json(payload: object) -> tuple[StockFeed, datetime | None]:
    """A stock answer and when it was taken. Its `totals` are its footer. Raises FeedProblem: unreadable, missing_column."""
    feed = stock(_table(payload))
    totals = _totals(payload)
    return (feed if totals is None else replace(feed, footer=totals)), _taken_at(payload)


def loads_open_json(payload: object) -> tuple[LoadFeed, datetime | None]:
    """The loads for sale and when they were listed. Raises FeedProblem: unreadable, missing_column."""
    return loads_open(_table(payload)), _taken_at(payload)


def loads_history_json(payload: object) -> tuple[LoadFeed, datetime | None]:
    """The load history and when it was listed. Raises FeedProblem: unreadable, missing_column."""
    return loads_history(_table(payload)), _taken_at(payload)


def load_units_json(payload: object) -> tuple[RosterFeed, datetime | None]:
    """The roster of a load and when it was listed. Raises FeedProblem: unreadable, missing_column."""
    return load_units(_table(payload)), _taken_at(payload)


def _unreadable(sentence: str) -> FeedProblem:
    return FeedProblem("unreadable", sentence, _HINT)


def _table(payload: object) -> Table:
    rows = payload.get("rows") if isinstance(payload, dict) else None
    if not isinstance(rows, list):
        raise _unreadable('The answer has no list named "rows".')
    header: dict[str, None] = {}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _unreadable(f"Row {number} of the answer is not an object.")
        header.update(dict.fromkeys(row))
        if len(header) > _MOST_NAMES:
            raise _unreadable(f"The rows of the answer have more than {_MOST_NAMES} different names.")
    lines = [tuple(_text(row.get(name), name, number) for name in header) for number, row in enumerate(rows, start=1)]
    return Table(ANSWER, "", tuple(header), lines, 1)


def _text(value: object, name: str, row: int) -> str:
    match value:
        case None:
            return ""
        case str():
            return trimmed(value)
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    raise _unreadable(f"Row {row} of the answer: {name[:40]} is neither a text nor a number.")


def _totals(payload: object) -> Footer | None:
    totals = payload.get("totals") if isinstance(payload, dict) else None
    if totals is None:
        return None
    if not isinstance(totals, dict):
        raise _unreadable("The totals of the answer are not an object.")
    return Footer(_count(totals.get("serialCount")), _count(totals.get("bulkUnits")))


def _count(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise _unreadable("The totals of the answer are not whole numbers.")


def _taken_at(payload: object) -> datetime | None:
    text = payload.get("takenAt") if isinstance(payload, dict) else None
    if text is None:
        return None
    taken = moment(str(text))
    if taken is None:
        raise _unreadable("The time under takenAt is not in ISO form, such as 2026-02-03T09:15:00Z.")
    return taken if taken.tzinfo else taken.replace(tzinfo=UTC)
