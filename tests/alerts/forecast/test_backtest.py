"""Forecasts on invented demand: measured by hand where that is possible, and better than what they replace."""

from __future__ import annotations

import pytest

from alerts.backtest import Errors, Score, Service, _keep, _scale, _score, run
from alerts.series import KINDS, LEARNED, LENGTH, Series, generated


@pytest.fixture(scope="module")
def scores() -> dict[tuple[str, str], Score]:
    return {(score.kind, score.method): score for score in run(seed=5, each=3)}


def test_the_same_seed_gives_the_same_demand() -> None:
    assert generated(5, 1) == generated(5, 1)
    assert generated(5, 1) != generated(6, 1)
    assert generated(5, 2)[0] == generated(5, 1)[0]


def test_errors_by_hand() -> None:
    errors = Errors()
    errors.add(10, 13, 2)
    errors.add(5, 4, None)
    score = _score("smooth", "ours", errors, Service(wanted=10, got=9, days=20, days_short=1, stock=50))
    assert (score.mae, score.rmse, score.wape, score.mase) == (2, pytest.approx(5**0.5), pytest.approx(4 / 17), 1.5)
    assert (score.filled, score.days_short, score.stock_days) == (0.9, 0.05, 5)


def test_errors_are_scaled_by_how_much_a_month_differs_from_the_one_before() -> None:
    """Months of 30, 60 and 90, a few days before them left out: the differences are 30 and 30."""
    assert _scale([7.0] * 5 + [1.0] * 30 + [2.0] * 30 + [3.0] * 30) == 30
    assert _scale([1.0] * 90) is None


def test_a_shop_with_even_demand_and_our_plan_never_runs_out() -> None:
    service = Service()
    _keep(Series("smooth", (2.0,) * LENGTH), "ours", service)
    assert (service.wanted, service.got, service.days_short) == (2.0 * (LENGTH - LEARNED),) * 2 + (0,)


def test_each_kind_is_scored_with_each_method(scores: dict[tuple[str, str], Score]) -> None:
    assert len(scores) == (len(KINDS) + 1) * 3


@pytest.mark.parametrize("kind", ["erratic", "intermittent", "lumpy", "interrupted", "all"])
def test_ours_errs_less_than_the_plain_formula_and_than_the_last_week(scores: dict[tuple[str, str], Score], kind: str) -> None:
    ours = scores[kind, "ours"]
    for other in ("plain", "naive"):
        assert ours.mae < scores[kind, other].mae
        assert ours.rmse < scores[kind, other].rmse


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_with_ours_more_customers_find_what_they_want(scores: dict[tuple[str, str], Score], kind: str) -> None:
    assert scores[kind, "ours"].filled >= scores[kind, "plain"].filled
