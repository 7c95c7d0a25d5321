from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.errors import NotAllowed, Problem
from accounts.models import Account, AuditLog
from accounts.roles import Role
from jobs import lease, schedule
from jobs.cron import CronRefused
from jobs.models import Schedule
from tests.build import make_account, make_actor
from tests.jobs.build import make_schedule

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HERE = "tests.jobs.test_schedule"

called: list[object] = []


def note(account: Account, line: str) -> str:
    called.append((account.slug, line))
    return f"Noted {line}."


def stumble(account: Account, line: str) -> str:
    raise Problem(f"The line “{line}” is missing.")


def crash(account: Account, line: str) -> str:
    raise ZeroDivisionError("with a secret in it")


def sweep() -> None:
    called.append("sweep")


def broken_sweep() -> None:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    called.clear()
    with patch.object(schedule, "_declared", {}), patch.object(schedule, "_sweepers", []):
        schedule.declare("note", f"{HERE}.note")
        schedule.declare("quick note", f"{HERE}.note", "push")
        schedule.declare("stumble", f"{HERE}.stumble")
        schedule.declare("crash", f"{HERE}.crash")
        yield


def sent() -> list[tuple[str, int]]:
    """What waits in the queue: cluster and schedule."""
    return [(row.key, row.task["args"][0]) for row in OrmQ.objects.order_by("pk") if row.task["func"] == "jobs.schedule.run"]


def test_due_schedule_is_sent_to_its_cluster_and_is_next_due_by_its_cron() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    quick = make_schedule(account, NOON - timedelta(minutes=5), key="quick", task="quick note")
    schedule.tick(NOON)
    row.refresh_from_db()
    assert sent() == [("push", quick.pk), ("sync", row.pk)]
    assert row.next_due_at == NOON + timedelta(hours=1)
    assert row.last_fired_at == NOON


def test_schedule_that_is_not_due_or_off_stays() -> None:
    account = make_account()
    make_schedule(account, NOON + timedelta(seconds=1))
    make_schedule(account, NOON, key="off", enabled=False)
    schedule.tick(NOON)
    assert sent() == []


def test_schedule_missed_for_days_is_sent_once() -> None:
    row = make_schedule(make_account(), NOON - timedelta(days=9))
    schedule.tick(NOON + timedelta(minutes=20))
    schedule.tick(NOON + timedelta(minutes=21))
    row.refresh_from_db()
    assert sent() == [("sync", row.pk)]
    assert row.next_due_at == NOON + timedelta(hours=1)


def test_cron_is_read_in_the_zone_of_the_account() -> None:
    row = make_schedule(make_account(time_zone="America/Chicago"), NOON, cron="30 2 * * *")
    schedule.tick(NOON)
    row.refresh_from_db()
    # 02:30 in Chicago's summer.
    assert row.next_due_at == datetime(2026, 5, 5, 7, 30, tzinfo=UTC)


def test_another_zone_moves_what_is_not_yet_due() -> None:
    account = make_account()
    later = make_schedule(account, timezone.now() + timedelta(days=400), cron="30 2 1 1 *")
    overdue = make_schedule(account, NOON - timedelta(days=4000), key="overdue")
    account.time_zone = "America/Chicago"
    account.save()
    later.refresh_from_db()
    overdue.refresh_from_db()
    assert later.next_due_at is not None
    assert (later.next_due_at.hour, later.next_due_at.minute) == (8, 30)
    assert overdue.next_due_at == NOON - timedelta(days=4000)


def test_second_tick_at_once_does_nothing() -> None:
    make_schedule(make_account(), NOON)
    with lease.named("jobs.tick"):
        schedule.tick(NOON)
    assert sent() == []


def test_schedule_that_another_tick_has_just_sent_is_not_sent_again() -> None:
    row = make_schedule(make_account(), NOON)
    Schedule.objects.update(next_due_at=NOON + timedelta(hours=1))
    schedule._fire(row, NOON)
    assert sent() == []


def test_schedule_without_a_due_time_gets_one() -> None:
    row = make_schedule(make_account(), None)
    schedule.tick(NOON)
    row.refresh_from_db()
    assert row.next_due_at == NOON + timedelta(hours=1)
    assert sent() == []


def test_broken_schedules_and_sweeps_stop_nothing_and_say_why() -> None:
    account = make_account()
    unknown = make_schedule(account, NOON - timedelta(hours=3), key="unknown", task="long gone")
    no_cron = make_schedule(account, NOON - timedelta(hours=2), key="no cron", cron="whenever")
    good = make_schedule(account, NOON - timedelta(hours=1))
    schedule.every_tick(f"{HERE}.broken_sweep")
    schedule.every_tick(f"{HERE}.sweep")
    schedule.every_tick(f"{HERE}.sweep")
    schedule.tick(NOON)
    for row in (unknown, no_cron):
        row.refresh_from_db()
    assert sent() == [("sync", good.pk)]
    assert called == ["sweep"]
    assert unknown.last_result == "This version has no task “long gone”. Switch the schedule “Hourly note” off."
    assert no_cron.last_result.startswith("“whenever” does not have five parts but 1.")


