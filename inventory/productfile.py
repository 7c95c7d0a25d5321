"""The CSV file of products that people import (docs/products.md). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from inventory import productcells as cell
from inventory.csvtable import RowProblem, columns_of, lines_of
from inventory.errors import UnreadableFile
from inventory.keys import sku_key

V = TypeVar("V")

HEADINGS = {
    "sku": ("sku", "productsku", "itemnumber"),
    "name": ("name", "productname", "description"),
    "product_type": ("type", "producttype"),
    "category": ("category", "productcategory", "categoryname"),
    "vendor": ("vendor", "vendorname", "supplier", "suppliername"),
    "models": ("models", "model", "modelnumber"),
    "barcodes": ("barcodes", "barcode", "upc", "ean", "gtin"),
    "fractional": ("fractional",),
    "unit_kind": ("countedin", "unitkind"),
    "packs_per_pallet": ("packsperpallet", "packsinapallet"),
    "units_per_pack": ("unitsperpack", "unitsinapack", "packsize"),
    "lead_time_days": ("leadtime", "leadtimedays", "leadtimeindays"),
    "purchase_price": ("purchaseprice", "buyingprice", "cost", "unitcost"),
    "sale_price": ("saleprice", "salesprice", "sellingprice", "price"),
    "batch_managed": ("keptinbatches", "batchmanaged", "batches"),
    "active": ("active",),
    "reorder_excluded": ("neverreordered", "donotreorder"),
}
"""Each column with the headings it is known by: in lower case, letters and digits only."""


@dataclass(frozen=True)
class ProductRow:
    """A row of the file. None and empty mappings stand for what the file says nothing of; models and barcodes are texts by key.

    `category` is its name after the names of those it lies in, or the name alone. Numbers are read, not judged.
    """

    number: int
    sku: str
    key: str
    name: str | None = None
    product_type: str | None = None
    category: tuple[str, ...] | None = None
    vendor: str | None = None
    fractional: bool | None = None
    unit_kind: str | None = None
    packs_per_pallet: Decimal | None = None
    units_per_pack: Decimal | None = None
    lead_time_days: int | None = None
    purchase_price: Decimal | None = None
    sale_price: Decimal | None = None
    batch_managed: bool | None = None
    active: bool | None = None
    reorder_excluded: bool | None = None
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
    lines = lines_of(content)
    number, header = next(lines, (0, []))
    columns, ignored = columns_of(header, HEADINGS)
    if "sku" not in columns:
        raise UnreadableFile("The first row has no column SKU.", hint="Let the first row hold the headings; SKU has to be one of them.")
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

        def read(column: str, reader: Callable[[str], V]) -> V | None:
            try:
                return reader(cells[column]) if cells.get(column) else None
            except ValueError as error:
                problem(column, str(error))
            return None

        key = sku_key(cells["sku"])
        row = ProductRow(
            number=number,
            sku=read("sku", cell.sku) or "",
            key=key,
            name=read("name", cell.name),
            product_type=read("product_type", cell.product_type),
            category=read("category", cell.category),
            vendor=read("vendor", cell.vendor),
            fractional=read("fractional", cell.yes_or_no),
            unit_kind=read("unit_kind", cell.unit_kind),
            packs_per_pallet=read("packs_per_pallet", cell.quantity),
            units_per_pack=read("units_per_pack", cell.quantity),
            lead_time_days=read("lead_time_days", cell.whole),
            purchase_price=read("purchase_price", cell.number),
            sale_price=read("sale_price", cell.number),
            batch_managed=read("batch_managed", cell.yes_or_no),
            active=read("active", cell.yes_or_no),
            reorder_excluded=read("reorder_excluded", cell.yes_or_no),
            models=read("models", cell.names) or {},
            barcodes=read("barcodes", cell.names) or {},
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
