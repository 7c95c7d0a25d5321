"""Following a run while it goes on, and noticing that another one has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from sync.models import Connection, Kind, Phase, Status, SyncRun
from tests.admin.pages import page, queries_of, text_of
from tests.api.build import make_connection, make_feed, make_line, make_run
from tests.build import make_account

NEWEST = "/admin/sync/syncrun/newest/"


@pytest.fixture
def connection(account: Account) -> Connection:
    return make_connection(account)


def live(run: SyncRun) -> str:
    return f"/admin/sync/syncrun/{run.pk}/live/"


def test_live_part_tells_the_phase_and_a_line_for_each_list(viewer: Client, connection: Connection) -> None:
    run = make_run(
        connection,
        Status.RUNNING,
        phase=Phase.CHECKING,
        progress_done=2,
        progress_total=6,
        started_at=timezone.now() - timedelta(seconds=75),
    )
    make_feed(run, "stock:FG", rows=81)
    make_line(run, 1, "Asking for the list.")
    run.events.create(account_id=run.account_id, seq=2, feed="load:units", text="Reading rosters.", phase="reading", done=3, total=44)
    shown = page(viewer, live(run))
    assert "Running Checking: 2 of 6." in shown
    assert "1 min 15 s so far." in shown
    assert "check Reading : done progress_activity Checking radio_button_unchecked Comparing" in shown
    assert "FG check_circle Complete 81 rows" in shown
    assert "Rosters progress_activity Being read Reading rosters. (3 of 44)" in shown
    assert "FG. Asking for the list." in shown


def test_list_that_was_only_spoken_of_is_not_being_read_when_the_run_is_over(viewer: Client, connection: Connection) -> None:
    run = make_run(connection, Status.SUCCEEDED)
    make_feed(run, "stock:FG", rows=81)
    run.events.create(account_id=run.account_id, seq=2, feed="load:units", text="Reading rosters.", phase="reading")
    assert "Being read" not in page(viewer, f"/admin/sync/syncrun/{run.pk}/change/")


def test_the_page_of_a_running_one_is_the_place_to_follow_and_to_cancel_it(staff: Client, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING, phase=Phase.READING)
    content = staff.get(f"/admin/sync/syncrun/{run.pk}/change/").content.decode()
    assert f'data-live="{live(run)}"' in content
    assert f"/admin/sync/syncrun/{run.pk}/cancel/" in content
    assert "You may leave this page" in content


def test_what_is_over_has_no_live_part(viewer: Client, connection: Connection) -> None:
    for status in (Status.SUCCEEDED, Status.NEEDS_REVIEW, Status.CANCELLED):
        answer = viewer.get(live(make_run(connection, status)))
        assert (answer.status_code, answer.content) == (204, b""), status


def test_following_asks_the_same_however_long_the_log_is(viewer: Client, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING)
    make_line(run, 1)
    few = queries_of(viewer, live(run))
    for seq in range(2, 60):
        make_line(run, seq)
    make_feed(run)
    assert queries_of(viewer, live(run)) == few


def test_staff_cancels_and_viewer_does_not(staff: Client, viewer: Client, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING)
    address = f"/admin/sync/syncrun/{run.pk}/cancel/"
    assert viewer.post(address).status_code == 403
    run.refresh_from_db()
    assert not run.cancel_requested
    said = text_of(staff.post(address, follow=True))
    run.refresh_from_db()
    assert run.cancel_requested
    assert f"Run {run.pk} was asked to stop." in said


def test_cancelling_what_is_over_is_refused_in_words(staff: Client, connection: Connection) -> None:
    run = make_run(connection, Status.SUCCEEDED)
    said = text_of(staff.post(f"/admin/sync/syncrun/{run.pk}/cancel/", follow=True))
    assert f"Run {run.pk} is over; there is nothing to cancel." in said


def test_buttons_need_a_token_of_the_page(account: Account, staff: Client, connection: Connection) -> None:
    run = make_run(connection, Status.RUNNING)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post(f"/admin/sync/syncrun/{run.pk}/cancel/").status_code == 403
    run.refresh_from_db()
    assert not run.cancel_requested


def test_newest_changes_when_a_run_ends_and_not_before(viewer: Client, connection: Connection) -> None:
    before = viewer.get(NEWEST).json()
    run = make_run(connection, Status.RUNNING)
    assert viewer.get(NEWEST).json() == before
    SyncRun.objects.filter(pk=run.pk).update(status=Status.SUCCEEDED, finished_at=timezone.now())
    after = viewer.get(NEWEST).json()
    assert after["word"] != before["word"]
    assert (after["run"], after["page"]) == (run.pk, f"/admin/sync/syncrun/{run.pk}/change/")


def test_newest_knows_nothing_of_other_accounts(viewer: Client, connection: Connection) -> None:
    before = viewer.get(NEWEST).json()
    make_run(make_connection(make_account("Other")), finished_at=timezone.now())
    assert viewer.get(NEWEST).json() == before


def test_undo_run_in_the_queue_is_shown_as_what_it_is(viewer: Client, connection: Connection) -> None:
    run = make_run(connection)
    undo = make_run(connection, Status.QUEUED, kind=Kind.UNDO, undo_of=run)
    shown = page(viewer, f"/admin/sync/syncrun/{undo.pk}/change/")
    assert f"Undo of run {run.pk}" in shown
    assert "Waiting for a worker." in shown
