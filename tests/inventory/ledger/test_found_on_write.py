"""Whoever books something comes upon counters that are wrong, and sets them right first."""

from __future__ import annotations

import pytest

from accounts.models import AuditLog
from inventory import ledger
from inventory.errors import Quarantined
from inventory.ledger.taking import give_back
from inventory.models import Cause, Level, Movement
from tests.inventory.ledger.build import Shop, in_days, let_expire

pytestmark = pytest.mark.django_db


def drift(shop: Shop, packs: int) -> None:
    """Somebody has typed SQL."""
    Level.objects.filter(product=shop.tea).update(packs=packs)


def test_sale_finds_five_too_many_and_is_booked_on_the_true_number() -> None:
    shop = Shop()
    shop.buy(20)
    drift(shop, 25)
    shop.sell(3)
    assert shop.packs == 17
    assert list(Movement.objects.order_by("id").values_list("kind", "level_delta", "drift", "level_after", "found_on_write")) == [
        ("receipt", 20, 0, 20, False),
        ("correction", 0, -5, 20, True),
        ("sale", -3, 0, 17, False),
    ]


def test_audit_row_of_its_own_says_so_field_by_field() -> None:
    shop = Shop()
    bought = shop.buy(20)
    drift(shop, 25)
    sale = shop.sell(3)
    row = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION")
    level = Level.objects.get()
    assert (row.entity, row.entity_id, row.actor, row.actor_label) == ("WarehouseInventory", str(level.pk), None, "Reconcile")
    assert (row.cause, row.correlation) == ("sale_creation", sale.correlation)
    shared = {"productName": "Tea", "productNumber": "QTX-TEA", "triggeredBy": "sale_creation"}
    assert row.before == {**shared, "pallets": 0, "packs": 25, "units": 0}
    assert row.after is not None
    digest = row.after["batches"].pop("digest")
    assert len(digest) == 16
    assert row.after == {
        **shared,
        "pallets": 0,
        "packs": 20,
        "units": 0,
        "difference": {"pallets": 0, "packs": -5, "units": 0},
        "location": "MAIN",
        "driftClass": "MISMATCH",
        "batches": {"count": 1},
        "runId": None,
        "actorKind": "system",
        "mode": "correct",
        "foundOnWrite": True,
    }
    assert bought.batch.received == 20


@pytest.mark.parametrize("hook", [Cause.PURCHASE_CREATION, Cause.PURCHASE_DELETION, Cause.SALE_CREATION, Cause.SALE_DELETION])
def test_each_hook_heals_under_its_own_name(hook: Cause) -> None:
    shop = Shop()
    bought, sold = shop.buy(20), shop.buy(20)
    sale = shop.sell(20)
    drift(shop, 1)
    {
        Cause.PURCHASE_CREATION: lambda: shop.buy(1),
        Cause.PURCHASE_DELETION: lambda: ledger.void_purchase(shop.actor, sold),
        Cause.SALE_CREATION: lambda: shop.sell(1),
        Cause.SALE_DELETION: lambda: ledger.cancel_sale(shop.actor, sale),
    }[hook]()
    assert AuditLog.objects.get(action="AUTO_SYNC_CORRECTION").cause == hook.value
    assert bought.batch_id != sold.batch_id


def test_level_that_is_missing_is_made_and_filled() -> None:
    shop = Shop()
    shop.buy(20)
    Level.objects.all().delete()
    shop.sell(3)
    assert shop.packs == 17
    after = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION").after
    assert after is not None
    assert after["driftClass"] == "MISSING_ROW"


def test_all_three_counters_are_told() -> None:
    shop = Shop()
    shop.buy(20)
    Level.objects.update(pallets=1, packs=20, units=7)
    shop.sell(3)
    after = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION").after
    assert after is not None
    assert after["difference"] == {"pallets": -1, "packs": 0, "units": -7}
    assert sorted(Movement.objects.filter(kind="correction").values_list("unit_kind", "drift")) == [("pallets", -1), ("units", -7)]


def test_counter_without_batches_of_a_product_not_kept_in_batches_is_left_alone() -> None:
    shop = Shop(batch_managed=False)
    ledger.void_purchase(shop.actor, shop.buy(1))
    drift(shop, 12)
    shop.buy(3)
    assert shop.packs == 15
    assert not AuditLog.objects.filter(action="AUTO_SYNC_CORRECTION").exists()


def test_quarantined_level_is_not_booked_to_by_hand() -> None:
    shop = Shop()
    bought = shop.buy(20)
    Level.objects.update(quarantined_at=bought.created_at, quarantine_reason="Batch 1 contradicts itself.")
    with pytest.raises(Quarantined) as refused:
        shop.sell(1)
    assert "rebuilds" in refused.value.hint
    assert shop.packs == 20


def test_nothing_wrong_leaves_no_correction() -> None:
    shop = Shop()
    shop.buy(20)
    shop.sell(3)
    assert not Movement.objects.filter(kind="correction").exists()
    assert not AuditLog.objects.filter(action="AUTO_SYNC_CORRECTION").exists()


def test_expiry_of_a_quarantined_batch_is_booked_before_something_comes_back_to_it() -> None:
    shop = Shop()
    bought = shop.buy(20, expires_at=in_days(1))
    sale = shop.sell(5)
    let_expire(bought)
    Level.objects.update(quarantined_at=bought.created_at, quarantine_reason="Batch 1 contradicts itself.")
    (allocation,) = sale.allocations.all()
    with ledger.booking(shop.actor, [ledger.Key(shop.tea.pk, shop.place.pk)], Cause.SOURCE_SYNC, by_hand=False) as booked:
        give_back(booked, sale, [(allocation, allocation.quantity)])
    assert list(Movement.objects.order_by("id").values_list("kind", "batch_delta", "level_delta"))[2:] == [
        ("expiry", 0, -15),
        ("sale_reversal", 5, 0),
    ]
    assert shop.packs == 0
