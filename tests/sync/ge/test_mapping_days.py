"""Two days of a small warehouse, file by file."""

from __future__ import annotations

from datetime import datetime

from sync.sources.ge import mapping
from sync.sources.ge.mapping import Footer, LoadRow, RosterRow, StockRow
from sync.tabular import Table, read_table
from tests.sync.ge import files


def table(body: bytes) -> Table:
    return read_table(body, limit_bytes=1_000_000)


def test_asis_of_the_first_day() -> None:
    feed = mapping.stock(table(files.day_one()["stock:ASIS"]))
    assert feed.rows == (
        StockRow(2, "QTX10FRIDGE", "QTX10FRIDGE", "ZZ900101", "ZZ900101", 1, "Available", ""),
        StockRow(3, "QTX20WASHER", "QTX20WASHER", "ZZ900102", "ZZ900102", 1, "Available", ""),
        StockRow(4, "QTX30RANGE", "QTX30RANGE", "ZZ900103", "ZZ900103", 1, "Reserved", "Not Available"),
        StockRow(5, "QTX40HOOD", "QTX40HOOD", "ZZ900104-AD1", "ZZ900104-AD1", 1, "Available", ""),
        StockRow(6, "QTXTRIMKIT", "QTXTRIMKIT", "", "", 5, "Available", ""),
    )
    assert (feed.footer, feed.serials_read, feed.bulk_units_read, feed.rows_read) == (Footer(4, 5), 4, 5, 5)
    assert (feed.held, feed.warnings) == ((), ())


def test_units_and_bulk_lines_of_the_first_day() -> None:
    feeds = [mapping.stock(table(files.day_one()[f"stock:{bucket}"])) for bucket in ("FG", "ASIS", "STA")]
    assert [feed.serials_read for feed in feeds] == [2, 4, 2]
    assert [feed.bulk_units_read for feed in feeds] == [4, 5, 8]


def test_loads_of_the_first_day() -> None:
    day = files.day_one()
    loads = mapping.merge_loads(mapping.loads_open(table(day["loads:open"])), mapping.loads_history(table(day["loads:history"])))
    assert loads == [
        LoadRow(
            "7QX20251201080000",
            org="7QX",
            units=2,
            submitted_at=datetime(2025, 12, 9, 16, 40),
            order_number="9000000002",
            sale_status="SOLD",
            order_status="Delivered",
            pricing="",
        ),
        LoadRow(
            "7QX20260120140000",
            org="7QX",
            units=2,
            submitted_at=datetime(2026, 1, 28, 10, 2, 11),
            order_number="9000000001",
            sale_status="SOLD",
            order_status="Picked",
            pricing="MODEL",
        ),
        LoadRow(
            "7QX20260203091500",
            org="7QX",
            units=2,
            notes="LETTER K",
            scanned_at=datetime(2026, 2, 3, 9, 15),
            order_number="",
            sale_status="FOR SALE",
            order_status="",
            pricing="",
        ),
    ]


def test_roster_of_the_picked_load() -> None:
    feed = mapping.load_units(table(files.day_one()["load:units:7QX20260120140000"]))
    assert feed.rows == (
        RosterRow(2, "7QX20260120140000", "QTX30RANGE", "QTX30RANGE", "ZZ900202", "ZZ900202", 1, "7QX"),
        RosterRow(3, "7QX20260120140000", "QTX30RANGE", "QTX30RANGE", "ZZ900103", "ZZ900103", 1, "7QX"),
    )


def test_the_next_day_has_no_load_for_sale() -> None:
    feed = mapping.loads_open(table(files.next_day()["loads:open"]))
    assert (feed.rows, feed.held, feed.warnings) == ((), (), ())


def test_the_cut_list_of_the_next_day_says_how_much_is_missing() -> None:
    feed = mapping.stock(table(files.next_day_with_sta_cut()["stock:STA"]))
    problem = mapping.check_footer(feed, promised=True)
    assert problem is not None
    assert (problem.code, problem.sentence) == ("footer_mismatch", "The file is incomplete: it announces 5 serials, 4 were read.")
    assert (feed.rows_read, feed.footer) == (5, Footer(5, 8))


def test_every_stock_list_of_both_days_has_a_footer_that_fits() -> None:
    for day in (files.day_one(), files.next_day()):
        for bucket in ("FG", "ASIS", "STA"):
            assert mapping.check_footer(mapping.stock(table(day[f"stock:{bucket}"])), promised=True) is None
