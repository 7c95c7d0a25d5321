"""Loads: the list of those for sale, the history of all, and the two merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sync.sources.ge.cells import MOST_PIECES, fault, moment, prose, too_long, whole
from sync.sources.ge.columns import LOADS_HISTORY, LOADS_OPEN, Column, Line, lines
from sync.sources.ge.pieces import LONGEST, is_shifted
from sync.sources.ge.remarks import Remarks
from sync.sources.ge.rows import LoadFeed, LoadRow
from sync.tabular import Table

LONGEST_NOTE = 500
_LONGEST = {"org": 20, "notes": LONGEST_NOTE, "order_number": LONGEST, "sale_status": LONGEST, "order_status": LONGEST, "pricing": LONGEST}
_SALE_WORDS = ("FOR SALE", "SOLD")
_ORDER_WORDS = {"shipped": "Shipped", "picked": "Picked", "delivered": "Delivered"}


def loads_open(table: Table) -> LoadFeed:
    """The loads for sale. Raises FeedProblem missing_column."""
    return _loads(table, LOADS_OPEN)


def loads_history(table: Table) -> LoadFeed:
    """The loads in every state. Raises FeedProblem missing_column."""
    return _loads(table, LOADS_HISTORY)


def merge_loads(open: LoadFeed | None, history: LoadFeed | None) -> list[LoadRow]:
    """Every load of either list once, by number: note and scan time from the open list, everything else from the history where it has it.

    None stands for a list that could not be used.
    """
    merged = {row.number: row for row in (open.rows if open else ())}
    for row in history.rows if history else ():
        merged[row.number] = _merged(merged[row.number], row) if row.number in merged else row
    return [merged[number] for number in sorted(merged)]


def _merged(open: LoadRow, history: LoadRow) -> LoadRow:
    def told(name: str) -> object:
        value = getattr(history, name)
        return getattr(open, name) if value is None else value

    names = ("org", "units", "submitted_at", "order_number", "sale_status", "order_status", "pricing")
    first = {
        "notes": history.notes if open.notes is None else open.notes,
        "scanned_at": history.scanned_at if open.scanned_at is None else open.scanned_at,
    }
    return replace(history, **first, **{name: told(name) for name in names})  # type: ignore[arg-type]


def _loads(table: Table, columns: Sequence[Column]) -> LoadFeed:
    remarks = Remarks()
    rows: dict[str, LoadRow] = {}
    for line in lines(table, columns, remarks):
        row = _row(line, remarks) if any(line.cells.values()) else None
        if row is None:
            continue
        if rows.get(row.number, row) != row:
            remarks.warn(
                "repeated_load", f"Row {line.number}: load {row.number} comes again with other values; these were read.", line.number
            )
        rows[row.number] = row
    return LoadFeed(tuple(rows.values()), remarks.held, remarks.warnings)


def _row(line: Line, remarks: Remarks) -> LoadRow | None:
    if is_shifted(line, remarks):
        return None
    number = line.text("number").upper()
    if not number:
        remarks.hold(line, "missing_load_number", f"Row {line.number} has no load number; enter it.")
        return None
    found = fault(number, LONGEST)
    if found:
        remarks.hold_cell(line, "number", found)
        return None
    texts = {name: prose(line.cells[name]) for name in _LONGEST if name in line.cells}
    for name, text in texts.items():
        long = too_long(text, _LONGEST[name])
        if long:
            remarks.hold_cell(line, name, long)
            return None
    return LoadRow(
        number=number,
        org=texts.get("org"),
        units=_units(line, remarks),
        notes=texts.get("notes"),
        scanned_at=_time(line, "scanned_at", remarks),
        submitted_at=_time(line, "submitted_at", remarks),
        order_number=texts.get("order_number"),
        sale_status=_sale(line, texts.get("sale_status"), remarks),
        order_status=_order(line, texts.get("order_status"), remarks),
        pricing=texts.get("pricing"),
    )


def _units(line: Line, remarks: Remarks) -> int | None:
    text = line.text("units")
    number = whole(text)
    if text and (number is None or not 0 <= number <= MOST_PIECES):
        remarks.warn("units_unread", f"Row {line.number}, column {line.titles['units']}: this is not a number of units.", line.number)
        return None
    return number


def _time(line: Line, name: str, remarks: Remarks) -> datetime | None:
    text = line.text(name)
    found = moment(text) if text else None
    if text and found is None:
        remarks.warn(
            "time_unread", f"Row {line.number}, column {line.titles[name]}: this is not a time like 2026/02/03 09:15:00.", line.number
        )
    return found


def _sale(line: Line, word: str | None, remarks: Remarks) -> str | None:
    if not word:
        return word
    told = " ".join(word.upper().split())
    if told not in _SALE_WORDS:
        _unknown(line, "sale_status", word, remarks)
    return told


def _order(line: Line, word: str | None, remarks: Remarks) -> str | None:
    if not word:
        return word
    told = _ORDER_WORDS.get(word.casefold())
    if told is None:
        _unknown(line, "order_status", word, remarks)
    return told or word


def _unknown(line: Line, name: str, word: str, remarks: Remarks) -> None:
    remarks.warn(
        "unknown_status", f"Row {line.number}, column {line.titles[name]}: {word} is not a known status; it is kept as it is.", line.number
    )
