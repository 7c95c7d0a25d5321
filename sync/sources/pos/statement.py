"""The statements that are sent to a till, and nothing but these. Pure (docs/till.md, “The statement”).

One table, no joins: a join would drop lines without a trace, or count them twice. Pages follow the natural key in the server's own order,
within a half-open range of days.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sync.sources.pos.dialects import Dialect
from sync.sources.pos.schema import RECORDED, SERIAL, TABLES, Column, Shape
from sync.sources.pos.system import BRANCHES
from sync.sources.pos.windows import Bounds

SMALLEST_NUMBER = -2_147_483_648
MOST_WITHOUT_KEY = 1_000
"""Lines without a key can't be read in pages; so many are read."""


class Key(NamedTuple):
    """Where a page begins: after this line. The values are as the server gave them, blanks at their ends included."""

    branch: Any
    bill: Any
    serial: Any


_NAMES = (
    "RTRIM(d.BranchCode) AS branch_code, RTRIM(d.BillNo) AS bill_no, {serial} AS serial_no, RTRIM(d.BarCode) AS bar_code, "
    "d.Quantity AS quantity, d.BillDate AS bill_date, d.BranchCode AS branch_key, d.BillNo AS bill_key"
)
_AFTER = "(d.BranchCode > %s OR (d.BranchCode = %s AND (d.BillNo > %s OR (d.BillNo = %s AND d.SerialNo > %s))))"
_ORDER = "ORDER BY d.BranchCode, d.BillNo, d.SerialNo"
_SINCE, _BEFORE = "d.BillDate >= %s", "d.BillDate < %s"
_DAYS = f"{_SINCE} AND {_BEFORE}"
_NUMBERED = (
    "(SELECT n.BranchCode, n.BillNo, n.BarCode, n.Quantity, n.BillDate, ROW_NUMBER() OVER (PARTITION BY n.BranchCode, n.BillNo "
    "ORDER BY n.BarCode, n.Quantity, n.BillDate) AS SerialNo FROM dbo.{table} n WHERE {where})"
)


def lines(dialect: Dialect, shape: Shape, feed: str, days: Bounds | None, *, rows: int) -> str:
    """The page of `rows` lines after a key: of a range of days, or with None of the lines that have no day.

    Its parameters are those of `parameters`. Where the till numbers no lines, they are numbered by what they say, each day by itself. Lines
    of which a part of the key can be missing are left out: nothing comes after such a key, and `without_key` asks for them.
    """
    where = " AND ".join([*_of_days(dialect, days), *(f"d.{name} IS NOT NULL" for name in _loose(shape, feed))])
    source = f"dbo.{TABLES[feed]}"
    if not shape.has(feed, SERIAL):
        source = _NUMBERED.format(table=TABLES[feed], where=where.replace("d.", "n."))
        where = "1 = 1"
    page = dialect.page.format(rows=int(rows))
    return dialect.text(f"SELECT {_NAMES.format(serial='d.SerialNo')} FROM {source} d WHERE {where} AND {_AFTER} {_ORDER} {page}")


def _of_days(dialect: Dialect, days: Bounds | None) -> list[str]:
    if days is None:
        return ["d.BillDate IS NULL"]
    start, end = days
    bounds = [dialect.first if start is None else _SINCE, dialect.last if end is None else _BEFORE]
    return [each for each in bounds if each]


def parameters(dialect: Dialect, days: Bounds | None, after: Key) -> list[Any]:
    """What goes with `lines`: the bounds of the days that there are, and where the page begins."""
    between = [dialect.day(day) for day in days or () if day is not None]
    return [*between, after.branch, after.branch, after.bill, after.bill, after.serial]


def beginning(shape: Shape, feed: str, branch: Any = None) -> Key:
    """The key before every other one; with `branch` before every other one of that branch."""
    first = _smallest(shape.column(feed, "BranchCode")) if branch is None else branch
    serial = shape.column(feed, SERIAL)
    return Key(first, _smallest(shape.column(feed, "BillNo")), SMALLEST_NUMBER if serial is None else _smallest(serial))


def _smallest(column: Column | None) -> Any:
    return SMALLEST_NUMBER if column is not None and not column.is_text else ""


def without_key(dialect: Dialect, shape: Shape, feed: str) -> str | None:
    """The lines of which branch, bill or number is missing, which no page would bring; None where the database has none for sure."""
    loose = _loose(shape, feed)
    if not loose:
        return None
    serial = f"d.{SERIAL}" if shape.has(feed, SERIAL) else "NULL"
    missing = " OR ".join(f"d.{name} IS NULL" for name in loose)
    order = "ORDER BY d.BranchCode, d.BillNo, d.BarCode, d.Quantity, d.BillDate"
    page = dialect.page.format(rows=MOST_WITHOUT_KEY)
    return dialect.text(f"SELECT {_NAMES.format(serial=serial)} FROM dbo.{TABLES[feed]} d WHERE {missing} {order} {page}")


def _loose(shape: Shape, feed: str) -> list[str]:
    """The parts of the key that a line need not have."""
    return [name for name in ("BranchCode", "BillNo", SERIAL) if (column := shape.column(feed, name)) is not None and column.nullable]


def bill(dialect: Dialect, feed: str, *, numbered: bool) -> str:
    """The lines of one bill, whatever their days: parameters are branch and bill. In the order of `lines`."""
    serial, order = ("d.SerialNo", "d.SerialNo") if numbered else ("NULL", "d.BarCode, d.Quantity, d.BillDate")
    return dialect.text(
        f"SELECT {_NAMES.format(serial=serial)} FROM dbo.{TABLES[feed]} d WHERE d.BranchCode = %s AND d.BillNo = %s ORDER BY {order}"
    )


def late_days(dialect: Dialect, feed: str) -> str:
    """The days between two (parameters two and three) of lines that were recorded since a moment (the first parameter)."""
    day = "substr(d.BillDate, 1, 10)" if dialect.today is None else "CAST(d.BillDate AS date)"
    return dialect.text(
        f"SELECT DISTINCT {day} FROM dbo.{TABLES[feed]} d WHERE d.{RECORDED} >= %s AND {_DAYS} ORDER BY 1 {dialect.page.format(rows=400)}"
    )


def branches(dialect: Dialect, shape: Shape) -> str:
    """Code, name and address of each branch."""
    address = "RTRIM(b.Address1)" if shape.has(BRANCHES, "Address1") else "''"
    return f"SELECT RTRIM(b.BranchCode), RTRIM(b.Branch), {address} FROM dbo.{TABLES[BRANCHES]} b ORDER BY b.BranchCode"
