"""Bytes to a typed list, whichever way they came: a server's JSON answer, or a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from sync.feedproblem import FeedProblem
from sync.sources.ge.lists import HISTORY, OPEN, ROSTERS, STOCK
from sync.sources.ge.mapping import (
    LoadFeed,
    RosterFeed,
    StockFeed,
    load_units,
    load_units_json,
    loads_history,
    loads_history_json,
    loads_open,
    loads_open_json,
    stock,
    stock_json,
)
from sync.tabular import Table, read_table

BYTES_LIMIT = 256 * 1024 * 1024
ROWS_LIMIT = 500_000

Parsed = StockFeed | LoadFeed | RosterFeed
Reading = tuple[Parsed, datetime | None]

_TABLES: dict[str, Callable[[Table], Parsed]] = {
    **dict.fromkeys(STOCK, stock),
    OPEN: loads_open,
    HISTORY: loads_history,
    ROSTERS: load_units,
}
_ANSWERS: dict[str, Callable[[object], Reading]] = {
    **dict.fromkeys(STOCK, stock_json),
    OPEN: loads_open_json,
    HISTORY: loads_history_json,
    ROSTERS: load_units_json,
}
_HINT = "Save the server's whole answer again, or use the spreadsheet."


def read(feed: str, body: bytes, *, filename: str = "") -> Reading:
    """The list `feed` as typed rows, and when its server says it was taken (None for spreadsheets). The content decides what it is.

    Raises FeedProblem; its sentence begins with `filename` where one is given.
    """
    try:
        return _read(feed, body)
    except FeedProblem as problem:
        if not filename:
            raise
        raise FeedProblem(problem.code, f"{filename}: {problem.sentence}", problem.hint) from problem


def other_lists(feed: str, body: bytes) -> list[str]:
    """The lists other than `feed` that `body` has the columns of; of the stock lists, which look alike, only FG."""
    found = []
    for other in (STOCK[0], OPEN, HISTORY, ROSTERS):
        if other == feed or (other in STOCK and feed in STOCK):
            continue
        try:
            _read(other, body)
        except FeedProblem:
            continue
        found.append(other)
    return found


def _read(feed: str, body: bytes) -> Reading:
    if body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _ANSWERS[feed](_answer(body))
    return _TABLES[feed](read_table(body, limit_bytes=BYTES_LIMIT, limit_rows=ROWS_LIMIT)), None


def _answer(body: bytes) -> Any:
    if len(body) > BYTES_LIMIT:
        raise FeedProblem("too_large", f"The answer is too large: it has {len(body):,} bytes.", _HINT)
    try:
        payload = json.loads(body.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        # Its text would repeat a part of the body.
        payload = None
    if payload is None:
        raise FeedProblem("unreadable", "The file begins like a JSON answer, but can't be read as one.", _HINT)
    rows = payload.get("rows")
    if payload.get("next") is not None:
        raise FeedProblem("unreadable", "The file is one page of an answer that has more.", _HINT)
    if isinstance(rows, list) and len(rows) > ROWS_LIMIT:
        raise FeedProblem("too_large", f"The answer is too large: it has more than {ROWS_LIMIT:,} rows.", _HINT)
    return payload


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")
