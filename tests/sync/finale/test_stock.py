from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.feedproblem import FeedProblem
from sync.sources.finale import mapping
from sync.sources.finale.said import StockLine
from tests.sync.finale.tables import A01, B07, OLD_KIT, PERLITE, SOIL, STOCK, body


def sums(*rows: tuple[Any, ...]) -> mapping.StockSums:
    """Rows of product, place, on hand, on order, reserved, SKU."""
    found = mapping.StockSums()
    for number, row in enumerate(rows, 1):
        found.add(row, number)
    return found


def of(content: bytes) -> mapping.StockSums:
    return sums(*(row for block in mapping.table("stock", content).blocks() for row in block))


def test_samples_add_up_per_product_and_place() -> None:
    assert sorted(of(body(**STOCK)).rows()) == [
        StockLine(f"{SOIL} {A01}", SOIL, A01, "SOIL-25", 40_000, 18_000, 100_000),
        StockLine(f"{SOIL} {B07}", SOIL, B07, "SOIL-25", 12_000, 0, 0),
        StockLine(f"{OLD_KIT} {B07}", OLD_KIT, B07, "OLD-KIT", 2_000, 0, 0),
        StockLine(f"{PERLITE} {A01}", PERLITE, A01, "PERLITE-4CF", 6_000, 9_000, 0),
    ]


def test_reserved_may_be_more_than_on_hand() -> None:
    """PERLITE-4CF: 6 on hand, 9 reserved: −3 available, not 0."""
    line = next(each for each in of(body(**STOCK)).rows() if each.product_id_there == PERLITE)
    assert line.on_hand - line.reserved == -3_000


def test_product_without_a_row_has_no_line() -> None:
    assert "TRAY" not in str(list(of(body(**STOCK)).rows()))


def test_lots_and_packings_of_one_place_are_added_and_not_overwritten() -> None:
    assert [line.on_hand for line in sums(("p", "a", 40, 0, 0, "P"), ("p", "a", "2.5", 0, 0, "P")).rows()] == [42_500]


def test_fractions_are_not_rounded_to_whole_pieces() -> None:
    assert [line.on_hand for line in sums(("p", "a", "0.125", 0, 0, "P")).rows()] == [125]
    assert [line.on_hand for line in sums(("p", "a", "12.299999999999999", 0, 0, "P")).rows()] == [12_300]


def test_null_quantities_are_nothing() -> None:
    assert [line[4:] for line in sums(("p", "a", None, 5, None, None)).rows()] == [(0, 0, 5_000)]


def test_negative_stock_keeps_its_sign() -> None:
    assert [line.on_hand for line in sums(("p", "a", -4, 0, 0, "P")).rows()] == [-4_000]


def test_sum_with_a_row_that_cant_be_meant_is_not_given() -> None:
    found = sums(("p", "a", 40, 0, 0, "P-1"), ("p", "a", "many", 0, 0, "P-1"), ("p", "b", 3, 0, 0, "P-1"))
    assert [line.key for line in found.rows()] == ["p b"]
    assert found.unclear == {"p a"}
    assert [each.sentence for each in found.held] == [
        "Row 2 (P-1): “quantityOnHand” is no number. What is stored stays until Finale says it clearly."
    ]


def test_row_without_a_place_is_held_and_counted() -> None:
    found = sums(("p", None, 5, 0, 0, "P"), (None, "a", 5, 0, 0, None))
    assert (list(found.rows()), found.unplaced, len(found.held)) == ([], 2, 2)


def test_held_rows_are_kept_to_a_thousand() -> None:
    found = sums(*[("p", "a", "many", 0, 0, "P")] * 1_002)
    assert (len(found.held), found.held_count) == (1_000, 1_002)


@pytest.mark.parametrize("column", ["quantityOnHand", "quantityReserved", "quantityOnOrder", "facilityUrl"])
def test_stock_without_a_quantity_or_place_is_not_zero(column: str) -> None:
    with pytest.raises(FeedProblem, match=f"“{column}”"):
        mapping.table("stock", body(**{name: column_ for name, column_ in STOCK.items() if name != column}))


def test_short_quantities_are_refused() -> None:
    with pytest.raises(FeedProblem, match="“quantityOnHand” has 6 entries for 7 rows"):
        mapping.table("stock", body(**{**STOCK, "quantityOnHand": STOCK["quantityOnHand"][:6]}))


_QUANTITIES = st.decimals(-1_000, 1_000, places=3)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("pq"), st.sampled_from("ab"), _QUANTITIES, _QUANTITIES, _QUANTITIES)), st.randoms())
def test_order_of_rows_makes_no_difference_and_nothing_is_lost(rows: list[tuple[str, str, Decimal, Decimal, Decimal]], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    found = sorted(sums(*((*row, None) for row in rows)).rows())
    assert found == sorted(sums(*((*row, None) for row in shuffled)).rows())
    assert [sum(getattr(line, name) for line in found) for name in ("on_hand", "on_order", "reserved")] == [
        int(sum(row[index] for row in rows) * 1000) for index in (2, 3, 4)
    ]
