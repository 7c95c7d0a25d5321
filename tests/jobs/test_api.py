from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from accounts.models import Account, AuditLog
from accounts.roles import Role
from jobs import schedule
from jobs.models import Beat
from tests.build import make_account, make_member, make_token
from tests.jobs.build import make_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.jobs.urls")]

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def client(account: Account, role: Role = Role.OWNER) -> APIClient:
    """A program that acts as a member with `role`."""
    made = APIClient()
    made.credentials(HTTP_AUTHORIZATION=f"Token {make_token(make_member(account, role, role.value))}")
    return made


def all_beat() -> None:
    now = timezone.now()
    for cluster in ("push", "sync"):
        Beat.objects.create(cluster=cluster, host="shop-1", pid=1, started_at=now, beat_at=now, looked_at=now, workers=2)


def test_stranger_is_only_told_up_or_down() -> None:
    down = APIClient().get("/api/health")
    assert (down.status_code, down.json()) == (503, {"status": "down"})
    all_beat()
    up = APIClient().get("/api/health")
    assert (up.status_code, up.json()) == (200, {"status": "up"})


def test_viewer_is_told_each_check_in_words() -> None:
    account = make_account()
    all_beat()
    make_schedule(account, timezone.now() - timedelta(minutes=4))
    answer = client(account, Role.VIEWER).get("/api/health")
    assert answer.status_code == 200
    told = {check["name"]: (check["state"], check["sentence"]) for check in answer.json()["checks"]}
    assert told["database"] == ("ok", "The database answers.")
    assert told["schedules"] == ("warn", "1 schedule is overdue and will run when a worker is there.")


def test_wrong_token_is_refused() -> None:
    stranger = APIClient()
    stranger.credentials(HTTP_AUTHORIZATION="Token wrong")
    assert stranger.get("/api/health").status_code == 401


def test_without_a_database_the_answer_is_down_also_for_a_token() -> None:
    program = client(make_account())
    with (
        patch("jobs.health.connection.cursor", side_effect=OperationalError),
        patch("accounts.tokens.find", side_effect=AssertionError("nobody can be known without a database")),
    ):
        answer = program.get("/api/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "down"})


def test_schedules_are_listed_and_shown() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    make_schedule(make_account("8QX"), NOON)
    viewer = client(account, Role.VIEWER)
    assert [found["id"] for found in viewer.get("/api/schedules/").json()["results"]] == [row.pk]
    shown = viewer.get(f"/api/schedules/{row.pk}/").json()
    assert (shown["cron"], shown["cron_in_words"], shown["enabled"]) == ("0 * * * *", "every hour at minute 0", True)
    assert shown["next_due_at"] == "2026-05-04T12:00:00Z"


def test_manager_changes_cron_and_switches_off() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    manager = client(account, Role.MANAGER)
    changed = manager.patch(f"/api/schedules/{row.pk}/", {"cron": "30 2 * * *"})
    assert changed.status_code == 200
    assert changed.json()["next_due_at"].endswith("T02:30:00Z")
    off = manager.patch(f"/api/schedules/{row.pk}/", {"enabled": False, "name": "ignored", "task": "ignored"})
    assert (off.json()["enabled"], off.json()["next_due_at"], off.json()["name"]) == (False, None, "Hourly note")
    assert AuditLog.objects.filter(entity="Schedule", action="CHANGE").count() == 2


def test_wrong_cron_is_named() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    answer = client(account).patch(f"/api/schedules/{row.pk}/", {"cron": "0 25 * * *"})
    assert answer.status_code == 400
    assert answer.json()["errors"]["cron"][0].startswith("The hour “25” can't be read.")


def test_run_sends_it_to_the_worker() -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    with patch.dict(schedule._declared, {"note": schedule.Declared("note", "tests.jobs.tasks.note", "sync")}):
        answer = client(account, Role.MANAGER).post(f"/api/schedules/{row.pk}/run/")
    assert answer.status_code == 202
    assert answer.json()["last_result"].startswith("Started by manager")
    assert OrmQ.objects.get().task["args"] == (row.pk,)


def test_schedule_of_a_task_that_is_gone_is_not_run() -> None:
    account = make_account()
    row = make_schedule(account, NOON, task="long gone")
    answer = client(account).post(f"/api/schedules/{row.pk}/run/")
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_task")
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.STAFF, 403)])
def test_viewer_and_staff_only_look(role: Role, status: int) -> None:
    account = make_account()
    row = make_schedule(account, NOON)
    program = client(account, role)
    assert program.patch(f"/api/schedules/{row.pk}/", {"enabled": False}).status_code == status
    assert program.post(f"/api/schedules/{row.pk}/run/").status_code == status


def test_schedule_of_another_account_does_not_exist() -> None:
    row = make_schedule(make_account("8QX"), NOON)
    program = client(make_account())
    assert program.get(f"/api/schedules/{row.pk}/").status_code == 404
    assert program.patch(f"/api/schedules/{row.pk}/", {"enabled": False}).status_code == 404
    assert program.post(f"/api/schedules/{row.pk}/run/").status_code == 404
    assert APIClient().get("/api/schedules/").status_code == 401
