"""When to buy how much: worked out by hand, and what holds for all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.argument import Case, steps
from alerts.forecast import Rate, daily, rate
from alerts.past import Past
from alerts.reordering import Plan, Standing, Terms, factor_of, lead_time, plan, step_of

D = Decimal
quantities = st.integers(0, 5_000).map(lambda number: D(number) / 10)
standings = st.builds(
    Standing,
    available=st.integers(-500, 5_000).map(D),
    on_order=st.integers(0, 1_000).map(D),
    reorder_point=st.none() | quantities,
    reorder_quantity=st.none() | quantities.filter(bool),
    step=st.sampled_from((D(1), D(12), D("0.001"))),
)
EMPTY = Terms(lead_days=7, cover_days=45, factor=D(0))


def test_without_safety_stock_the_example_is_the_plain_one() -> None:
    """52 at 0.5 a day last 104 days; 3.5 are sold in the 7 days until an order arrives: 97 days; 45 days sell 22.5."""
    found = plan(D("0.5"), D(0), Standing(D(52)), EMPTY)
    assert found == Plan(104, 97, D(23), safety=D(0), level=D("3.5"), missing=D(0), wanted=D("22.5"))


def test_safety_stock_packs_and_what_is_on_order() -> None:
    """1.645 × 2 × √16 = 13.16; at 3 a day × 16 days + 13.16 = 61.16. There are 20 + 10: 31.16 are missing, 90 sell in 30 days."""
    found = plan(D(3), D(2), Standing(D(20), D(10), step=D(12)), Terms(16, 30, D("1.645")))
    assert found == Plan(6, 0, D(132), safety=D("13.16"), level=D("61.16"), missing=D("31.16"), wanted=D("121.16"))


def test_what_is_on_order_puts_the_day_off() -> None:
    """52 + 100 − 3.5 last 297 days; what is here still runs out in 104."""
    found = plan(D("0.5"), D(0), Standing(D(52), D(100)), EMPTY)
    assert (found.days_left, found.reorder_in) == (104, 297)


def test_what_is_out_has_no_days_left_and_is_reordered_today() -> None:
    found = plan(D("0.5"), D(0), Standing(D(0)), EMPTY)
    assert (found.days_left, found.reorder_in, found.quantity) == (0, 0, D(26))  # 22.5 and the 3.5 missing


def test_what_is_promised_already_is_bought_too() -> None:
    found = plan(D("0.5"), D(0), Standing(D(-3)), EMPTY)
    assert (found.days_left, found.reorder_in, found.quantity) == (0, 0, D(29))


def test_a_reorder_point_that_is_set_holds_where_it_is_higher() -> None:
    """At 24, of which there are 20: 4 are missing; 22.5 are sold in 45 days; the reorder quantity that is set is more."""
    found = plan(D("0.5"), D(0), Standing(D(20), reorder_point=D(24), reorder_quantity=D(48)), EMPTY)
    assert (found.reorder_in, found.level, found.missing, found.quantity) == (0, D(24), D(4), D(48))
    assert plan(D("0.5"), D(0), Standing(D(20), reorder_point=D(24)), EMPTY).quantity == D(27)


def test_a_reorder_point_is_enough_where_nothing_is_sold() -> None:
    found = plan(D(0), D(0), Standing(D(0), reorder_point=D(10)), EMPTY)
    assert (found.days_left, found.reorder_in, found.quantity) == (0, 0, D(10))


def test_what_never_sells_is_not_bought() -> None:
    found = plan(D(0), D(0), Standing(D(0)), EMPTY)
    assert (found.days_left, found.reorder_in, found.quantity) == (0, None, D(0))
    assert plan(None, D(0), Standing(D(8)), EMPTY).days_left is None


def test_whose_lead_time_it_is() -> None:
    assert lead_time(14, 21, 7) == (14, "product")
    assert lead_time(None, 21, 7) == (21, "vendor")
    assert lead_time(None, None, 7) == (7, "settings")
    assert lead_time(0, 21, 7) == (0, "product")


def test_what_is_bought_in_what() -> None:
    assert step_of(fractional=False, counted_in_units=True, units_per_pack=D(12)) == 12
    assert step_of(fractional=False, counted_in_units=False, units_per_pack=D(12)) == 1
    assert step_of(fractional=True, counted_in_units=True, units_per_pack=None) == D("0.001")


def test_how_many_deviations_a_service_level_takes() -> None:
    assert [factor_of(percent) for percent in (50, 90, 95, 99)] == [D(0), D("1.282"), D("1.645"), D("2.326")]


@given(quantities, quantities, standings, st.integers(0, 200), st.integers(0, 60), st.integers(0, 90))
@settings(max_examples=50)
def test_a_longer_lead_time_is_never_a_later_or_a_smaller_order(
    rate: Decimal, deviation: Decimal, standing: Standing, lead: int, longer: int, cover: int
) -> None:
    short = plan(rate, deviation, standing, Terms(lead, cover, D("1.645")))
    long = plan(rate, deviation, standing, Terms(lead + longer, cover, D("1.645")))
    assert long.quantity >= short.quantity >= 0
    assert short.reorder_in is None or (long.reorder_in is not None and 0 <= long.reorder_in <= short.reorder_in)
    assert long.days_left == short.days_left


@given(quantities, quantities, standings, st.integers(0, 60), st.integers(1, 90))
@settings(max_examples=50)
def test_whole_steps_and_no_stock_is_zero_days(rate: Decimal, deviation: Decimal, standing: Standing, lead: int, cover: int) -> None:
    found = plan(rate, deviation, standing, Terms(lead, cover, D("1.645")))
    assert found.quantity % standing.step == 0
    assert found.quantity - found.wanted < standing.step
    assert min(found.safety, found.level, found.missing, found.wanted) >= 0
    if standing.available <= 0:
        assert found.days_left == 0
        assert standing.on_order or not rate or found.reorder_in == 0


def _told(days: tuple[float | None, ...], standing: Standing, terms: Terms, **changed: object) -> dict[str, tuple[str, str]]:
    past = Past(days)
    found: Rate = rate(past, reorder_point=None if standing.reorder_point is None else float(standing.reorder_point))
    each = daily(found)
    made = plan(each, D(0), standing, terms)
    case = Case(past, found, each, made, standing, terms, "vendor", "units", date(2026, 1, 22))
    return {step.name: (step.value, step.sum) for step in steps(case)}


def test_the_argument_in_words() -> None:
    told = _told((0.5,) * 90, Standing(D(52)), EMPTY)
    assert told == {
        "Demand": (
            "0.5 units a day",
            "Last 30 days: 15 sold ÷ 30 days = 0.5. Last 90 days: 45 sold ÷ 90 days = 0.5. The mean of both, (0.5 + 0.5) ÷ 2 = 0.5. "
            "It sells in nearly every week, about as much each time.",
        ),
        "Trend": ("Stable", "0 % more a day in the last 30 days than in the 60 before them."),
        "Runs out": ("in 104 days, on 2026-05-06", "52 units available ÷ 0.5 a day = 104 whole days."),
        "Order at": ("3.5 units", "0.5 a day × 7 days (its vendor's lead time) + 0 safety stock = 3.5."),
        "Order": ("in 97 days, on 2026-04-29", "52 available + 0 on order = 52; less 3.5 is 48.5, which lasts 97 days."),
        "Quantity": ("23 units", "0.5 a day × 45 days to cover = 22.5. Rounded up to whole units."),
    }


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((), "Nothing is known of its sales yet, and no reorder point is set."),
        ((0.0,) * 30, "It was in stock on 30 days and none was sold."),
    ],
)
def test_no_number_is_made_up(days: tuple[float | None, ...], said: str) -> None:
    told = _told(days, Standing(D(5)), EMPTY)
    assert list(told) == ["Demand"]
    assert told["Demand"][1] == said


def test_an_estimate_says_that_it_is_not_based_on_sales() -> None:
    told = _told((), Standing(D(5), reorder_point=D(28)), EMPTY)
    value, said = told["Demand"]
    assert value == "2 units a day"
    assert said == "28 ÷ 14 days = 2. An estimate that is not based on sales: the reorder point is taken to last 14 days."
