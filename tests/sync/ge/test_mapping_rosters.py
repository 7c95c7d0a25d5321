"""Rosters: one line a unit, sometimes pieces without a serial."""

from __future__ import annotations

from sync.sources.ge import mapping
from sync.sources.ge.mapping import RosterFeed, RosterRow
from sync.tabular import read_table
from tests.sync.ge import files

LOAD = "7QX20260203091500"


def roster(*rows: files.Row) -> RosterFeed:
    return mapping.load_units(read_table(files.roster_csv(rows), limit_bytes=1_000_000))


def test_a_unit_and_pieces() -> None:
    assert roster(files.listed(LOAD, "QTX10FRIDGE", "zz900101"), files.listed(LOAD, "QTX-KIT", "", 6)).rows == (
        RosterRow(2, LOAD, "QTX10FRIDGE", "QTX10FRIDGE", "zz900101", "ZZ900101", 1, "7QX"),
        RosterRow(3, LOAD, "QTX-KIT", "QTXKIT", "", "", 6, "7QX"),
    )


def test_several_loads_in_one_file() -> None:
    feed = roster(files.listed(LOAD, "QTX10FRIDGE", "ZZ900101"), files.listed("7qx20260120140000", "QTX30RANGE", "ZZ900103"))
    assert [row.load_number for row in feed.rows] == [LOAD, "7QX20260120140000"]


def test_a_serial_in_two_loads_is_two_rows() -> None:
    feed = roster(files.listed(LOAD, "QTX10FRIDGE", "ZZ900101"), files.listed("7QX20251201080000", "QTX10FRIDGE", "ZZ900101"))
    assert len(feed.rows) == 2


def test_a_row_without_load_is_held() -> None:
    feed = roster(files.listed("", "QTX10FRIDGE", "ZZ900101"))
    assert [(held.row, held.code, held.sentence) for held in feed.held] == [
        (2, "missing_load_number", "Row 2 has no load number; enter the load the unit belongs to.")
    ]


def test_pieces_without_quantity_are_held() -> None:
    assert [held.code for held in roster(files.listed(LOAD, "QTXKIT", "", "")).held] == ["quantity_missing"]


def test_a_serial_with_quantity_two_is_one_unit_and_pointed_out() -> None:
    feed = roster(files.listed(LOAD, "QTX10FRIDGE", "ZZ900101", 2))
    assert [row.quantity for row in feed.rows] == [1]
    assert [warning.code for warning in feed.warnings] == ["serial_with_quantity"]


def test_a_blank_row_is_nothing() -> None:
    feed = roster(("7QX", "", "", "", LOAD), ("", "", "", "", ""))
    assert (feed.rows, feed.held) == ((), ())


def test_an_empty_roster() -> None:
    assert roster().rows == ()
