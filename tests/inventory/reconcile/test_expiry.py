"""What has expired leaves the counters; what soon will is told once for each threshold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import AuditLog
from inventory import expiry, signals
from inventory.models import Batch, Level, Movement, StockSettings
from inventory.reconcile import clock
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_product
from tests.inventory.reconcile.build import Store, change, corrections, ends, make_batch, make_level, off_by, passed


@pytest.fixture
def told() -> Any:
    """What was told of batches that expire soon: days and batches."""
    heard: list[tuple[int, list[int]]] = []

    def hear(days: int, batch_ids: list[int], **_: Any) -> None:
        heard.append((days, batch_ids))

    signals.batches_expiring.connect(hear)
    yield heard
    signals.batches_expiring.disconnect(hear)


def test_an_expiry_leaves_the_counter_with_a_movement_and_an_audit_row(store: Store) -> None:
    batch = make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_batch(store.tea, store.place, 6)
    make_level(store.tea, store.place, packs=10)
    assert expiry.expire(store.account.pk) == "1 batches expired; 0 will soon and were told."
    assert store.counters().packs == 6
    [movement] = Movement.objects.all()
    assert (movement.kind, movement.batch, movement.batch_delta, movement.level_delta, movement.level_after) == ("expiry", batch, 0, -4, 6)
    assert (movement.cause, movement.happened_at) == ("batch_expiry", batch.expires_at)
    batch.refresh_from_db()
    assert (batch.state, batch.remaining) == ("EXPIRED", 4)
    row = AuditLog.objects.get()
    assert (row.entity, row.entity_id, row.action, row.cause) == ("Batch", str(batch.pk), "UPDATE_BATCH_STATUS", "batch_expiry")
    assert (row.before["state"], row.after["state"]) == ("ACTIVE", "EXPIRED")


def test_the_pass_after_an_expiry_finds_nothing(store: Store) -> None:
    make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_level(store.tea, store.place, packs=4)
    expiry.expire(store.account.pk)
    assert ends(passed(store)) == {"scanned": 1}


def test_a_pass_books_expiries_first_so_that_they_are_no_corrections(store: Store) -> None:
    make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_level(store.tea, store.place, packs=4)
    assert ends(passed(store)) == {"scanned": 1, "expired": 1}
    assert store.counters().packs == 0
    assert corrections(store) == []


def test_expiring_twice_books_once(store: Store) -> None:
    make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_level(store.tea, store.place, packs=4)
    expiry.expire(store.account.pk)
    assert expiry.expire(store.account.pk) == "0 batches expired; 0 will soon and were told."
    assert Movement.objects.count() == 1


def test_a_sold_out_batch_does_not_expire(store: Store) -> None:
    batch = make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    change("UPDATE inventory_batch SET remaining = 0, sold = 4000")
    expiry.expire(store.account.pk)
    batch.refresh_from_db()
    assert (batch.state, Movement.objects.count()) == ("DEPLETED", 0)


def test_batches_of_a_quarantined_level_wait_for_its_rebuild(store: Store) -> None:
    make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_level(store.tea, store.place, packs=4, quarantined_at=timezone.now())
    assert expiry.expire(store.account.pk).startswith("0 batches")
    clock.tick()
    assert not OrmQ.objects.exists()


def test_many_keys_are_booked_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "AT_ONCE", 2)
    for number in range(5):
        product = make_product(store.account, f"QTX-{number}")
        make_batch(product, store.place, 4, expires_at=in_days(-1))
        make_level(product, store.place, packs=4)
    assert expiry.expire(store.account.pk).startswith("5 batches expired")
    assert set(Level.objects.values_list("packs", flat=True)) == {0}


def test_a_sale_takes_nothing_that_expired_and_books_it(db: None) -> None:
    shop = Shop()
    expired, later = shop.buy(10, expires_at=in_days(3)), shop.buy(20, expires_at=in_days(30))
    let_expire(expired)
    shop.sell(5)
    assert shop.packs == 15
    assert Batch.objects.get(purchase=later).sold == 5
    assert ends(passed(shop)) == {"scanned": 1}


def test_each_threshold_of_a_batch_is_told_once(store: Store, told: Any) -> None:
    batch = make_batch(store.tea, store.place, 4, expires_at=in_days(59))
    far = make_batch(store.tea, store.place, 4, expires_at=in_days(61))
    for _ in range(2):
        expiry.expire(store.account.pk)
    assert told == [(60, [batch.pk])]
    for days in (29, 13.5, 6, 5):
        Batch.objects.filter(pk=batch.pk).update(expires_at=in_days(days))
        expiry.expire(store.account.pk)
    assert told[1:] == [(30, [batch.pk]), (14, [batch.pk]), (7, [batch.pk])]
    far.refresh_from_db()
    assert far.warned_days is None


def test_a_batch_that_comes_with_five_days_left_is_told_once(store: Store, told: Any) -> None:
    batch = make_batch(store.tea, store.place, 4, expires_at=in_days(5))
    expiry.expire(store.account.pk)
    assert told == [(7, [batch.pk])]


def test_thresholds_are_the_accounts_own(store: Store, told: Any) -> None:
    StockSettings.objects.create(account=store.account, alert_days=[3])
    make_batch(store.tea, store.place, 4, expires_at=in_days(5))
    near = make_batch(store.tea, store.place, 4, expires_at=in_days(2))
    expiry.expire(store.account.pk)
    assert told == [(3, [near.pk])]


def test_the_tick_sends_accounts_with_something_to_expire_or_to_tell(store: Store, told: Any) -> None:
    make_batch(store.tea, store.place, 4, expires_at=timezone.now() + timedelta(days=59))
    clock.tick()
    assert [row.task["func"] for row in OrmQ.objects.all()] == ["inventory.expiry.expire"]
    expiry.expire(store.account.pk)
    OrmQ.objects.all().delete()
    clock.tick()
    assert not OrmQ.objects.exists()


def test_drift_beside_an_expiry_is_told_apart_from_it(store: Store) -> None:
    make_batch(store.tea, store.place, 4, expires_at=in_days(-1))
    make_batch(store.tea, store.place, 6)
    make_level(store.tea, store.place, packs=10)
    off_by(store.tea, store.place, 5)
    expiry.expire(store.account.pk)
    assert store.counters().packs == 6
    assert corrections(store) == [{"pallets": 0, "packs": -5, "units": 0}]
    assert Movement.objects.get(kind="expiry").level_delta == -4
