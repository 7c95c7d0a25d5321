"""How a level can differ from its batches, and what becomes of each way."""

from __future__ import annotations

from decimal import Decimal

from accounts.models import AuditLog
from inventory.ledger.counters import Counters
from inventory.models import Cause, Drift, DriftClass, DriftOutcome, Level, Movement, WarehouseMode
from inventory.reconcile import reconcile, verify
from tests.build import make_account
from tests.inventory.ledger.build import make_place, make_product
from tests.inventory.reconcile.build import Store, break_batch, change, make_batch, make_level, off_by, second_level


def test_what_agrees_is_no_drift(store: Store) -> None:
    store.stock(12)
    page = verify(store.actor)
    assert (page.drifts, page.scanned, page.drifted) == ((), 1, 0)


def test_a_counter_that_differs_in_any_unit_kind_is_a_mismatch(store: Store) -> None:
    make_batch(store.tea, store.place, 98)
    make_batch(store.tea, store.place, 3, "pallets")
    make_batch(store.tea, store.place, "1.5", "units")
    make_level(store.tea, store.place, packs=98, pallets=4, units=1)
    [found] = verify(store.actor).drifts
    assert found.drift_class == DriftClass.MISMATCH
    assert found.before == Counters(Decimal(4), Decimal(98), Decimal(1))
    assert found.after == Counters(Decimal(3), Decimal(98), Decimal("1.5"))
    reconcile(store.actor, [store.key], Cause.MANUAL)
    assert store.counters() == found.after


def test_stock_without_a_level_gets_one_with_one_audit_row(store: Store) -> None:
    make_batch(store.tea, store.place, 7)
    page = verify(store.actor)
    assert [each.drift_class for each in page.drifts] == [DriftClass.MISSING_ROW]
    assert (page.scanned, page.drifts[0].level_id) == (1, None)
    [done] = reconcile(store.actor, [store.key], Cause.MANUAL)
    assert done.drift_class == DriftClass.MISSING_ROW
    assert store.counters() == Counters(packs=Decimal(7))
    row = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION")
    assert (row.entity_id, row.after["driftClass"], row.after["difference"]["packs"]) == (str(store.level().pk), "MISSING_ROW", 7)


def test_a_counter_without_batches_falls_to_zero(store: Store) -> None:
    make_level(store.tea, store.place, packs=12)
    assert [each.drift_class for each in verify(store.actor).drifts] == [DriftClass.NO_BATCHES]
    reconcile(store.actor, [store.key], Cause.MANUAL)
    assert store.counters() == Counters()


def test_a_counter_of_a_product_that_is_not_kept_in_batches_is_only_reported(store: Store) -> None:
    make_level(make_product(store.account, "QTX-CUP", batch_managed=False), store.place, packs=12)
    [found] = verify(store.actor).drifts
    assert (found.drift_class, found.outcome) == (DriftClass.NO_BATCHES, DriftOutcome.REPORTED)
    assert reconcile(store.actor, [found.key], Cause.MANUAL) == ()
    assert Level.objects.get().packs == 12


def test_two_levels_of_one_product_are_only_reported(store: Store) -> None:
    store.stock(12)
    second_level(store.level(), packs=5)
    [found] = verify(store.actor).drifts
    assert (found.drift_class, found.outcome) == (DriftClass.DUPLICATE_ROW, DriftOutcome.REPORTED)
    assert reconcile(store.actor, [store.key], Cause.MANUAL) == ()
    assert sorted(Level.objects.values_list("packs", flat=True)) == [5, 12]


def test_a_batch_that_contradicts_itself_has_its_level_quarantined_and_not_written(store: Store) -> None:
    batch = store.stock(12)
    break_batch(batch, remaining=9)
    [found] = verify(store.actor).drifts
    assert (found.drift_class, found.before.packs, found.after.packs) == (DriftClass.BAD_BATCH, 12, 9)
    assert reconcile(store.actor, [store.key], Cause.MANUAL) == ()
    level = store.level()
    assert level.packs == 12
    assert level.quarantined_at is not None
    assert level.quarantine_reason.startswith(f"Batch {batch.pk} does not add up")


def test_a_bad_batch_without_a_level_gets_a_quarantined_one(store: Store) -> None:
    break_batch(make_batch(store.tea, store.place, 12), sold=1)
    assert [each.drift_class for each in verify(store.actor).drifts] == [DriftClass.BAD_BATCH]
    reconcile(store.actor, [store.key], Cause.MANUAL)
    assert store.level().quarantined_at is not None
    assert store.counters() == Counters()


def test_a_quarantined_level_is_left_alone(store: Store) -> None:
    store.stock(12)
    change("UPDATE inventory_level SET quarantined_at = '2026-02-03 09:15:00+00:00'")
    off_by(store.tea, store.place, 5)
    [found] = verify(store.actor).drifts
    assert found.outcome == DriftOutcome.QUARANTINED
    assert reconcile(store.actor, [store.key], Cause.MANUAL) == ()
    assert store.counters().packs == 17


def test_a_product_out_of_use_is_in_scope(store: Store) -> None:
    store.stock(12)
    store.tea.active = False
    store.tea.save()
    off_by(store.tea, store.place, 5)
    assert verify(store.actor).drifted == 1
    reconcile(store.actor, [store.key], Cause.MANUAL)
    assert store.counters().packs == 12


def test_a_mirror_is_out_of_scope(store: Store) -> None:
    mirror = make_place(store.account, "FAR")
    mirror.mode = WarehouseMode.MIRROR
    mirror.save()
    make_level(store.tea, mirror, packs=5)
    assert verify(store.actor).scanned == 0
    assert reconcile(store.actor, [(store.tea.pk, mirror.pk)], Cause.MANUAL) == ()
    assert not Movement.objects.exists()
    assert not Drift.objects.exists()


def test_another_accounts_stock_is_out_of_scope(store: Store) -> None:
    other = Store(make_account("8QX"))
    other.stock(12)
    off_by(other.tea, other.place, 5)
    assert verify(store.actor).drifted == 0
    assert reconcile(store.actor, [other.key], Cause.MANUAL) == ()
    assert other.counters().packs == 17
