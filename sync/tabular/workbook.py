"""XLS and XLSX as lines of text.

calamine reads the cells, but shows a formula without a value and a cell with an error as blank, and makes room for every cell up to the
last one. So each format's own reader first finds such cells, and how far the cells reach.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from inventory.keys import trimmed
from sync.tabular import biff, problems
from sync.tabular.marks import Marks
from sync.tabular.openxml import marks_of, repacked
from sync.tabular.table import CELL_LIMIT, Sheet

FORMULA = "="
ERROR = "#ERROR"


def read_xls(body: bytes, limit_rows: int) -> list[Sheet]:
    """The worksheets of an Excel 97 workbook. Raises FeedProblem: unreadable, too_large."""
    marks = biff.marks_of(body)
    _bounded(marks, limit_rows)
    return _sheets(body, marks, "XLS")


def read_xlsx(body: bytes, limit_rows: int) -> list[Sheet]:
    """The worksheets of an Excel workbook of today. Raises FeedProblem: zip_bomb, unreadable, too_large."""
    members, plain = repacked(body)
    marks = marks_of(members)
    _bounded(marks, limit_rows)
    return _sheets(plain, marks, "XLSX")


def _bounded(sheets: list[Marks], limit_rows: int) -> None:
    if sum(marks.rows for marks in sheets) > limit_rows:
        raise problems.too_large(f"it has more than {limit_rows:,} rows")
    if sum(marks.rows * marks.columns for marks in sheets) > CELL_LIMIT:
        raise problems.too_large(f"its cells reach over more than {CELL_LIMIT:,} places")


def _sheets(body: bytes, marks: list[Marks], kind: str) -> list[Sheet]:
    with _calamine(kind):
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        entries = list(enumerate(book.sheets_metadata))
        if len(entries) != len(marks):
            raise problems.damaged(kind)
        return [
            Sheet(entry.name, _lines(book.get_sheet_by_index(position), marks[position]))
            for position, entry in entries
            if entry.typ == SheetTypeEnum.WorkSheet
        ]


@contextmanager
def _calamine(kind: str) -> Iterator[None]:
    """Calamine's refusals, and its panics on broken files, as a FeedProblem."""
    try:
        yield
    except CalamineError as error:
        raise problems.damaged(kind) from error
    except BaseException as error:
        # A Rust panic arrives as an exception class that can't be imported and is no Exception.
        if type(error).__name__ == "PanicException":
            raise problems.damaged(kind) from error
        raise


def _lines(sheet: CalamineSheet, marks: Marks) -> list[tuple[str, ...]]:
    lines = [tuple(map(_text, line)) for line in sheet.to_python(skip_empty_area=False)]
    for places, sign in ((marks.formulas, FORMULA), (marks.errors, ERROR)):
        for row, column in places:
            while len(lines) <= row:
                lines.append(())
            line = list(lines[row]) + [""] * (column + 1 - len(lines[row]))
            line[column] = line[column] or sign
            lines[row] = tuple(line)
    return lines


def _text(value: object) -> str:
    if isinstance(value, str):
        return trimmed(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y/%m/%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y/%m/%d} 00:00:00"
    return str(value)
