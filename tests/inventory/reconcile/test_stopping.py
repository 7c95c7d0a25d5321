"""A pass that would change too much asks a person first."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory import reconcile, signals
from inventory.errors import AlreadyReconciling, NothingToReview
from inventory.models import Cause, Drift, Level, Reconciliation, ReconciliationStatus, StockSettings, StoppedBy
from inventory.reconcile.limits import Limits
from tests.build import make_actor
from tests.inventory.reconcile.build import Store, change, corrections, ends, off_by, passed


def thirty_percent_zeroed(store: Store) -> None:
    """As after a bad migration: 12 of 40 levels have lost their batches' stock."""
    gone = store.more(40)[:12]
    change(
        f"UPDATE inventory_batch SET remaining = 0, written_off = 10000 WHERE product_id IN ({', '.join(str(each.pk) for each in gone)})"
    )


def test_a_pass_that_would_zero_thirty_percent_writes_nothing_and_asks(store: Store) -> None:
    told: list[int] = []

    def hear(reconciliation_id: int, **_: Any) -> None:
        told.append(reconciliation_id)

    signals.reconciliation_stopped.connect(hear)
    thirty_percent_zeroed(store)
    run = passed(store)
    assert (run.status, run.stopped_by) == (ReconciliationStatus.NEEDS_REVIEW, StoppedBy.LIMIT)
    assert run.message == "12 of 40 levels differ, more than 10 and 10 %. Nothing was written."
    assert list(Level.objects.order_by().values_list("packs", flat=True).distinct()) == [10]
    assert run.drifts.count() == 12
    assert corrections(store) == []
    assert told == [run.pk]


def test_an_approved_plan_is_written(store: Store) -> None:
    thirty_percent_zeroed(store)
    run = reconcile.approve(store.actor, passed(store))
    assert run.status == ReconciliationStatus.QUEUED
    reconcile.execute(run.pk)
    run.refresh_from_db()
    assert run.status == ReconciliationStatus.SUCCEEDED
    assert ends(run) == {"scanned": 40, "drifted": 12, "corrected": 12}
    assert Level.objects.filter(packs=0).count() == 12


def test_a_plan_older_than_the_stock_is_shown_again(store: Store) -> None:
    thirty_percent_zeroed(store)
    run = reconcile.approve(store.actor, passed(store))
    off_by(Level.objects.filter(packs=10).order_by("-pk")[0].product, store.place, 1)
    reconcile.execute(run.pk)
    run.refresh_from_db()
    assert run.status == ReconciliationStatus.NEEDS_REVIEW
    assert run.message.startswith("What was approved is not what would be written now")
    assert run.drifts.count() == 13
    assert corrections(store) == []
    reconcile.execute(reconcile.approve(store.actor, run).pk)
    assert len(corrections(store)) == 13


def test_a_discarded_plan_is_never_written(store: Store) -> None:
    thirty_percent_zeroed(store)
    run = reconcile.discard(store.actor, passed(store))
    assert (run.status, run.message) == (ReconciliationStatus.CANCELLED, "Discarded by Mara; nothing was written.")
    with pytest.raises(NothingToReview):
        reconcile.approve(store.actor, run)


def test_staff_may_not_approve(store: Store) -> None:
    thirty_percent_zeroed(store)
    run = passed(store)
    with pytest.raises(NotAllowed):
        reconcile.approve(make_actor(store.account, Role.STAFF), run)


def test_a_plan_is_not_approved_while_a_pass_is_at_work(store: Store) -> None:
    thirty_percent_zeroed(store)
    run = passed(store)
    active = reconcile.start(store.actor, cause=Cause.MANUAL)
    with pytest.raises(AlreadyReconciling) as refused:
        reconcile.approve(store.actor, run)
    assert refused.value.reconciliation == active


def test_a_pass_that_finds_the_same_again_leaves_it_to_the_one_that_waits(store: Store) -> None:
    thirty_percent_zeroed(store)
    waiting, again = passed(store), passed(store)
    assert again.status == ReconciliationStatus.CANCELLED
    assert again.message == f"Nothing was written: reconciliation {waiting.pk} waits for a review of the same differences."
    assert set(Drift.objects.values_list("reconciliation", flat=True)) == {waiting.pk}


def test_a_pass_that_stops_at_something_else_supersedes_the_one_that_waits(store: Store) -> None:
    thirty_percent_zeroed(store)
    waiting = passed(store)
    off_by(Level.objects.filter(packs=10).order_by("-pk")[0].product, store.place, 1)
    newer = passed(store)
    waiting.refresh_from_db()
    assert waiting.status == ReconciliationStatus.CANCELLED
    assert newer.status == ReconciliationStatus.NEEDS_REVIEW


def test_a_clean_pass_supersedes_the_one_that_waits(store: Store) -> None:
    thirty_percent_zeroed(store)
    waiting = passed(store)
    change("UPDATE inventory_batch SET remaining = 10000, written_off = 0")
    passed(store)
    waiting.refresh_from_db()
    assert (waiting.status, Reconciliation.objects.filter(status=ReconciliationStatus.NEEDS_REVIEW).count()) == ("cancelled", 0)


def test_limits_of_one_pass_hold_instead_of_the_accounts(store: Store) -> None:
    first, second = store.more(2)
    off_by(first, store.place, 1)
    off_by(second, store.place, 3)
    assert passed(store, limits={"rows": 1}).message == "2 of 2 levels differ, more than 1. Nothing was written."
    assert passed(store, limits={"quantity": 3}).message.startswith("Nothing was written: reconciliation")
    assert passed(store, limits={"rows": 2, "quantity": 4}).counters["corrected"] == 2


def test_much_stock_in_few_levels_stops_a_pass(store: Store) -> None:
    store.stock(2000)
    off_by(store.tea, store.place, 1001)
    run = passed(store)
    assert run.message == "The differences come to 1001, more than 1000 and 10 %. Nothing was written."
    StockSettings.objects.create(account=store.account, stop_percent=50)
    assert passed(store).counters["corrected"] == 1


def test_a_limit_that_is_none_is_refused(store: Store) -> None:
    for limits in ({"rows": "many"}, {"rows": -1}, {"quantity": "0.0001"}, {"share": 3}):
        with pytest.raises(ValidationError):
            reconcile.start(store.actor, cause=Cause.MANUAL, limits=limits)


@given(rows=st.integers(0, 500), of_rows=st.integers(0, 500), limit=st.integers(0, 100), percent=st.integers(0, 100))
def test_a_pass_stops_by_rows_exactly_when_both_bounds_are_passed(rows: int, of_rows: int, limit: int, percent: int) -> None:
    zero = Decimal(0)
    limits = Limits(limit, percent, zero, 0)
    stopped = bool(limits.exceeded(rows=rows, of_rows=of_rows, quantity=zero, of_quantity=zero))
    assert stopped == (rows > limit and Fraction(rows) > Fraction(percent, 100) * of_rows)
