"""What makes a unit, what makes a bulk line, and what is only pointed out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.sources.ge import mapping
from sync.sources.ge.mapping import StockFeed
from sync.tabular import read_table
from tests.sync.ge import files


def stock(*rows: files.Row) -> StockFeed:
    return mapping.stock(read_table(files.csv_bytes(files.STOCK, rows), limit_bytes=10_000_000))


def warned(feed: StockFeed) -> list[tuple[int | None, str, str]]:
    return [(warning.row, warning.code, warning.sentence) for warning in feed.warnings]


def test_a_serial_with_blank_quantity_is_one_unit() -> None:
    assert [(row.serial_key, row.quantity) for row in stock(("QTX10FRIDGE", "ZZ900001", "", "", "")).rows] == [("ZZ900001", 1)]


def test_a_serial_with_quantity_one_is_one_unit() -> None:
    feed = stock(("QTX10FRIDGE", "ZZ900001", "1", "", ""), ("QTX10FRIDGE", "ZZ900002", "1.0", "", ""))
    assert [row.quantity for row in feed.rows] == [1, 1]
    assert feed.warnings == ()


def test_a_serial_with_another_quantity_is_one_unit_and_pointed_out() -> None:
    feed = stock(("QTX10FRIDGE", "ZZ900001", "3", "", ""))
    assert [(row.serial, row.quantity) for row in feed.rows] == [("ZZ900001", 1)]
    assert warned(feed) == [
        (2, "serial_with_quantity", "Row 2: serial ZZ900001 comes with the quantity 3; a serial is one unit, so 1 was read.")
    ]
    assert feed.bulk_units_read == 0


def test_a_unit_without_model_is_kept_and_pointed_out() -> None:
    feed = stock(("", "ZZ900001", "", "Available", ""))
    assert [(row.model, row.model_key, row.serial) for row in feed.rows] == [("", "", "ZZ900001")]
    assert warned(feed) == [(2, "missing_model", "Row 2: serial ZZ900001 has no model; it is kept without one.")]


def test_a_blank_row_is_nothing() -> None:
    feed = stock(("", "", "", "", ""), files.unit("QTX10FRIDGE", "ZZ900001"), ("", "", "", "Available", "Not Available"))
    assert [row.row for row in feed.rows] == [3]
    assert (feed.rows_read, feed.held, feed.warnings) == (1, (), ())


def test_repeated_rows_are_all_kept_and_counted() -> None:
    unit = files.unit("QTX10FRIDGE", "ZZ900001")
    feed = stock(unit, unit, files.unit("QTX20WASHER", "zz900001"), files.total(3, 0))
    assert [(row.row, row.serial_key) for row in feed.rows] == [(2, "ZZ900001"), (3, "ZZ900001"), (4, "ZZ900001")]
    assert feed.serials_read == 3


def test_lower_case_keeps_its_text_and_has_the_same_key() -> None:
    row = stock(("qtx-10 fridge/w", " zz900104-ad1 ", "", "", "")).rows[0]
    assert (row.model, row.model_key) == ("qtx-10 fridge/w", "QTX10FRIDGEW")
    assert (row.serial, row.serial_key) == ("zz900104-ad1", "ZZ900104-AD1")


def test_two_bulk_lines_of_one_model_stay_two_rows() -> None:
    feed = stock(files.bulk("QTXPARTKIT", 4), files.bulk("QTX-PARTKIT", 3, "Reserved"))
    assert [(row.model_key, row.quantity, row.status) for row in feed.rows] == [
        ("QTXPARTKIT", 4, "Available"),
        ("QTXPARTKIT", 3, "Reserved"),
    ]
    assert feed.bulk_units_read == 7


def test_a_message_of_two_lines_becomes_one() -> None:
    assert stock(("QTX10FRIDGE", "ZZ900001", "", "Available", "Not\r\nAvail\0able")).rows[0].message == "Not Available"


def test_the_same_remark_is_made_fifty_times_and_then_counted() -> None:
    feed = stock(*[("", f"ZZ{number:06d}", "", "", "") for number in range(1_250)])
    assert len(feed.rows) == 1_250
    assert len(feed.warnings) == 51
    assert (feed.warnings[-1].row, feed.warnings[-1].sentence) == (None, "1,200 more rows have the same remark as the first 50.")


@given(st.text())
def test_a_serial_key_is_its_own_key(text: str) -> None:
    assert mapping.serial_key(mapping.serial_key(text)) == mapping.serial_key(text)


@given(st.text())
def test_a_model_key_is_its_own_key(text: str) -> None:
    assert mapping.model_key(mapping.model_key(text)) == mapping.model_key(text)


@given(st.text(st.characters(codec="ascii")))
def test_case_and_blanks_around_do_not_make_another_serial(text: str) -> None:
    assert mapping.serial_key(f"\u00a0 {text.lower()} ") == mapping.serial_key(text)


cells = st.one_of(st.text(max_size=8), st.sampled_from(["", "Total", "total", "1", "0", "-1", "=A1", "ZZ900001", "QTX10FRIDGE"]))


@given(st.lists(st.tuples(cells, cells, cells, cells, cells), max_size=20))
def test_every_row_is_read_or_held_or_blank_or_the_footer(rows: list[files.Row]) -> None:
    feed = stock(*[tuple(cell.replace("\r", " ").encode("utf-8", "ignore").decode() for cell in row) for row in rows])
    assert len(feed.rows) + len(feed.held) == feed.rows_read
    assert len({row.row for row in feed.rows} | {held.row for held in feed.held}) == feed.rows_read
    assert all((row.quantity == 1) if row.serial_key else (row.quantity >= 1 and row.model_key) for row in feed.rows)
