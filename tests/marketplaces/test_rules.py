"""Prices, texts and currencies as every marketplace wants them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import Refusal
from marketplaces.providers import rules

ONE = Decimal(1)


@pytest.mark.parametrize(
    ("price", "factor", "told"),
    [
        ("0.125", "1", "0.125"),
        ("0.1245", "1", "0.125"),
        ("0.1244", "1", "0.124"),
        ("0.0005", "1", "0.001"),
        ("12", "1", "12.000"),
        ("0.1", "1.0825", "0.108"),
        ("0.125", "1.1", "0.138"),
        ("9999999999.9999", "999999.999999", "9999999999989900.000"),
    ],
)
def test_price_has_three_decimals_and_halves_go_up(price: str, factor: str, told: str) -> None:
    assert rules.price_of(Decimal(price), Decimal(factor)) == told


@pytest.mark.parametrize("price", [None, "0", "-1", "0.0004", "0.0001"])
def test_price_that_is_none_is_refused_and_never_zero(price: str | None) -> None:
    refused = rules.price_of(None if price is None else Decimal(price), ONE)
    assert isinstance(refused, Refusal)
    assert (refused.state, refused.code) == ("failed", "no_price")
    assert refused.hint


def test_price_that_only_the_factor_makes_too_small_is_refused() -> None:
    assert isinstance(rules.price_of(Decimal("0.004"), Decimal("0.1")), Refusal)


@pytest.mark.parametrize(
    ("ours", "theirs", "factor", "refused"),
    [
        ("EUR", "USD", "1", True),
        ("EUR", "EUR", "1", False),
        ("eur", "EUR", "1", False),
        ("EUR", "USD", "1.09", False),
        ("", "USD", "1", False),
        ("EUR", "", "1", False),
    ],
)
def test_currencies_that_differ_need_a_factor(ours: str, theirs: str, factor: str, refused: bool) -> None:
    found = rules.currency_refusal(ours, theirs, Decimal(factor))
    assert (found is not None) is refused
    if found is not None:
        assert (found.state, found.code) == ("needs_person", "currency")
        assert "EUR" in found.sentence
        assert "USD" in found.sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Seller&#39;s best &amp; finest", "Seller's best & finest"),
        ("<b>Bold</b> claim", "Bold claim"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("&lt;i&gt;hidden&lt;/i&gt; tag", "hidden tag"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("I <3 it", "I <3 it"),
        ("  line\r\nend\x00 ", "line\nend"),
        ("", ""),
    ],
)
def test_text_is_plain(text: str, shown: str) -> None:
    assert rules.plain(text) == shown


@given(st.text(alphabet="<>&;/#ab1 \nampltgbr", max_size=60), st.integers(1, 40))
def test_plain_text_stays_as_it_is_also_when_it_is_cut(text: str, limit: int) -> None:
    once = rules.plain(text)
    assert rules.plain(once) == once
    shorter, _ = rules.cut(once, limit)
    assert rules.plain(shorter) == shorter
    assert len(shorter) <= limit


def test_text_is_cut_after_a_whole_word_and_says_so() -> None:
    assert rules.cut("twelve black bricks", 12) == ("twelve black", True)
    assert rules.cut("twelve black bricks", 13) == ("twelve black", True)
    assert rules.cut("twelve black bricks", 11) == ("twelve", True)
    assert rules.cut("twelve", 6) == ("twelve", False)
    assert rules.cut("a bricksbricksbricks", 8) == ("a bricks", True)


@pytest.mark.parametrize(("text", "kept"), [("1", "1"), ("1.0825", "1.0825"), (" 2.50 ", "2.5"), ("100", "100"), ("1E2", "100")])
def test_factor_is_kept_as_a_plain_number(text: str, kept: str) -> None:
    assert rules.check_factor(text) == kept


@pytest.mark.parametrize("text", ["0", "-1", "1,5", "nan", "inf", "x", "1e999999", "0.0000001", "1.1234567890123"])
def test_factor_that_makes_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="above zero"):
        rules.check_factor(text)


def test_currency_is_three_letters() -> None:
    assert rules.check_currency("eur") == "EUR"
    with pytest.raises(ValueError, match="three letters"):
        rules.check_currency("EURO")
