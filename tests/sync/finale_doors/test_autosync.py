from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import Problem
from accounts.models import AuditLog
from accounts.roles import Role
from jobs import schedule
from jobs.models import Schedule
from sync import connections
from sync.clock import scheduled, sweep
from sync.models import Connection, Status, SyncRun, Trigger
from tests.build import make_actor
from tests.sync.finale_doors.conftest import ended


def started(connection: Connection) -> list[tuple[str, str]]:
    return list(SyncRun.objects.filter(connection=connection).order_by("pk").values_list("scope", "trigger"))


def test_an_empty_table_is_filled_at_the_first_tick(connection: Connection) -> None:
    sweep()
    assert started(connection) == [("full", Trigger.START)]
    sweep()
    assert len(started(connection)) == 1


def test_without_auto_sync_no_schedule_and_no_first_start_runs_but_people_may(connection: Connection) -> None:
    connections.set_auto_sync(make_actor(connection.account), connection, False)
    sweep()
    said = scheduled(connection.account, connection.pk, "inventory")
    assert (said, started(connection)) == ("Auto-sync of the connection is switched off; nothing was started.", [])
    connections.set_auto_sync(make_actor(connection.account), connection, True)
    assert scheduled(connection.account, connection.pk, "inventory").startswith("Started run")


def test_the_switch_is_a_managers_and_audited_once(connection: Connection) -> None:
    for _ in range(2):
        connections.set_auto_sync(make_actor(connection.account, Role.MANAGER), connection, False)
    assert AuditLog.objects.filter(action="AUTO_SYNC").count() == 1
    with pytest.raises(Problem):
        connections.set_auto_sync(make_actor(connection.account, Role.STAFF), connection, True)


def test_a_night_of_missed_syncs_is_caught_up_with_once(connection: Connection) -> None:
    ended(connection, "full")
    Schedule.objects.update(enabled=False)
    row = Schedule.objects.get(key=f"finale:{connection.pk}:inventory")
    Schedule.objects.filter(pk=row.pk).update(enabled=True, next_due_at=datetime(2026, 3, 1, 20, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 3, 2, 8, 30, tzinfo=UTC), tick=False):
        for _ in range(2):
            schedule.tick(timezone.now())
    row.refresh_from_db()
    assert (row.last_fired_at, row.next_due_at) == (datetime(2026, 3, 2, 8, 30, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert row.last_result == "Started."


def test_a_schedule_that_comes_while_its_data_are_at_work_follows_and_others_run_beside(connection: Connection) -> None:
    assert scheduled(connection.account, connection.pk, "critical").startswith("Started run")
    (critical,) = SyncRun.objects.all()
    assert scheduled(connection.account, connection.pk, "critical") == f"Left to run {critical.pk}, which is at it."
    assert scheduled(connection.account, connection.pk, "inventory") == f"Follows run {critical.pk}."
    # Nothing has succeeded yet: smart is a full sync, which is of other data than stock.
    assert scheduled(connection.account, connection.pk, "smart").startswith("Started run")
    full = SyncRun.objects.get(scope="full")
    assert (full.asked_scope, full.dataset != critical.dataset) == ("smart", True)
    assert scheduled(connection.account, connection.pk, "active") == f"Left to run {full.pk}, which is at it."
    critical.refresh_from_db()
    assert (critical.again_scope, SyncRun.objects.filter(status=Status.QUEUED).count()) == ("inventory", 2)
