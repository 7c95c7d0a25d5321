"""A run that waits for a person: what is shown, and who may decide."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account
from sync.models import Connection, Status, SyncRun
from tests.admin.pages import page, text_of
from tests.api.build import make_connection, make_plan_row, make_run


@pytest.fixture
def run(account: Account) -> SyncRun:
    said = "It would remove 312 of 833 units."
    run = make_run(make_connection(account), Status.NEEDS_REVIEW, message=said, plan_digest="seen-digest")
    make_plan_row(run, 1, "item_disappeared")
    return run


def address(run: SyncRun, name: str) -> str:
    return f"/admin/sync/syncrun/{run.pk}/{name}/"


def test_manager_sees_why_and_what_and_the_two_buttons(manager: Client, run: SyncRun) -> None:
    shown = page(manager, address(run, "change"))
    assert "This run waits for somebody to look at it" in shown
    assert "It would remove 312 of 833 units." in shown
    assert "Approve and write Discard" in shown
    assert "What it would change All 1 Gone 1" in shown
    assert "ZZ900101" in shown


def test_approved_run_is_queued_again_for_the_plan_that_was_seen(manager: Client, run: SyncRun) -> None:
    said = text_of(manager.post(address(run, "approve"), {"digest": "seen-digest"}, follow=True))
    run.refresh_from_db()
    assert (run.status, run.approved_digest) == (Status.QUEUED, "seen-digest")
    assert f"Run {run.pk} was approved." in said


def test_a_plan_that_changed_meanwhile_is_not_approved(manager: Client, run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(plan_digest="another-digest")
    said = text_of(manager.post(address(run, "approve"), {"digest": "seen-digest"}, follow=True))
    run.refresh_from_db()
    assert (run.status, run.approved_digest) == (Status.NEEDS_REVIEW, "")
    assert "The plan has changed since you looked at it." in said


def test_discarded_run_writes_nothing(manager: Client, run: SyncRun) -> None:
    said = text_of(manager.post(address(run, "discard"), follow=True))
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert f"Run {run.pk} was discarded. Nothing was written." in said


def test_staff_sees_who_decides_and_can_not(staff: Client, run: SyncRun) -> None:
    shown = page(staff, address(run, "change"))
    assert "A manager or an owner can approve or discard it." in shown
    assert "Approve and write" not in shown
    for name in ("approve", "discard"):
        assert staff.post(address(run, name), {"digest": "seen-digest"}).status_code == 403, name
    run.refresh_from_db()
    assert run.status == Status.NEEDS_REVIEW


def test_what_does_not_wait_is_not_approved(manager: Client, account: Account) -> None:
    done = make_run(Connection.objects.create(account=account, system="ge", name="Second"), Status.SUCCEEDED)
    said = text_of(manager.post(address(done, "approve"), {"digest": ""}, follow=True))
    assert f"Run {done.pk} does not wait for a review." in said
