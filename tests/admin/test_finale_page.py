"""The page of a Finale connection: strategies, what smart would do, what goes on, calls and the timetable."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from jobs.models import Schedule
from sync.models import CallBudget, Connection, Kind, ProductRef, Status, SyncRun
from tests.admin.pages import page, queries_of, text_of
from tests.sync.finale_doors.conftest import ended, make_finale


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_finale(account)


def address(connection: Connection, what: str = "") -> str:
    return f"/admin/sync/syncrun/connection/{connection.pk}/{what}"


def test_every_strategy_has_its_button_and_smart_says_what_it_would_do(staff: Client, connection: Connection) -> None:
    shown = page(staff, address(connection))
    assert "Smart would now sync everything No inventory, active or full sync has succeeded yet" in shown
    for button in ("Smart sync", "Sync critical items", "Sync stock", "Sync active products", "Sync everything", "Sync suppliers"):
        assert f"sync {button} Preview" in shown, button
    ended(connection, ago=12)
    assert "Smart would now sync critical items The last inventory sync succeeded 12 minutes ago" in page(staff, address(connection))


def test_smart_button_starts_what_it_chose_and_the_run_says_why(staff: Client, connection: Connection) -> None:
    ended(connection, ago=60)
    staff.post(address(connection, "start/"), {"scope": "smart"})
    run = SyncRun.objects.latest("pk")
    assert (run.scope, run.asked_scope, run.kind) == ("inventory", "smart", Kind.SYNC)
    assert run.asked_why in page(staff, f"/admin/sync/syncrun/{run.pk}/change/")


def test_a_run_that_waits_for_calls_says_until_when_and_holds_back_only_its_own_kind(staff: Client, connection: Connection) -> None:
    until = timezone.now() + timedelta(minutes=40)
    parked = {"finished_at": None, "resume_at": until, "message": "The budget “collections_hour” is used up."}
    run = ended(connection, "full", status=Status.QUEUED, progress_done=75, progress_total=189, **parked)
    content = staff.get(address(connection)).content.decode()
    assert 'value="inventory"><button class="ls-button" type="submit"><' in content
    assert 'value="vendors"><button class="ls-button" type="submit" disabled' in content
    ended(connection, "critical", status=Status.RUNNING, finished_at=None)
    shown = page(staff, address(connection))
    assert f"It goes on by itself at {until:%H:%M}." in shown
    assert "75 of 189 steps." in shown
    assert f"Run {run.pk} is at it now." in shown


def test_calls_are_shown_with_what_is_left(staff: Client, connection: Connection) -> None:
    given = {"account": connection.account, "connection": connection}
    CallBudget.objects.filter(connection=connection).delete()
    CallBudget.objects.create(**given, name="collections_hour", window_seconds=3600, limit=300, reserved=40)
    assert "Whole lists 0 of 300 an hour 40 of them kept for stock 0 % 260 more fit now." in page(staff, address(connection))


def test_auto_sync_is_switched_and_its_interval_set_by_managers(manager: Client, staff: Client, connection: Connection) -> None:
    inventory = Schedule.objects.get(key=f"finale:{connection.pk}:inventory")
    said = text_of(manager.post(address(connection, "auto/"), {"auto": "on", "interval": "30"}, follow=True))
    inventory.refresh_from_db()
    assert ("Auto-sync is on: stock is read every 30 minutes." in said, inventory.cron) == (True, "*/30 * * * *")
    said = text_of(manager.post(address(connection, "auto/"), {"auto": "off", "interval": "30"}, follow=True))
    connection.refresh_from_db()
    assert ("Nothing is read unless somebody starts it." in said, connection.auto_sync) == (True, False)
    refused = text_of(manager.post(address(connection, "auto/"), {"auto": "on", "interval": "7"}, follow=True))
    assert "Every 7 minutes can't be kept day and night." in refused
    assert manager.post(address(connection, "auto/"), {"auto": "on", "interval": "000015" + "0" * 5000}).status_code == 302
    assert staff.post(address(connection, "auto/"), {"auto": "on"}).status_code == 403
    assert "start nothing" not in page(staff, address(connection))


def test_the_page_costs_the_same_whatever_there_is(staff: Client, connection: Connection) -> None:
    ended(connection, "full")
    before = queries_of(staff, address(connection))
    for number in range(12):
        ended(connection, "critical", ago=number, asked_scope="smart")
        ProductRef.objects.create(
            account=connection.account,
            connection=connection,
            external_id=f"/p/{number}",
            sku="A",
            sku_key="A",
            first_seen_at=timezone.now(),
        )
    assert queries_of(staff, address(connection)) == before
