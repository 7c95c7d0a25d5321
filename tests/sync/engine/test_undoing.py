"""Taking a run back: reversed, kept, refused (docs/engine.md, “Undo”)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory.models import Unit
from jobs import schedule
from jobs.models import Schedule
from sync import runs
from sync.models import FeedState, Kind, Status, SyncChange, SyncRun
from tests.sync.engine.shelf import NOW, Keeper, ShelfSource, make_keeper, put

pytestmark = pytest.mark.django_db

A, B = ("A1", "FG", "Free", ""), ("B2", "ASIS", "Free", "")


@pytest.fixture
def keeper() -> Keeper:
    put(A, B)
    keeper = make_keeper()
    keeper.sync()
    return keeper


def undo(keeper: Keeper, run: SyncRun) -> SyncRun:
    return keeper.work(runs.undo(keeper.owner, run))


def test_moved_gone_and_new_rows_go_back(keeper: Keeper) -> None:
    put(("A1", "STA", "Sold", "Paid"), ("C3", "FG", "Free", ""))
    run = keeper.sync()
    undone = undo(keeper, run)
    assert (undone.status, undone.kind, undone.undo_of) == (Status.SUCCEEDED, Kind.UNDO, run)
    assert keeper.stock() == {"A1": "FG", "B2": "ASIS"}
    back = Unit.objects.get(serial_key="A1")
    assert (back.status, back.message) == ("Free", "")
    assert Unit.objects.get(serial_key="C3").gone_at is not None


def test_an_undo_logs_what_it_did(keeper: Keeper) -> None:
    put(("A1", "STA", "Free", ""), B)
    undone = undo(keeper, keeper.sync())
    rows = SyncChange.objects.filter(run=undone).values_list("type", "label", "old", "new")
    assert list(rows) == [("piece_moved", "A1", "STA", "FG")]
    assert undone.message == f"Run {undone.undo_of_id} was undone: 1 difference taken back, 0 kept because they changed since, 0 refused."


def test_what_changed_since_is_kept(keeper: Keeper) -> None:
    put(("A1", "STA", "Sold", ""), B)
    run = keeper.sync()
    put(("A1", "STA", "Kept", ""), B)
    keeper.sync()
    plan = runs.preview_undo(keeper.owner, run)
    assert [(step.field, step.new) for step in plan.reversed] == [("bucket", "FG")]
    assert [(step.field, step.reason) for step in plan.kept] == [("status", "It has changed since.")]
    undo(keeper, run)
    unit = Unit.objects.get(serial_key="A1")
    assert (unit.bucket, unit.status) == ("FG", "Kept")


def test_a_new_row_that_people_worked_with_stays(keeper: Keeper) -> None:
    put(A, B, ("C3", "FG", "Free", ""))
    run = keeper.sync()
    NOW.tied = {Unit.objects.get(serial_key="C3").pk: "It was scanned."}
    plan = runs.preview_undo(keeper.owner, run)
    assert [(step.label, step.reason) for step in plan.refused] == [("C3", "It was scanned.")]
    undo(keeper, run)
    assert "C3" in keeper.stock()


def test_work_on_a_new_row_while_the_undo_was_writing_stops_it(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    put(A, B, ("C3", "FG", "Free", ""))
    run = keeper.sync()
    piece = Unit.objects.get(serial_key="C3").pk
    monkeypatch.setattr(ShelfSource, "restate", lambda _source, _at: NOW.tied.update({piece: "It was scanned."}))
    undone = undo(keeper, run)
    assert (undone.status, undone.errors[0]["code"]) == (Status.FAILED, "changed_meanwhile")
    assert keeper.stock() == {"A1": "FG", "B2": "ASIS", "C3": "FG"}


def test_work_on_a_new_row_while_the_undo_was_prepared_stops_it(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    put(A, B, ("C3", "FG", "Free", ""))
    run = keeper.sync()
    answers = iter(({}, {Unit.objects.get(serial_key="C3").pk: "It was scanned."}))
    monkeypatch.setattr(ShelfSource, "tied", lambda _source, _entity, _ids: next(answers))
    undone = undo(keeper, run)
    assert (undone.status, undone.errors[0]["code"]) == (Status.FAILED, "changed_meanwhile")
    assert keeper.stock() == {"A1": "FG", "B2": "ASIS", "C3": "FG"}


def test_a_preview_of_an_undo_writes_nothing(keeper: Keeper) -> None:
    put(("A1", "STA", "Free", ""), B)
    run = keeper.sync()
    runs.preview_undo(keeper.owner, run)
    assert keeper.stock()["A1"] == "STA"
    assert not SyncRun.objects.filter(kind=Kind.UNDO).exists()


def test_the_measure_goes_back_too(keeper: Keeper) -> None:
    first = FeedState.objects.get().run_id
    put(A)
    run = keeper.sync()
    assert FeedState.objects.get().rows == 1
    undo(keeper, run)
    state = FeedState.objects.get()
    assert (state.rows, state.run_id) == (2, first)


def test_the_first_run_leaves_no_measure_behind(keeper: Keeper) -> None:
    undo(keeper, SyncRun.objects.get(kind=Kind.SYNC))
    assert not FeedState.objects.exists()
    assert keeper.stock() == {}


def test_after_an_undo_the_next_sync_brings_the_same_differences(keeper: Keeper) -> None:
    put(("A1", "STA", "Free", ""), B)
    run = keeper.sync()
    undo(keeper, run)
    again = keeper.sync()
    assert again.changes_logged == run.changes_logged == 1
    assert keeper.stock()["A1"] == "STA"


def test_a_run_is_undone_once(keeper: Keeper) -> None:
    put(A)
    run = keeper.sync()
    undone = undo(keeper, run)
    with pytest.raises(runs.NotUndoable, match=f"was undone by run {undone.pk}"):
        runs.undo(keeper.owner, run)


def test_a_run_that_another_undid_between_look_and_click_is_not_undone_again(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    put(("A1", "STA", "Free", ""), B)
    run = keeper.sync()
    check = runs._check_undoable

    def another_follows(looked_at: SyncRun) -> None:
        monkeypatch.setattr(runs, "_check_undoable", check)
        check(looked_at)
        undo(keeper, looked_at)

    monkeypatch.setattr(runs, "_check_undoable", another_follows)
    with pytest.raises(runs.NotUndoable, match="was undone by run"):
        runs.undo(keeper.owner, run)
    assert run.undone_by.count() == 1


def test_an_undo_is_not_undone(keeper: Keeper) -> None:
    put(A)
    undone = undo(keeper, keeper.sync())
    with pytest.raises(runs.NotUndoable):
        runs.undo(keeper.owner, undone)


def test_a_run_without_changes_has_nothing_to_undo(keeper: Keeper) -> None:
    with pytest.raises(runs.NotUndoable):
        runs.undo(keeper.owner, keeper.sync())


def test_a_preview_has_nothing_to_undo(keeper: Keeper) -> None:
    put(A)
    with pytest.raises(runs.NotUndoable):
        runs.undo(keeper.owner, keeper.sync(kind=Kind.PREVIEW))


def test_a_run_whose_changes_are_no_longer_kept_is_not_undone(keeper: Keeper) -> None:
    run = SyncRun.objects.get(kind=Kind.SYNC)
    SyncRun.objects.filter(pk=run.pk).update(applied_at=timezone.now() - timedelta(days=181))
    with pytest.raises(runs.NotUndoable, match="180 days"):
        runs.undo(keeper.owner, run)


def test_staff_undo_nothing(keeper: Keeper) -> None:
    run = SyncRun.objects.get(kind=Kind.SYNC)
    for verb in (runs.undo, runs.preview_undo):
        with pytest.raises(NotAllowed):
            verb(keeper.actor(Role.STAFF), run)


def test_schedules_can_be_switched_off_with_it(keeper: Keeper) -> None:
    arguments = {"connection": keeper.connection.pk, "scope": "all"}
    schedule.install(keeper.account, "mine", "Mine", "sync.run", arguments, cron="7 * * * *")
    schedule.install(keeper.account, "other", "Other", "sync.run", {"connection": 0, "scope": "all"}, cron="7 * * * *")
    runs.undo(keeper.owner, SyncRun.objects.get(kind=Kind.SYNC), pause_schedules=True)
    assert dict(Schedule.objects.values_list("key", "enabled")) == {"mine": False, "other": True}
