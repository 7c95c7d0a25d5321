"""The CSV file of products that people import (docs/products.md). Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from inventory.errors import UnreadableFile
from inventory.keys import model_key, sku_key, trimmed

MOST_ROWS = 20_000
"""What one transaction takes without keeping others waiting for long."""

HEADINGS = {
    "sku": ("sku", "productsku", "itemnumber"),
    "name": ("name", "productname", "description"),
    "product_type": ("type", "producttype", "category"),
    "models": ("models", "model", "modelnumber"),
    "barcodes": ("barcodes", "barcode", "upc", "ean", "gtin"),
    "fractional": ("fractional",),
    "active": ("active",),
}
"""Each column with the headings it is known by: in lower case, letters and digits only."""

LONGEST = {"sku": 80, "name": 300, "product_type": 100, "models": 80, "barcodes": 80}
_WORDS = {"yes": True, "y": True, "true": True, "1": True, "x": True, "no": False, "n": False, "false": False, "0": False}
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[|;,\r\n]")
_SAVE_AS_CSV = "Save the table as “CSV UTF-8” in your spreadsheet program and import that file."


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row, counted as a spreadsheet counts, in the column with that heading."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class ProductRow:
    """A row of the file. None and empty mappings stand for what the file says nothing of; models and barcodes are texts by key."""

    number: int
    sku: str
    key: str
    name: str | None = None
    product_type: str | None = None
    fractional: bool | None = None
    active: bool | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    barcodes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProductFile:
    """The rows that can be read, the problems of the others, and the headings that mean nothing to an import.

    `headings` are the file's own, by column.
    """

    rows: tuple[ProductRow, ...]
    problems: tuple[RowProblem, ...]
    ignored: tuple[str, ...]
    headings: Mapping[str, str]


def read(content: bytes) -> ProductFile:
    """The products of a CSV file, separated by commas, semicolons or tabs. An empty cell says nothing.

    A row with a problem is left out, and so are the second rows of an SKU or of a model. Raises UnreadableFile for what is no such file.
    """
    lines = _lines(_text(content))
    number, header = next(lines, (0, []))
    columns, ignored = _columns(header)
    reading = _Reading({name: header[place] for name, place in columns.items()})
    for number, line in lines:
        reading.take(number, {name: line[place] if place < len(line) else "" for name, place in columns.items()})
    return ProductFile(tuple(reading.rows), tuple(reading.problems), ignored, reading.headings)


class _Reading:
    """Rows as they come, each checked against the ones before."""

    def __init__(self, headings: Mapping[str, str]) -> None:
        self.headings = headings
        self.rows: list[ProductRow] = []
        self.problems: list[RowProblem] = []
        self._sku_rows: dict[str, int] = {}
        self._model_rows: dict[str, int] = {}

    def take(self, number: int, cells: Mapping[str, str]) -> None:
        before = len(self.problems)

        def problem(column: str, sentence: str) -> None:
            self.problems.append(RowProblem(number, self.headings[column], sentence))

        key = sku_key(cells["sku"])
        row = ProductRow(
            number=number,
            sku=_checked("sku", cells["sku"], problem),
            key=key,
            name=_checked("name", cells.get("name", ""), problem) or None,
            product_type=_checked("product_type", cells.get("product_type", ""), problem) or None,
            fractional=_yes_or_no("fractional", cells, problem),
            active=_yes_or_no("active", cells, problem),
            models=_names("models", cells, problem),
            barcodes=_names("barcodes", cells, problem),
        )
        if not key:
            problem("sku", "The SKU is missing.")
        elif key in self._sku_rows:
            problem("sku", f"The SKU {row.sku} stands in row {self._sku_rows[key]} already.")
        for model, text in row.models.items():
            if model in self._model_rows:
                problem("models", f"The model {text} stands in row {self._model_rows[model]} already.")
        if len(self.problems) == before:
            self.rows.append(row)
        self._sku_rows.setdefault(key, number)
        for model in row.models:
            self._model_rows.setdefault(model, number)


def _checked(column: str, text: str, problem: Callable[[str, str], None]) -> str:
    """`text`; or a problem and nothing."""
    longest = LONGEST[column]
    if len(text) > longest or (column == "sku" and len(sku_key(text)) > longest):
        problem(column, f"The text has {len(text):,} characters, at most {longest} are possible.")
    elif not text.isprintable():
        problem(column, "The text holds an invisible character; type it again.")
    elif column in ("sku", "models", "barcodes") and _ROUNDED.fullmatch(text):
        problem(column, f"{text} is a number that a spreadsheet program has rounded; format the column as text and enter it again.")
    else:
        return text
    return ""


def _yes_or_no(column: str, cells: Mapping[str, str], problem: Callable[[str, str], None]) -> bool | None:
    text = cells.get(column, "")
    if text and text.lower() not in _WORDS:
        problem(column, f"“{text[:40]}” is neither yes nor no.")
    return _WORDS.get(text.lower())


def _names(column: str, cells: Mapping[str, str], problem: Callable[[str, str], None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in filter(None, map(trimmed, _SEPARATORS.split(cells.get(column, "")))):
        key = model_key(text)
        if not key or len(key) > LONGEST[column]:
            problem(column, f"“{text[:40]}” has no letter and no digit, or too many.")
        elif _checked(column, text, problem):
            found.setdefault(key, text)
    return found


def _columns(header: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The place of each column, and the headings that are none's."""
    known = {heading: name for name, headings in HEADINGS.items() for heading in headings}
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
    if "sku" not in columns:
        raise UnreadableFile("The first row has no column SKU.", hint="Let the first row hold the headings; SKU has to be one of them.")
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
    """The lines that hold anything, with the row each begins in."""
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
