"""What becomes of a call that failed, by what can have happened. Pure (docs/push.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marketplaces.errors import LotNotThere
from marketplaces.models import Operation
from sync.secrets import CredentialsUnreadable
from sync.wire.errors import BadCredentials, BreakerOpen, BudgetSpent, RetryLater, SessionExpired, TargetRefused, Unreachable, WireError

# Seconds before another try: soon while it may pass by itself, then seldom, so that an outage costs few calls.
PAUSES = (1, 2, 4, 300, 900, 3600)
# A shop that says “too many calls” and not for how long.
RATE_PAUSE = 60


class Ending(StrEnum):
    """What happens next."""

    RETRY = "retry"  # It was certainly not done, or may be done again: once more after a pause.
    UNKNOWN = "unknown"  # It may have been done: settled by reading back.
    REFUSED = "refused"  # The shop said no to this: another value, or a person.
    NOT_THERE = "not_there"  # The lot is not there.
    HELD_BACK = "held_back"  # Nothing was sent: budget, breaker, or the shop asked for rest.
    STOPPED = "stopped"  # Nothing is sent to this shop until a person has done something.


@dataclass(frozen=True)
class Verdict:
    """How a failed call ended. `until` is when calls may be sent again, `after` the seconds to wait, where known; else the usual pause."""

    ending: Ending
    until: datetime | None = None
    after: float | None = None
    sent: bool = True


def judge(error: WireError | CredentialsUnreadable, operation: Operation | None, *, moves: bool = False) -> Verdict:
    """What an error of a call means. `operation` None is a read. `moves`: an update that moves the quantity, not to be done twice."""
    if isinstance(error, BudgetSpent):
        return Verdict(Ending.HELD_BACK, until=error.until, sent=False)
    if isinstance(error, BreakerOpen):
        return Verdict(Ending.HELD_BACK if error.until else Ending.STOPPED, until=error.until, sent=False)
    if isinstance(error, CredentialsUnreadable | TargetRefused):
        return Verdict(Ending.STOPPED, sent=False)
    if isinstance(error, BadCredentials | SessionExpired):
        return Verdict(Ending.STOPPED)
    if isinstance(error, LotNotThere):
        return Verdict(Ending.NOT_THERE)
    if isinstance(error, RetryLater) and error.code == "too_many_calls":
        return Verdict(Ending.HELD_BACK, after=error.after or RATE_PAUSE)
    if error.may_have_acted:
        twice = operation is Operation.CREATE or (operation is Operation.UPDATE and moves)
        return Verdict(Ending.UNKNOWN if twice else Ending.RETRY, after=_asked(error))
    if isinstance(error, RetryLater | Unreachable) or operation is None:
        return Verdict(Ending.RETRY, after=_asked(error))
    return Verdict(Ending.REFUSED)


def _asked(error: WireError) -> float | None:
    return error.after or None if isinstance(error, RetryLater) else None


def pause(tries: int) -> int:
    """Seconds before the next try after `tries` failures in a row, at least one."""
    return PAUSES[min(max(tries, 1), len(PAUSES)) - 1]
