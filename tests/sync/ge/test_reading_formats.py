"""What a file is, its content says; what a cell is, its text says."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest
import xlwt

from sync.feedproblem import FeedProblem
from sync.sources.ge import mapping
from sync.tabular import Table, read_table
from tests.sync.ge import files

ROWS = [files.unit("QTX10FRIDGE", "ZZ900001"), files.unit("QTX30RANGE", "ZZ900002", "Reserved"), files.bulk("QTXPARTKIT", 4)]
WRITERS = {"xls": files.xls, "xlsx": files.xlsx, "csv": files.csv_bytes}


def read(body: bytes) -> Table:
    return read_table(body, limit_bytes=20_000_000)


@pytest.mark.parametrize("kind", ["xls", "xlsx", "csv"])
def test_format_is_found_by_content(kind: str) -> None:
    table = read(WRITERS[kind](files.STOCK, ROWS))
    assert table.format == kind
    assert table.header == files.STOCK
    assert table.rows == ROWS
    assert table.first_row_number == 2


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_sheet_is_named(kind: str) -> None:
    assert read(WRITERS[kind](files.STOCK, ROWS)).sheet == "ERP On Hand Qty"


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_numbers_and_text_are_read_alike(kind: str) -> None:
    table = read(WRITERS[kind](files.STOCK, [("QTX10FRIDGE", 900001.0, 5.0, 2.5, True)]))
    assert table.rows == [("QTX10FRIDGE", "900001", "5", "2.5", "TRUE")]


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_long_numbers_keep_all_digits(kind: str) -> None:
    assert read(WRITERS[kind](("CSO", "Units"), [(9000000001.0, 60)])).rows == [("9000000001", "60")]


def test_xlsx_times_are_written_as_ge_prints_them() -> None:
    table = read(
        files.xlsx(("Load Number", "Scanned Date/Time"), [("7QX1", datetime(2026, 2, 3, 9, 15, 1)), ("7QX2", datetime(2026, 2, 4))])
    )
    assert table.rows == [("7QX1", "2026/02/03 09:15:01"), ("7QX2", "2026/02/04 00:00:00")]


def test_xls_times_are_written_as_ge_prints_them() -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("ASISLoadData")
    page.write(0, 0, "Load Number")
    page.write(0, 1, "Scanned Date/Time")
    page.write(1, 0, "7QX1")
    page.write(1, 1, datetime(2026, 2, 3, 9, 15, 7), xlwt.easyxf(num_format_str="YYYY/MM/DD HH:MM:SS"))
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue()).rows == [("7QX1", "2026/02/03 09:15:07")]


@pytest.mark.parametrize("kind", ["xls", "xlsx", "csv"])
def test_blanks_around_a_text_go_visible_or_not(kind: str) -> None:
    table = read(WRITERS[kind](files.STOCK, [(" QTX10FRIDGE\u00a0", "\u200b ZZ900001 \ufeff", "", "\tAvailable ", "")]))
    assert table.rows == [("QTX10FRIDGE", "ZZ900001", "", "Available", "")]


@pytest.mark.parametrize("kind", ["xls", "xlsx", "csv"])
def test_header_below_other_lines_is_found(kind: str) -> None:
    above = [("Report of Tuesday", "made by hand"), ("", ""), ("Page 1",)]
    feed = mapping.stock(read(WRITERS[kind](("Warehouse",), [*above, files.STOCK, *ROWS])))
    assert [row.serial for row in feed.rows] == ["ZZ900001", "ZZ900002", ""]
    assert [row.row for row in feed.rows] == [6, 7, 8]


def test_header_below_the_tenth_line_is_not_looked_for() -> None:
    table = read(files.csv_bytes(("Report", "x"), [*[("", "")] * 9, files.STOCK, *ROWS]))
    with pytest.raises(FeedProblem) as problem:
        mapping.stock(table)
    assert problem.value.code == "missing_column"


def two_sheets(first: str) -> bytes:
    book = openpyxl.Workbook()
    cover = book.worksheets[0]
    cover.title = first
    cover.append(["Warehouse", "7QX"])
    cover.append(["Status", "checked"])
    page = book.create_sheet("List")
    for line in (files.STOCK, *ROWS):
        page.append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_of_several_sheets_the_one_with_the_header_is_read() -> None:
    assert mapping.stock(read(two_sheets("Cover"))).rows_read == 3


def test_a_sheet_that_was_left_empty_is_passed_over() -> None:
    book = openpyxl.Workbook()
    page = book.create_sheet("List")
    for line in (files.STOCK, *ROWS):
        page.append(line)
    target = io.BytesIO()
    book.save(target)
    table = read(target.getvalue())
    assert (table.sheet, len(table.rows)) == ("List", 3)


def test_rows_with_blank_lines_between_keep_their_numbers() -> None:
    feed = mapping.stock(read(files.xls(files.STOCK, [ROWS[0], (), (), ROWS[1]])))
    assert [row.row for row in feed.rows] == [2, 5]


@pytest.mark.parametrize(("kind", "quantity"), [("xls", 60_000), ("xlsx", 100_000), ("csv", 100_000), ("xls", 2_500)])
def test_large_lists_are_read_to_their_end(kind: str, quantity: int) -> None:
    rows = files.stock_rows(files.on_hand(quantity))
    feed = mapping.stock(read(WRITERS[kind](files.STOCK, rows)))
    assert feed.serials_read == quantity
    assert feed.rows[-1].serial == f"ZZ{quantity:06d}"
    assert feed.footer == mapping.Footer(quantity, 0)
