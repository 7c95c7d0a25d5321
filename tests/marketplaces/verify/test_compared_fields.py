from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplaces.lots import FIELDS, RemoteLot
from marketplaces.verify.compare import differing, managed, same

TOLD: dict[str, Any] = {
    "identity": {"number": "3001"},
    "fields": {"price": "0.125", "notes": "Fine & new", "location": "A-12", "tiers": [[50, "0.110"]], "bulk": 1, "sale_percent": 0},
}
NUMBERS = st.decimals(min_value="0.001", max_value="9999.999", places=3)
TEXTS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60)


def lot(quantity: int = 10, **fields: Any) -> RemoteLot:
    return RemoteLot("1", quantity, {"number": "3001"}, fields)


def test_what_is_written_otherwise_is_the_same() -> None:
    theirs = lot(price="0.1250", notes="Fine &amp; new ", location="A-12\n", tiers=[["50", "0.11"]], bulk=None, sale_percent=None)

    assert differing(10, TOLD, theirs) == {}


def test_what_differs_is_named_with_ours_and_theirs() -> None:
    theirs = lot(9, price="0.126", notes="Fine and new", location="A-12", tiers=[], bulk=5, sale_percent=20)

    assert differing(10, TOLD, theirs) == {
        "quantity": [10, 9],
        "price": ["0.125", "0.126"],
        "notes": ["Fine & new", "Fine and new"],
        "tiers": [[[50, "0.110"]], []],
        "bulk": [1, 5],
        "sale_percent": [0, 20],
    }


def test_what_was_never_told_is_the_shops_own() -> None:
    assert differing(10, {"identity": {}, "fields": {}}, lot(price="9.000", notes="Theirs", hidden=True)) == {}
    assert differing(10, {}, lot(price="9.000")) == {}


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [(False, True, True), (True, False, False), (True, True, True), (False, False, True)],
    ids=["hidden by its seller", "shown although we hide it", "hidden", "shown"],
)
def test_a_lot_may_be_hidden_by_its_seller_but_not_shown(ours: bool, theirs: bool, agree: bool) -> None:
    assert same("hidden", ours, theirs) is agree


@pytest.mark.parametrize(("ours", "theirs", "agree"), [("usedg", "usedn", True), ("usedg", "new", False), ("newc", "news", True)])
def test_a_finer_grade_is_the_sellers(ours: str, theirs: str, agree: bool) -> None:
    assert same("condition", ours, theirs) is agree


def test_fields_that_neither_item_nor_connection_manage_are_left_out() -> None:
    differs = {"quantity": [1, 2], "price": ["1.000", "2.000"], "notes": ["a", "b"], "bulk": [1, 5], "cost": ["1.000", "2.000"]}

    left = managed(differs, {"bulk": None, "cost": Decimal(1)}, {"send_price": False, "send_notes": True})

    assert set(left) == {"quantity", "notes", "cost"}


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_quantities_differ_exactly_when_they_do(ours: int, theirs: int) -> None:
    assert ("quantity" in differing(ours, TOLD, lot(theirs))) is (ours != theirs)


@given(NUMBERS, NUMBERS)
def test_prices_are_numbers_however_many_zeros_they_have(ours: Decimal, theirs: Decimal) -> None:
    assert same("price", f"{ours:.3f}", f"{theirs:.4f}") is (ours == theirs)


@given(TEXTS)
def test_a_text_is_the_same_with_its_characters_as_entities(text: str) -> None:
    plain = html.unescape(text)

    assert same("notes", plain, html.escape(plain))


@given(st.sampled_from(FIELDS), st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.lists(st.tuples(st.integers(), TEXTS))))
def test_nothing_differs_from_itself(name: str, value: Any) -> None:
    assert same(name, value, value)
