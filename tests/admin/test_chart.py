"""The line of a level over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from inventory.admin.chart import HEIGHT, WIDTH, draw
from inventory.history import Point

FIRST = datetime(2026, 2, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=10)


def point(days: float, quantity: int | str) -> Point:
    return Point(FIRST + timedelta(days=days), Decimal(quantity))


def test_it_stays_until_it_changes() -> None:
    drawn = draw([point(0, 0), point(5, 100), point(8, 50)], FIRST, LAST)
    assert drawn.line == "M0,200.0H500.0V0.0H800.0V100.0H1000"
    assert [tick.label for tick in drawn.amounts] == ["0", "50", "100"]
    assert [tick.percent for tick in drawn.amounts] == [100, 50, 0]
    assert (drawn.lowest, drawn.highest) == (0, 100)


def test_dates_stand_below_it() -> None:
    assert [tick.label for tick in draw([point(0, 1)], FIRST, LAST).dates][::4] == ["2026-02-01", "2026-02-11"]


def test_a_mirror_s_level_may_be_below_nothing() -> None:
    drawn = draw([point(0, -30), point(5, 10)], FIRST, LAST)
    assert [tick.label for tick in drawn.amounts] == ["−30", "−20", "−10", "0", "10"]


def test_nothing_at_all_is_a_line_at_the_bottom() -> None:
    assert draw([point(0, 0)], FIRST, LAST).line == "M0,200.0H1000"


def test_moment_is_marked_where_it_lies_between() -> None:
    assert draw([point(0, 1)], FIRST, LAST, moment=FIRST + timedelta(days=5)).mark == 50
    assert draw([point(0, 1)], FIRST, LAST, moment=LAST + timedelta(days=1)).mark is None


@given(st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1, max_size=20))
def test_it_never_leaves_its_box(quantities: list[Decimal]) -> None:
    points = [Point(FIRST + timedelta(hours=number), quantity) for number, quantity in enumerate(quantities)]
    drawn = draw(points, FIRST, LAST)
    steps = drawn.line[1:].replace(",", "V").replace("H", " H").replace("V", " V").split()
    heights = [float(step[1:]) for step in steps if step.startswith("V")]
    widths = [float(step[1:]) for step in steps if step.startswith("H")]
    assert all(0 <= height <= HEIGHT for height in heights)
    assert widths == sorted(widths)
    assert widths[-1] == WIDTH
    assert 2 <= len(drawn.amounts) <= 8
