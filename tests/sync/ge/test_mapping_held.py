"""Rows that are not applied, and what each of them is told."""

from __future__ import annotations

import json

import pytest

from sync.sources.ge import mapping
from sync.sources.ge.mapping import StockFeed
from sync.tabular import read_table
from tests.sync.ge import files


def stock(*rows: files.Row) -> StockFeed:
    return mapping.stock(read_table(files.csv_bytes(files.STOCK, rows), limit_bytes=1_000_000))


def held(feed: StockFeed) -> list[tuple[int, str, str]]:
    return [(row.row, row.code, row.sentence) for row in feed.held]


GOOD = files.unit("QTX10FRIDGE", "ZZ900001")


def test_neither_serial_nor_quantity() -> None:
    feed = stock(GOOD, files.bulk("QTXPARTKIT", ""))
    assert held(feed) == [(3, "quantity_missing", "Row 3 has neither serial nor quantity; enter one of them.")]
    assert [row.row for row in feed.rows] == [2]


@pytest.mark.parametrize("quantity", ["0", "-3", "2.5", "four", "1e3", "1,000", "10000000", "٤", "99999999999999999999"])
def test_a_quantity_that_is_no_number_of_pieces(quantity: str) -> None:
    feed = stock(GOOD, files.bulk("QTXPARTKIT", quantity))
    assert held(feed) == [
        (3, "quantity_not_whole", f"Row 3, column Inv Qty: {quantity} is not a whole number from 1 to 9,999,999; correct it.")
    ]
    assert [row.row for row in feed.rows] == [2]


@pytest.mark.parametrize(("quantity", "pieces"), [("1", 1), ("5.0", 5), ("007", 7), ("9999999", 9_999_999)])
def test_a_quantity_that_is_a_number_of_pieces(quantity: str, pieces: int) -> None:
    assert [row.quantity for row in stock(files.bulk("QTXPARTKIT", quantity)).rows] == [pieces]


def test_a_quantity_without_model() -> None:
    assert held(stock(files.bulk("", 4))) == [
        (2, "missing_model", "Row 2 has neither serial nor model; enter the model the quantity belongs to.")
    ]


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\0", "U+0000"),
        ("\x07", "U+0007"),
        ("\n", "U+000A"),
        ("\x7f", "U+007F"),
        ("\u200b", "U+200B"),
        ("\u202e", "U+202E"),
        ("\u2028", "U+2028"),
    ],
)
@pytest.mark.parametrize("column", [0, 1])
def test_an_invisible_character_inside_model_or_serial(character: str, name: str, column: int) -> None:
    row = list(files.unit("QTX10FRIDGE", "ZZ900101"))
    row[column] = row[column][:4] + character + row[column][4:]
    feed = stock(tuple(row), GOOD)
    title = files.STOCK[column]
    assert held(feed) == [
        (2, "control_character", f"Row 2, column {title}: the text holds the invisible character {name}; remove it or type the text again.")
    ]
    assert feed.held[0].raw[title] == row[column][:4] + f"<{name}>" + row[column][5:]


def test_what_is_kept_of_a_held_row_can_be_stored_anywhere() -> None:
    feed = stock((GOOD[0], "ZZ\0" + "9" * 500, "", "Available", ""))
    assert "\\u0000" not in json.dumps(feed.held[0].raw)
    assert len(feed.held[0].raw["Serial #"]) <= 200
    assert "Availability Message" not in feed.held[0].raw


@pytest.mark.parametrize(
    ("column", "longest"), [("Model #", 60), ("Serial #", 60), ("Inv Qty", 60), ("Availability Status", 100), ("Availability Message", 100)]
)
def test_a_text_that_is_too_long(column: str, longest: int) -> None:
    row = list(GOOD)
    row[files.STOCK.index(column)] = "7" * (longest + 1)
    assert held(stock(tuple(row))) == [
        (2, "too_long", f"Row 2, column {column}: the text has {longest + 1} characters, at most {longest} are possible; shorten it.")
    ]


@pytest.mark.parametrize(
    ("column", "longest"), [("Model #", 60), ("Serial #", 60), ("Availability Status", 100), ("Availability Message", 100)]
)
def test_a_text_that_just_fits(column: str, longest: int) -> None:
    row = list(GOOD)
    row[files.STOCK.index(column)] = "7" * longest
    assert len(stock(tuple(row)).rows) == 1


@pytest.mark.parametrize("serial", ["-", "--", "—", "???"])
def test_a_serial_without_letter_or_digit(serial: str) -> None:
    assert held(stock(files.unit("QTX10FRIDGE", serial))) == [
        (2, "serial_unclear", "Row 2, column Serial #: there is neither letter nor digit in it; enter the serial, or nothing.")
    ]


def test_held_rows_with_a_serial_count_against_the_footer() -> None:
    feed = stock(GOOD, files.unit("QTX10FRIDGE", "Z" * 61), files.bulk("Q" * 61, 3), files.total(2, 3))
    assert (feed.serials_read, feed.bulk_units_read, feed.rows_read) == (2, 3, 3)
    assert mapping.check_footer(feed, promised=True) is None
    assert [row.row for row in feed.rows] == [2]


def test_every_held_row_is_told_apart_by_its_number_in_the_file() -> None:
    feed = stock(files.bulk("QTXPARTKIT", ""), GOOD, files.bulk("", 4))
    assert [row.row for row in feed.held] == [2, 4]


def test_serial_that_is_too_long_in_upper_case_is_held() -> None:
    feed = stock(files.unit("QTX10FRIDGE", "ß" * 31))
    assert [held.code for held in feed.held] == ["too_long"]
