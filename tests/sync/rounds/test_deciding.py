"""What a round does next, for any steps in any state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.models import Stage, Status
from sync.rounds.deciding import BY_MORNING, ENDED, PASSING, Decision, Step, decide, outcome, passes, pause

ROOM = 3
PLACES = st.sampled_from([(1, "catalogue"), (1, "moves"), (2, "sales"), (2, "branches"), (3, "moves")])
ONE = st.builds(Step, st.just(0), st.sampled_from(Stage), st.sampled_from(Status), PLACES, st.sampled_from([-1.0, 0.0, 2.0]))
STEPS = st.lists(ONE, max_size=12).map(lambda steps: [replace(step, seq=seq) for seq, step in enumerate(steps)])


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_never_more_than_allowed_never_two_in_one_place_and_stages_in_order(steps: list[Step]) -> None:
    started = [step for step in steps if step.seq in decide(steps, at_once=ROOM).start]
    running = [step for step in steps if step.status == Status.RUNNING]
    assert not started or len(running) + len(started) <= ROOM
    places = [step.place for step in started]
    assert len({*places}) == len(places)
    assert not {*places} & {step.place for step in running}
    assert all(step.status == Status.QUEUED and step.due_in <= 0 for step in started)
    if any(step.stage == Stage.MASTER and step.status not in ENDED for step in steps):
        assert all(step.stage == Stage.MASTER for step in started)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_what_has_not_ended_starts_runs_or_is_waited_for(steps: list[Step]) -> None:
    decision = decide(steps, at_once=ROOM)
    assert decision.over == all(step.status in ENDED for step in steps)
    assert decision.over or decision.start or decision.wait or any(step.status == Status.RUNNING for step in steps)


def test_a_place_that_is_taken_is_passed_over() -> None:
    steps = [Step(seq, Stage.MASTER, Status.QUEUED, place) for seq, place in enumerate([(1, "catalogue"), (2, "branches")], start=1)]
    assert decide(steps, at_once=1, taken={(1, "catalogue")}) == Decision(start=(2,))


def test_the_pauses_are_taken_one_after_the_other_and_then_no_more() -> None:
    errors = [{"feed": "", "code": "timeout", "message": "It was silent."}]
    assert [pause(Status.FAILED, errors, tries, (1, 2, 4)) for tries in (1, 2, 3, 4)] == [1, 2, 4, None]


@pytest.mark.parametrize(
    ("status", "errors", "again"),
    [
        (Status.FAILED, [{"code": "cut_off"}], True),
        (Status.PARTIAL, [{"code": "forbidden"}, {"code": "deadline"}], True),
        (Status.FAILED, [{"code": "forbidden"}], False),
        (Status.SUCCEEDED, [{"code": "timeout", "row": 3}], False),
        (Status.PARTIAL, [{"code": "timeout", "row": 3}, {"code": "timeout", "reference": "POS:1:2:3"}, {"code": "html"}], False),
        (Status.NEEDS_REVIEW, [{"code": "timeout"}], False),
    ],
)
def test_only_what_failed_by_chance_is_tried_again(status: Status, errors: list[dict[str, object]], again: bool) -> None:
    assert passes(status, errors, PASSING) is again


def test_by_morning_a_breaker_has_closed_and_a_worker_is_back() -> None:
    assert {"breaker_open", "stuck"} <= BY_MORNING - PASSING


@pytest.mark.parametrize(
    ("statuses", "cancelled", "ends"),
    [
        (["succeeded", "succeeded"], False, "succeeded"),
        (["succeeded", "failed"], False, "partial"),
        (["partial", "failed"], False, "partial"),
        (["failed", "needs_review"], False, "failed"),
        (["succeeded", "needs_review"], False, "partial"),
        (["succeeded", "cancelled"], True, "cancelled"),
        (["succeeded", "succeeded"], True, "succeeded"),
        (["cancelled", "succeeded"], False, "partial"),
    ],
)
def test_how_a_round_ends(statuses: list[str], cancelled: bool, ends: str) -> None:
    assert outcome([Status(status) for status in statuses], cancelled=cancelled) == ends
