from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.freshness import Freshness, freshness

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "word"),
    [
        (timedelta(hours=23, minutes=59), Freshness.FRESH),
        (timedelta(hours=24), Freshness.AGEING),
        (timedelta(days=6, hours=23), Freshness.AGEING),
        (timedelta(days=7), Freshness.STALE),
        (timedelta(hours=-2), Freshness.FRESH),
    ],
)
def test_a_day_and_a_week_are_the_limits_and_the_future_is_now(age: timedelta, word: Freshness) -> None:
    assert freshness(NOW - age, NOW) == word


def test_what_was_never_read_is_neither_fresh_nor_old() -> None:
    assert freshness(None, NOW) == Freshness.NEVER


@given(st.timedeltas(timedelta(days=-2), timedelta(days=40)), st.timedeltas(timedelta(0), timedelta(days=40)))
def test_nothing_gets_fresher_by_waiting(age: timedelta, waited: timedelta) -> None:
    order = [Freshness.FRESH, Freshness.AGEING, Freshness.STALE]
    assert order.index(freshness(NOW - age, NOW)) <= order.index(freshness(NOW - age, NOW + waited))
