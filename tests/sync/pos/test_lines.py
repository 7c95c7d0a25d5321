"""What a line becomes, rule by rule (docs/till.md, “Rules for a line”). No database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sync.facts.said import FactSaid
from sync.sources.pos.mapping import NO_BRANCH, Lines, line_of
from sync.sources.pos.system import RETURNS, SALES

TODAY = date(2026, 5, 20)
ROW = ("001", "B77", 3, "8964000100017", Decimal("2.000"), datetime(2026, 5, 20, 10, 15))


def lines(feed: str = SALES, *, numbered: bool = True) -> Lines:
    prefix = "POSR" if feed == RETURNS else "POS"
    return Lines(feed, prefix, ZoneInfo("Asia/Karachi"), date(2000, 1, 1), numbered)


def said(feed: str = SALES, **changed: Any) -> FactSaid:
    names = ("branch", "bill", "serial", "barcode", "quantity", "date")
    row = tuple(changed.get(name, value) for name, value in zip(names, ROW, strict=True))
    # As it is stored in between.
    return lines(feed).fact(json.loads(json.dumps(line_of(row))), TODAY)


def test_line_is_a_sale_of_its_branch_under_the_key_of_the_till() -> None:
    fact = said()
    assert (fact.external_id, fact.kind, fact.feed, fact.place_there, fact.place_to_there) == ("POS:001:B77:3", "sale", "sales", "001", "")
    assert (fact.quantity, fact.day, fact.document, fact.said_problem) == (2000, date(2026, 5, 20), "B77", "")
    assert fact.happened_at == datetime(2026, 5, 20, 5, 15, tzinfo=UTC)


def test_negative_quantity_is_a_return_on_the_bill() -> None:
    fact = said(quantity=Decimal("-1.5"))
    assert (fact.kind, fact.quantity, fact.place_there, fact.place_to_there) == ("sale_return", 1500, "", "001")


@pytest.mark.parametrize("quantity", [2, -2])
def test_line_of_the_return_tables_is_a_return_whatever_its_sign(quantity: int) -> None:
    fact = said(RETURNS, quantity=quantity)
    assert (fact.external_id, fact.kind, fact.quantity, fact.feed) == ("POSR:001:B77:3", "sale_return", 2000, "sales_returns")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"quantity": None}, "bad_quantity"),
        ({"quantity": "two"}, "bad_quantity"),
        ({"quantity": "NaN"}, "bad_quantity"),
        ({"quantity": "1e30"}, "bad_quantity"),
        ({"quantity": 0}, "zero_quantity"),
        ({"quantity": Decimal("0.0001")}, "zero_quantity"),
        ({"date": None}, "bad_date"),
        ({"date": "yesterday"}, "bad_date"),
        ({"date": datetime(1999, 12, 31, 23, 59)}, "bad_date"),
        ({"date": datetime(2026, 5, 22)}, "bad_date"),
        ({"date": datetime(2026, 5, 21, 23, 59)}, ""),
        ({"branch": None}, "bad_key"),
        ({"bill": None}, "bad_key"),
        ({"serial": None}, "bad_key"),
        ({"bill": "B" * 200}, "bad_key"),
    ],
)
def test_line_that_cannot_be_right_is_named(changed: dict[str, Any], problem: str) -> None:
    assert said(**changed).said_problem == problem


def test_blank_branch_is_a_place_that_can_be_assigned() -> None:
    assert said(branch="   ").place_there == NO_BRANCH


def test_blanks_of_fixed_columns_belong_to_nothing() -> None:
    assert said(branch="001  ", bill="B77   ", barcode=" 8964000100017 ")[:6] == said()[:6]


def test_barcode_keeps_its_leading_zeros_and_is_compared_in_capitals() -> None:
    fact = said(barcode=" 00ab-12 ")
    assert (fact.barcode, fact.barcode_key) == ("00ab-12", "00AB12")


@pytest.mark.parametrize("quantity", [2, 2.0, "2", Decimal("2.000"), Decimal(2)])
def test_drivers_that_write_numbers_differently_say_the_same(quantity: Any) -> None:
    assert said(quantity=quantity) == said()


@pytest.mark.parametrize("moment", ["2026-05-20 10:15:00", "2026-05-20T10:15:00", datetime(2026, 5, 20, 10, 15)])
def test_drivers_that_write_dates_differently_say_the_same(moment: Any) -> None:
    assert said(date=moment)[:-2] == said()[:-2]


def test_second_line_with_a_key_is_held_beside_the_first() -> None:
    found = lines()
    keys = [found.fact(line_of(ROW), TODAY)[0::15] for _ in range(3)]
    assert keys == [("POS:001:B77:3", ""), ("POS:001:B77:3#2", "duplicate_key"), ("POS:001:B77:3#3", "duplicate_key")]


def test_lines_that_the_till_does_not_number_are_numbered_each_day_by_itself() -> None:
    found = lines(numbered=False)
    days = [datetime(2026, 5, 19, 23, 50), datetime(2026, 5, 20, 0, 5), datetime(2026, 5, 20, 0, 5)]
    keys = [found.fact(line_of(("001", "B77", place, "1", 1, day)), TODAY).external_id for place, day in enumerate(days)]
    assert keys == ["POS:001:B77:20260519.1", "POS:001:B77:20260520.1", "POS:001:B77:20260520.2"]


PART = some.text(alphabet="ab0:%#?! ", max_size=4)


@settings(max_examples=50)
@given(one=some.tuples(PART, PART, some.integers(0, 9)), other=some.tuples(PART, PART, some.integers(0, 9)))
def test_different_lines_have_different_keys(one: tuple[str, str, int], other: tuple[str, str, int]) -> None:
    found = [lines().fact(line_of((*each, "1", 1, "2026-05-20")), TODAY).external_id for each in (one, other)]
    alike = (one[0].strip(), one[1].strip(), one[2]) == (other[0].strip(), other[1].strip(), other[2])
    assert (found[0] == found[1]) is alike


CELL = some.one_of(
    some.none(),
    some.text(max_size=20),
    some.integers(),
    some.floats(),
    some.decimals(),
    some.datetimes(),
    some.dates(),
    some.binary(max_size=9),
)


@settings(max_examples=50)
@given(rows=some.lists(some.tuples(CELL, CELL, CELL, CELL, CELL, CELL), max_size=6))
def test_whatever_a_till_keeps_becomes_a_fact_that_can_be_stored(rows: list[tuple[Any, ...]]) -> None:
    found = lines()
    facts = [found.fact(json.loads(json.dumps(line_of(row))), TODAY) for row in rows]
    assert len({fact.external_id for fact in facts}) == len(rows)
    for fact in facts:
        assert len(fact.external_id) <= 183
        assert "\x00" not in "".join(str(value) for value in fact)
        assert fact.said_problem or (fact.quantity and fact.quantity > 0 and fact.happened_at is not None)


@pytest.mark.parametrize("at", [datetime(9999, 12, 31, 23, 59), datetime(1, 1, 1)])
def test_time_at_the_end_of_the_calendar_has_no_moment_that_other_zones_can_not_tell(at: datetime) -> None:
    fact = said(date=at)
    assert (fact.said_problem, fact.day, fact.happened_at) == ("bad_date", at.date(), None)
