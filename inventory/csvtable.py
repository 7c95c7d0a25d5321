"""Tables that people save as CSV: their lines, their headings, and where in them something is wrong. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inventory.errors import UnreadableFile
from inventory.keys import trimmed

MOST_ROWS = 20_000
"""What one transaction takes without keeping others waiting for long."""

_SAVE_AS_CSV = "Save the table as “CSV UTF-8” in your spreadsheet program and import that file."


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row, counted as a spreadsheet counts, in the column with that heading."""

    row: int
    column: str
    sentence: str


def lines_of(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines of a table that hold anything, with the row each begins in; commas, semicolons or tabs are between the cells.

    Raises UnreadableFile, at once or on the way, for what is no such table.
    """
    return _lines(_text(content))


def columns_of(header: Sequence[str], headings: Mapping[str, Sequence[str]]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The place of each column, and the headings that are none's.

    `headings` are those each column is known by: in lower case, letters and digits only. Raises UnreadableFile where two mean the same.
    """
    known = {heading: name for name, spellings in headings.items() for heading in spellings}
    columns: dict[str, int] = {}
    ignored = []
    for place, heading in enumerate(header):
        name = known.get("".join(character for character in heading.lower() if character.isalnum()))
        if name is None:
            ignored.extend([heading] if heading else [])
        elif name in columns:
            raise UnreadableFile(f"The columns {header[columns[name]]} and {heading} mean the same.", hint="Leave one of them out.")
        else:
            columns[name] = place
    return columns, tuple(ignored)


def _text(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile("This is a workbook, not a CSV file.", hint=_SAVE_AS_CSV)
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile("The file is not a text in UTF-8.", hint=_SAVE_AS_CSV) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            line = list(map(trimmed, cells))
            if number > MOST_ROWS + 1:
                raise UnreadableFile(
                    f"The file has more than {MOST_ROWS:,} rows.", hint="Split it and import the parts one after the other."
                )
            if any(line):
                yield number, line
    except csv.Error as error:
        raise UnreadableFile(
            f"Row {number + 1} can't be read: a text in quotes is not closed, or it is far too long.", hint=_SAVE_AS_CSV
        ) from error
