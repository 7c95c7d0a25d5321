"""The statements are the ones that were tried, in each dialect. No database."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from sync.feedproblem import FeedProblem
from sync.sources.pos import statement
from sync.sources.pos.dialects import DIALECTS
from sync.sources.pos.schema import Shape
from sync.sources.pos.system import RETURNS, SALES

LINE = [
    ("BranchCode", "varchar", "NO"),
    ("BillNo", "varchar", "NO"),
    ("SerialNo", "int", "NO"),
    ("BarCode", "varchar", "YES"),
    ("Quantity", "decimal", "YES"),
    ("BillDate", "datetime", "YES"),
]
WHOLE = Shape.of(("INV_PointofSalesDetailTAB", *column) for column in LINE)
DAYS = (date(2026, 7, 1), date(2026, 7, 2))


def shape(*without: str, **other: tuple[str, str]) -> Shape:
    columns = [(name, *other.get(name, rest)) for name, *rest in LINE if name not in without]
    return Shape.of(("INV_PointofSalesDetailTAB", *column) for column in columns)  # type: ignore[misc]


def test_page_of_lines_is_the_statement_that_was_tried_on_servers() -> None:
    assert statement.lines(DIALECTS["sqlserver"], WHOLE, SALES, DAYS, rows=500) == (
        "SELECT RTRIM(d.BranchCode) AS branch_code, RTRIM(d.BillNo) AS bill_no, d.SerialNo AS serial_no, RTRIM(d.BarCode) AS bar_code, "
        "d.Quantity AS quantity, d.BillDate AS bill_date, d.BranchCode AS branch_key, d.BillNo AS bill_key "
        "FROM dbo.INV_PointofSalesDetailTAB d WHERE d.BillDate >= %s AND d.BillDate < %s "
        "AND (d.BranchCode > %s OR (d.BranchCode = %s AND (d.BillNo > %s OR (d.BillNo = %s AND d.SerialNo > %s)))) "
        "ORDER BY d.BranchCode, d.BillNo, d.SerialNo OFFSET 0 ROWS FETCH NEXT 500 ROWS ONLY"
    )


def test_dialects_differ_in_placeholders_and_paging_alone() -> None:
    texts = {key: statement.lines(dialect, WHOLE, SALES, DAYS, rows=500) for key, dialect in DIALECTS.items()}
    assert texts["postgresql"] == texts["sqlserver"]
    assert texts["sqlite"] == texts["sqlserver"].replace("%s", "?").replace("OFFSET 0 ROWS FETCH NEXT 500 ROWS ONLY", "LIMIT 500")


def test_4_days_are_sent_as_typed_values_that_no_language_reads_differently() -> None:
    start = statement.beginning(WHOLE, SALES)
    sent = statement.parameters(DIALECTS["sqlserver"], DAYS, start)
    assert sent[:2] == [datetime(2026, 7, 1), datetime(2026, 7, 2)]
    for dialect in DIALECTS.values():
        for text in (statement.lines(dialect, WHOLE, SALES, DAYS, rows=500), statement.late_days(dialect, SALES)):
            assert "2026" not in text
            assert "BETWEEN" not in text.upper()


def test_no_statement_joins_and_none_reads_uncommitted_lines() -> None:
    for feed in (SALES, RETURNS):
        text = statement.lines(DIALECTS["sqlserver"], WHOLE, feed, DAYS, rows=500).upper()
        assert "JOIN" not in text
        assert "NOLOCK" not in text


def test_as_many_placeholders_as_parameters() -> None:
    for dialect in DIALECTS.values():
        for days in (DAYS, (None, DAYS[0]), (DAYS[1], None), None):
            text = statement.lines(dialect, WHOLE, SALES, days, rows=500)
            values = statement.parameters(dialect, days, statement.beginning(WHOLE, SALES))
            assert text.count(dialect.placeholder) == len(values)


def test_first_page_begins_before_every_key_of_whatever_type() -> None:
    assert statement.beginning(WHOLE, SALES) == ("", "", -2_147_483_648)
    numbered = shape(BillNo=("int", "NO"), SerialNo=("varchar", "NO"))
    assert statement.beginning(numbered, SALES, "002") == ("002", -2_147_483_648, "")


def test_till_without_line_numbers_has_its_lines_numbered_by_what_they_say() -> None:
    text = statement.lines(DIALECTS["sqlserver"], shape("SerialNo"), SALES, DAYS, rows=500)
    assert "ROW_NUMBER() OVER (PARTITION BY n.BranchCode, n.BillNo ORDER BY n.BarCode, n.Quantity, n.BillDate) AS SerialNo" in text
    assert "WHERE n.BillDate >= %s AND n.BillDate < %s)" in text


def test_lines_without_a_key_are_asked_for_only_where_there_can_be_some() -> None:
    assert statement.without_key(DIALECTS["sqlserver"], WHOLE, SALES) is None
    loose = statement.without_key(DIALECTS["sqlserver"], shape(BillNo=("varchar", "YES")), SALES)
    assert loose is not None
    assert "WHERE d.BillNo IS NULL ORDER BY" in loose


def test_missing_column_is_named_beside_those_that_are_there() -> None:
    with pytest.raises(FeedProblem) as told:
        shape("Quantity", "BarCode").check(SALES)
    assert told.value.code == "no_column"
    assert "has no “BarCode”, “Quantity”. It has: BranchCode, BillNo, SerialNo, BillDate." in told.value.sentence


def test_missing_table_is_named() -> None:
    with pytest.raises(FeedProblem) as told:
        WHOLE.check(RETURNS)
    assert told.value.code == "no_table"
    assert "dbo.INV_SalesReturnDetailTAB" in told.value.sentence
    assert "switch them off" in told.value.hint


def test_names_of_columns_are_compared_without_regard_to_case() -> None:
    lower = Shape.of(("inv_pointofsalesdetailtab", name.lower(), kind, nullable) for name, kind, nullable in LINE)
    lower.check(SALES)
