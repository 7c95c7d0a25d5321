"""What syncs leave behind is cleared away in time, and never what is still needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sync import retention
from sync.models import FeedDocument, PlanRow, RunEvent, Status, SyncChange, SyncRun
from tests.sync.engine.shelf import Keeper, make_keeper, put

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
