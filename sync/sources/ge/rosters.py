"""The units loads were sold with. A roster is not stock: it does not prove that a unit is in the building."""

from __future__ import annotations

from sync.sources.ge.cells import fault, prose, too_long
from sync.sources.ge.columns import ROSTER, Line, lines
from sync.sources.ge.pieces import LONGEST, is_blank, piece
from sync.sources.ge.remarks import Remarks
from sync.sources.ge.rows import RosterFeed, RosterRow
from sync.tabular import Table


def load_units(table: Table) -> RosterFeed:
    """The roster of one load or of several. Raises FeedProblem missing_column."""
    remarks = Remarks()
    filled = (line for line in lines(table, ROSTER, remarks) if not is_blank(line))
    rows = tuple(row for line in filled if (row := _row(line, remarks)) is not None)
    return RosterFeed(rows, remarks.held, remarks.warnings)


def _row(line: Line, remarks: Remarks) -> RosterRow | None:
    number, ordc = line.text("number").upper(), prose(line.text("ordc"))
    if not number:
        remarks.hold(line, "missing_load_number", f"Row {line.number} has no load number; enter the load the unit belongs to.")
        return None
    wrong = {"number": fault(number, LONGEST), "ordc": too_long(ordc, LONGEST)}
    for column, found in wrong.items():
        if found:
            remarks.hold_cell(line, column, found)
            return None
    unit = piece(line, remarks)
    if unit is None:
        return None
    return RosterRow(line.number, number, unit.model, unit.model_key, unit.serial, unit.serial_key, unit.quantity, ordc)
