from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.wire.rolling import Allowance

MINUTE = Allowance(window=60, limit=3, reserved=1)


def test_calls_fit_up_to_the_limit_and_urgent_ones_into_the_reserve() -> None:
    spent = MINUTE.after([], 1000.0, 2, urgent=False)
    assert spent == [[1000, 2]]
    assert MINUTE.after(spent, 1001.0, 1, urgent=False) is None
    spent = MINUTE.after(spent, 1001.0, 1, urgent=True)
    assert spent == [[1000, 2], [1001, 1]]
    assert MINUTE.after(spent, 1001.0, 1, urgent=True) is None


def test_kind_of_call_with_a_share_stops_earlier() -> None:
    day = Allowance(window=86_400, limit=5_000, reserved=200)
    # Seven tenths of the 4,800 that are not reserved.
    assert day.ceiling(urgent=False, share=0.7) == 3_360
    assert day.after([[0, 3_359]], 0, 1, urgent=False, share=0.7) == [[0, 3_360]]
    assert day.after([[0, 3_360]], 0, 1, urgent=False, share=0.7) is None
    assert day.after([[0, 3_360]], 0, 1, urgent=False) == [[0, 3_361]]
    assert day.after([[0, 4_999]], 0, 1, urgent=True, share=0.7) == [[0, 5_000]]
    assert Allowance(window=60, limit=1).ceiling(urgent=False, share=0.5) == 1


def test_calls_leave_the_window_when_their_slot_has_left_it() -> None:
    # The slot of second 1000 ends at 1001, and a minute later, at 1061, it can no longer be in any window.
    assert MINUTE.used([[1000, 3]], 1060.9) == 3
    assert MINUTE.used([[1000, 3]], 1061.0) == 0


def test_next_room_is_when_the_oldest_calls_leave() -> None:
    spent = [[1000, 1], [1010, 1]]
    assert MINUTE.free_at(spent, 1020.0, 1, urgent=True) == 1020.0
    assert MINUTE.free_at(spent, 1020.0, 1, urgent=False) == pytest.approx(1061.0, abs=0.01)
    assert MINUTE.free_at(spent, 1020.0, 2, urgent=False) == pytest.approx(1071.0, abs=0.01)


def test_rounding_does_not_announce_a_moment_too_early() -> None:
    # The end of this slot, in the microseconds of a datetime, lies a hair before it.
    second = Allowance(window=1, limit=1)
    spent = [[97_712_793_907, 1]]
    announced = datetime.fromtimestamp(second.free_at(spent, 1_628_546_565.5, 1, urgent=True), UTC)
    moment = announced.timestamp()
    assert second.after(spent, moment, 1, urgent=True) is not None


def test_more_than_the_limit_at_once_never_fits() -> None:
    with pytest.raises(ValueError, match="3 calls at once never fit into a budget of 2"):
        MINUTE.free_at([], 1000.0, 3, urgent=False)


def test_clock_set_back_holds_calls_for_one_window_only() -> None:
    spent = [[900_000, 3]]
    assert MINUTE.after(spent, 1000.0, 1, urgent=True) is None
    assert MINUTE.kept(spent, 1000.0) == [[1000, 3]]
    assert MINUTE.free_at(spent, 1000.0, 1, urgent=True) == pytest.approx(1061.0, abs=0.01)


@settings(max_examples=200)
@given(
    window=st.sampled_from([1, 7, 60, 3600, 86_400]),
    limit=st.integers(1, 8),
    steps=st.lists(st.tuples(st.floats(0, 0.4), st.integers(1, 3), st.booleans()), max_size=60),
)
def test_no_stretch_of_the_window_ever_holds_more_than_the_limit(window: int, limit: int, steps: list[tuple[float, int, bool]]) -> None:
    allowance = Allowance(window, limit, reserved=limit // 3)
    now, spent = 1_700_000_000.0, []
    made: list[tuple[float, int]] = []
    for share, cost, urgent in steps:
        now += share * window
        after = allowance.after(spent, now, cost, urgent=urgent)
        if after is None:
            continue
        spent = after
        made.append((now, cost))
        recent = sum(calls for moment, calls in made if moment > now - window)
        assert recent <= allowance.ceiling(urgent)
    assert len(spent) <= 61


@given(
    window=st.sampled_from([1, 7, 60, 3600, 86_400]),
    calls=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 4)), max_size=20),
    urgent=st.booleans(),
)
def test_calls_fit_at_the_announced_moment(window: int, calls: list[tuple[int, int]], urgent: bool) -> None:
    allowance = Allowance(window, limit=5, reserved=2)
    now = 1_700_000_000.0
    spent = allowance.kept([[allowance.slot(now) - ago, count] for ago, count in calls], now)
    moment = allowance.free_at(spent, now, 1, urgent=urgent)
    assert moment >= now
    assert allowance.after(spent, moment, 1, urgent=urgent) is not None
    if moment > now:
        slot_before = moment - window / 60 - 0.01
        assert slot_before < now or allowance.after(spent, slot_before, 1, urgent=urgent) is None
