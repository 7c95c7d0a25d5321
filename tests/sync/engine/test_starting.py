"""Who may start what, when, and what comes by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.errors import NotAllowed
from accounts.roles import Role
from jobs import schedule
from sync import clock, connections, runs
from sync.choosing import ConnectionPaused
from sync.engine.brake import Limits
from sync.models import Connection, Kind, Status, SyncRun, Trigger
from tests.build import make_account, make_actor
from tests.sync.engine.shelf import NOW, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Keeper:
    put(("A1", "FG", "Free", ""))
    return make_keeper()


def test_a_start_queues_a_run_and_wakes_a_worker(keeper: Keeper) -> None:
    run = keeper.start()
    assert (run.status, run.trigger, run.requested_label) == (Status.QUEUED, Trigger.BUTTON, "Mara")
    assert OrmQ.objects.count() == 1


def test_a_second_start_is_told_which_run_is_at_it(keeper: Keeper) -> None:
    run = keeper.start()
    with pytest.raises(runs.AlreadyRunning) as refused:
        keeper.start("part")
    assert (refused.value.run, refused.value.status) == (run, 409)
    assert SyncRun.objects.count() == 1


def test_what_waits_for_a_review_stands_in_nobodys_way(keeper: Keeper) -> None:
    run = keeper.start()
    SyncRun.objects.filter(pk=run.pk).update(status=Status.NEEDS_REVIEW)
    assert keeper.start().pk != run.pk


def test_a_viewer_starts_nothing(keeper: Keeper) -> None:
    with pytest.raises(NotAllowed):
        runs.start(keeper.actor(Role.VIEWER), keeper.connection, "all", trigger=Trigger.API)


def test_a_connection_of_another_account_is_not_there(keeper: Keeper) -> None:
    stranger = make_actor(make_account("Elsewhere"))
    with pytest.raises(Connection.DoesNotExist):
        runs.start(stranger, keeper.connection, "all", trigger=Trigger.API)


def test_an_unknown_scope_is_answered_with_the_known_ones(keeper: Keeper) -> None:
    with pytest.raises(runs.UnknownScope, match="all, part"):
        keeper.start("everything")


def test_a_paused_connection_is_not_synced(keeper: Keeper) -> None:
    connections.pause(keeper.owner, keeper.connection)
    with pytest.raises(ConnectionPaused):
        keeper.start()


def test_a_connection_paused_while_its_run_waited_is_not_read(keeper: Keeper) -> None:
    run = keeper.start()
    connections.pause(keeper.owner, keeper.connection)
    keeper.work(run)
    assert (run.status, NOW.fetches) == (Status.FAILED, 0)
    assert "paused" in run.message


def test_a_schedule_starts_a_run(keeper: Keeper) -> None:
    said = clock.scheduled(keeper.account, keeper.connection.pk, "all")
    run = SyncRun.objects.get()
    assert (run.trigger, said) == (Trigger.SCHEDULE, f"Started run {run.pk}.")


def test_a_schedule_leaves_its_work_to_a_wider_run(keeper: Keeper) -> None:
    keeper.start("all")
    clock.scheduled(keeper.account, keeper.connection.pk, "part")
    assert SyncRun.objects.get().again_scope == ""


def test_a_wider_schedule_follows_a_narrower_run(keeper: Keeper) -> None:
    run = keeper.start("part")
    clock.scheduled(keeper.account, keeper.connection.pk, "all")
    clock.scheduled(keeper.account, keeper.connection.pk, "all")
    keeper.work(run)
    following = SyncRun.objects.exclude(pk=run.pk).get()
    assert (following.scope, following.status, following.trigger) == ("all", Status.QUEUED, Trigger.SCHEDULE)


def test_schedules_of_two_parts_are_both_done_by_the_widest_run(keeper: Keeper) -> None:
    run = keeper.start("all", kind=Kind.PREVIEW)
    SyncRun.objects.filter(pk=run.pk).update(again_scope="another part")
    clock.scheduled(keeper.account, keeper.connection.pk, "part")
    run.refresh_from_db()
    assert run.again_scope == "all"


def test_what_a_schedule_asked_for_follows_a_run_that_is_cancelled_while_it_waits(keeper: Keeper) -> None:
    run = keeper.start("part")
    clock.scheduled(keeper.account, keeper.connection.pk, "all")
    runs.cancel(keeper.owner, run)
    following = SyncRun.objects.exclude(pk=run.pk).get()
    assert (following.scope, following.status) == ("all", Status.QUEUED)


def test_what_a_schedule_asked_for_follows_a_run_that_waits_for_a_review_and_once(keeper: Keeper) -> None:
    NOW.limits = Limits(changed_rows=0, changed_percent=0)
    put(("A1", "FG", "Free", ""))
    keeper.sync()
    put(("A1", "STA", "Free", ""))
    run = keeper.start("part")
    clock.scheduled(keeper.account, keeper.connection.pk, "all")
    keeper.work(run)
    following = SyncRun.objects.latest("pk")
    assert (run.status, following.scope, following.status) == (Status.NEEDS_REVIEW, "all", Status.QUEUED)
    runs.cancel(keeper.owner, following)
    keeper.work(runs.approve(keeper.owner, run))
    assert SyncRun.objects.latest("pk") == following


def test_a_schedule_of_a_connection_that_is_gone_says_so(keeper: Keeper) -> None:
    assert "gone" in clock.scheduled(keeper.account, 0, "all")


def test_a_run_without_a_worker_is_woken_after_two_minutes(keeper: Keeper) -> None:
    run = keeper.start()
    OrmQ.objects.all().delete()
    clock.sweep()
    assert not OrmQ.objects.exists()
    SyncRun.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(minutes=3))
    clock.sweep()
    clock.sweep()
    assert OrmQ.objects.count() == 1


def test_a_run_whose_lease_ran_out_is_woken(keeper: Keeper) -> None:
    run = keeper.start()
    OrmQ.objects.all().delete()
    SyncRun.objects.filter(pk=run.pk).update(status=Status.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    clock.sweep()
    assert not OrmQ.objects.exists()
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    clock.sweep()
    assert OrmQ.objects.count() == 1


def test_a_new_connection_with_a_schedule_is_read_for_the_first_time(keeper: Keeper) -> None:
    clock.sweep()
    assert not SyncRun.objects.exists()
    arguments = {"connection": keeper.connection.pk, "scope": "all"}
    schedule.install(keeper.account, "mine", "Mine", "sync.run", arguments, cron="7 * * * *")
    clock.sweep()
    clock.sweep()
    run = SyncRun.objects.get()
    assert (run.trigger, run.scope, run.kind) == (Trigger.START, "all", Kind.SYNC)


def test_a_schedule_whose_run_before_ended_meanwhile_starts_its_own(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = keeper.start("part")
    original = clock.start

    def late(*arguments: Any, **options: Any) -> SyncRun:
        try:
            return original(*arguments, **options)
        finally:
            SyncRun.objects.filter(pk=busy.pk).update(status=Status.SUCCEEDED)

    monkeypatch.setattr(clock, "start", late)
    said = clock.scheduled(keeper.account, keeper.connection.pk, "all")
    assert said == f"Started run {SyncRun.objects.get(scope='all').pk}."


def test_a_narrower_schedule_does_not_take_the_place_of_a_wider_one(keeper: Keeper) -> None:
    run = keeper.start("part", kind=Kind.PREVIEW)
    clock.scheduled(keeper.account, keeper.connection.pk, "all")
    said = clock.scheduled(keeper.account, keeper.connection.pk, "part")
    assert said == f"Left to what follows run {run.pk}."
    assert SyncRun.objects.get().again_scope == "all"
