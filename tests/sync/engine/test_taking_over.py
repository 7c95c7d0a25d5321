"""A run belongs to one worker at a time, and outlives the one that dies."""

from __future__ import annotations

import pytest
from django.db import InternalError, OperationalError
from django.db.models import F

from sync import runs
from sync.models import FeedDocument, RunEvent, Status, SyncChange, SyncRun
from tests.sync.engine.shelf import NOW, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db

A, B = ("A1", "FG", "Free", ""), ("B2", "ASIS", "Free", "")


@pytest.fixture
def keeper() -> Keeper:
    return make_keeper()


def abandon(run: SyncRun) -> None:
    """Its worker died some time ago."""
    SyncRun.objects.filter(pk=run.pk).update(status=Status.RUNNING, lease_until="2026-01-01T00:00:00Z", attempt=F("attempt") + 1)


def test_an_abandoned_run_goes_on_as_the_same_run(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()
    abandon(run)
    keeper.work(run)
    assert (run.status, run.attempt) == (Status.SUCCEEDED, 2)
    assert keeper.stock() == {"A1": "FG"}
    assert RunEvent.objects.filter(run=run, text__startswith="Taken over").exists()


def test_what_was_fetched_before_is_not_fetched_again(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()

    def die() -> None:
        raise OperationalError("the server closed the connection")

    NOW.then = die
    with pytest.raises(OperationalError):
        runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, NOW.fetches) == (Status.RUNNING, 1)
    NOW.then = None
    put(B)
    SyncRun.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")
    keeper.work(run)
    assert (run.status, NOW.fetches) == (Status.SUCCEEDED, 1)
    assert keeper.stock() == {"A1": "FG"}
    assert FeedDocument.objects.count() == 1


def test_a_worker_whose_run_was_taken_writes_nothing(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()

    def take() -> None:
        SyncRun.objects.filter(pk=run.pk).update(fence=F("fence") + 1)

    NOW.also = take
    said = runs.execute(run.pk)
    run.refresh_from_db()
    assert "lost to another worker" in said
    assert run.status == Status.RUNNING
    assert keeper.stock() == {}


def test_a_run_taken_while_it_was_writing_is_rolled_back(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()
    NOW.then = lambda: SyncRun.objects.filter(pk=run.pk).update(fence=F("fence") + 1) and None
    runs.execute(run.pk)
    assert keeper.stock() == {}
    assert not SyncChange.objects.exists()


def test_a_run_that_a_worker_holds_is_left_alone(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()
    SyncRun.objects.filter(pk=run.pk).update(status=Status.RUNNING, lease_until="2099-01-01T00:00:00Z")
    assert "needs no worker" in runs.execute(run.pk)
    assert keeper.stock() == {}


def test_a_finished_run_is_not_worked_again(keeper: Keeper) -> None:
    put(A)
    run = keeper.sync()
    put(A, B)
    assert "needs no worker" in runs.execute(run.pk)
    assert keeper.stock() == {"A1": "FG"}


def test_three_workers_may_die_of_a_run_and_no_fourth(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()
    for _ in range(3):
        abandon(run)
    keeper.work(run)
    assert run.status == Status.FAILED
    assert run.message.startswith("The worker stopped 3 times")
    assert run.lease_until is None


def test_a_transaction_that_the_database_ended_for_idling_leaves_the_run_to_be_taken_over(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()

    def idle() -> None:
        raise InternalError("terminating connection due to idle-in-transaction timeout")

    NOW.then = idle
    with pytest.raises(InternalError):
        runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, keeper.stock()) == (Status.RUNNING, {})


def test_a_database_that_fails_leaves_the_run_to_be_taken_over(keeper: Keeper) -> None:
    put(A)
    run = keeper.start()

    def fail() -> None:
        raise OperationalError("disk full")

    NOW.then = fail
    with pytest.raises(OperationalError):
        runs.execute(run.pk)
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    assert run.lease_until is not None
    assert keeper.stock() == {}
