"""One word on how a connection does: the first thing that stands in its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.condition import State, condition
from sync.models import Breaker, BreakerState, Connection
from sync.secrets import Secrets

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
FAILED = {"tested_at": NOON, "test_finding": "unreachable", "test_sentence": "No answer.", "test_hint": "Look at it."}
PASSED = {"tested_at": NOON, "test_finding": "ok", "test_sentence": "Fine."}
LOCKED = {"secrets": Secrets.from_sealed("no-key-opens-this")}


@pytest.mark.parametrize(
    ("values", "breaker", "state"),
    [
        ({}, None, State.UNTESTED),
        (PASSED, None, State.READY),
        (PASSED, BreakerState.CLOSED, State.READY),
        ({"last_success_at": NOON}, None, State.READY),
        (FAILED, None, State.FAILED),
        ({**FAILED, "last_success_at": NOON - timedelta(seconds=1)}, None, State.FAILED),
        ({**FAILED, "last_success_at": NOON + timedelta(seconds=1)}, None, State.READY),
        (PASSED, BreakerState.OPEN, State.RESTING),
        (PASSED, BreakerState.HALF_OPEN, State.RESTING),
        (FAILED, BreakerState.STOPPED, State.STOPPED),
        (LOCKED, BreakerState.STOPPED, State.UNREADABLE),
        ({**LOCKED, "paused_at": NOON}, BreakerState.STOPPED, State.PAUSED),
        ({**LOCKED, "paused_at": NOON, "enabled": False}, BreakerState.STOPPED, State.OFF),
    ],
)
def test_what_stands_in_the_way_first_is_the_state(values: dict, breaker: BreakerState | None, state: State) -> None:
    found = condition(Connection(name="GE", **values), None if breaker is None else Breaker(state=breaker))

    assert found.state == state
    assert bool(found.sentence) == (state is not State.READY)


def test_failed_test_says_what_it_found() -> None:
    assert condition(Connection(**FAILED), None).sentence == "No answer. Look at it."


def test_paused_says_by_whom() -> None:
    sentence = condition(Connection(paused_at=NOON, paused_by="Mara"), None).sentence

    assert sentence == "It was paused by Mara. Nothing is read until somebody resumes it."
