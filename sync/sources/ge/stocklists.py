"""On-hand stock of one subinventory: units, bulk lines, and the Total row that proves the list is whole."""

from __future__ import annotations

from inventory.keys import model_key, serial_key
from sync.sources.ge.cells import fault, prose, too_long, whole
from sync.sources.ge.columns import STOCK, Line, lines
from sync.sources.ge.pieces import LONGEST, counted_pieces, counted_serials, is_blank, piece
from sync.sources.ge.remarks import Remarks
from sync.sources.ge.rows import Footer, StockFeed, StockRow
from sync.tabular import Table

TOTAL = "total"
LONGEST_WORD = 100
"""Characters of an availability status or message."""


def stock(table: Table) -> StockFeed:
    """A stock list as typed rows. Raises FeedProblem missing_column."""
    remarks = Remarks()
    filled = [line for line in lines(table, STOCK, remarks) if not is_blank(line)]
    footer = _footer(filled[-1]) if filled else None
    if footer is not None:
        filled.pop()
    rows = [row for line in filled if (row := _row(line, remarks)) is not None]
    held = {each.row for each in remarks.held}
    return StockFeed(
        rows=tuple(rows),
        unbooked=tuple(_subject(line) for line in filled if line.number in held and not _is_total(line)),
        footer=footer,
        held=remarks.held,
        warnings=remarks.warnings,
        serials_read=sum(map(counted_serials, filled)),
        bulk_units_read=sum(map(counted_pieces, filled)),
        rows_read=len(filled),
    )


def _subject(line: Line) -> tuple[str, str] | None:
    """The serial and model keys of a row that is held; None when its cells do not tell what it is about."""
    serial, model = line.text("serial"), line.text("model")
    if line.surplus or fault(serial, LONGEST) or (serial and not any(map(str.isalnum, serial))):
        return None
    if serial:
        return serial_key(serial), ""
    return None if fault(model, LONGEST) or not model_key(model) else ("", model_key(model))


def _is_total(line: Line) -> bool:
    """Whether a row sums others up: model Total, with a number or nothing where the serial stands."""
    return line.text("model").casefold() == TOTAL and (not line.text("serial") or whole(line.text("serial")) is not None)


def _footer(last: Line) -> Footer | None:
    return Footer(whole(last.text("serial")), whole(last.text("quantity"))) if _is_total(last) else None


def _row(line: Line, remarks: Remarks) -> StockRow | None:
    if _is_total(line):
        remarks.hold(line, "total_not_last", f"Row {line.number} is a Total row, but rows follow it; upload one list at a time.")
        return None
    found = piece(line, remarks)
    if found is None:
        return None
    status, message = prose(line.text("status")), prose(line.text("message"))
    for column, text in (("status", status), ("message", message)):
        long = too_long(text, LONGEST_WORD)
        if long:
            remarks.hold_cell(line, column, long)
            return None
    if found.model.casefold() == TOTAL:
        remarks.warn(
            "model_total", f"Row {line.number}: serial {found.serial} is of a model called Total; it is kept as a unit.", line.number
        )
    return StockRow(line.number, found.model, found.model_key, found.serial, found.serial_key, found.quantity, status, message)
