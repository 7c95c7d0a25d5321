"""Load lists: words, times, the merge of both lists, the short name."""

from __future__ import annotations

from datetime import datetime

import pytest

from sync.sources.ge import mapping
from sync.sources.ge.mapping import LoadFeed, LoadRow
from sync.tabular import read_table
from tests.sync.ge import files


def history(*rows: files.Row) -> LoadFeed:
    return mapping.loads_history(read_table(files.loads_xls(rows, history=True), limit_bytes=1_000_000))


def for_sale(*rows: files.Row) -> LoadFeed:
    return mapping.loads_open(read_table(files.loads_xls(rows), limit_bytes=1_000_000))


@pytest.mark.parametrize("word", ["FOR SALE", "for sale", "For  Sale"])
def test_for_sale_in_any_case(word: str) -> None:
    assert history(files.load("7QX1", word)).rows[0].sale_status == "FOR SALE"


@pytest.mark.parametrize(("word", "read"), [("SHIPPED", "Shipped"), ("picked", "Picked"), ("Delivered", "Delivered"), ("", "")])
def test_order_words_in_any_case(word: str, read: str) -> None:
    feed = history(files.load("7QX1", "sold", cso_status=word))
    assert (feed.rows[0].sale_status, feed.rows[0].order_status, feed.warnings) == ("SOLD", read, ())


def test_an_unknown_word_is_kept_and_pointed_out() -> None:
    feed = history(files.load("7QX1", "SOLD", cso_status="On Hold"))
    assert feed.rows[0].order_status == "On Hold"
    assert [(warning.row, warning.code, warning.sentence) for warning in feed.warnings] == [
        (2, "unknown_status", "Row 2, column CSO Status: On Hold is not a known status; it is kept as it is.")
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026/02/03 09:15:00", datetime(2026, 2, 3, 9, 15)),
        ("2026/02/03 09:15", datetime(2026, 2, 3, 9, 15)),
        ("2026/02/03", datetime(2026, 2, 3)),
        ("2/3/2026 9:15", datetime(2026, 2, 3, 9, 15)),
        ("2026-02-03T09:15:00", datetime(2026, 2, 3, 9, 15)),
        ("2026-02-03 09:15:00", datetime(2026, 2, 3, 9, 15)),
        ("", None),
    ],
)
def test_times(text: str, read: datetime | None) -> None:
    feed = for_sale(files.for_sale("7QX1", scanned=text))
    assert feed.rows[0].scanned_at == read
    assert feed.warnings == ()


@pytest.mark.parametrize("text", ["yesterday", "2026/13/03 09:15:00", "0001/01/01 00:00:00", "9999/12/31 23:59:59", "46056.4"])
def test_a_time_that_is_none_is_pointed_out(text: str) -> None:
    feed = for_sale(files.for_sale("7QX1", scanned=text))
    assert feed.rows[0].scanned_at is None
    assert [(warning.row, warning.sentence) for warning in feed.warnings] == [
        (2, "Row 2, column Scanned Date/Time: this is not a time like 2026/02/03 09:15:00.")
    ]


@pytest.mark.parametrize("units", ["many", "-1", "2.5", "99999999999"])
def test_a_number_of_units_that_is_none_is_pointed_out(units: str) -> None:
    feed = for_sale(("7QX1", units, "", "", "FOR SALE"))
    assert feed.rows[0].units is None
    assert [warning.code for warning in feed.warnings] == ["units_unread"]


def test_a_row_without_a_number_is_held_and_a_blank_one_is_not() -> None:
    feed = for_sale(("", "", "", "", ""), ("", "60", "LETTER K", "", "FOR SALE"))
    assert [(held.row, held.code, held.sentence) for held in feed.held] == [
        (3, "missing_load_number", "Row 3 has no load number; enter it.")
    ]


def test_a_number_with_an_invisible_character_is_held() -> None:
    assert [held.code for held in for_sale(files.for_sale("7QX\u200b1")).held] == ["control_character"]


def test_a_note_that_is_too_long_is_held() -> None:
    assert [held.code for held in for_sale(files.for_sale("7QX1", notes="x" * 501)).held] == ["too_long"]


def test_a_load_that_comes_again_is_one_load_with_its_last_values() -> None:
    feed = history(files.load("7QX1", units=60), files.load("7QX2"), files.load("7qx1", units=58), files.load("7QX2"))
    assert [(row.number, row.units) for row in feed.rows] == [("7QX1", 58), ("7QX2", 2)]
    assert [(warning.row, warning.code) for warning in feed.warnings] == [(4, "repeated_load")]


