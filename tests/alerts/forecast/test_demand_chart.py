"""The picture of what was sold and is expected, by hand: 90 days and 30 ahead in a width of 1,000."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from alerts.demandchart import draw

TODAY = date(2026, 4, 1)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_bars_stand_on_their_days() -> None:
    chart = draw({ago(90): Decimal(4), ago(1): Decimal(2)}, [], TODAY, Decimal(1))
    assert len(chart.bars) == 90
    first, last = chart.bars[0], chart.bars[-1]
    assert (first.first, first.last, first.sold, first.height, first.y) == (ago(90), ago(90), "4", 200, 0)
    assert (last.first, last.sold, last.height, last.y) == (ago(1), "2", 100, 100)
    # 1,000 ÷ 120 days is 8.33: the last bar begins after 89 of them and a tenth.
    assert (first.x, last.x, chart.today) == (0.8, 742.5, 750)


def test_what_is_expected_is_a_line_from_today_on() -> None:
    assert draw({ago(1): Decimal(4)}, [], TODAY, Decimal(1)).expected == 150
    assert draw({ago(1): Decimal(4)}, [], TODAY, None).expected is None


def test_days_without_stock_are_stripes() -> None:
    chart = draw({}, [ago(60), ago(59), ago(58), ago(30)], TODAY, Decimal(0))
    assert [(stripe.x, stripe.width) for stripe in chart.stripes] == [(250, 25), (500, 8.3)]


def test_half_a_year_is_drawn_by_week() -> None:
    sold = {ago(days): Decimal(1) for days in range(1, 15)}
    chart = draw(sold, [ago(8)], TODAY, Decimal("0.5"), days=182)
    assert len(chart.bars) == 26
    assert [(bar.sold, bar.out) for bar in chart.bars[-3:]] == [("0", 0), ("7", 1), ("7", 0)]
    assert chart.words == "14 sold in 182 days, by week; 1 day without stock; 3.5 expected in a week"


def test_nothing_sold_and_more_taken_back_than_sold_are_drawn_too() -> None:
    assert draw({}, [], TODAY, None).words == "0 sold in 90 days, by day; nothing is known of what is to come"
    below = draw({ago(1): Decimal(-2), ago(2): Decimal(2)}, [], TODAY, None).bars
    assert (below[-1].y, below[-1].height) == (100, 100)
    assert (below[-2].y, below[-2].height) == (0, 100)
