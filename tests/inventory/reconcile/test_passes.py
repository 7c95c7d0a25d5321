"""A pass over all levels: what it finds, does and says."""

from __future__ import annotations

import pytest

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import reconcile
from inventory.errors import NotALedger
from inventory.models import Cause, Drift, DriftOutcome, Level, Movement, ReconciliationStatus, WarehouseMode
from tests.build import make_actor
from tests.inventory.ledger.build import make_place, make_product
from tests.inventory.reconcile.build import Store, break_batch, corrections, ends, make_batch, make_level, off_by, passed


def test_a_counter_above_its_batches_falls(store: Store) -> None:
    make_batch(store.tea, store.place, 98)
    make_level(store.tea, store.place, packs=100)
    run = passed(store)
    assert store.counters().packs == 98
    assert corrections(store) == [{"pallets": 0, "packs": -2, "units": 0}]
    assert ends(run) == {"scanned": 1, "drifted": 1, "corrected": 1}


def test_a_counter_below_its_batches_rises(store: Store) -> None:
    make_batch(store.tea, store.place, 52)
    make_level(store.tea, store.place, packs=50)
    passed(store)
    assert store.counters().packs == 52
    assert corrections(store) == [{"pallets": 0, "packs": 2, "units": 0}]


def test_a_drift_is_set_right_once(store: Store) -> None:
    store.stock(30)
    off_by(store.tea, store.place, 5)
    assert ends(passed(store)) == {"scanned": 1, "drifted": 1, "corrected": 1}
    assert ends(passed(store)) == {"scanned": 1}
    assert store.counters().packs == 30
    assert corrections(store) == [{"pallets": 0, "packs": -5, "units": 0}]


def test_a_clean_pass_writes_nothing_but_its_own_row(store: Store) -> None:
    store.more(27)
    before = list(Level.objects.order_by("pk").values())
    run = passed(store)
    assert ends(run) == {"scanned": 27}
    assert run.message == "All 27 levels agree with their batches."
    assert list(Level.objects.order_by("pk").values()) == before
    assert not Movement.objects.exists()
    assert not Drift.objects.exists()
    assert not AuditLog.objects.exists()


def test_every_field_of_the_audit_row_is_as_agreed(store: Store) -> None:
    batches = [
        make_batch(store.tea, store.place, 40),
        make_batch(store.tea, store.place, 58),
        make_batch(store.tea, store.place, 2, "units"),
    ]
    level = make_level(store.tea, store.place, packs=100, units=2)
    run = passed(store)
    row = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION")
    assert (row.entity, row.entity_id, row.actor, row.actor_label) == ("WarehouseInventory", str(level.pk), None, "Reconcile")
    assert (row.cause, row.correlation, row.account) == ("scheduled_cron", run.correlation, store.account)
    shared = {"productName": "Tea", "productNumber": "QTX-TEA", "triggeredBy": "scheduled_cron"}
    assert row.before == {**shared, "pallets": 0, "packs": 100, "units": 2}
    summed = row.after.pop("batches")
    assert (summed["count"], len(summed["digest"])) == (len(batches), 16)
    assert row.after == {
        **shared,
        "pallets": 0,
        "packs": 98,
        "units": 2,
        "difference": {"pallets": 0, "packs": -2, "units": 0},
        "location": "MAIN",
        "driftClass": "MISMATCH",
        "runId": run.pk,
        "actorKind": "schedule",
        "mode": "correct",
        "foundOnWrite": False,
    }
    [mark] = Movement.objects.all()
    assert (mark.kind, mark.unit_kind, mark.drift, mark.level_after, mark.batch_delta) == ("correction", "packs", -2, 98, 0)
    assert (mark.cause, mark.correlation) == ("scheduled_cron", run.correlation)


def test_the_figures_of_a_mixed_pass_add_up(store: Store) -> None:
    first, second, third, *_ = store.more(20)
    off_by(first, store.place, 5)
    make_batch(second, store.place, "0.5", "units")
    break_batch(make_batch(third, store.place, 4), sold=1)
    make_level(make_product(store.account, "QTX-CUP", batch_managed=False), store.place, packs=12)
    make_batch(make_product(store.account, "QTX-MUG"), store.place, 3, "pallets")
    run = passed(store)
    assert ends(run) == {"scanned": 22, "drifted": 5, "corrected": 3, "quarantined": 1, "reported": 1}
    assert run.counters["classes"] == {"MISMATCH": 2, "BAD_BATCH": 1, "NO_BATCHES": 1, "MISSING_ROW": 1}
    assert run.counters["moved"] == {"pallets": "3", "packs": "5", "units": "0.5"}
    assert run.status == ReconciliationStatus.SUCCEEDED
    assert run.message == "5 of 22 levels differed: 3 set right, 1 quarantined, 1 only reported."


def test_a_pass_over_one_warehouse_leaves_the_others(store: Store) -> None:
    far = make_place(store.account, "FAR")
    for place in (store.place, far):
        make_batch(store.tea, place, 10)
        make_level(store.tea, place, packs=11)
    assert ends(passed(store, warehouse=far)) == {"scanned": 1, "drifted": 1, "corrected": 1}
    assert store.counters().packs == 11


def test_a_pass_over_one_product_leaves_the_others(store: Store) -> None:
    one, other = store.more(2)
    off_by(one, store.place, 1)
    off_by(other, store.place, 1)
    assert ends(passed(store, Cause.MANUAL, product=other)) == {"scanned": 1, "drifted": 1, "corrected": 1}
    assert store.counters(one).packs == 11


def test_a_mirror_can_not_be_reconciled(store: Store) -> None:
    mirror = make_place(store.account, "FAR")
    mirror.mode = WarehouseMode.MIRROR
    mirror.save()
    with pytest.raises(NotALedger):
        reconcile.start(store.actor, cause=Cause.MANUAL, warehouse=mirror)


def test_a_viewer_may_verify_and_not_reconcile(store: Store) -> None:
    viewer = make_actor(store.account, Role.VIEWER)
    assert reconcile.verify(viewer).drifted == 0
    with pytest.raises(NotAllowed):
        reconcile.start(viewer, cause=Cause.MANUAL)
    with pytest.raises(NotAllowed):
        reconcile.dry_run(viewer)


def test_what_is_only_reported_is_kept_by_the_newest_pass_of_the_schedule(store: Store) -> None:
    make_level(make_product(store.account, "QTX-CUP", batch_managed=False), store.place, packs=12)
    passed(store)
    newest = passed(store)
    assert list(Drift.objects.values_list("reconciliation", "outcome")) == [(newest.pk, DriftOutcome.REPORTED)]
