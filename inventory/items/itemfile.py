"""The CSV file of items that people import (docs/items.md). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inventory import productcells as cell
from inventory.csvtable import RowProblem, columns_of, lines_of
from inventory.errors import UnreadableFile

HEADINGS = {
    "token": ("token", "itemtoken"),
    "part_number": ("number", "partnumber", "partno", "part", "itemnumber", "itemno"),
    "item_type": ("type", "itemtype"),
    "color_id": ("colour", "color", "colourid", "colorid"),
    "condition": ("condition", "neworused"),
    "completeness": ("completeness",),
    "name": ("name", "itemname"),
    "location": ("location", "place", "remarks"),
    "quantity_available": ("quantity", "qty", "available", "quantityavailable"),
    "status": ("status",),
    "price": ("price", "unitprice"),
    "notes": ("notes", "description", "comments"),
    "bulk": ("bulk",),
    "sale_percent": ("sale", "salepercent", "saleinpercent"),
    "tiers": ("tiers", "tierprices"),
    "cost": ("cost", "unitcost", "mycost"),
}
"""Each column with the headings it is known by: in lower case, letters and digits only."""

_TIER_SEPARATOR = re.compile(r"[\s|,;]+")


@dataclass(frozen=True)
class ItemRow:
    """A row of the file: the cells that say something, by column, numbers as numbers."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ItemFile:
    """The rows that can be read, the problems of the others, and the headings that mean nothing; `headings` are the file's, by column."""

    rows: tuple[ItemRow, ...]
    problems: tuple[RowProblem, ...]
    ignored: tuple[str, ...]
    headings: Mapping[str, str]


def read(content: bytes) -> ItemFile:
    """The items of a CSV file, separated by commas, semicolons or tabs. An empty cell says nothing.

    A row with a problem is left out. Raises UnreadableFile for what is no such file.
    """
    lines = lines_of(content)
    _, header = next(lines, (0, []))
    columns, ignored = columns_of(header, HEADINGS)
    if not columns.keys() & {"part_number", "token"}:
        raise UnreadableFile(
            "The first row has no column Number.", hint="Let the first row hold the headings; Number, or Token, has to be one of them."
        )
    headings = {name: header[place] for name, place in columns.items()}
    rows, problems = [], []
    for number, line in lines:
        values: dict[str, Any] = {}
        wrong = []
        for name, place in columns.items():
            text = line[place] if place < len(line) else ""
            try:
                if text:
                    values[name] = _CELLS.get(name, str)(text)
            except ValueError as error:
                wrong.append(RowProblem(number, headings[name], str(error)))
        if not values.get("part_number") and not values.get("token") and not wrong:
            wrong.append(RowProblem(number, headings.get("part_number", headings.get("token", "")), "The number is missing."))
        problems += wrong
        if not wrong:
            rows.append(ItemRow(number, values))
    return ItemFile(tuple(rows), tuple(problems), ignored, headings)


def _tiers(text: str) -> list[list[str]]:
    """Pairs of quantity and price: "50:0.110 100:0.100"."""
    pairs = [pair.split(":") for pair in _TIER_SEPARATOR.split(text) if pair]
    if not all(len(pair) == 2 for pair in pairs):
        raise ValueError(f"“{text[:40]}” is no list of tier prices; write 50:0.110 100:0.100.")
    return pairs


_CELLS: Mapping[str, Callable[[str], Any]] = {
    # What a spreadsheet program does to long numbers, it does to these too.
    "part_number": cell.sku,
    "color_id": cell.whole,
    "quantity_available": cell.whole,
    "bulk": cell.whole,
    "sale_percent": cell.whole,
    "price": cell.number,
    "cost": cell.number,
    "tiers": _tiers,
}
