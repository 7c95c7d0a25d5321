"""Lines of text with one of them as the header."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

HEADER_WITHIN = 10
"""The header is looked for in this many lines from the top."""
CELL_LIMIT = 6_000_000
"""Cells of a file, in a workbook of the rectangle from A1 to a sheet's last cell: one is at hand for each, filled or not."""


def normal_header(text: str) -> str:
    """A heading in the form headings are compared in: lower case, letters and digits only."""
    return "".join(character for character in text.lower() if character.isalnum())


@dataclass(frozen=True)
class Sheet:
    """All lines of one sheet from its first on, blank ones included; every cell trimmed text."""

    name: str
    lines: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """The lines below a header. `first_row_number` is the number a spreadsheet program shows beside `rows[0]`."""

    format: str
    sheet: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    first_row_number: int
    sheets: tuple[Sheet, ...] = ()

    def headed_by(self, known: Collection[str]) -> Table:
        """The same file, with the header where most of the `known` normal headings stand, on any sheet, in its first 10 lines.

        The table itself when none is found anywhere.
        """
        best, place = 0, None
        for sheet in self.sheets:
            for position, line in enumerate(sheet.lines[:HEADER_WITHIN]):
                found = len({normal_header(cell) for cell in line}.intersection(known))
                if found > best:
                    best, place = found, (sheet, position)
        return self if place is None else _below(self, *place)


def table_of(format: str, sheets: Sequence[Sheet]) -> Table | None:
    """A table whose header is the first line with two or more texts, else the first line with one; None when all is blank."""
    table = Table(format, "", (), [], 1, tuple(sheets))
    for least in (2, 1):
        for sheet in sheets:
            for position, line in enumerate(sheet.lines[:HEADER_WITHIN]):
                if sum(1 for cell in line if cell) >= least:
                    return _below(table, sheet, position)
    return None


def _below(table: Table, sheet: Sheet, position: int) -> Table:
    return replace(
        table,
        sheet=sheet.name,
        header=sheet.lines[position],
        rows=list(sheet.lines[position + 1 :]),
        first_row_number=position + 2,
    )
