"""How a connection does, in one word and one sentence: the same on its page, in lists, in the API and at the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sync.models import Breaker, BreakerState, Connection
from sync.wire.verdict import Finding


class State(StrEnum):
    """What a connection is fit for, worst first; only the last two let calls out without a reason to look."""

    OFF = "off"
    PAUSED = "paused"
    UNREADABLE = "credentials unreadable"
    STOPPED = "login refused"
    RESTING = "resting"
    FAILED = "test failed"
    UNTESTED = "not tested"
    READY = "ready"


@dataclass(frozen=True)
class Condition:
    """`sentence` says why and what to do, and is empty for a connection that is ready."""

    state: State
    sentence: str = ""

    @property
    def needs_somebody(self) -> bool:
        """Whether nothing will happen until a person has done something they may not know of."""
        return self.state in (State.UNREADABLE, State.STOPPED, State.FAILED)


def condition(connection: Connection, breaker: Breaker | None) -> Condition:
    """The first thing that stands in the way of `connection`. A failed test counts until a run has succeeded after it."""
    if not connection.enabled:
        return Condition(State.OFF, "It is switched off: not used and not offered.")
    if connection.paused_at is not None:
        by = f" by {connection.paused_by}" if connection.paused_by else ""
        return Condition(State.PAUSED, f"It was paused{by}. Nothing is read until somebody resumes it.")
    if connection.secrets.unreadable:
        return Condition(State.UNREADABLE, "The stored credentials can't be read with the present FIELD_KEYS. Enter them again.")
    if breaker is not None and breaker.state == BreakerState.STOPPED:
        return Condition(State.STOPPED, "The login was refused. Enter the credentials again and test it.")
    if breaker is not None and breaker.state in (BreakerState.OPEN, BreakerState.HALF_OPEN):
        return Condition(State.RESTING, "Too many calls failed. It is tried again by itself; a good test ends the rest at once.")
    succeeded, tested = connection.last_success_at, connection.tested_at
    if tested is not None and (succeeded is None or tested > succeeded):
        if connection.test_finding != Finding.OK:
            return Condition(State.FAILED, f"{connection.test_sentence} {connection.test_hint}".strip())
        return Condition(State.READY)
    if succeeded is None:
        return Condition(State.UNTESTED, "Nobody has tested it as it is set up now.")
    return Condition(State.READY)


def condition_of(connection: Connection) -> Condition:
    """The condition with the connection's own breaker, which costs a query unless it was joined."""
    return condition(connection, getattr(connection, "breaker", None))
