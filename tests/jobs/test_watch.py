from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.watch import Look, Watch


def watch() -> Watch:
    """Two workers, 12 seconds of patience, tasks stopped after 600; began at 0 and has answered its first beat at 1."""
    fresh = Watch(workers=2, wedge_seconds=12, task_seconds=600, began=0)
    assert fresh.judge(look(1, answered=True)) is None
    return fresh


def look(at: float, *, busy: dict[int, str] | None = None, started: object = "first", answered: bool = False) -> Look:
    return Look(at=at, busy=busy or {}, started=str(started), answered=answered)


def test_silence_with_free_workers_is_a_wedge() -> None:
    seen = watch()
    assert seen.judge(look(12.9)) is None
    assert seen.judge(look(13)) == "no task was started for 12 seconds although a beat is waiting and a worker is free"


def test_answered_beats_are_well() -> None:
    seen = watch()
    assert [seen.judge(look(at, answered=True)) for at in range(2, 100, 3)] == [None] * 33


def test_all_workers_busy_is_merely_busy() -> None:
    seen = watch()
    assert [seen.judge(look(at, busy={7: "processing a", 8: "processing b"})) for at in (4, 100, 300, 599)] == [None] * 4


def test_patience_starts_when_a_busy_worker_becomes_free() -> None:
    seen = watch()
    assert seen.judge(look(300, busy={7: "processing a", 8: "processing b"})) is None
    assert seen.judge(look(311, busy={7: "processing a"})) is None
    assert seen.judge(look(312, busy={7: "processing a"})) is not None


def test_one_long_task_beside_a_dead_queue_is_a_wedge() -> None:
    seen = watch()
    assert seen.judge(look(2, busy={7: "processing a"})) is None
    assert seen.judge(look(14, busy={7: "processing a"})) is not None


def test_backlog_that_keeps_the_beat_waiting_is_well_while_tasks_start() -> None:
    by_title, by_mark = watch(), watch()
    for at in range(2, 100, 3):
        assert by_title.judge(look(at, busy={7: f"processing {at}"})) is None
        assert by_mark.judge(look(at, started=at)) is None


def test_task_far_beyond_the_timeout_is_a_wedge_although_all_are_busy() -> None:
    seen = watch()
    busy = {7: "processing a", 8: "processing b"}
    assert seen.judge(look(10, busy=busy)) is None
    assert seen.judge(look(669, busy=busy)) is None
    assert seen.judge(look(670, busy=busy)) == "a task has run for 660 seconds although tasks are stopped after 600"


def test_first_beat_may_take_longer() -> None:
    fresh = Watch(workers=2, wedge_seconds=12, task_seconds=600, began=100)
    assert fresh.judge(look(101)) is None
    assert fresh.judge(look(141)) is None
    assert fresh.judge(look(142)) is not None
    assert not fresh.healthy


def test_database_gone_is_forgiven() -> None:
    seen = watch()
    seen.forgive(100, 10)
    assert seen.judge(look(121)) is None
    assert seen.judge(look(122)) is not None


@given(st.lists(st.tuples(st.floats(0.1, 11.9), st.integers(0, 2)), max_size=40))
def test_never_wedged_while_every_look_shows_new_work_in_time(steps: list[tuple[float, int]]) -> None:
    seen, at = watch(), 1.0
    for number, (pause, kind) in enumerate(steps):
        at += pause
        evidence = (
            look(at, answered=True, started=f"kept {number}"),
            look(at, started=f"mark {number}"),
            look(at, busy={number: "processing"}),
        )[kind]
        assert seen.judge(evidence) is None
