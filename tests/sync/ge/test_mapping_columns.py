"""Columns are known by many headings and may come in any order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.feedproblem import FeedProblem
from sync.sources.ge import mapping
from sync.tabular import Table, read_table
from tests.sync.ge import files


def table(header: files.Row, *rows: files.Row) -> Table:
    return read_table(files.csv_bytes(header, rows), limit_bytes=1_000_000)


@pytest.mark.parametrize(
    "header",
    [
        ("Model #", "Serial #", "Inv Qty", "Availability Status", "Availability Message"),
        ("MODELS", "SERIALS", "QTY", "STATUS", "MESSAGE"),
        ("model", "serial number", "qty", "status", "message"),
        ("Model", "Serial_Number", "INV-QTY", "availability status", "availability  message"),
        ("model", "Serial No.", "Quantity", "Status", "Message"),
    ],
)
def test_every_heading_of_a_stock_column(header: files.Row) -> None:
    feed = mapping.stock(
        table(header, ("QTXPARTKIT", "", "4", "Reserved", "Not Available"), ("QTX10FRIDGE", "ZZ900001", "", "Available", ""))
    )
    assert [(row.model, row.serial, row.quantity, row.status, row.message) for row in feed.rows] == [
        ("QTXPARTKIT", "", 4, "Reserved", "Not Available"),
        ("QTX10FRIDGE", "ZZ900001", 1, "Available", ""),
    ]


def test_columns_in_another_order() -> None:
    header = ("Availability Message", "Inv Qty", "Serial #", "Availability Status", "Model #")
    feed = mapping.stock(table(header, ("", "", "ZZ900001", "Available", "QTX10FRIDGE"), ("", "0", "1", "", "Total")))
    assert [(row.model, row.serial, row.status) for row in feed.rows] == [("QTX10FRIDGE", "ZZ900001", "Available")]
    assert feed.footer == mapping.Footer(1, 0)


def test_other_columns_are_not_used_and_said_so() -> None:
    feed = mapping.stock(table((*files.STOCK, "Colour", "", "Shelf"), (*files.unit("QTX10FRIDGE", "ZZ900001"), "white", "x", "B4")))
    assert len(feed.rows) == 1
    assert [(warning.code, warning.sentence) for warning in feed.warnings] == [
        ("extra_columns", "These columns are not used: Colour, Shelf.")
    ]


def test_the_better_known_of_two_headings_wins() -> None:
    feed = mapping.stock(table(("Status", *files.STOCK), ("checked", *files.unit("QTX10FRIDGE", "ZZ900001"))))
    assert [row.status for row in feed.rows] == ["Available"]
    assert feed.warnings[0].sentence == "These columns are not used: Status."


@pytest.mark.parametrize(
    ("read", "header", "column"),
    [
        *((mapping.stock, files.STOCK, title) for title in files.STOCK),
        *((mapping.loads_open, files.LOADS_OPEN, title) for title in files.LOADS_OPEN),
        *(
            (mapping.loads_history, files.LOADS_HISTORY, title)
            for title in ("Load Number", "Submitted Date", "CSO", "Status", "CSO Status", "Units")
        ),
        *((mapping.load_units, files.ROSTER, title) for title in ("MODELS", "SERIALS", "QTY", "LOAD NUMBER")),
    ],
)
def test_a_missing_column_is_named(read: Callable[[Table], object], header: files.Row, column: str) -> None:
    left = tuple(title for title in header if title != column)
    with pytest.raises(FeedProblem) as problem:
        read(table(left, left))
    assert (problem.value.code, problem.value.sentence) == ("missing_column", f"Column {column} is missing.")
    assert problem.value.hint.startswith(f"The columns found are: {', '.join(left)}.")


def test_several_missing_columns_are_all_named() -> None:
    with pytest.raises(FeedProblem, match=r"Columns Inv Qty and Availability Status and Availability Message are missing\."):
        mapping.stock(table(("Model #", "Serial #"), ("QTX10FRIDGE", "ZZ900001")))


def test_organisation_and_pricing_may_be_missing() -> None:
    history = mapping.loads_history(
        table(("Load Number", "Submitted Date", "CSO", "Status", "CSO Status", "Units"), ("7QX1", "", "", "SOLD", "", "2"))
    )
    assert (history.rows[0].org, history.rows[0].pricing) == (None, None)


def test_a_load_list_in_the_place_of_a_stock_list_is_refused() -> None:
    with pytest.raises(FeedProblem, match="Columns Model # and Serial #"):
        mapping.stock(table(files.LOADS_OPEN, files.for_sale("7QX20260203091500")))


def test_a_header_that_comes_again_is_not_a_unit() -> None:
    feed = mapping.stock(table(files.STOCK, files.unit("QTX10FRIDGE", "ZZ900001"), files.STOCK, files.unit("QTX10FRIDGE", "ZZ900002")))
    assert [row.serial for row in feed.rows] == ["ZZ900001", "ZZ900002"]
    assert [(warning.code, warning.row) for warning in feed.warnings] == [("repeated_header", 3)]


def test_rows_shorter_than_the_header_are_blank_at_their_end() -> None:
    feed = mapping.stock(read_table(b"Model,Serial,Qty,Status,Message\nQTX10FRIDGE,ZZ900001\n", limit_bytes=1_000))
    assert [(row.serial, row.status) for row in feed.rows] == [("ZZ900001", "")]


@pytest.mark.parametrize(
    ("read", "header", "row"),
    [
        (mapping.stock, "Model,Serial,Qty,Status,Message", "QTX10,FRIDGE,ZZ900001,,Available,"),
        (mapping.loads_open, "Load Number,Units,Notes,Scanned,Status", "7QX1,2,1/7, dealer,2026/02/03 09:15:00,FOR SALE"),
        (mapping.load_units, "ORDC,MODELS,SERIALS,QTY,LOAD NUMBER", "7QX,QTX10,FRIDGE,ZZ900001,1,7QX1"),
    ],
)
def test_a_row_with_a_cell_too_many_is_held(read: Callable[[Table], mapping.StockFeed], header: str, row: str) -> None:
    feed = read(
        read_table(f"{header}\n{row.replace(',,', ',x,')}\n".encode().replace(b"Available,\n", b"Available,y\n"), limit_bytes=1_000)
    )
    assert feed.rows == ()
    assert [(held.row, held.code) for held in feed.held] == [(2, "too_many_cells")]
    assert feed.held[0].sentence == "Row 2 has more cells than the header has columns; put the text that holds a separator in quotes."
