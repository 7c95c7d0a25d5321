from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.sources.odoo import values
from sync.sources.odoo.values import Unclear


@pytest.mark.parametrize(("value", "found"), [(False, ""), (None, ""), ("  0096 ", "0096"), ("a\nb", "a b"), ("\x00x", "x")])
def test_false_is_an_empty_text_and_leading_zeros_stay(value: Any, found: str) -> None:
    assert values.text(value, "barcode", 80) == found


@pytest.mark.parametrize("value", [True, 96, ["x"], "x" * 81])
def test_what_is_no_text_is_unclear(value: Any) -> None:
    with pytest.raises(Unclear):
        values.text(value, "barcode", 80)


def test_label_is_cut_and_never_unclear() -> None:
    assert values.label("x" * 81, 80) == "x" * 79 + "…"
    assert (values.label(False, 80), values.label(7, 80)) == ("", "")


@pytest.mark.parametrize(("value", "found"), [([4, "[RICE] Rice"], 4), (4, 4), (False, None), (None, None)])
def test_link_is_the_id_and_its_text_a_label(value: Any, found: int | None) -> None:
    assert values.link(value, "product_id") == found


@pytest.mark.parametrize("value", [True, "4", [], ["4", "x"], [True, "x"]])
def test_what_leads_to_no_record_is_unclear(value: Any) -> None:
    with pytest.raises(Unclear):
        values.link(value, "product_id")


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_only_true_and_false_are_truth_values(value: Any) -> None:
    with pytest.raises(Unclear):
        values.flag(value, "active")


@pytest.mark.parametrize(("value", "found"), [(0, "0"), ("2.50", "2.50"), (Decimal("1e-9"), "1E-9"), (-3, "-3")])
def test_numbers_are_exact(value: Any, found: str) -> None:
    assert values.number(value, "quantity") == Decimal(found)


@pytest.mark.parametrize("value", [False, True, None, "", "n/a", "NaN", "Infinity", [1], 10**12])
def test_number_that_can_not_be_meant_is_unclear(value: Any) -> None:
    with pytest.raises(Unclear):
        values.number(value, "quantity")


@pytest.mark.parametrize(
    ("value", "found"), [("2010.50", "2010.5"), (0, ""), ("0.0", ""), (False, ""), ("415.4999999", "415.5"), ("0.00000049", ""), (7, "7")]
)
def test_price_of_nothing_is_unknown(value: Any, found: str) -> None:
    assert values.price(value, "standard_price") == found


def test_negative_price_is_unclear() -> None:
    with pytest.raises(Unclear):
        values.price("-1", "standard_price")


def test_times_are_utc() -> None:
    assert values.moment("2026-03-01 04:10:40", "date") == datetime(2026, 3, 1, 4, 10, 40, tzinfo=UTC)
    assert values.moment(False, "date") is None
    for wrong in ("2026-03-01", "2026-W09-7 04:10:40", "2026-03-01T04:10:40Z", "2026-13-01 00:00:00", 7, True):
        with pytest.raises(Unclear):
            values.moment(wrong, "date")
