"""One unit or one bulk line: model, serial and quantity of a row, as stock lists and rosters share them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.keys import model_key, serial_key
from sync.sources.ge.cells import MOST_PIECES, Fault, fault, is_formula, whole
from sync.sources.ge.columns import Line
from sync.sources.ge.remarks import Remarks

LONGEST = 60
"""Characters of a model, a serial or a number."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a row is about. A blank `serial_key` makes it a bulk line."""

    model: str
    model_key: str
    serial: str
    serial_key: str
    quantity: int


def is_blank(line: Line) -> bool:
    """Whether a row names neither model nor serial nor quantity."""
    return not (line.text("model") or line.text("serial") or line.text("quantity"))


def piece(line: Line, remarks: Remarks) -> Piece | None:
    """The unit or bulk line of a row that is not blank; None when the row was held."""
    if is_shifted(line, remarks):
        return None
    for column in ("model", "serial", "quantity"):
        found = fault(line.text(column), LONGEST)
        if found:
            remarks.hold_cell(line, column, found)
            return None
    model, serial = line.text("model"), line.text("serial")
    if serial and not any(map(str.isalnum, serial)):
        remarks.hold_cell(line, "serial", Fault("serial_unclear", "there is neither letter nor digit in it; enter the serial, or nothing."))
        return None
    key = model_key(model)
    quantity = _quantity_of_unit(line, remarks) if serial else _quantity_of_bulk(line, key, remarks)
    if quantity is None:
        return None
    if not key:
        remarks.warn("missing_model", f"Row {line.number}: serial {serial} has no model; it is kept without one.", line.number)
    return Piece(model, key, serial, serial_key(serial), quantity)


def is_shifted(line: Line, remarks: Remarks) -> bool:
    """Whether a row had to be held because its cells can't be told apart."""
    if line.surplus:
        remarks.hold(
            line,
            "too_many_cells",
            f"Row {line.number} has more cells than the header has columns; put the text that holds a separator in quotes.",
        )
    return line.surplus > 0


def counted_serials(line: Line) -> int:
    """1 for a row with a serial, held or not; a formula without its value is none."""
    serial = line.text("serial")
    return 1 if serial and not is_formula(serial) else 0


def counted_pieces(line: Line) -> int:
    """The pieces of a row without a serial, held or not."""
    return 0 if counted_serials(line) else whole(line.text("quantity")) or 0


def _quantity_of_unit(line: Line, remarks: Remarks) -> int:
    quantity = line.text("quantity")
    if quantity and whole(quantity) != 1:
        remarks.warn(
            "serial_with_quantity",
            f"Row {line.number}: serial {line.text('serial')} comes with the quantity {quantity}; a serial is one unit, so 1 was read.",
            line.number,
        )
    return 1


def _quantity_of_bulk(line: Line, key: str, remarks: Remarks) -> int | None:
    quantity = line.text("quantity")
    if not key:
        remarks.hold(line, "missing_model", f"Row {line.number} has neither serial nor model; enter the model the quantity belongs to.")
        return None
    if not quantity:
        remarks.hold(line, "quantity_missing", f"Row {line.number} has neither serial nor quantity; enter one of them.")
        return None
    number = whole(quantity)
    if number is None or not 1 <= number <= MOST_PIECES:
        remarks.hold(
            line,
            "quantity_not_whole",
            f"Row {line.number}, column {line.titles['quantity']}: {quantity} is not a whole number from 1 to {MOST_PIECES:,}; correct it.",
        )
        return None
    return number
