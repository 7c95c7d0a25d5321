"""Undo: shown before it is done, in three lists, and done by managers only."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account
from inventory.models import Unit
from jobs import schedule
from jobs.models import Schedule
from sync.models import Connection, Kind, SyncRun
from tests.admin.pages import page, text_of
from tests.api.build import NOON, make_change, make_connection, make_run, make_unit
from tests.build import make_actor


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


@pytest.fixture
def run(connection: Connection) -> SyncRun:
    """Moved two units to STA; one of them is in FG by now."""
    run = make_run(connection, applied_at=NOON, changes_logged=2)
    for seq, (serial, bucket) in enumerate((("ZZ900101", "STA"), ("ZZ900102", "FG")), start=1):
        make_change(run, seq, label=serial, entity_id=make_unit(connection, serial, bucket=bucket).pk)
    # Undone is what is still kept, so the run must not be older than that.
    SyncRun.objects.filter(pk=run.pk).update(applied_at=run.created_at)
    return run


def address(run: SyncRun) -> str:
    return f"/admin/sync/syncrun/{run.pk}/undo/"


def test_preview_says_what_goes_back_and_what_is_kept_and_why(manager: Client, run: SyncRun) -> None:
    shown = page(manager, address(run))
    assert "Put back 1 Kept 1 Refused 0" in shown
    assert "Undo: put 1 change back" in shown
    assert "ZZ900101 bucket STA ASIS" in shown
    kept = page(manager, f"{address(run)}?bucket=kept")
    assert "ZZ900102 bucket FG It has changed since." in kept


def test_looking_changes_nothing(manager: Client, run: SyncRun) -> None:
    page(manager, address(run))
    assert SyncRun.objects.count() == 1
    assert Unit.objects.get(serial="ZZ900101").bucket == "STA"


def test_confirmed_undo_is_a_run_of_its_own(manager: Client, run: SyncRun) -> None:
    answer = manager.post(address(run), follow=True)
    undo = SyncRun.objects.get(kind=Kind.UNDO)
    assert undo.undo_of == run
    assert answer.redirect_chain == [(f"/admin/sync/syncrun/{undo.pk}/change/", 302)]
    assert f"Run {run.pk} is being undone." in text_of(answer)


@pytest.mark.parametrize(("ticked", "enabled"), [({"pause": "on"}, False), ({}, True)])
def test_schedules_are_paused_if_asked_for(manager: Client, run: SyncRun, ticked: dict[str, str], enabled: bool) -> None:
    actor = make_actor(run.account)
    arguments = {"connection": run.connection_id, "scope": "inventory"}
    schedule.install(actor.account, "ge:1:inventory", "All", "sync.run", arguments, cron="7 * * * *")
    manager.post(address(run), ticked)
    assert Schedule.objects.get().enabled is enabled


def test_what_can_not_be_undone_says_so_on_the_runs_page(manager: Client, connection: Connection) -> None:
    nothing = make_run(connection)
    answer = manager.get(address(nothing), follow=True)
    assert answer.redirect_chain == [(f"/admin/sync/syncrun/{nothing.pk}/change/", 302)]
    assert f"Run {nothing.pk} has changed nothing." in text_of(answer)


def test_button_is_there_for_managers_where_something_was_written(
    manager: Client, staff: Client, connection: Connection, run: SyncRun
) -> None:
    its_page = f"/admin/sync/syncrun/{run.pk}/change/"
    assert "Undo …" in page(manager, its_page)
    assert "Undo …" not in page(staff, its_page)
    assert "Undo …" not in page(manager, f"/admin/sync/syncrun/{make_run(connection).pk}/change/")


def test_staff_neither_previews_nor_undoes(staff: Client, run: SyncRun) -> None:
    assert staff.get(address(run)).status_code == 403
    assert staff.post(address(run)).status_code == 403
    assert not SyncRun.objects.filter(kind=Kind.UNDO).exists()


def test_undone_run_names_the_one_that_undid_it(viewer: Client, connection: Connection, run: SyncRun) -> None:
    undo = make_run(connection, kind=Kind.UNDO, undo_of=run)
    assert f"It was undone by run {undo.pk} ." in page(viewer, f"/admin/sync/syncrun/{run.pk}/change/")
    assert f"It undoes run {run.pk} ." in page(viewer, f"/admin/sync/syncrun/{undo.pk}/change/")
