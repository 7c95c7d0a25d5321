"""How much of what is there is offered."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.items import offer
from inventory.items.offers import MOST

quantities = st.integers(0, 10**9).map(lambda thousandths: Decimal(thousandths) / 1000)
signed = st.integers(-(10**9), 10**9).map(lambda thousandths: Decimal(thousandths) / 1000)
rules = st.fixed_dictionaries(
    {
        "held": quantities,
        "pack": st.integers(1, 10**6).map(lambda thousandths: Decimal(thousandths) / 1000),
        "buffer": quantities,
        "minimum": st.integers(0, 100),
        "maximum": st.none() | st.integers(100, 10**6),
        "share": st.integers(1, 100),
    }
)


@pytest.mark.parametrize(
    ("available", "rules", "pieces"),
    [
        ("12", {}, 12),
        ("12.999", {}, 12),
        ("0", {}, 0),
        ("-3", {}, 0),
        # (100 - 10 - 5) / 4 = 21.25
        ("100", {"pack": "4", "buffer": "10", "held": "5"}, 21),
        # Half of 85 is 42.5, and 42.5 / 4 = 10.625
        ("100", {"pack": "4", "buffer": "10", "held": "5", "share": 50}, 10),
        # A third of a metre goes three times into one.
        ("1", {"pack": "0.333"}, 3),
        ("0.3", {"pack": "0.1"}, 3),
        ("29", {"share": 35}, 10),
        ("5", {"buffer": "9"}, 0),
        ("7", {"minimum": 8}, 0),
        ("8", {"minimum": 8}, 8),
        ("50", {"maximum": 20}, 20),
        ("50", {"maximum": 0}, 0),
        ("50", {"minimum": 20, "maximum": 20}, 20),
        ("9000000000", {}, MOST),
    ],
)
def test_the_formula_by_hand(available: str, rules: dict[str, Any], pieces: int) -> None:
    exact = {name: Decimal(value) if isinstance(value, str) else value for name, value in rules.items()}
    assert offer(Decimal(available), **exact) == pieces


@given(signed, rules)
def test_never_more_than_there_is(available: Decimal, rules: dict[str, Any]) -> None:
    pieces = offer(available, **rules)
    assert pieces >= 0
    if pieces:
        free = Fraction(available) - Fraction(rules["buffer"]) - Fraction(rules["held"])
        assert pieces * Fraction(rules["pack"]) <= free * rules["share"] / 100
        assert rules["minimum"] <= pieces
        assert rules["maximum"] is None or pieces <= rules["maximum"]


@given(signed, rules)
def test_never_less_than_could_be_offered(available: Decimal, rules: dict[str, Any]) -> None:
    pieces = offer(available, **rules)
    one_more = (pieces + 1) * Fraction(rules["pack"])
    free = (Fraction(available) - Fraction(rules["buffer"]) - Fraction(rules["held"])) * rules["share"] / 100
    assert one_more > free or pieces == rules["maximum"] or (pieces == 0 and free // Fraction(rules["pack"]) < rules["minimum"])


@given(signed, quantities, rules)
def test_more_stock_never_means_a_smaller_offer(available: Decimal, more: Decimal, rules: dict[str, Any]) -> None:
    assert offer(available + more, **rules) >= offer(available, **rules)
