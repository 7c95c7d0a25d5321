"""A preview shows the plan and writes nothing else."""

from __future__ import annotations

import pytest

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory.models import Unit
from sync import runs
from sync.models import FeedState, HeldRow, Kind, PlanRow, Status, SyncChange, Trigger, Unconfirmed
from tests.sync.engine.shelf import Keeper, make_keeper, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Keeper:
    put(("A1", "FG", "Free", ""), ("B2", "FG", "Free", ""), ("C3", "FG", "Free", ""))
    keeper = make_keeper()
    keeper.sync()
    put(("A1", "STA", "Free", ""), ("B2", "FG", "Sold", ""), ("D4", "FG", "Free", ""), ("E5", "", "", ""))
    return keeper


def test_the_plan_has_a_row_for_every_difference(keeper: Keeper) -> None:
    run = keeper.sync(kind=Kind.PREVIEW)
    assert (run.status, run.message) == (Status.SUCCEEDED, "Nothing was written.")
    rows = list(PlanRow.objects.filter(run=run).order_by("seq").values_list("type", "label", "old", "new"))
    assert rows == [
        ("piece_moved", "A1", "FG", "STA"),
        ("piece_sold", "B2", "Free", "Sold"),
        ("piece_disappeared", "C3", None, None),
        ("piece_appeared", "D4", None, None),
        ("held", "shelf", None, "It stands nowhere."),
    ]


def test_rows_that_would_be_unconfirmed_are_shown_with_the_reason(keeper: Keeper) -> None:
    run = keeper.sync("part", kind=Kind.PREVIEW)
    assert list(PlanRow.objects.filter(run=run, type="unconfirmed").values_list("label", "new")) == [("C3", "Only a part was read.")]


def test_nothing_is_written(keeper: Keeper) -> None:
    before = list(Unit.objects.order_by("pk").values())
    changes, measure = SyncChange.objects.count(), FeedState.objects.get().run_id
    keeper.sync(kind=Kind.PREVIEW)
    assert list(Unit.objects.order_by("pk").values()) == before
    assert SyncChange.objects.count() == changes
    assert FeedState.objects.get().run_id == measure
    assert not HeldRow.objects.exists()
    assert not Unconfirmed.objects.exists()


def test_the_sync_does_what_its_preview_said(keeper: Keeper) -> None:
    preview = keeper.sync(kind=Kind.PREVIEW)
    run = keeper.sync()
    assert run.counters == preview.counters
    told = list(SyncChange.objects.filter(run=run).order_by("seq").values_list("type", "label", "old", "new", "before", "after"))
    planned = PlanRow.objects.filter(run=preview).exclude(type="held").order_by("seq")
    assert told == list(planned.values_list("type", "label", "old", "new", "before", "after"))


def test_a_viewer_may_not_even_preview(keeper: Keeper) -> None:
    with pytest.raises(NotAllowed):
        runs.start(keeper.actor(Role.VIEWER), keeper.connection, "all", kind=Kind.PREVIEW, trigger=Trigger.BUTTON)
