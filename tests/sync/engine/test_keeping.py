"""What syncs leave behind is cleared away in time, and never what is still needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sync import retention, runs
from sync.models import FeedDocument, PlanRow, RunEvent, Status, SyncChange, SyncRun
from tests.sync.engine.shelf import SYSTEM, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Keeper:
    put(("A1", "FG", "Free", ""))
    return make_keeper()


def age(run: SyncRun, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    SyncRun.objects.filter(pk=run.pk).update(finished_at=then)
    SyncChange.objects.filter(run=run).update(at=then)
    FeedDocument.objects.filter(run=run).update(created_at=then)


def prune() -> None:
    retention.prune(timezone.now())


def test_changes_are_kept_180_days(keeper: Keeper) -> None:
    run = keeper.sync()
    age(run, 179)
    prune()
    assert SyncChange.objects.count() == 1
    age(run, 181)
    prune()
    assert not SyncChange.objects.exists()
    assert SyncRun.objects.filter(pk=run.pk).exists()


def test_changes_that_an_undo_is_about_to_take_back_are_kept(keeper: Keeper) -> None:
    run = keeper.sync()
    undo = runs.undo(keeper.owner, run)
    age(run, 181)
    prune()
    assert SyncChange.objects.filter(run=run).exists()
    keeper.work(undo)
    assert keeper.stock() == {}
    prune()
    assert not SyncChange.objects.filter(run=run).exists()


def test_documents_are_deleted_without_being_read(keeper: Keeper) -> None:
    age(keeper.sync(), 31)
    with CaptureQueriesContext(connection) as sent:
        prune()
    assert not FeedDocument.objects.exists()
    assert not [each for each in sent if '"body"' in each["sql"]]


def test_documents_and_log_lines_are_kept_30_days(keeper: Keeper) -> None:
    run = keeper.sync()
    age(run, 29)
    prune()
    assert FeedDocument.objects.exists()
    assert RunEvent.objects.exists()
    age(run, 31)
    prune()
    assert not FeedDocument.objects.exists()
    assert not RunEvent.objects.exists()


def test_what_waits_for_a_review_keeps_its_document_and_plan(keeper: Keeper) -> None:
    run = keeper.sync()
    PlanRow.objects.create(account=keeper.account, run=run, seq=1, entity="unit", label="A1", type="piece_appeared")
    SyncRun.objects.filter(pk=run.pk).update(status=Status.NEEDS_REVIEW)
    age(run, 31)
    prune()
    assert FeedDocument.objects.exists()
    assert PlanRow.objects.exists()


def test_the_newest_upload_of_a_list_stays(keeper: Keeper) -> None:
    for name in ("old.csv", "new.csv"):
        FeedDocument.objects.create(
            account=keeper.account,
            connection=keeper.connection,
            feed="shelf",
            transport="upload",
            filename=name,
            checksum=name,
            size=1,
            body=b"",
            taken_at=timezone.now(),
        )
    FeedDocument.objects.update(created_at=timezone.now() - timedelta(days=90))
    prune()
    assert [document.filename for document in FeedDocument.objects.all()] == ["new.csv"]


def test_an_upload_that_a_waiting_review_was_planned_from_stays(keeper: Keeper) -> None:
    run = keeper.sync()
    upload = FeedDocument.objects.get(run=run)
    # As an upload has no run of its own, and a newer one has taken its place.
    FeedDocument.objects.filter(pk=upload.pk).update(run=None, transport="upload")
    FeedDocument.objects.create(
        account=keeper.account,
        connection=keeper.connection,
        feed="shelf",
        transport="upload",
        checksum="new",
        size=1,
        body=b"",
        taken_at=timezone.now(),
    )
    SyncRun.objects.filter(pk=run.pk).update(status=Status.NEEDS_REVIEW)
    FeedDocument.objects.update(created_at=timezone.now() - timedelta(days=31))
    prune()
    assert FeedDocument.objects.filter(pk=upload.pk).exists()
    SyncRun.objects.filter(pk=run.pk).update(status=Status.CANCELLED)
    prune()
    assert not FeedDocument.objects.filter(pk=upload.pk).exists()


def test_answers_of_a_system_that_says_so_go_sooner(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    run = keeper.sync()
    age(run, 3)
    prune()
    assert FeedDocument.objects.filter(run=run).exists()
    monkeypatch.setattr(retention, "SYSTEMS", {"shelf": replace(SYSTEM, document_days=2)})
    prune()
    assert not FeedDocument.objects.filter(run=run).exists()
