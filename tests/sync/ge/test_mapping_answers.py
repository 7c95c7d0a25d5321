"""A server's JSON answer gives the same rows as the file of the same data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sync.feedproblem import FeedProblem
from sync.sources.ge import mapping
from sync.sources.ge.mapping import Footer, LoadRow, RosterRow
from sync.tabular import read_table
from tests.sync.ge import files

UNIT = {"model": "QTX10FRIDGE", "serial": "ZZ900001", "qty": 1, "status": "Available", "message": ""}
PIECES = {"model": "QTXPARTKIT", "serial": None, "qty": 4.0, "status": "Available", "message": None}


def test_an_answer_is_the_same_feed_as_the_file() -> None:
    read = mapping.stock(read_table(files.day_one()["stock:ASIS"], limit_bytes=1_000_000))
    rows = [
        {"model": model, "serial": serial, "qty": int(quantity or 1), "status": status, "message": message}
        for model, serial, quantity, status, message in files.DAY_ONE["ASIS"]
    ]
    answered, taken_at = mapping.stock_json(
        {"takenAt": "2026-02-03T07:00:00-06:00", "rows": rows, "totals": {"serialCount": 4, "bulkUnits": 5}}
    )
    assert taken_at == datetime(2026, 2, 3, 13, tzinfo=UTC)
    assert replace(answered, rows=()) == replace(read, rows=())
    assert [replace(row, row=row.row + 1) for row in answered.rows] == list(read.rows)


def test_rows_are_numbered_from_one() -> None:
    feed, _ = mapping.stock_json({"rows": [UNIT, {"model": "QTXPARTKIT", "qty": 0}]})
    assert [row.row for row in feed.rows] == [1]
    assert [held.row for held in feed.held] == [2]
    assert feed.held[0].sentence == "Row 2, column qty: 0 is not a whole number from 1 to 9,999,999; correct it."


def test_numbers_and_nothing_are_read_like_text() -> None:
    feed, _ = mapping.stock_json({"rows": [{**UNIT, "serial": 900001}, PIECES]})
    assert [(row.serial, row.quantity, row.message) for row in feed.rows] == [("900001", 1, ""), ("", 4, "")]


def test_names_that_may_be_missing() -> None:
    feed, taken_at = mapping.stock_json({"rows": [{"model": "QTX10FRIDGE", "serial": "ZZ900001"}]})
    assert [(row.quantity, row.status, row.message) for row in feed.rows] == [(1, "", "")]
    assert (feed.footer, taken_at) == (None, None)


def test_no_rows_with_totals_of_nothing() -> None:
    feed, _ = mapping.stock_json({"rows": [], "totals": {"serialCount": 0, "bulkUnits": 0}})
    assert mapping.check_empty(feed) is None
    assert mapping.check_footer(feed, promised=True) is None


def test_totals_that_do_not_fit() -> None:
    feed, _ = mapping.stock_json({"rows": [UNIT], "totals": {"serialCount": 2, "bulkUnits": 0}})
    problem = mapping.check_footer(feed, promised=True)
    assert problem is not None
    assert problem.code == "footer_mismatch"


def test_a_total_row_among_the_rows_is_no_unit() -> None:
    feed, _ = mapping.stock_json({"rows": [UNIT, {"model": "Total", "serial": "1", "qty": 0}]})
    assert (len(feed.rows), feed.footer) == (1, Footer(1, 0))


def test_loads() -> None:
    row = {
        "org": "7QX",
        "loadNumber": "7QX20260203091500",
        "units": 2,
        "notes": "LETTER K",
        "scannedAt": "2026/02/03 09:15:00",
        "submittedAt": "",
        "orderNumber": None,
        "saleStatus": "FOR SALE",
    }
    expected = LoadRow(
        "7QX20260203091500",
        org="7QX",
        units=2,
        notes="LETTER K",
        scanned_at=datetime(2026, 2, 3, 9, 15),
        order_number="",
        sale_status="FOR SALE",
    )
    assert mapping.loads_open_json({"rows": [row]})[0].rows == (expected,)
    assert mapping.loads_history_json({"rows": [row]})[0].rows == (expected,)


def test_a_time_with_a_zone_keeps_it() -> None:
    feed, _ = mapping.loads_open_json({"rows": [{"loadNumber": "7QX1", "scannedAt": "2026-02-03T09:15:00Z"}]})
    assert feed.rows[0].scanned_at == datetime(2026, 2, 3, 9, 15, tzinfo=UTC)


def test_roster() -> None:
    feed, _ = mapping.load_units_json(
        {"rows": [{"loadNumber": "7QX1", "model": "QTX10FRIDGE", "serial": "ZZ900101", "qty": 1, "ordc": "7QX"}]}
    )
    assert feed.rows == (RosterRow(1, "7QX1", "QTX10FRIDGE", "QTX10FRIDGE", "ZZ900101", "ZZ900101", 1, "7QX"),)


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ([], 'The answer has no list named "rows".'),
        (None, 'The answer has no list named "rows".'),
        ({"rows": {}}, 'The answer has no list named "rows".'),
        ({"rows": [UNIT, 5]}, "Row 2 of the answer is not an object."),
        ({"rows": [{**UNIT, "serial": ["ZZ900001"]}]}, "Row 1 of the answer: serial is neither a text nor a number."),
        ({"rows": [UNIT], "totals": [1, 2]}, "The totals of the answer are not an object."),
        ({"rows": [UNIT], "totals": {"serialCount": "1"}}, "The totals of the answer are not whole numbers."),
        ({"rows": [UNIT], "totals": {"serialCount": True}}, "The totals of the answer are not whole numbers."),
        ({"rows": [UNIT], "takenAt": "today"}, "The time under takenAt is not in ISO form, such as 2026-02-03T09:15:00Z."),
        ({"rows": [{f"name{n}": 1 for n in range(101)}]}, "The rows of the answer have more than 100 different names."),
    ],
)
def test_an_answer_that_can_not_be_read(payload: object, sentence: str) -> None:
    with pytest.raises(FeedProblem) as problem:
        mapping.stock_json(payload)
    assert (problem.value.code, problem.value.sentence) == ("unreadable", sentence)


def test_a_name_that_is_missing_everywhere() -> None:
    with pytest.raises(FeedProblem, match=r"Column model is missing\."):
        mapping.stock_json({"rows": [{"serial": "ZZ900001"}]})
    with pytest.raises(FeedProblem, match=r"Column loadnumber is missing\."):
        mapping.loads_open_json({"rows": [{"units": 2}]})


def test_half_a_character_in_an_answer_is_held() -> None:
    feed, _ = mapping.stock_json({"rows": [{**UNIT, "serial": "ZZ\ud800"}]})
    assert [held.code for held in feed.held] == ["control_character"]
    assert feed.held[0].raw["serial"] == "ZZ<U+D800>"
