"""Which days tell something of demand."""

from __future__ import annotations

import pytest

from alerts.past import Past, Shelf, ceiling, days_out, past, settled, weeks


def test_what_was_taken_back_is_taken_off_the_sales_before_it() -> None:
    assert settled([5, 3, -4, 2]) == [4, 0, 0, 2]


def test_more_taken_back_than_was_sold_is_forgotten() -> None:
    assert settled([2, -5, 1]) == [0, 0, 1]


def test_days_without_stock_do_not_count_but_a_day_that_sold_does() -> None:
    found = past({3: 4.0, 5: 1.0}, {4, 5}, 2, 6)
    assert found.days == (0.0, 4.0, None, 1.0, 0.0)
    assert (found.counted(), found.out(), found.out(2)) == ([0.0, 4.0, 1.0, 0.0], 1, 0)


def test_what_sells_without_stock_again_and_again_counts_on_all_days() -> None:
    """Never counted here: to leave those days out would take 3 in 9 days for 3 in 3."""
    found = past({2: 1.0, 5: 1.0, 8: 1.0}, set(range(1, 10)), 1, 9)
    assert (found.counted(), found.doubted) == ([0, 1, 0, 0, 1, 0, 0, 1, 0], 3)


def test_a_slip_of_a_day_is_no_doubt() -> None:
    """It sells daily; of four days without stock two sold: half as often as on others is too often, a quarter is not."""
    sold = dict.fromkeys(range(1, 9), 1.0)
    assert past({**sold, 9: 1.0, 10: 1.0}, {9, 10, 11, 12}, 1, 12).doubted == 2
    found = past({**sold, 9: 1.0, 10: 1.0}, set(range(9, 17)), 1, 16)
    assert (found.doubted, found.out()) == (0, 6)
    assert past({**sold, 9: 1.0}, {9, 10}, 1, 10).doubted == 0


def test_sales_before_the_first_day_are_not_read() -> None:
    assert past({1: 9.0, 2: 4.0}, (), 2, 3).days == (4.0, 0.0)


@pytest.mark.parametrize(
    ("sizes", "most"),
    [
        ([6, 9], None),  # two days say nothing of each other
        ([1, 1, 200], 4),  # twice the sum of the others: two thirds of 6
        ([6, 9, 1], 14),  # 2 × (1 + 6): 9 stays
        ([1, 1, 1, 1, 200], 3),  # no distance between the quartiles: three usual days
        ([2, 4, 6, 8, 100], 20),  # quartiles 4 and 8: 8 + 3 × 4
        ([1, 1, 1, 1, 2], 3),  # 2 stays
    ],
)
def test_one_customers_order_is_no_demand(sizes: list[float], most: float | None) -> None:
    assert ceiling(sizes) == most


def test_a_day_that_sold_unusually_much_counts_as_the_most_a_day_may() -> None:
    found = past(dict.fromkeys(range(1, 5), 1.0) | {5: 200.0}, (), 1, 6)
    assert found == Past((1.0, 1.0, 1.0, 1.0, 3.0, 0.0), capped=1, ceiling=3.0)


def test_a_shelf_is_empty_on_the_days_between_the_last_and_the_next_of_it() -> None:
    # Emptied on day 3, filled on day 7, emptied on day 9 and empty since.
    assert Shelf(True, ((3, True), (7, False), (9, True))).empty_days(1, 11) == {4, 5, 6, 10, 11}


def test_a_shelf_that_was_empty_before() -> None:
    assert Shelf(False, ((4, False),)).empty_days(2, 6) == {2, 3}
    assert Shelf(True).empty_days(2, 4) == {2, 3, 4}
    assert Shelf(False).empty_days(2, 4) == set()


def test_a_product_is_out_while_every_shelf_is_empty() -> None:
    here, there = Shelf(True, ((3, True),)), Shelf(False, ((6, False),))
    assert days_out([here, there], 1, 8) == {4, 5}
    assert days_out([], 1, 8) == set()


def test_weeks_are_whole_and_the_newest_is_the_last() -> None:
    assert weeks([9, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2]) == [7, 14]
    assert weeks([1, 2]) == []
