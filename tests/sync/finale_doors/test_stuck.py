from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditLog
from jobs.models import Beat, Schedule
from sync import runs, stuck
from sync.models import Connection, Status, SyncRun, Trigger
from sync.runs import AlreadyRunning
from tests.api.build import make_connection, make_run
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


@pytest.fixture
def connection() -> Connection:
    return make_connection(make_account())


def left(connection: Connection, minutes: float, **values: Any) -> SyncRun:
    """A run whose worker was last heard of so many minutes ago."""
    given = {"started_at": ago(minutes=minutes + 10), "lease_until": ago(minutes=minutes), "fence": 1, "attempt": 1, **values}
    return make_run(connection, Status.RUNNING, **given)


def worker(*, up: timedelta, looked: timedelta = timedelta(0)) -> None:
    now = timezone.now()
    Beat.objects.create(cluster="sync", host="till", pid=1, started_at=now - up, looked_at=now - looked)


def begin(connection: Connection) -> SyncRun:
    return runs.start(make_actor(connection.account), connection, "inventory", trigger=Trigger.API)


def test_a_stuck_run_is_closed_and_the_next_one_starts(connection: Connection) -> None:
    old = left(connection, 31)
    new = begin(connection)
    old.refresh_from_db()
    assert (old.status, new.status, new.pk > old.pk) == (Status.FAILED, Status.QUEUED, True)
    assert [error["code"] for error in old.errors] == ["stuck"]
    assert (old.lease_until, old.finished_at is None, old.message[:38]) == (None, False, "Its worker has not been heard of since")
    assert AuditLog.objects.filter(entity="SyncRun", entity_id=str(old.pk), after__status="failed").exists()


def test_whoever_had_a_stuck_run_closed_stands_in_the_audit(connection: Connection) -> None:
    first = left(connection, 31, requested_label="Schedule")
    begin(connection)
    SyncRun.objects.exclude(pk=first.pk).update(status=Status.FAILED)
    second = left(connection, 31, requested_label="Schedule")
    stuck.sweep(connection.account)
    closed = AuditLog.objects.filter(entity="SyncRun", after__status="failed").order_by("id").values_list("entity_id", "actor_label")
    assert list(closed) == [(str(first.pk), "Mara"), (str(second.pk), "The sweep of stuck syncs")]


@pytest.mark.parametrize(
    ("minutes", "values"),
    [
        (29, {}),
        (-30, {"started_at": ago(hours=9)}),
    ],
    ids=["silent for less than half an hour", "at work for nine hours, with a living lease"],
)
def test_what_moves_or_may_be_taken_up_is_no_stuck_run(connection: Connection, minutes: float, values: dict[str, Any]) -> None:
    old = left(connection, minutes, **values)
    with pytest.raises(AlreadyRunning) as refused:
        begin(connection)
    assert refused.value.run == old
    assert (stuck.sweep(connection.account), SyncRun.objects.get().status) == ("No sync stands still.", Status.RUNNING)


def test_a_stuck_run_does_not_keep_a_plan_from_being_approved(connection: Connection) -> None:
    waiting = make_run(connection, Status.NEEDS_REVIEW, plan_digest="x")
    old = left(connection, 45)
    assert runs.approve(make_actor(connection.account), waiting).status == Status.QUEUED
    old.refresh_from_db()
    assert old.status == Status.FAILED


def test_a_parked_run_waits_and_is_not_stuck(connection: Connection) -> None:
    parked = make_run(connection, Status.QUEUED, started_at=ago(hours=2), resume_at=timezone.now() + timedelta(minutes=40))
    with pytest.raises(AlreadyRunning):
        begin(connection)
    assert (stuck.heal(parked), list(stuck.standing())) == (False, [])


def test_after_a_night_without_power_the_worker_has_half_an_hour_to_take_it_up(connection: Connection) -> None:
    old = left(connection, 600)
    worker(up=timedelta(minutes=29))
    assert not stuck.heal(old)
    Beat.objects.update(started_at=ago(minutes=31))
    assert stuck.heal(old)


def test_while_no_worker_is_alive_nothing_is_closed(connection: Connection) -> None:
    old = left(connection, 600)
    worker(up=timedelta(hours=12), looked=timedelta(minutes=10))
    assert not stuck.heal(old)


def test_the_sweep_closes_those_of_its_account_and_says_which(connection: Connection) -> None:
    mine, other = left(connection, 45), left(make_connection(make_account("Other")), 45)
    assert stuck.sweep(connection.account) == f"Closed run {mine.pk}."
    other.refresh_from_db()
    assert other.status == Status.RUNNING
    assert stuck.closed_lately(connection) == 1


def test_what_a_schedule_had_asked_for_follows_a_stuck_run(connection: Connection) -> None:
    left(connection, 45, again_scope="inventory")
    stuck.sweep(connection.account)
    following = SyncRun.objects.get(status=Status.QUEUED)
    assert (following.scope, following.trigger) == ("inventory", Trigger.SCHEDULE)


def test_a_worker_that_took_it_up_between_look_and_close_keeps_it(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    old = left(connection, 45)
    standing = stuck.standing

    def overtaken(account: Any = None) -> Any:
        found = list(standing(account))
        SyncRun.objects.update(fence=2, lease_until=timezone.now() + timedelta(minutes=1))

        class Rows:
            def filter(self, **_: Any) -> Rows:
                return self

            def first(self) -> SyncRun:
                return found[0]

        return Rows()

    monkeypatch.setattr(stuck, "standing", overtaken)
    assert not stuck.heal(old)
    old.refresh_from_db()
    assert old.status == Status.RUNNING


def test_every_account_that_syncs_gets_the_schedule_once_and_may_switch_it_off(connection: Connection) -> None:
    make_account("Nothing to sync")
    stuck.install_missing()
    row = Schedule.objects.get()
    assert (row.account, row.cron, row.task) == (connection.account, "*/5 * * * *", "sync.stuck")
    Schedule.objects.update(enabled=False)
    stuck.install_missing()
    assert not Schedule.objects.get().enabled
