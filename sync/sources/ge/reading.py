"""Bytes to a typed list, whichever way they came: a server's JSON answer, or a spreadsheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn

from sync.feedproblem import FeedProblem
from sync.sources.ge.lists import HISTORY, OPEN, ROSTERS, STOCK, named
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
        hint = problem.hint
        if problem.code == "missing_column" and (other := _other_list(feed, body)):
            hint = f"It looks like {other}: put it in that place, and {named(feed)} in this one."
        sentence = f"{filename}: {problem.sentence}" if filename else problem.sentence
        raise FeedProblem(problem.code, sentence, hint) from problem


def size_of(parsed: Parsed) -> int:
    """How many rows a list has, held ones included: the measure for its shrinking."""
    return parsed.rows_read if isinstance(parsed, StockFeed) else len(parsed.rows) + len(parsed.held)


def checksum_of(body: bytes) -> str:
    """The SHA-256 of what a list says, whatever a spreadsheet's format or an answer's time; of the bytes where they are no list."""
    try:
        if _is_answer(body):
            payload = _answer(body)
            said = answer_content(payload.get("rows"), payload.get("totals"))
        else:
            table = read_table(body, limit_bytes=BYTES_LIMIT, limit_rows=ROWS_LIMIT)
            said = json.dumps([table.header, table.rows]).encode("ascii")
    except FeedProblem:
        said = body
    return hashlib.sha256(said).hexdigest()


def answer_content(rows: Any, totals: Any) -> bytes:
    """What a server's answer says, in one form: without the time, names in order."""
    payload = {"rows": rows} if totals is None else {"rows": rows, "totals": totals}
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), default=_plain).encode("ascii")


def _plain(value: object) -> object:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is no JSON.")
    number = float(value)
    return number if abs(number) != float("inf") else str(value)


def _other_list(feed: str, body: bytes) -> str:
    """The list whose columns `body` has, in words; blank when there is none. The stock lists look all alike."""
    for other in (STOCK[0], OPEN, HISTORY, ROSTERS):
        if other == feed or (other in STOCK and feed in STOCK):
            continue
        try:
            _read(other, body)
        except FeedProblem:
            continue
        return "a stock list" if other in STOCK else named(other)
    return ""


def _read(feed: str, body: bytes) -> Reading:
    if _is_answer(body):
        return _ANSWERS[feed](_answer(body))
    return _TABLES[feed](read_table(body, limit_bytes=BYTES_LIMIT, limit_rows=ROWS_LIMIT)), None


def _is_answer(body: bytes) -> bool:
    return body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


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