def test_run_calls_the_function_and_keeps_its_sentence() -> None:
    row = make_schedule(make_account(), NOON)
    schedule.run(row.pk)
    row.refresh_from_db()
    assert called == [("7qx", "done")]
    assert row.last_result == "Noted done."


def test_run_while_the_last_one_goes_on_is_left_out() -> None:
    row = make_schedule(make_account(), NOON)
    with lease.named(f"schedule {row.pk}"):
        schedule.run(row.pk)
    row.refresh_from_db()
    assert called == []
    assert row.last_result == "Left out, because the run before it is still going."


def test_problem_of_a_run_is_its_result() -> None:
    row = make_schedule(make_account(), NOON, task="stumble")
    schedule.run(row.pk)
    row.refresh_from_db()
    assert row.last_result == "The line “done” is missing."


def test_crash_of_a_run_is_named_without_its_words_and_left_to_the_queue() -> None:
    row = make_schedule(make_account(), NOON, task="crash")
    with pytest.raises(ZeroDivisionError):
        schedule.run(row.pk)
    row.refresh_from_db()
    assert row.last_result == "Failed with ZeroDivisionError; the operator finds the details under failed tasks."


def test_schedule_that_is_gone_is_no_error() -> None:
    assert schedule.run(12345) == "The schedule is gone."


def test_install_makes_once_and_never_overwrites() -> None:
    account = make_account()
    first = schedule.install(account, "hourly", "Hourly", "note", {"line": "x"}, cron="0 * * * *")
    Schedule.objects.update(cron="5 5 * * *", enabled=False)
    again = schedule.install(account, "hourly", "Renamed", "note", {"line": "y"}, cron="0 * * * *")
    assert again.pk == first.pk
    assert (again.name, again.cron, again.enabled, again.arguments) == ("Hourly", "5 5 * * *", False, {"line": "x"})
    assert first.next_due_at is not None
    assert first.next_due_at.minute == 0


def test_install_refuses_what_could_never_run() -> None:
    account = make_account()
    with pytest.raises(CronRefused):
        schedule.install(account, "a", "A", "note", cron="0 0 31 2 *")
    with pytest.raises(ValueError, match="“nobody” is not declared"):
        schedule.install(account, "a", "A", "nobody", cron="0 * * * *")
    with pytest.raises(ValueError, match="declared already"):
        schedule.declare("note", f"{HERE}.sweep")
    with pytest.raises(ValueError, match="no cluster “fast”"):
        schedule.declare("new", f"{HERE}.sweep", "fast")


def test_change_sets_the_next_due_time_and_is_audited() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    off = schedule.change(make_actor(account, Role.MANAGER), row, enabled=False)
    assert off.next_due_at is None
    on = schedule.change(make_actor(account, Role.MANAGER), row, cron=" 30  2 * * * ", enabled=True)
    assert on.cron == "30 2 * * *"
    assert on.next_due_at is not None
    assert (on.next_due_at.hour, on.next_due_at.minute) == (2, 30)
    schedule.change(make_actor(account, Role.MANAGER), row, cron="30 2 * * *")
    logged = AuditLog.objects.filter(entity="Schedule").order_by("pk").values_list("action", "before", "after")
    assert list(logged) == [
        ("CHANGE", {"cron": "0 * * * *", "enabled": True}, {"cron": "0 * * * *", "enabled": False}),
        ("CHANGE", {"cron": "0 * * * *", "enabled": False}, {"cron": "30 2 * * *", "enabled": True}),
    ]


def test_change_to_no_cron_changes_nothing() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    with pytest.raises(CronRefused):
        schedule.change(make_actor(account), row, cron="0 25 * * *", enabled=False)
    row.refresh_from_db()
    assert (row.cron, row.enabled) == ("0 * * * *", True)


def test_run_now_sends_also_what_is_off_and_keeps_the_due_time() -> None:
    account = make_account()
    row = make_schedule(account, None, enabled=False)
    schedule.run_now(make_actor(account, Role.MANAGER), row)
    row.refresh_from_db()
    assert sent() == [("sync", row.pk)]
    assert (row.next_due_at, row.last_result) == (None, "Started by Mara.")
    assert AuditLog.objects.get(entity="Schedule").action == "RUN_NOW"


def test_staff_may_neither_change_nor_run() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    with pytest.raises(NotAllowed):
        schedule.change(make_actor(account, Role.STAFF), row, enabled=False)
    with pytest.raises(NotAllowed):
        schedule.run_now(make_actor(account, Role.STAFF), row)
    assert sent() == []


def test_schedule_of_another_account_can_be_neither_changed_nor_run() -> None:
    row = make_schedule(make_account(), NOON)
    stranger = make_actor(make_account("8QX"))
    with pytest.raises(Schedule.DoesNotExist):
        schedule.change(stranger, row, enabled=False)
    with pytest.raises(Schedule.DoesNotExist):
        schedule.run_now(stranger, row)
    assert sent() == []
