"""A big plan is written in chunks that each stand: what was written before a death, a pause or a cancel is counted once and kept."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from pytest_django import Settings

from accounts.models import AuditLog
from sync import clock, runs
from sync.models import Status, SyncChange, SyncRun
from tests.sync.engine.shelf import NOW, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db

FIVE = [(f"S{number}", "FG", "Free", "") for number in range(1, 6)]


@pytest.fixture
def keeper(settings: Settings) -> Keeper:
    settings.RUN_CHUNK_ROWS = 2
    NOW.atomic = False
    return make_keeper()


def die() -> None:
    raise OperationalError("the server closed the connection")


def after(chunks: int, what: object) -> None:
    """Do something after so many chunks, and in none after it."""
    seen = []

    def count() -> None:
        seen.append(1)
        if len(seen) == chunks:
            what()  # type: ignore[operator]

    NOW.chunk = count


def taken_up(keeper: Keeper, run: SyncRun) -> SyncRun:
    SyncRun.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")
    return keeper.work(run)


def test_five_rows_in_chunks_of_two_are_all_written_and_logged_once(keeper: Keeper) -> None:
    put(*FIVE)
    run = keeper.sync()
    assert run.status == Status.SUCCEEDED
    assert run.counters["inserted"] == run.counters["processed"] == 5
    assert sorted(keeper.stock()) == ["S1", "S2", "S3", "S4", "S5"]
    assert list(SyncChange.objects.filter(run=run).order_by("seq").values_list("seq", "label")) == [
        (1, "S1"), (2, "S2"), (3, "S3"), (4, "S4"), (5, "S5")
    ]  # fmt: skip


def test_what_a_dead_worker_wrote_in_whole_chunks_is_counted_once(keeper: Keeper) -> None:
    put(*FIVE)
    run = keeper.start()
    after(2, die)
    with pytest.raises(OperationalError):
        runs.execute(run.pk)
    run.refresh_from_db()
    # The second chunk was rolled back with what came after its rows.
    assert (run.status, sorted(keeper.stock()), run.changes_logged) == (Status.RUNNING, ["S1", "S2"], 2)
    run = taken_up(keeper, run)
    assert (run.status, run.attempt, NOW.fetches) == (Status.SUCCEEDED, 2, 1)
    assert (run.counters["inserted"], run.counters["unchanged"], run.counters["processed"]) == (5, 0, 5)
    assert SyncChange.objects.filter(run=run).count() == run.changes_logged == 5


def test_mixed_differences_add_up_after_a_death(keeper: Keeper) -> None:
    put(*FIVE[:4])
    keeper.sync()
    put(("S1", "ASIS", "Free", ""), ("S2", "FG", "Reserved", ""), FIVE[3], FIVE[4])
    run = keeper.start()
    after(2, die)
    with pytest.raises(OperationalError):
        runs.execute(run.pk)
    run = taken_up(keeper, run)
    told = {name: count for name, count in run.counters.items() if count}
    # S3 is not listed any more, S4 is as it was.
    assert told == {"processed": 5, "inserted": 1, "updated": 1, "moved": 1, "removed": 1, "unchanged": 1}


def test_run_that_has_had_its_time_goes_on_by_itself(keeper: Keeper, settings: Settings) -> None:
    put(*FIVE)
    run = keeper.start()
    settings.RUN_SLICE_SECONDS = -1
    keeper.work(run)
    assert (run.status, run.slices, run.attempt, sorted(keeper.stock())) == (Status.QUEUED, 1, 0, ["S1", "S2"])
    settings.RUN_SLICE_SECONDS = 240
    keeper.work(run)
    assert (run.status, NOW.fetches, run.counters["inserted"]) == (Status.SUCCEEDED, 1, 5)


def test_cancelled_between_chunks_says_what_stays(keeper: Keeper) -> None:
    put(*FIVE)
    run = keeper.start()
    after(1, lambda: SyncRun.objects.filter(pk=run.pk).update(cancel_requested=True, cancelled_by="Ada"))
    keeper.work(run)
    assert run.status == Status.CANCELLED
    assert run.message == "Cancelled by Ada; what was written before stays (2 changes)."
    assert sorted(keeper.stock()) == ["S1", "S2"]


def test_parked_run_is_left_alone_until_its_time(keeper: Keeper) -> None:
    put(*FIVE)
    run = keeper.start()
    SyncRun.objects.filter(pk=run.pk).update(resume_at="2099-01-01T00:00:00Z", queued_at="2026-01-01T00:00:00Z")
    clock.sweep()
    assert runs.execute(run.pk) == f"Run {run.pk} needs no worker."
    run.refresh_from_db()
    assert (run.status, run.attempt, run.queued_at.year) == (Status.QUEUED, 0, 2026)
    SyncRun.objects.filter(pk=run.pk).update(resume_at="2026-01-01T00:00:00Z")
    assert keeper.work(run).status == Status.SUCCEEDED


def test_end_of_a_run_is_audited_once(keeper: Keeper) -> None:
    put(*FIVE)
    run = keeper.sync()
    assert AuditLog.objects.filter(entity="SyncRun", entity_id=str(run.pk), action="SYNC").count() == 1


def test_run_that_gets_on_survives_any_number_of_dead_workers(keeper: Keeper, settings: Settings) -> None:
    settings.RUN_CHUNK_ROWS = 1
    put(*FIVE)
    run = keeper.start()
    for deaths in range(1, 5):
        after(2, die)
        with pytest.raises(OperationalError):
            runs.execute(run.pk)
        SyncRun.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")
        assert len(keeper.stock()) == deaths
    NOW.chunk = None
    run = taken_up(keeper, run)
    assert (run.status, run.attempt, run.counters["inserted"]) == (Status.SUCCEEDED, 5, 5)


def test_run_that_does_not_get_on_is_given_up(keeper: Keeper) -> None:
    put(*FIVE)
    run = keeper.start()
    NOW.chunk = die
    for _ in range(3):
        with pytest.raises(OperationalError):
            runs.execute(run.pk)
        SyncRun.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")
    run = taken_up(keeper, run)
    assert (run.status, keeper.stock()) == (Status.FAILED, {})
