"""A plan that removes or changes too much waits for a person (docs/engine.md, “The brake”)."""

from __future__ import annotations

import pytest

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.models import Unit
from sync import runs
from sync.engine.brake import Limits, brake
from sync.models import FeedState, Kind, PlanRow, Status, SyncChange, SyncRun
from tests.sync.engine.shelf import NOW, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db


def pieces(first: int, last: int, bucket: str = "FG") -> list[tuple[str, str, str, str]]:
    return [(f"Z{number:03}", bucket, "Free", "") for number in range(first, last + 1)]


@pytest.fixture
def keeper() -> Keeper:
    put(*pieces(1, 60))
    keeper = make_keeper()
    keeper.sync()
    return keeper


@pytest.fixture
def waiting(keeper: Keeper) -> SyncRun:
    """30 of 60 would go: more than 25, and more than a fifth."""
    put(*pieces(1, 30))
    return keeper.sync()


def test_a_plan_that_removes_too_much_waits(keeper: Keeper, waiting: SyncRun) -> None:
    assert waiting.status == Status.NEEDS_REVIEW
    assert waiting.message.startswith("It would remove 30 of 60 units; more than 25 need a manager's approval.")
    assert len(keeper.stock()) == 60
    assert waiting.lease_until is None
    assert FeedState.objects.get().rows == 60


def test_its_plan_can_be_read_row_by_row(waiting: SyncRun) -> None:
    rows = PlanRow.objects.filter(run=waiting)
    assert rows.count() == 30
    assert set(rows.values_list("type", flat=True)) == {"piece_disappeared"}
    assert not SyncChange.objects.filter(run=waiting).exists()


def test_an_approved_plan_is_written_by_the_same_run(keeper: Keeper, waiting: SyncRun) -> None:
    run = keeper.work(runs.approve(keeper.actor(Role.MANAGER), waiting))
    assert (run.pk, run.status, run.changes_logged) == (waiting.pk, Status.SUCCEEDED, 30)
    assert len(keeper.stock()) == 30
    assert run.approved_by == "Mara"


def test_what_was_approved_is_written_and_not_what_the_source_says_now(keeper: Keeper, waiting: SyncRun) -> None:
    put()
    keeper.work(runs.approve(keeper.owner, waiting))
    assert len(keeper.stock()) == 30


def test_stock_that_changed_since_asks_again(keeper: Keeper, waiting: SyncRun) -> None:
    Unit.objects.filter(serial_key="Z060").update(bucket="STA")
    run = keeper.work(runs.approve(keeper.owner, waiting))
    assert run.status == Status.NEEDS_REVIEW
    assert run.message.startswith("What was approved is not what would be written now")
    assert len(keeper.stock()) == 60
    again = keeper.work(runs.approve(keeper.owner, run))
    assert again.status == Status.SUCCEEDED


def test_a_discarded_plan_is_never_written(keeper: Keeper, waiting: SyncRun) -> None:
    run = runs.discard(keeper.owner, waiting)
    assert (run.status, run.message) == (Status.CANCELLED, "Discarded by Mara; nothing was written.")
    with pytest.raises(runs.NothingToReview):
        runs.approve(keeper.owner, run)
    assert len(keeper.stock()) == 60


def test_the_next_run_that_writes_replaces_what_waits(keeper: Keeper, waiting: SyncRun) -> None:
    put(*pieces(1, 61))
    later = keeper.sync()
    waiting.refresh_from_db()
    assert later.status == Status.SUCCEEDED
    assert waiting.status == Status.CANCELLED
    assert waiting.message == f"Run {later.pk} has replaced it; nothing of it was written."


def test_only_managers_approve(keeper: Keeper, waiting: SyncRun) -> None:
    for verb in (runs.approve, runs.discard):
        with pytest.raises(NotAllowed):
            verb(keeper.actor(Role.STAFF), waiting)


def test_approving_is_audited_with_what_was_approved(keeper: Keeper, waiting: SyncRun) -> None:
    runs.approve(keeper.owner, waiting)
    assert AuditLog.objects.get(action="APPROVE").cause.startswith("It would remove 30 of 60 units")


def test_a_run_that_is_not_waiting_can_not_be_approved(keeper: Keeper) -> None:
    with pytest.raises(runs.NothingToReview):
        runs.approve(keeper.owner, keeper.sync())


def test_limits_are_the_sources_own(keeper: Keeper) -> None:
    NOW.limits = Limits(removed_rows=50)
    put(*pieces(1, 30))
    assert keeper.sync().status == Status.SUCCEEDED


@pytest.mark.parametrize(
    ("stored", "removed", "changed", "stops"),
    [
        (60, 25, 0, False),
        (60, 26, 0, True),
        (1000, 200, 0, False),
        (1000, 201, 0, True),
        (300, 0, 200, False),
        (300, 0, 201, True),
        (1000, 0, 600, False),
        (1000, 0, 601, True),
        (0, 0, 0, False),
    ],
)
def test_both_the_rows_and_the_share_have_to_be_exceeded(stored: int, removed: int, changed: int, stops: bool) -> None:
    assert bool(brake(stored=stored, removed=removed, changed=changed, limits=Limits(), what="units")) == stops


def test_a_preview_says_that_the_sync_would_wait(keeper: Keeper) -> None:
    put(*pieces(1, 30))
    run = keeper.sync(kind=Kind.PREVIEW)
    assert run.status == Status.SUCCEEDED
    assert [warning["message"] for warning in run.warnings] == ["It would remove 30 of 60 units; more than 25 need a manager's approval."]
