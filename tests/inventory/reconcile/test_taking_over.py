"""A pass belongs to one worker at a time, goes on where a dead one stopped, and can be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import F

from accounts.models import AuditLog
from inventory import reconcile
from inventory.errors import AlreadyReconciling, PassIsOver
from inventory.models import Cause, Level, Reconciliation, ReconciliationStatus, StoppedBy
from inventory.reconcile import chunks, clock
from tests.inventory.reconcile.build import Store, corrections, ends, off_by, passed

AT_ONCE = 2


@pytest.fixture
def drifted(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Five levels are off, and two are set right at a time."""
    monkeypatch.setattr(chunks, "AT_ONCE", AT_ONCE)
    for product in store.more(5):
        off_by(product, store.place, 1)
    return store


def before_chunk(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], Any]) -> None:
    """Have something happen right before the chunk with this number, counted from 1, is begun."""
    original, seen = chunks._chunk, [0]

    def chunk(*arguments: Any) -> Any:
        seen[0] += 1
        if seen[0] == number:
            do()
        return original(*arguments)

    monkeypatch.setattr(chunks, "_chunk", chunk)


def abandoned(run: Reconciliation) -> None:
    """Its worker died some time ago."""
    Reconciliation.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")


def die() -> None:
    raise OperationalError("the server closed the connection")


def wrong(store: Store) -> int:
    return Level.objects.exclude(packs=10).count()


def test_a_second_pass_at_once_is_refused_and_names_the_first(store: Store) -> None:
    first = reconcile.start(store.actor, cause=Cause.MANUAL)
    with pytest.raises(AlreadyReconciling) as refused:
        reconcile.start(store.actor, cause=Cause.MANUAL)
    assert refused.value.reconciliation == first


def test_a_pass_that_lost_its_worker_goes_on_after_what_was_done(drifted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = reconcile.start(drifted.actor, cause=Cause.MANUAL)
    with monkeypatch.context() as patch:
        before_chunk(patch, 2, die)
        with pytest.raises(OperationalError):
            reconcile.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, wrong(drifted), run.last_key > 0) == (ReconciliationStatus.RUNNING, 3, True)
    abandoned(run)
    reconcile.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempt, wrong(drifted)) == (ReconciliationStatus.SUCCEEDED, 2, 0)
    assert ends(run) == {"scanned": 5, "drifted": 5, "corrected": 5}
    assert len(corrections(drifted)) == 5


def test_a_pass_that_three_workers_died_of_is_given_up(drifted: Store) -> None:
    run = reconcile.start(drifted.actor, cause=Cause.MANUAL)
    Reconciliation.objects.filter(pk=run.pk).update(attempt=3)
    reconcile.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, wrong(drifted)) == (ReconciliationStatus.FAILED, 5)
    assert run.message.startswith("The worker stopped 3 times while it was at this pass.")


def test_a_worker_whose_pass_was_taken_writes_nothing_more(drifted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = reconcile.start(drifted.actor, cause=Cause.MANUAL)
    before_chunk(monkeypatch, 2, lambda: Reconciliation.objects.filter(pk=run.pk).update(fence=F("fence") + 1))
    assert "was lost to another worker" in reconcile.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, wrong(drifted)) == (ReconciliationStatus.RUNNING, 3)


def test_a_long_pass_is_handed_on_and_has_not_failed(drifted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks.correct, "__kwdefaults__", {"seconds": 0.0})
    run = reconcile.start(drifted.actor, cause=Cause.MANUAL)
    for left in (3, 1):
        reconcile.execute(run.pk)
        run.refresh_from_db()
        assert (run.status, run.attempt, run.lease_until, wrong(drifted)) == (ReconciliationStatus.RUNNING, 0, None, left)
    reconcile.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.counters["corrected"]) == (ReconciliationStatus.SUCCEEDED, 5)


def test_a_waiting_pass_is_cancelled_at_once(drifted: Store) -> None:
    run = reconcile.cancel(drifted.actor, reconcile.start(drifted.actor, cause=Cause.MANUAL))
    assert (run.status, run.message) == (ReconciliationStatus.CANCELLED, "Cancelled by Mara; nothing was written.")
    reconcile.execute(run.pk)
    assert wrong(drifted) == 5


def test_a_pass_at_work_is_cancelled_between_two_chunks(drifted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = reconcile.start(drifted.actor, cause=Cause.MANUAL)
    before_chunk(monkeypatch, 2, lambda: reconcile.cancel(drifted.actor, run))
    reconcile.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.stopped_by, wrong(drifted)) == (ReconciliationStatus.CANCELLED, StoppedBy.CANCEL, 3)
    assert run.message == "Cancelled by Mara; 2 had been set right."
    with pytest.raises(PassIsOver):
        reconcile.cancel(drifted.actor, run)


def test_a_level_that_can_not_be_written_does_not_keep_the_others_wrong(drifted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Level.objects.order_by("product")[1].product_id
    original = chunks.set_right

    def set_right(actor: Any, keys: Any, **about: Any) -> Any:
        if any(key.product_id == bad for key in keys):
            raise ValueError("no")
        return original(actor, keys, **about)

    monkeypatch.setattr(chunks, "set_right", set_right)
    run = passed(drifted)
    assert (run.status, run.stopped_by) == (ReconciliationStatus.PARTIAL, StoppedBy.ERROR)
    assert ends(run) == {"scanned": 5, "drifted": 5, "corrected": 4, "failed": 1}
    assert [(error["product"], error["message"]) for error in run.errors] == [(bad, "ValueError: no")]
    assert list(run.drifts.filter(outcome="failed").values_list("product", flat=True)) == [bad]


def test_an_audit_row_that_can_not_be_written_takes_the_correction_with_it(drifted: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ValueError("audit_logs is full")

    monkeypatch.setattr("inventory.ledger.correction.record_many", refuse)
    run = passed(drifted)
    assert (run.counters["failed"], wrong(drifted)) == (5, 5)
    assert not AuditLog.objects.filter(action="AUTO_SYNC_CORRECTION").exists()


def test_what_the_schedule_asks_for_meanwhile_follows_once(drifted: Store) -> None:
    first = reconcile.start(drifted.actor, cause=Cause.MANUAL)
    assert clock.scheduled(drifted.account) == f"Follows reconciliation {first.pk}."
    assert clock.scheduled(drifted.account) == f"Follows reconciliation {first.pk}."
    reconcile.execute(first.pk)
    [following] = Reconciliation.objects.exclude(pk=first.pk)
    assert (following.status, following.cause, following.asked_by) == (ReconciliationStatus.QUEUED, "scheduled_cron", "Schedule")
    reconcile.execute(following.pk)
    assert Reconciliation.objects.count() == 2


def test_passes_without_a_worker_are_woken(store: Store) -> None:
    from django_q.models import OrmQ

    run = reconcile.start(store.actor, cause=Cause.MANUAL)
    OrmQ.objects.all().delete()
    clock.tick()
    assert not OrmQ.objects.exists()
    Reconciliation.objects.filter(pk=run.pk).update(queued_at="2026-01-01T00:00:00Z")
    clock.tick()
    assert [row.task["args"] for row in OrmQ.objects.all()] == [(run.pk,)]
