from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.models.breaker import BreakerState
from sync.wire.breaker import Circuit, Outcome, admit, in_words, outcome_of, record
from sync.wire.errors import (
    BadCredentials,
    BreakerOpen,
    BudgetSpent,
    Refused,
    RetryLater,
    SessionExpired,
    TargetRefused,
    Unreachable,
    WireError,
    WrongAnswer,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(circuit: Circuit, *outcomes: Outcome, now: datetime = NOON) -> Circuit:
    for outcome in outcomes:
        circuit = record(circuit, outcome, now)
    return circuit


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


FAILURE, SUCCESS, NEUTRAL, LOGIN_REFUSED = Outcome.FAILURE, Outcome.SUCCESS, Outcome.NEUTRAL, Outcome.LOGIN_REFUSED
OPEN = after(Circuit(), *[FAILURE] * 5)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, SUCCESS),
        (Unreachable("x", code="connect"), FAILURE),
        (Unreachable("x", code="timeout"), FAILURE),
        (Unreachable("x", code="dns"), FAILURE),
        (RetryLater("x", after=0, code="server_error"), FAILURE),
        (RetryLater("x", after=0, code="too_many_calls"), NEUTRAL),
        (WrongAnswer("x", code="html"), FAILURE),
        (WrongAnswer("x", code="too_large"), NEUTRAL),
        (Refused("x"), SUCCESS),
        (SessionExpired("x"), SUCCESS),
        (BadCredentials("x"), LOGIN_REFUSED),
        (BadCredentials("x", certain=True), Outcome.LOGIN_CERTAINLY_REFUSED),
        (TargetRefused("x"), NEUTRAL),
        (BudgetSpent("x", until=NOON), NEUTRAL),
        (BreakerOpen("x", until=None), NEUTRAL),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_each_ending_counts_as_what_it_says_about_the_other_side(error: WireError | None, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


def test_five_failures_open_it_and_four_do_not() -> None:
    assert after(Circuit(), *[FAILURE] * 4).state == BreakerState.CLOSED
    assert (OPEN.state, OPEN.until) == (BreakerState.OPEN, seconds(30))
    assert admit(OPEN, NOON)[1] is False


def test_failures_below_half_of_the_calls_do_not_open_it() -> None:
    assert after(Circuit(), *[SUCCESS] * 6, *[FAILURE] * 5).state == BreakerState.CLOSED
    assert after(Circuit(), *[SUCCESS] * 6, *[FAILURE] * 6).state == BreakerState.OPEN


def test_failures_of_an_earlier_window_are_forgotten() -> None:
    four = after(Circuit(), *[FAILURE] * 4)
    assert record(four, FAILURE, seconds(599)).state == BreakerState.OPEN
    later = record(four, FAILURE, seconds(600))
    assert (later.state, later.failures) == (BreakerState.CLOSED, 1)


def test_after_the_rest_one_trial_at_a_time_goes_out() -> None:
    assert admit(OPEN, seconds(29))[1] is False
    trying, sent = admit(OPEN, seconds(30))
    assert (trying.state, sent) == (BreakerState.HALF_OPEN, True)
    assert admit(trying, seconds(31))[1] is False


def test_two_good_trials_close_it() -> None:
    trying, _ = admit(OPEN, seconds(30))
    once = record(trying, SUCCESS, seconds(31))
    assert once.state == BreakerState.HALF_OPEN
    again, sent = admit(once, seconds(31))
    assert sent is True
    assert record(again, SUCCESS, seconds(32)) == Circuit()


def test_failed_trial_rests_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    circuit, now, rests = OPEN, NOON, []
    for _ in range(7):
        assert circuit.until is not None
        rests.append((circuit.until - now).total_seconds())
        now = circuit.until
        circuit = record(admit(circuit, now)[0], FAILURE, now)
    assert rests == [30, 60, 120, 240, 480, 900, 900]


def test_trial_of_a_killed_worker_is_given_up_after_its_time() -> None:
    trying, _ = admit(OPEN, seconds(30))
    assert admit(trying, seconds(329))[1] is False
    assert admit(trying, seconds(330))[1] is True


def test_trial_that_says_nothing_lets_the_next_one_out() -> None:
    trying, _ = admit(OPEN, seconds(30))
    assert admit(record(trying, NEUTRAL, seconds(31)), seconds(31))[1] is True


def test_straggler_does_not_change_a_resting_breaker() -> None:
    assert after(OPEN, SUCCESS, FAILURE, NEUTRAL) == OPEN


def test_third_refused_login_in_a_row_stops_it_until_it_is_cleared() -> None:
    two = after(Circuit(), LOGIN_REFUSED, LOGIN_REFUSED)
    assert two.state == BreakerState.CLOSED
    stopped = after(two, LOGIN_REFUSED)
    assert stopped.state == BreakerState.STOPPED
    assert admit(stopped, seconds(10_000_000)) == (stopped, False)
    assert after(stopped, SUCCESS, FAILURE) == stopped


def test_login_refused_without_doubt_stops_it_at_once() -> None:
    stopped = after(Circuit(), SUCCESS, Outcome.LOGIN_CERTAINLY_REFUSED)
    assert stopped.state == BreakerState.STOPPED
    assert in_words(stopped, NOON) == "Stopped: the login was refused. Enter the credentials again or test the connection."
    assert after(OPEN, Outcome.LOGIN_CERTAINLY_REFUSED).state == BreakerState.STOPPED


def test_good_call_in_between_forgives_refused_logins() -> None:
    assert after(Circuit(), LOGIN_REFUSED, LOGIN_REFUSED, SUCCESS, LOGIN_REFUSED).state == BreakerState.CLOSED


def test_clock_set_back_by_days_does_not_rest_for_days() -> None:
    assert admit(OPEN, NOON - timedelta(days=3))[1] is True
    counted = after(Circuit(), *[FAILURE] * 4)
    assert record(counted, FAILURE, NOON - timedelta(days=3)).failures == 1


@pytest.mark.parametrize(
    ("circuit", "words"),
    [
        (Circuit(), "Calls go out."),
        (after(Circuit(), SUCCESS, SUCCESS, FAILURE), "Calls go out; 1 of the last 3 failed."),
        (OPEN, "Resting after too many failures; the next trial call goes out in 20 seconds."),
        (admit(OPEN, seconds(30))[0], "Recovering: 0 of 2 trial calls have succeeded."),
        (
            after(Circuit(), *[LOGIN_REFUSED] * 3),
            "Stopped: the login was refused 3 times in a row. Enter the credentials again or test the connection.",
        ),
    ],
)
def test_state_is_said_in_words(circuit: Circuit, words: str) -> None:
    assert in_words(circuit, seconds(10)) == words


def test_rest_that_is_over_is_said_in_words() -> None:
    assert in_words(OPEN, seconds(31)) == "Resting after too many failures; the next trial call goes out with the next run."


EVENTS = st.lists(st.tuples(st.sampled_from(Outcome), st.floats(0, 2000), st.booleans()), max_size=80)


@given(EVENTS)
def test_whatever_happens_calls_go_out_again_after_at_most_a_quarter_of_an_hour(events: list[tuple[Outcome, float, bool]]) -> None:
    circuit, now = Circuit(), NOON
    for outcome, pause, straggler in events:
        now += timedelta(seconds=pause)
        circuit, sent = admit(circuit, now)
        if sent or straggler:
            circuit = record(circuit, outcome, now)
        assert circuit.successes >= 0
        assert circuit.failures >= 0
    _, sent = admit(circuit, now + timedelta(minutes=15))
    assert sent is (circuit.state != BreakerState.STOPPED)


@given(EVENTS)
def test_it_never_opens_without_five_failures(events: list[tuple[Outcome, float, bool]]) -> None:
    circuit, now, failures = Circuit(), NOON, 0
    for outcome, pause, _ in events:
        now += timedelta(seconds=pause)
        circuit = record(circuit, outcome, now)
        failures += outcome is Outcome.FAILURE
        if circuit.state == BreakerState.OPEN:
            assert failures >= 5
