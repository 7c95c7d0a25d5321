"""A formula's result counts; a formula without one must not make a unit into a bulk line."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
import xlwt

from sync.sources.ge import mapping
from sync.tabular import read_table
from tests.sync.ge import files


def stock(body: bytes) -> mapping.StockFeed:
    return mapping.stock(read_table(body, limit_bytes=1_000_000))


def xlsx_with(formula: str, shown: str = "", attributes: str = "") -> bytes:
    """A stock list in whose first row the serial is a formula with this result."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(files.STOCK)
    book.worksheets[0].append(["QTX10FRIDGE", formula, "4", "Available"])
    first = io.BytesIO()
    book.save(first)
    target = io.BytesIO()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            content = source.read(name).decode()
            if name.endswith("sheet1.xml"):
                content = re.sub(r'<c r="B2"[^>]*>(<f>.*?</f>).*?</c>', rf'<c r="B2" {attributes}>\1<v>{shown}</v></c>', content)
            copy.writestr(name, content)
    return target.getvalue()


def test_an_xlsx_formula_with_a_result_is_its_result() -> None:
    feed = stock(xlsx_with('="ZZ"&900101', "ZZ900101", 't="str"'))
    assert [(row.serial, row.quantity) for row in feed.rows] == [("ZZ900101", 1)]


@pytest.mark.parametrize("body", [xlsx_with('=""'), xlsx_with('=""', "", 't="str"'), xlsx_with("=A9"), xlsx_with("=NA()", "#N/A", 't="e"')])
def test_an_xlsx_formula_without_a_result_is_held_and_no_bulk_line(body: bytes) -> None:
    feed = stock(body)
    assert feed.rows == ()
    assert [(held.row, held.code) for held in feed.held] == [(2, "formula")]
    assert feed.held[0].sentence == "Row 2, column Serial #: a formula stands where its value should; enter the value itself."


def test_an_xlsx_error_is_held() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(files.STOCK)
    book.worksheets[0].append(["QTX10FRIDGE", "#N/A", "4", "Available"])
    target = io.BytesIO()
    book.save(target)
    feed = stock(target.getvalue())
    assert feed.rows == ()
    assert [held.code for held in feed.held] == ["formula"]


def xls_with(write: object) -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("ERP On Hand Qty")
    for column, title in enumerate(files.STOCK):
        page.write(0, column, title)
    page.write(1, 0, "QTX10FRIDGE")
    write(page)  # type: ignore[operator]
    page.write(1, 2, 4)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_an_xls_formula_without_a_result_is_held_and_no_bulk_line() -> None:
    feed = stock(xls_with(lambda page: page.write(1, 1, xlwt.Formula('""'))))
    assert feed.rows == ()
    assert [(held.row, held.code) for held in feed.held] == [(2, "formula")]


def test_an_xls_error_is_held() -> None:
    feed = stock(xls_with(lambda page: page.row(1).set_cell_error(1, 0x2A)))
    assert feed.rows == ()
    assert [held.code for held in feed.held] == ["formula"]


def test_an_xls_formula_in_the_last_row_is_not_lost_with_its_row() -> None:
    def write(page: xlwt.Worksheet) -> None:
        page.write(1, 1, "ZZ900101")
        page.write(2, 1, xlwt.Formula('""'))

    assert [held.row for held in stock(xls_with(write)).held] == [3]


def test_a_csv_text_formula_is_unwrapped() -> None:
    feed = stock(
        b'Model #,Serial #,Inv Qty,Status,Message\n"=""QTX10FRIDGE""","=""ZZ900101""",,Available,\nQTX20WASHER,="0042",,Available,\n'
    )
    assert [(row.model, row.serial) for row in feed.rows] == [("QTX10FRIDGE", "ZZ900101"), ("QTX20WASHER", "0042")]


@pytest.mark.parametrize("cell", ['=""', "=A1&B1", "+A1", "@SUM(A1)", '="ZZ"&"1"', '="  "', "=", "#N/A", "#REF!", "#VALUE!"])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_formula_text_in_model_serial_or_quantity_is_held(cell: str, column: int) -> None:
    row = ["QTX10FRIDGE", "ZZ900101", "1", "Available", ""]
    row[column] = cell
    feed = stock(files.csv_bytes(files.STOCK, [row]))
    assert feed.rows == ()
    assert [held.code for held in feed.held] == ["formula"]
    assert f"column {files.STOCK[column]}:" in feed.held[0].sentence


def test_an_empty_formula_in_the_message_is_blank() -> None:
    feed = stock(files.csv_bytes(files.STOCK, [("QTX10FRIDGE", "ZZ900101", "", "Available", '=""')]))
    assert [row.message for row in feed.rows] == [""]


def test_a_held_formula_is_no_serial_to_the_footer() -> None:
    feed = stock(files.csv_bytes(files.STOCK, [("QTXPARTKIT", '=""', "4", "Available", ""), files.total(0, 4)]))
    assert [held.code for held in feed.held] == ["formula"]
    assert (feed.serials_read, feed.bulk_units_read) == (0, 4)
    assert mapping.check_footer(feed, promised=True) is None
