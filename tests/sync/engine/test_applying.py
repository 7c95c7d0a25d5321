"""A run that writes: what is stored, logged, counted and told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditLog
from inventory.models import Unit
from inventory.signals import units_changed
from sync.models import FeedState, HeldRow, Status, SyncChange, SyncRun, Unconfirmed
from tests.sync.engine.shelf import NOW, Keeper, make_keeper, put

pytestmark = pytest.mark.django_db

A, B = ("A1", "FG", "Free", ""), ("B2", "ASIS", "Free", "")


def logged(run: SyncRun) -> list[tuple[str, str, str | None, str | None]]:
    return list(SyncChange.objects.filter(run=run).order_by("seq").values_list("type", "label", "old", "new"))


@pytest.fixture
def keeper() -> Keeper:
    return make_keeper()


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def listen(**kwargs: Any) -> None:
        heard.append(kwargs)

    units_changed.connect(listen)
    yield heard
    units_changed.disconnect(listen)


def test_new_rows_are_stored_and_logged_in_the_order_of_their_keys(keeper: Keeper) -> None:
    put(B, A)
    run = keeper.sync()
    assert (run.status, run.message) == (Status.SUCCEEDED, "2 changes.")
    assert logged(run) == [("piece_appeared", "A1", None, None), ("piece_appeared", "B2", None, None)]
    assert keeper.stock() == {"A1": "FG", "B2": "ASIS"}


def test_appearance_tells_the_whole_row(keeper: Keeper) -> None:
    put(A)
    change = SyncChange.objects.get(run=keeper.sync())
    assert change.before is None
    assert change.after == {"bucket": "FG", "status": "Free", "message": "", "quantity": "1"}
    assert (change.group, change.entity, change.entity_id) == ("FG", "unit", Unit.objects.get().pk)


def test_each_changed_field_has_its_own_row_with_old_and_new(keeper: Keeper) -> None:
    put(A)
    keeper.sync()
    put(("A1", "ASIS", "Kept", ""))
    run = keeper.sync()
    assert logged(run) == [("piece_moved", "A1", "FG", "ASIS"), ("piece_marked", "A1", "Free", "Kept")]


def test_a_value_can_have_a_name_of_its_own(keeper: Keeper) -> None:
    put(A)
    keeper.sync()
    put(("A1", "FG", "Sold", ""))
    assert logged(keeper.sync()) == [("piece_sold", "A1", "Free", "Sold")]


def test_a_carried_field_rides_on_the_row_of_its_carrier(keeper: Keeper) -> None:
    put(A)
    keeper.sync()
    put(("A1", "FG", "Sold", "Gone tomorrow"))
    change = SyncChange.objects.get(run=keeper.sync())
    assert change.before == {"status": "Free", "message": ""}
    assert change.after == {"status": "Sold", "message": "Gone tomorrow"}


def test_a_carried_field_that_changes_alone_has_a_row(keeper: Keeper) -> None:
    put(A)
    keeper.sync()
    put(("A1", "FG", "Free", "Scratched"))
    assert logged(keeper.sync()) == [("piece_remarked", "A1", "", "Scratched")]


def test_same_list_again_writes_nothing(keeper: Keeper, told: list[dict[str, Any]]) -> None:
    put(A, B)
    keeper.sync()
    told.clear()
    run = keeper.sync()
    assert run.counters == {
        "processed": 2,
        "inserted": 0,
        "updated": 0,
        "moved": 0,
        "revived": 0,
        "removed": 0,
        "unchanged": 2,
        "skipped": 0,
        "held": 0,
        "unconfirmed": 0,
    }
    assert (run.changes_logged, told) == (0, [])


def test_a_row_that_left_a_whole_list_is_marked_as_gone(keeper: Keeper) -> None:
    put(A, B)
    keeper.sync()
    put(A)
    run = keeper.sync()
    assert logged(run) == [("piece_disappeared", "B2", None, None)]
    assert Unit.objects.get(serial_key="B2").gone_at == run.applied_at


def test_a_row_that_comes_back_is_the_same_row(keeper: Keeper) -> None:
    put(A, B)
    keeper.sync()
    before = Unit.objects.get(serial_key="B2").pk
    put(A)
    keeper.sync()
    put(A, ("B2", "STA", "Free", ""))
    run = keeper.sync()
    change = SyncChange.objects.get(run=run)
    assert (change.type, change.entity_id) == ("piece_appeared", before)
    assert change.before is not None
    assert change.before["bucket"] == "ASIS"
    assert run.counters["revived"] == 1


def test_a_row_that_left_a_part_is_kept_and_said_so(keeper: Keeper) -> None:
    put(A, B)
    keeper.sync()
    put(A)
    run = keeper.sync("part")
    assert run.counters["unconfirmed"] == 1
    assert keeper.stock() == {"A1": "FG", "B2": "ASIS"}
    assert list(Unconfirmed.objects.values_list("label", "reason")) == [("B2", "Only a part was read.")]


def test_an_unconfirmed_row_that_is_listed_again_leaves_the_list(keeper: Keeper) -> None:
    put(A, B)
    keeper.sync()
    put(A)
    keeper.sync("part")
    put(A, B)
    keeper.sync()
    assert not Unconfirmed.objects.exists()


def test_a_held_row_is_kept_with_its_sentence_until_it_is_clear(keeper: Keeper) -> None:
    put(A, ("C3", "", "", ""))
    run = keeper.sync()
    assert run.status == Status.SUCCEEDED
    assert run.counters["held"] == 1
    assert [error["message"] for error in run.errors] == ["Shelf: It stands nowhere."]
    first = HeldRow.objects.get()
    keeper.sync()
    assert HeldRow.objects.get() == first
    put(A, ("C3", "FG", "", ""))
    keeper.sync()
    assert not HeldRow.objects.exists()


def test_held_rows_of_a_list_that_was_not_read_stay(keeper: Keeper) -> None:
    put(A)
    run = keeper.sync()
    other = {"account": keeper.account, "connection": keeper.connection, "feed": "cellar", "row": 1, "code": "no_bucket", "run": run}
    HeldRow.objects.create(**other, sentence="It stands nowhere.", raw={}, first_held_at=timezone.now())
    keeper.sync()
    assert HeldRow.objects.get().feed == "cellar"


def test_listeners_hear_the_ids_that_were_touched(keeper: Keeper, told: list[dict[str, Any]]) -> None:
    put(A, B)
    run = keeper.sync()
    ids = sorted(Unit.objects.values_list("pk", flat=True))
    assert [(each["account_id"], each["unit_ids"], each["cause"]) for each in told] == [(keeper.account.pk, ids, f"sync run {run.pk}")]


def test_a_run_leaves_one_audit_row(keeper: Keeper) -> None:
    put(A)
    run = keeper.sync()
    row = AuditLog.objects.get(entity="SyncRun", entity_id=str(run.pk))
    assert (row.action, row.actor_label, row.correlation) == ("SYNC", "Mara", run.correlation)


def test_a_run_is_the_measure_of_the_next(keeper: Keeper) -> None:
    put(A, B)
    run = keeper.sync()
    state = FeedState.objects.get(connection=keeper.connection)
    assert (state.feed, state.rows, state.run) == ("shelf", 2, run)


def test_last_success_is_of_runs_that_succeeded(keeper: Keeper) -> None:
    put(A)
    keeper.sync()
    keeper.connection.refresh_from_db()
    first = keeper.connection.last_success_at
    assert first is not None
    NOW.then = _break
    keeper.sync()
    keeper.connection.refresh_from_db()
    assert keeper.connection.last_success_at == first


def _break() -> None:
    raise RuntimeError("secret-token-in-a-text")


def test_a_failure_while_writing_leaves_everything_as_it_was(keeper: Keeper) -> None:
    put(A)
    keeper.sync()
    put(("A1", "STA", "Sold", ""), B)
    NOW.then = _break
    run = keeper.sync()
    assert run.status == Status.FAILED
    assert keeper.stock() == {"A1": "FG"}
    assert run.changes_logged == 0
    assert not SyncChange.objects.filter(run=run).exists()
    assert FeedState.objects.get().rows == 1


def test_an_unexpected_failure_is_told_by_its_kind_and_never_by_its_text(keeper: Keeper) -> None:
    put(A)
    NOW.then = _break
    run = keeper.sync()
    assert "RuntimeError" in run.message
    assert "secret" not in f"{run.message}{run.errors}"
