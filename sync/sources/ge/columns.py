"""The columns of GE's lists, by every heading they go under. Headings are compared without case, blanks and signs; the order is free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync.feedproblem import FeedProblem
from sync.sources.ge.cells import unwrapped, visible
from sync.sources.ge.remarks import Remarks
from sync.tabular import Table, normal_header

ANSWER = "json"
"""The format of a table made from a server's answer."""

_RAW_CELLS = 40


@dataclass(frozen=True)
class Column:
    """One column: our name, GE's heading, the normal headings it is known by (best first), and where it may not be missing."""

    name: str
    title: str
    headings: tuple[str, ...]
    in_files: bool = True
    in_answers: bool = False


_MODEL = ("model", "models", "modelnumber")
_SERIAL = ("serial", "serials", "serialnumber", "serialno")
_QUANTITY = ("invqty", "qty", "quantity", "inventoryquantity")
_LOAD = ("loadnumber", "loadno", "load")

STOCK = (
    Column("model", "Model #", _MODEL, in_answers=True),
    Column("serial", "Serial #", _SERIAL),
    Column("quantity", "Inv Qty", _QUANTITY),
    Column("status", "Availability Status", ("availabilitystatus", "status")),
    Column("message", "Availability Message", ("availabilitymessage", "message")),
)
_NUMBER = Column("number", "Load Number", _LOAD, in_answers=True)
_UNITS = Column("units", "Units", ("units",))
_SALE = Column("sale_status", "Status", ("status", "salestatus"))
_NOTES = ("notes", "note")
_SCANNED = ("scanneddatetime", "scannedat", "scanneddate", "scanned")
_ORG = Column("org", "Inv Org", ("invorg", "org"), in_files=False)
_SUBMITTED = ("submitteddate", "submittedat", "submitted")
_ORDER = ("cso", "ordernumber")
_PRICING = Column("pricing", "Pricing", ("pricing",), in_files=False)
_ORDER_STATUS = ("csostatus", "orderstatus")

LOADS_OPEN = (
    _NUMBER,
    _UNITS,
    Column("notes", "Notes", _NOTES),
    Column("scanned_at", "Scanned Date/Time", _SCANNED),
    _SALE,
    _ORG,
    Column("submitted_at", "Submitted Date", _SUBMITTED, in_files=False),
    Column("order_number", "CSO", _ORDER, in_files=False),
    Column("order_status", "CSO Status", _ORDER_STATUS, in_files=False),
    _PRICING,
)
LOADS_HISTORY = (
    _NUMBER,
    _UNITS,
    Column("notes", "Notes", _NOTES, in_files=False),
    Column("scanned_at", "Scanned Date/Time", _SCANNED, in_files=False),
    _SALE,
    _ORG,
    Column("submitted_at", "Submitted Date", _SUBMITTED),
    Column("order_number", "CSO", _ORDER),
    Column("order_status", "CSO Status", _ORDER_STATUS),
    _PRICING,
)
ROSTER = (
    Column("ordc", "ORDC", ("ordc",), in_files=False),
    Column("model", "MODELS", _MODEL, in_answers=True),
    Column("serial", "SERIALS", _SERIAL),
    Column("quantity", "QTY", _QUANTITY),
    Column("number", "LOAD NUMBER", _LOAD, in_answers=True),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its cells by our names; a column the list does not have is missing from `cells`."""

    number: int
    cells: dict[str, str]
    titles: dict[str, str]
    """The list's own headings, by our names."""
    header: tuple[str, ...]
    row: tuple[str, ...]
    surplus: int
    """Filled cells beyond the last heading."""

    def text(self, name: str) -> str:
        """The cell's text; blank when the list has no such column."""
        return self.cells.get(name, "")

    def raw(self) -> dict[str, str]:
        """The row as read, heading to text, for people and for keeping: control characters written out, long texts cut."""
        headings = [visible(title) or f"column {place}" for place, title in enumerate(self.header, start=1)]
        headings += [f"column {place}" for place in range(len(headings) + 1, len(self.row) + 1)]
        return {heading: visible(cell) for heading, cell in list(zip(headings, self.row, strict=False))[:_RAW_CELLS] if cell}


def lines(table: Table, columns: Sequence[Column], remarks: Remarks) -> Iterator[Line]:
    """The rows of `table` under `columns`; unknown columns are remarked upon once.

    Raises FeedProblem missing_column, at once.
    """
    table = table.headed_by({heading for column in columns for heading in column.headings})
    places = _places(table, columns)
    _require(table, columns, places)
    used = set(places.values())
    extra = [title for place, title in enumerate(table.header) if title and place not in used]
    if extra:
        remarks.warn("extra_columns", f"These columns are not used: {_listed(extra)}.")
    return _lines(table, places, remarks)


def _lines(table: Table, places: dict[str, int], remarks: Remarks) -> Iterator[Line]:
    titles = {name: visible(table.header[place]) for name, place in places.items()}
    width = max((place + 1 for place, title in enumerate(table.header) if title), default=0)
    for number, row in enumerate(table.rows, start=table.first_row_number):
        if row == table.header:
            remarks.warn("repeated_header", f"Row {number} repeats the header; it is not used.", number)
            continue
        cells = {name: unwrapped(row[place]) if place < len(row) else "" for name, place in places.items()}
        surplus = sum(1 for cell in row[width:] if cell) if table.format == "csv" else 0
        yield Line(number, cells, titles, table.header, row, surplus)


def _places(table: Table, columns: Sequence[Column]) -> dict[str, int]:
    headings: dict[str, int] = {}
    for place, title in enumerate(table.header):
        headings.setdefault(normal_header(title), place)
    found = ((column.name, next((headings[heading] for heading in column.headings if heading in headings), None)) for column in columns)
    return {name: place for name, place in found if place is not None}


def _require(table: Table, columns: Sequence[Column], places: dict[str, int]) -> None:
    answer = table.format == ANSWER
    if answer and not table.rows:
        return
    missing = [column for column in columns if (column.in_answers if answer else column.in_files) and column.name not in places]
    if not missing:
        return
    names = " and ".join(column.headings[0] if answer else column.title for column in missing)
    have = _listed([title for title in table.header if title])
    raise FeedProblem(
        "missing_column",
        f"Column {names} is missing." if len(missing) == 1 else f"Columns {names} are missing.",
        f"The columns found are: {have}. Check that the right list was put in this place, and upload it as it was exported.",
    )


def _listed(titles: Sequence[str]) -> str:
    shown = [visible(title)[:40] for title in titles[:12]]
    return ", ".join(shown) + (f" and {len(titles) - 12} more" if len(titles) > 12 else "")
