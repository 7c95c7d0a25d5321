"""What a round does next. Pure: steps in, a decision out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.models import ACTIVE, Stage, Status

ENDED = frozenset(Status) - frozenset(ACTIVE)

PASSING = frozenset(
    {"dns", "connect", "connect_timeout", "timeout", "deadline", "cut_off", "half_body", "server_error", "busy", "till_busy"}
)
"""What is over by itself in a moment, by the codes of errors (docs/wire.md)."""
BY_MORNING = PASSING | {"too_many_calls", "breaker_open", "stuck", "given_up", "unexpected"}
"""What may be over by itself in some hours."""

Place = tuple[int, str]
"""A connection and its data set: one run at a time."""


@dataclass(frozen=True)
class Step:
    """A step as it is: `due_in` are the seconds until it may be tried, none for at once."""

    seq: int
    stage: Stage
    status: Status
    place: Place
    due_in: float = 0.0


@dataclass(frozen=True)
class Decision:
    """Which steps to start now, in how many seconds another one is due (None: none is waited for), and whether all is over."""

    start: tuple[int, ...] = ()
    wait: float | None = None
    over: bool = False


def decide(steps: Sequence[Step], *, at_once: int, taken: Collection[Place] = ()) -> Decision:
    """The first stage that has not ended goes on: in order, at most `at_once` steps at a time, and one at a time in each place.

    `taken` places are those where somebody else's run is at work.
    """
    open_ = [step for step in steps if step.status not in ENDED]
    if not open_:
        return Decision(over=True)
    stage = next(each for each in Stage if any(step.stage == each for step in open_))
    running = [step for step in open_ if step.status == Status.RUNNING]
    busy = {*taken, *(step.place for step in running)}
    room = at_once - len(running)
    start: list[int] = []
    waits: list[float] = []
    for step in sorted(open_, key=lambda each: each.seq):
        if step.stage != stage or step.status == Status.RUNNING or step.place in busy:
            continue
        if step.due_in > 0:
            waits.append(step.due_in)
        elif len(start) < room:
            start.append(step.seq)
            busy.add(step.place)
    return Decision(tuple(start), min(waits, default=None))


def pause(status: Status, errors: Sequence[Mapping[str, Any]], tries: int, pauses: Sequence[float]) -> float | None:
    """After how many seconds a run that ended as `status` is run again, being the `tries`th; None when it is not.

    What passes by itself is tried again, and no more often than there are `pauses`.
    """
    return pauses[tries - 1] if tries <= len(pauses) and passes(status, errors, PASSING) else None


def passes(status: Status, errors: Sequence[Mapping[str, Any]], codes: Collection[str]) -> bool:
    """Whether a run that ended as `status` lacks something for one of these reasons. Rows that are held are no reason."""
    lacking = (error.get("code") for error in errors if "row" not in error and "reference" not in error)
    return status in (Status.FAILED, Status.PARTIAL) and any(code in codes for code in lacking)


def outcome(statuses: Collection[Status], *, cancelled: bool) -> Status:
    """How a round ends whose steps ended so; of a cancelled one something was cancelled."""
    if cancelled and Status.CANCELLED in statuses:
        return Status.CANCELLED
    if all(status == Status.SUCCEEDED for status in statuses):
        return Status.SUCCEEDED
    return Status.PARTIAL if any(status in (Status.SUCCEEDED, Status.PARTIAL) for status in statuses) else Status.FAILED
