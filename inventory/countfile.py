"""The CSV file in which a count is handed in (docs/ledger.md). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from inventory import productcells as cell
from inventory.csvtable import RowProblem, columns_of, lines_of
from inventory.errors import UnreadableFile
from inventory.keys import model_key, sku_key
from inventory.models import UnitKind

V = TypeVar("V")

HEADINGS = {
    "sku": ("sku", "productsku", "itemnumber"),
    "barcode": ("barcode", "upc", "ean", "gtin"),
    "pallets": ("pallets", "pallet"),
    "packs": ("packs", "pack"),
    "units": ("units", "unit", "pieces"),
    "kind": ("kind", "unitkind", "countedin"),
    "counted": ("counted", "quantity", "qty", "onhand"),
    "lot": ("lot", "lotnumber"),
    "expires_on": ("expireson", "expires", "expiry", "expirydate", "bestbefore"),
    "unit_cost": ("unitcost", "cost", "purchaseprice"),
    "note": ("note", "notes", "comment"),
}
"""Each column with the headings it is known by: in lower case, letters and digits only."""

_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


@dataclass(frozen=True)
class CountRow:
    """A row of the file: what was counted of each unit kind it speaks of; "" is the kind in which the product is counted."""

    number: int
    sku: str
    barcode: str
    counted: Mapping[str, Decimal]
    lot: str = ""
    expires_on: date | None = None
    unit_cost: Decimal | None = None
    note: str = ""


@dataclass(frozen=True)
class CountFile:
    """The rows that can be read, the problems of the others, and the file's own headings by column."""

    rows: tuple[CountRow, ...]
    problems: tuple[RowProblem, ...]
    headings: Mapping[str, str]


def read(content: bytes) -> CountFile:
    """The rows of a CSV file, separated by commas, semicolons or tabs: a SKU or barcode, and how many pallets, packs and units of it.

    In place of these there may be one number and its kind. What has an empty cell was not counted, and a row without any number says
    nothing; where none was found there is a zero. Raises UnreadableFile.
    """
    lines = lines_of(content)
    _, header = next(lines, (0, []))
    columns, _ = columns_of(header, HEADINGS)
    if not {"sku", "barcode"} & columns.keys():
        raise UnreadableFile("The first row has no column SKU or Barcode.", hint="Let the first row hold the headings.")
    if not {*UnitKind.values, "counted"} & columns.keys():
        raise UnreadableFile(
            "The first row has no column for what was counted.", hint="Name it Pallets, Packs or Units, or Counted with the kind beside it."
        )
    headings = {name: header[place] for name, place in columns.items()}
    rows: list[CountRow] = []
    problems: list[RowProblem] = []
    for number, line in lines:
        cells = {name: line[place] if place < len(line) else "" for name, place in columns.items()}
        row, wrong = _row(number, cells, headings)
        problems.extend(wrong)
        if row.counted and not wrong:
            rows.append(row)
    return CountFile(tuple(rows), tuple(problems), headings)


def _row(number: int, cells: Mapping[str, str], headings: Mapping[str, str]) -> tuple[CountRow, list[RowProblem]]:
    problems: list[RowProblem] = []

    def problem(column: str, sentence: str) -> None:
        problems.append(RowProblem(number, headings.get(column, column), sentence))

    def take(column: str, reader: Callable[[str], V]) -> V | None:
        try:
            return reader(cells[column]) if cells.get(column) else None
        except ValueError as error:
            problem(column, str(error))
        return None

    counted: dict[str, Decimal] = {}
    for kind in UnitKind.values:
        found = take(kind, _not_negative)
        if found is not None:
            counted[kind] = found
    alone = take("counted", _not_negative)
    named = take("kind", cell.unit_kind) or ""
    said = [column for column in (*UnitKind.values, "counted") if cells.get(column)]
    if "counted" in said and len(said) > 1:
        problem("counted", f"The row has {headings[said[0]]} too; enter each number once.")
    elif alone is not None:
        counted[named] = alone
    row = CountRow(
        number=number,
        sku=take("sku", cell.sku) or "",
        barcode=cells.get("barcode", ""),
        counted=counted,
        lot=take("lot", _lot) or "",
        expires_on=take("expires_on", day),
        unit_cost=take("unit_cost", _not_negative_money),
        note=cells.get("note", "")[:300],
    )
    first = "sku" if "sku" in headings else "barcode"
    if not sku_key(row.sku) and not model_key(row.barcode) and not problems:
        problem(first, "It does not say which product was counted.")
    if row.unit_cost is not None and len(counted) > 1:
        problem("unit_cost", "It is not clear what one of which costs; put each unit kind into a row of its own.")
    return row, problems


def day(text: str) -> date:
    """A day like 2031-05-01 or 1.5.2031. Raises ValueError, in words, for what can be read in two ways or not at all."""
    year_first, day_first = _YEAR_FIRST.fullmatch(text), _DAY_FIRST.fullmatch(text)
    parts = year_first.groups() if year_first else day_first.groups()[::-1] if day_first else None
    try:
        if parts is not None:
            return date(*map(int, parts))
    except ValueError:
        pass
    raise ValueError(f"“{text[:40]}” is not a day that can be read in one way only; write it like 2031-05-01.")


def _not_negative(text: str) -> Decimal:
    found = cell.quantity(text)
    if found < 0:
        raise ValueError(f"“{text}” is less than nothing.")
    return found


def _not_negative_money(text: str) -> Decimal:
    found = cell.number(text)
    if found < 0:
        raise ValueError(f"“{text}” is less than nothing.")
    return found


def _lot(text: str) -> str:
    if len(text) > 80 or not text.isprintable():
        raise ValueError("The lot number is longer than 80 characters, or holds one that can't be seen.")
    return text
