"""What is expected to be sold in a day: cases worked out by hand, and what holds for all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.forecast import Basis, Speed, daily, plain, rate, silence, speed
from alerts.intermittent import Pattern
from alerts.past import Past, past
from alerts.trend import Direction, named, trend, window

amounts = st.one_of(st.just(0.0), st.integers(1, 40).map(float), st.none())
pasts = st.lists(amounts, min_size=0, max_size=120).map(lambda days: Past(tuple(days)))


def test_the_example_by_the_plain_formula() -> None:
    """15 sold in 30 days, 52 in stock."""
    found = plain(15, 52)
    assert (found.daily, found.days_left, found.reorder_in, found.quantity) == (0.5, 104, 97, 23)


def test_the_plain_formula_without_sales() -> None:
    assert plain(0, 52, 28).daily == 2
    assert plain(0, 300).daily == 1
    assert plain(0, 0).days_left is None
    assert plain(30, 0).days_left is None


def test_even_demand_is_the_mean_of_a_month_and_a_quarter() -> None:
    """60 days of 2 and 6 in turn, then 30 of 3 and 6: means 4.5 and 375 / 90. Half a piece more is no more than days differ anyway: their
    deviation is near 1.9, its error √(1/30 + 1/60) of that, and two of these 0.86."""
    found = rate(Past((2.0, 6.0) * 30 + (3.0, 6.0) * 15))
    assert found.basis is Basis.VELOCITY
    assert found.kind is not None
    assert found.kind.pattern is Pattern.SMOOTH
    assert found.daily == pytest.approx((4.5 + 375 / 90) / 2)
    assert (found.trend.direction, found.trend.change, found.trend.clear) == (Direction.RISING, 0.125, False)


def test_a_trend_that_is_no_chance_counts_alone() -> None:
    """60 days of 3, then 30 of 6: means 6 and 4; deviations −1 and 2 from 4, 60 × 1 and 30 × 4 over 90."""
    found = rate(Past((3.0,) * 60 + (6.0,) * 30))
    assert found.daily == pytest.approx(6)
    assert (found.trend.direction, found.trend.change, found.trend.clear) == (Direction.RISING, 1, True)
    assert found.deviation == pytest.approx(2**0.5)


def test_days_without_stock_are_left_out() -> None:
    """5 a day whenever there is any, in stock on every second ten days."""
    days: list[float | None] = [5.0 if day // 10 % 2 else None for day in range(100)]
    found = rate(Past(tuple(days)))
    assert found.daily == pytest.approx(5)
    assert found.recent is not None
    assert (found.recent.sold, found.recent.days, found.recent.out) == (100, 20, 10)


def test_what_was_out_for_the_whole_quarter_goes_by_the_days_before() -> None:
    found = rate(Past((2.0,) * 40 + (None,) * 90))
    assert found.daily == pytest.approx(2)


def test_a_rate_is_never_over_fewer_than_seven_days() -> None:
    assert window(Past((14.0,)), 30).mean == 2


def test_demand_now_and_then_goes_by_weeks() -> None:
    """Two every fourth week: TSB begins with size 2 and a chance of a quarter, and ends near it."""
    week = (2.0,) + (0.0,) * 6
    found = rate(Past(((0.0,) * 21 + week) * 6))
    assert found.basis is Basis.INTERMITTENT
    assert found.expected is not None
    assert found.expected.size == pytest.approx(2)
    assert 0.25 < found.expected.chance < 0.3
    assert found.daily == pytest.approx(found.expected.size * found.expected.chance / 7)


def test_a_silence_that_is_no_bad_luck() -> None:
    """It sold every day; 30 days without are no chance, 29 are not enough to say so."""
    assert silence([1.0] * 60 + [0.0] * 30) == 30
    assert silence([1.0] * 60 + [0.0] * 29) is None
    found = rate(Past((1.0,) * 60 + (0.0,) * 30))
    assert (found.basis, found.daily, found.silent) == (Basis.STOPPED, 0.0, 30)


def test_what_sells_seldom_may_well_be_silent_for_a_month() -> None:
    """One day in ten: 0.9 to the power of 43 is 1.08 %, of 44 less than 1 %."""
    sold = ([0.0] * 9 + [1.0]) * 6
    assert silence(sold + [0.0] * 43) is None
    assert silence(sold + [0.0] * 44) == 44


def test_what_is_in_stock_and_never_sold_is_dead() -> None:
    found = rate(Past((0.0,) * 30), reorder_point=28)
    assert (found.basis, found.daily, speed(found)) == (Basis.NO_SALES, 0.0, Speed.DEAD)


@pytest.mark.parametrize("days", [(), (None,) * 90, (0.0,) * 6])
def test_without_days_that_count_the_reorder_point_is_an_estimate(days: tuple[float | None, ...]) -> None:
    estimate, unknown = rate(Past(days), reorder_point=28), rate(Past(days))
    assert (estimate.basis, estimate.daily, speed(estimate)) == (Basis.REORDER_POINT, 2, Speed.UNKNOWN)
    assert (unknown.basis, unknown.daily) == (Basis.UNKNOWN, None)


def test_where_no_sales_are_known_at_all_their_absence_says_nothing() -> None:
    assert rate(Past((0.0,) * 90), sales_known=False).basis is Basis.UNKNOWN


@pytest.mark.parametrize(
    ("recent", "direction"),
    [(11, Direction.STABLE), (11.1, Direction.RISING), (9, Direction.STABLE), (8.9, Direction.FALLING), (0, Direction.FALLING)],
)
def test_a_change_of_more_than_a_tenth_has_a_name(recent: float, direction: Direction) -> None:
    assert named(recent, 10).direction is direction


def test_a_trend_needs_a_before() -> None:
    assert trend(Past((None,) * 60 + (5.0,) * 30)).direction is Direction.UNKNOWN
    assert trend(Past((0.0,) * 60 + (5.0,) * 30)).direction is Direction.UNKNOWN


def test_the_number_that_is_shown_is_the_sum_of_the_numbers_that_are_shown() -> None:
    """1.3 sold in 30 days is 0.043, 2.3 in 90 are 0.026: the mean of these is 0.0345 and shown as 0.035, that of 13 / 300 and 23 / 900 as
    0.034."""
    sold = dict.fromkeys(range(6, 60, 7), 0.125) | dict.fromkeys((62, 69, 76, 83, 89), 0.26)
    found = rate(past(sold, (), 0, 89))
    assert (found.basis, found.trend.clear) == (Basis.VELOCITY, False)
    assert found.daily == pytest.approx((13 / 300 + 23 / 900) / 2)
    assert daily(found) == Decimal("0.035")


def test_more_than_nothing_is_not_shown_as_nothing() -> None:
    assert daily(rate(Past((0.0,) * 170 + (0.002,) + (0.0,) * 9))) == Decimal("0.001")


@given(pasts)
@settings(max_examples=50)
def test_never_negative(days: Past) -> None:
    found = rate(days)
    assert found.daily is None or found.daily >= 0
    assert found.deviation >= 0


@given(st.dictionaries(st.integers(0, 119), st.integers(-20, 60), max_size=60), st.sets(st.integers(0, 119)), st.sampled_from((2, 8, 64)))
@settings(max_examples=50)
def test_so_many_times_the_sales_are_so_many_times_the_rate(sold: dict[int, int], out: set[int], times: int) -> None:
    once = rate(past({day: float(amount) for day, amount in sold.items()}, out, 0, 119))
    more = rate(past({day: float(amount) * times for day, amount in sold.items()}, out, 0, 119))
    assert more.basis is once.basis
    assert (more.daily or 0) == pytest.approx((once.daily or 0) * times)
    assert more.deviation == pytest.approx(once.deviation * times)


@given(pasts, st.integers(0, 30))
@settings(max_examples=50)
def test_days_without_stock_never_lower_the_rate(days: Past, out: int) -> None:
    """The same past with days that do not count after it, instead of days that sold nothing."""
    empty, unsold = rate(Past(days.days + (None,) * out)), rate(Past(days.days + (0.0,) * out))
    assert (empty.daily or 0) >= (unsold.daily or 0) - 1e-9
