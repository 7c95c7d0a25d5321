from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import Failure, OrmQ, Success, Task
from django_q.models import Schedule as QueueSchedule

from accounts.models import AuditLog
from accounts.roles import Role
from jobs import schedule
from jobs.models import Beat, Schedule
from jobs.queue import enqueue
from tests.build import make_account, make_member, make_operator
from tests.jobs.build import make_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.jobs.urls")]

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LIST = "/admin/jobs/schedule/"


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    with patch.dict(schedule._declared, {"note": schedule.Declared("note", "tests.jobs.tasks.note", "sync")}):
        yield


@pytest.fixture
def row() -> Schedule:
    return make_schedule(make_account(), NOON)


def as_member(row: Schedule, role: Role) -> Client:
    """A browser in which a member of the schedule's account has logged in."""
    member = make_member(row.account, role)
    member.user.is_staff = True
    member.user.save()
    browser = Client()
    browser.force_login(member.user)
    return browser


def as_operator() -> Client:
    browser = Client()
    browser.force_login(make_operator())
    return browser


def act(browser: Client, action: str, *rows: Schedule) -> str:
    answer = browser.post(LIST, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


def test_list_says_when_in_words_and_what_came_of_it(row: Schedule) -> None:
    Schedule.objects.update(last_result="Noted done.")
    make_schedule(make_account("8QX"), NOON, name="Somebody else's")
    page = as_member(row, Role.VIEWER).get(LIST).content.decode()
    assert "every hour at minute 0" in page
    assert "Noted done." in page
    assert "Somebody else" not in page


def test_manager_changes_the_cron(row: Schedule) -> None:
    browser = as_member(row, Role.MANAGER)
    answer = browser.post(f"{LIST}{row.pk}/change/", {"cron": "30 2 * * *", "enabled": "on"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.cron == "30 2 * * *"
    assert row.next_due_at is not None
    assert (row.next_due_at.hour, row.next_due_at.minute) == (2, 30)
    assert not OrmQ.objects.exists()
    assert [log.after for log in AuditLog.objects.filter(entity="Schedule")] == [{"cron": "30 2 * * *", "enabled": True}]


def test_wrong_cron_stays_on_the_form_with_its_sentence(row: Schedule) -> None:
    page = as_member(row, Role.MANAGER).post(f"{LIST}{row.pk}/change/", {"cron": "61 * * * *", "enabled": "on"}).content.decode()
    assert "The minute “61” can&#x27;t be read." in page
    row.refresh_from_db()
    assert row.cron == "0 * * * *"


def test_save_and_run_now_does_both(row: Schedule) -> None:
    as_member(row, Role.MANAGER).post(f"{LIST}{row.pk}/change/", {"cron": "0 * * * *", "jobs_schedule_save_and_run": "1"})
    row.refresh_from_db()
    assert not row.enabled
    assert OrmQ.objects.get().task["args"] == (row.pk,)


def test_actions_say_what_they_did(row: Schedule) -> None:
    browser = as_member(row, Role.MANAGER)
    other = make_schedule(row.account, NOON, key="other", name="Gone", task="long gone")
    page = act(browser, "run_now", row, other)
    assert "“Hourly note” was sent to the worker." in page
    assert "This version has no task “long gone”." in page
    assert "Switched 2 schedules off; 0 were off already." in act(browser, "switch_off", row, other)
    assert "Switched 2 schedules on; 0 were on already." in act(browser, "switch_on", row, other)
    assert "Switched 0 schedules on; 2 were on already." in act(browser, "switch_on", row, other)
    assert Schedule.objects.filter(enabled=True, next_due_at__isnull=False).count() == 2


def test_staff_only_looks(row: Schedule) -> None:
    browser = as_member(row, Role.STAFF)
    assert browser.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert browser.post(f"{LIST}{row.pk}/change/", {"cron": "30 2 * * *"}).status_code == 403
    act(browser, "run_now", row)
    act(browser, "switch_off", row)
    row.refresh_from_db()
    assert (row.cron, row.enabled) == ("0 * * * *", True)
    assert not OrmQ.objects.exists()


def test_nobody_adds_or_deletes_schedules(row: Schedule) -> None:
    browser = as_member(row, Role.OWNER)
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Schedule.objects.exists()


def test_health_page_tells_a_viewer_each_check(row: Schedule) -> None:
    page = as_member(row, Role.VIEWER).get(f"{LIST}health/").content.decode()
    assert "The database answers." in page
    assert "No worker runs cluster push." in page
    assert "Not working" in page


def make_queue_rows() -> dict[str, str]:
    """One row of each of django-q2's tables, with an argument that must not be seen; the address of each."""
    enqueue("tests.jobs.tasks.note", "path", "only-for-the-worker")
    now = timezone.now()
    values = {"name": "note", "func": "tests.jobs.tasks.note", "args": ("only-for-the-worker",), "started": now, "stopped": now}
    Task.objects.create(id="1" * 32, success=False, cluster="push", result="ValueError: as it should", **values)
    Task.objects.create(id="2" * 32, success=True, **values)
    tick, _ = QueueSchedule.objects.get_or_create(func="jobs.schedule.tick")
    beat = Beat.objects.create(cluster="sync", host="shop-1", pid=1, started_at=now)
    return {
        "/admin/django_q/ormq/": f"{OrmQ.objects.get().pk}",
        "/admin/django_q/failure/": "1" * 32,
        "/admin/django_q/success/": "2" * 32,
        "/admin/django_q/schedule/": f"{tick.pk}",
        "/admin/jobs/beat/": f"{beat.pk}",
    }


def test_operator_sees_the_queue_without_arguments() -> None:
    make_account()
    browser = as_operator()
    for address, pk in make_queue_rows().items():
        for page in (browser.get(address), browser.get(f"{address}{pk}/change/")):
            assert page.status_code == 200, address
            assert "only-for-the-worker" not in page.content.decode()
        assert browser.get(f"{address}add/").status_code == 403
        assert browser.post(f"{address}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert "ValueError: as it should" in browser.get(f"/admin/django_q/failure/{'1' * 32}/change/").content.decode()


def test_owner_does_not_see_the_queue(row: Schedule) -> None:
    browser = as_member(row, Role.OWNER)
    for address, pk in make_queue_rows().items():
        assert browser.get(address).status_code == 403
        assert browser.get(f"{address}{pk}/change/").status_code == 403


def test_operator_runs_a_failed_task_again() -> None:
    make_account()
    browser = as_operator()
    make_queue_rows()
    OrmQ.objects.all().delete()
    page = browser.post("/admin/django_q/failure/", {"action": "run_again", "_selected_action": ["1" * 32]}, follow=True)
    assert "1 task was sent to the workers again." in page.content.decode()
    again = OrmQ.objects.get()
    assert (again.key, again.task["args"]) == ("push", ("only-for-the-worker",))
    assert not Failure.objects.exists()
    assert Success.objects.exists()
