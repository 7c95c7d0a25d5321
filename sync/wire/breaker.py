"""When a connection's calls are held back. Pure: a state, what happened, and the time go in; the next state comes out.

Closed, calls go out and are counted. After enough failures it opens and rests; then single trial calls decide whether it closes or rests
again, longer. Refused logins stop it until a person has changed something: at once where there is no doubt, else after a few in a row.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync.models.breaker import BreakerState
from sync.wire.errors import BadCredentials, Refused, RetryLater, SessionExpired, Unreachable, WireError, WrongAnswer

# Failures are counted over this long: an outage is seen at once, last night's is forgotten.
WINDOW = timedelta(minutes=10)
# A handful of calls proves nothing, whatever their share.
MIN_FAILURES = 5
# Below half, more calls succeed than fail, and holding all of them back would do more harm.
MIN_FAILURE_PERCENT = 50
# Long enough for a restart of the other side, short enough not to be noticed by people.
FIRST_REST = timedelta(seconds=30)
# Doubled with each failed trial, up to here: an outage of hours costs a few calls an hour.
LONGEST_REST = timedelta(minutes=15)
# A trial whose worker died must not block the next one for ever; longer than any single call may take.
TRIAL_LEASE = timedelta(minutes=5)
# One success can be luck after an outage.
TRIALS_TO_CLOSE = 2
# Many systems lock an account at the fifth wrong password; one refusal alone can be a hiccup of theirs.
REFUSED_LOGINS_TO_STOP = 3


class Outcome(enum.Enum):
    """What a finished call says about the connection."""

    SUCCESS = "success"
    # Connection failures, time-outs, 5xx: the other side is not well.
    FAILURE = "failure"
    LOGIN_REFUSED = "login refused"
    # The other side left no doubt: every further call would be refused too.
    LOGIN_CERTAINLY_REFUSED = "login certainly refused"
    # Nothing was sent, or the answer says nothing about health.
    NEUTRAL = "neutral"


def outcome_of(error: WireError | None) -> Outcome:
    """How a call that ended with `error`, or well, counts.

    A 4xx is the other side being well and saying no. 429 is a matter of budgets. An answer of the wrong kind counts as a failure, because
    maintenance pages look like that; an expired session does not.
    """
    if error is None or isinstance(error, Refused):
        return Outcome.SUCCESS
    if isinstance(error, BadCredentials):
        return Outcome.LOGIN_CERTAINLY_REFUSED if error.certain else Outcome.LOGIN_REFUSED
    if isinstance(error, RetryLater):
        return Outcome.NEUTRAL if error.code == "too_many_calls" else Outcome.FAILURE
    if isinstance(error, Unreachable | WrongAnswer):
        return Outcome.NEUTRAL if error.code == "too_large" else Outcome.FAILURE
    return Outcome.SUCCESS if isinstance(error, SessionExpired) else Outcome.NEUTRAL


@dataclass(frozen=True)
class Circuit:
    """The breaker's state. `until` is the end of the rest when open, the end of the running trial's time when half-open."""

    state: BreakerState = BreakerState.CLOSED
    window_started_at: datetime | None = None
    successes: int = 0
    failures: int = 0
    until: datetime | None = None
    opened_in_a_row: int = 0
    refused_logins: int = 0


def admit(circuit: Circuit, now: datetime) -> tuple[Circuit, bool]:
    """The state after a call asked to be sent at `now`, and whether it may be."""
    if circuit.state == BreakerState.CLOSED:
        return circuit, True
    if circuit.state == BreakerState.STOPPED:
        return circuit, False
    if circuit.until is not None and now < circuit.until <= now + max(LONGEST_REST, TRIAL_LEASE):
        return circuit, False
    # The rest is over, the trial's worker is gone, or the clock was set back so far that `until` can't be meant.
    trials = circuit.successes if circuit.state == BreakerState.HALF_OPEN else 0
    return replace(circuit, state=BreakerState.HALF_OPEN, until=now + TRIAL_LEASE, successes=trials, failures=0), True


def record(circuit: Circuit, outcome: Outcome, now: datetime) -> Circuit:
    """The state after a call that was sent ended with `outcome` at `now`."""
    if outcome in (Outcome.LOGIN_REFUSED, Outcome.LOGIN_CERTAINLY_REFUSED):
        refused = circuit.refused_logins + 1
        if refused >= REFUSED_LOGINS_TO_STOP or outcome is Outcome.LOGIN_CERTAINLY_REFUSED:
            return Circuit(state=BreakerState.STOPPED, refused_logins=refused)
        circuit = replace(circuit, refused_logins=refused)
        outcome = Outcome.NEUTRAL
    if circuit.state in (BreakerState.STOPPED, BreakerState.OPEN):
        # A straggler that was sent before: it says nothing about now.
        return circuit
    if outcome is Outcome.SUCCESS:
        circuit = replace(circuit, refused_logins=0)
    if circuit.state == BreakerState.HALF_OPEN:
        return _trial_ended(circuit, outcome, now)
    return _counted(circuit, outcome, now)


def _trial_ended(circuit: Circuit, outcome: Outcome, now: datetime) -> Circuit:
    if outcome is Outcome.FAILURE:
        return _opened(circuit, now)
    if outcome is Outcome.NEUTRAL:
        return replace(circuit, until=None)
    if circuit.successes + 1 >= TRIALS_TO_CLOSE:
        return Circuit(refused_logins=circuit.refused_logins)
    return replace(circuit, successes=circuit.successes + 1, until=None)


def _counted(circuit: Circuit, outcome: Outcome, now: datetime) -> Circuit:
    if outcome is Outcome.NEUTRAL:
        return circuit
    started = circuit.window_started_at
    if started is None or not started <= now < started + WINDOW:
        circuit = replace(circuit, window_started_at=now, successes=0, failures=0)
    if outcome is Outcome.SUCCESS:
        return replace(circuit, successes=circuit.successes + 1)
    circuit = replace(circuit, failures=circuit.failures + 1)
    calls = circuit.successes + circuit.failures
    enough = circuit.failures >= MIN_FAILURES and circuit.failures * 100 >= MIN_FAILURE_PERCENT * calls
    return _opened(circuit, now) if enough else circuit


def _opened(circuit: Circuit, now: datetime) -> Circuit:
    times = circuit.opened_in_a_row + 1
    # The power is bounded before it is taken: nobody needs 2 ** 10,000 seconds.
    rest = min(FIRST_REST * 2 ** min(times - 1, 10), LONGEST_REST)
    return Circuit(state=BreakerState.OPEN, until=now + rest, opened_in_a_row=times, refused_logins=circuit.refused_logins)


def in_words(circuit: Circuit, now: datetime) -> str:
    """The state as a sentence for people."""
    if circuit.state == BreakerState.STOPPED:
        often = f" {circuit.refused_logins} times in a row" if circuit.refused_logins > 1 else ""
        return f"Stopped: the login was refused{often}. Enter the credentials again or test the connection."
    if circuit.state == BreakerState.OPEN:
        left = max(int((circuit.until - now).total_seconds()), 0) if circuit.until else 0
        return f"Resting after too many failures; the next trial call goes out {f'in {left} seconds' if left else 'with the next run'}."
    if circuit.state == BreakerState.HALF_OPEN:
        return f"Recovering: {circuit.successes} of {TRIALS_TO_CLOSE} trial calls have succeeded."
    if circuit.failures:
        return f"Calls go out; {circuit.failures} of the last {circuit.successes + circuit.failures} failed."
    return "Calls go out."