def merged(open: LoadFeed | None, past: LoadFeed | None) -> list[LoadRow]:
    return mapping.merge_loads(open, past)


def test_note_and_scan_time_come_from_the_open_list_and_the_rest_from_the_history() -> None:
    row = merged(
        for_sale(("7QX1", "60", "LETTER K", "2026/02/03 09:15:00", "FOR SALE")),
        history(files.load("7QX1", "SOLD", cso="9000000001", cso_status="Shipped", units=58, submitted="2026/02/04 08:00:00")),
    )
    assert row == [
        LoadRow(
            "7QX1",
            org="7QX",
            units=58,
            notes="LETTER K",
            scanned_at=datetime(2026, 2, 3, 9, 15),
            submitted_at=datetime(2026, 2, 4, 8, 0),
            order_number="9000000001",
            sale_status="SOLD",
            order_status="Shipped",
            pricing="",
        )
    ]


def test_units_the_history_does_not_tell_come_from_the_open_list() -> None:
    row = merged(for_sale(files.for_sale("7QX1", 60)), history(("7QX", "7QX1", "", "", "FOR SALE", "", "", "")))
    assert row[0].units == 60


def test_a_scan_time_only_the_history_tells_is_kept() -> None:
    scanned = "2026/02/03 09:15:00"
    past, _ = mapping.loads_history_json({"rows": [{"loadNumber": "7QX1", "scannedAt": scanned, "notes": "14TH"}]})
    row = merged(for_sale(files.for_sale("7QX1", scanned="")), past)[0]
    assert (row.scanned_at, row.notes) == (datetime(2026, 2, 3, 9, 15), "")


def test_loads_of_either_list_come_in_the_order_of_their_numbers() -> None:
    rows = merged(for_sale(files.for_sale("7QX3")), history(files.load("7QX2", "SOLD"), files.load("7QX1", "SOLD")))
    assert [row.number for row in rows] == ["7QX1", "7QX2", "7QX3"]


def test_one_list_alone() -> None:
    assert [row.notes for row in merged(for_sale(files.for_sale("7QX1", notes="14TH")), None)] == ["14TH"]
    assert [row.notes for row in merged(None, history(files.load("7QX1")))] == [None]
    assert merged(None, None) == []


@pytest.mark.parametrize(
    ("notes", "name"),
    [
        ("LETTER K", "K"),
        ("Letter ab", "AB"),
        ("DEALER LETTER Q", "Q"),
        ("K dealer", "K"),
        ("ab- second", "AB"),
        ("Z", "Z"),
        ("1/7- DEALER DIRECT", "1/7"),
        ("pick up 12/31", "12/31"),
        ("14TH", "14TH"),
        ("the 3rd of the month", "3RD"),
        ("LETTER K 1/7", "K"),
        ("1/7 14TH", "1/7"),
        ("SALVAGE LOAD 5", ""),
        ("13/40", ""),
        ("1/7/2026", ""),
        ("LETTER", ""),
        ("44TH STREET", ""),
        ("K9 unit", ""),
        ("", ""),
    ],
)
def test_short_names(notes: str, name: str) -> None:
    assert mapping.friendly_name(notes) == name


def test_a_list_of_another_organisation() -> None:
    problem = mapping.check_organisation(history(files.load("7QX1"), ("8AB", "8AB1", "", "", "SOLD", "", "", "2")), "7QX")
    assert problem is not None
    assert problem.code == "wrong_organisation"
    assert problem.sentence == "This file is for another warehouse: load 8AB1 belongs to 8AB, this connection reads 7QX."


def test_the_open_list_is_known_by_its_load_numbers() -> None:
    assert mapping.check_organisation(for_sale(files.for_sale("7QX20260203091500")), "7qx") is None
    assert mapping.check_organisation(for_sale(files.for_sale("8AB20260203091500")), "7QX") is not None


def test_the_organisation_with_a_digit_before_it_is_the_same() -> None:
    assert mapping.check_organisation(history(("17QX", "7QX1", "", "", "SOLD", "", "", "2")), "7QX") is None
    assert mapping.check_organisation(history(("A7QX", "7QX1", "", "", "SOLD", "", "", "2")), "7QX") is not None


def test_a_roster_is_known_by_its_load_numbers() -> None:
    roster = mapping.load_units(read_table(files.roster_csv([files.listed("8AB1", "QTX10FRIDGE", "ZZ900001")]), limit_bytes=1_000))
    assert mapping.check_organisation(roster, "7QX") is not None
    assert mapping.check_organisation(roster, "8AB") is None
