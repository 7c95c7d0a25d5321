"""The life of an alert: told once, reminded, over once, and armed again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import lifecycle
from alerts.lifecycle import Life, Rules, Step
from alerts.models import AlertState, Tell

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = Rules(settle=10 * MINUTE, remind_after=24 * HOUR, remind_times=2)


def opened(at: datetime = NOON) -> Life:
    return lifecycle.seen(None, at, RULES).life


def test_trouble_is_told_when_it_begins_and_not_again_while_it_lasts() -> None:
    first = lifecycle.seen(None, NOON, RULES)
    assert first == Step(Life(AlertState.OPEN, NOON, remind_at=NOON + 24 * HOUR), Tell.OPENED)
    assert lifecycle.seen(first.life, NOON + HOUR, RULES) == Step(first.life)


def test_what_stays_open_is_reminded_of_as_often_as_agreed() -> None:
    assert lifecycle.passed(opened(), NOON + 23 * HOUR, RULES) == Step(opened())
    once = lifecycle.passed(opened(), NOON + 25 * HOUR, RULES)
    assert once == Step(Life(AlertState.OPEN, NOON, NOON + 49 * HOUR, reminders=1), Tell.REMINDED)
    twice = lifecycle.passed(once.life, NOON + 50 * HOUR, RULES)
    assert twice == Step(Life(AlertState.OPEN, NOON, None, reminders=2), Tell.REMINDED)
    assert lifecycle.passed(twice.life, NOON + 500 * HOUR, RULES).tell is None


def test_what_somebody_acknowledged_is_not_told_again_and_still_ends() -> None:
    seen = lifecycle.acknowledged(opened()).life
    assert seen == Life(AlertState.OPEN, NOON, None, acknowledged=True)
    assert lifecycle.passed(seen, NOON + 100 * HOUR, RULES).tell is None
    assert lifecycle.gone(seen, NOON + 101 * HOUR).tell is Tell.RECOVERED


def test_the_end_is_told_once() -> None:
    over = lifecycle.gone(opened(), NOON + HOUR)
    assert over == Step(Life(AlertState.RECOVERED, NOON, None, ended_at=NOON + HOUR), Tell.RECOVERED)
    assert lifecycle.gone(over.life, NOON + 2 * HOUR) == Step(over.life)


def test_an_alert_that_was_held_back_ends_without_a_word() -> None:
    held = Life(AlertState.HELD, NOON)
    assert lifecycle.gone(held, NOON + HOUR) == Step(Life(AlertState.CLOSED, NOON, ended_at=NOON + HOUR))
    assert lifecycle.seen(held, NOON + HOUR, RULES) == Step(held)


def test_what_comes_back_while_it_settles_was_never_over() -> None:
    over = lifecycle.gone(opened(), NOON + HOUR).life
    back = lifecycle.seen(over, NOON + HOUR + 9 * MINUTE, RULES)
    assert back == Step(Life(AlertState.OPEN, NOON, NOON + 25 * HOUR + 9 * MINUTE), withdraw=True)


def test_what_comes_back_later_is_told_anew() -> None:
    over = lifecycle.gone(opened(), NOON + HOUR).life
    assert lifecycle.seen(over, NOON + HOUR + 10 * MINUTE, RULES) == Step(opened(NOON + HOUR + 10 * MINUTE), Tell.OPENED)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["seen", "gone", "passed", "acknowledged"]), st.integers(0, 40)), max_size=40))
def test_whatever_happens_each_trouble_is_told_once_and_its_end_once(events: list[tuple[str, int]]) -> None:
    now, life, told, reminded = NOON, None, [], 0
    for name, hours in events:
        now += hours * HOUR
        if life is None and name != "seen":
            continue
        step = _step(name, life, now)
        life = step.life
        if step.withdraw:
            assert told.pop() is Tell.RECOVERED
        elif step.tell is Tell.REMINDED:
            reminded += 1
            assert told[-1] is Tell.OPENED
            assert not life.acknowledged
            assert reminded <= RULES.remind_times
        elif step.tell is not None:
            told.append(step.tell)
            reminded = 0 if step.tell is Tell.OPENED else reminded
    # New, over, new, over …
    assert told == [Tell.OPENED if each % 2 == 0 else Tell.RECOVERED for each in range(len(told))]


def _step(name: str, life: Life | None, now: datetime) -> Step:
    if life is None or name == "seen":
        return lifecycle.seen(life, now, RULES)
    if name == "gone":
        return lifecycle.gone(life, now)
    return lifecycle.passed(life, now, RULES) if name == "passed" else lifecycle.acknowledged(life)
