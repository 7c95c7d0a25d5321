"""Batches that contradict themselves put their level in quarantine, and only a rebuild lets it out."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditLog
from inventory import integrity, ledger, rebuild
from inventory.errors import Quarantined
from inventory.ledger.counters import Key
from inventory.models import Batch, Level, Movement
from inventory.signals import levels_quarantined
from tests.inventory.integrity.breaking import broken, by_hand
from tests.inventory.ledger.build import Shop, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    return shop


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE inventory_batch SET written_off = 1000",
        "UPDATE inventory_batch SET sold = -4000, received = 2000",
        "UPDATE inventory_batch SET received = 11000, remaining = 7000",
    ],
    ids=["does not add up", "is below zero", "is not what its movements made it"],
)
def test_a_batch_that_contradicts_itself_puts_its_level_in_quarantine(shop: Shop, sql: str) -> None:
    by_hand(sql)
    integrity.check(shop.actor)
    level = Level.objects.get()
    assert level.quarantined_at is not None
    assert level.quarantine_reason == f"Batch {Batch.objects.get().pk} does not add up."
    with pytest.raises(Quarantined):
        shop.sell(1)


def test_a_counter_that_differs_is_no_reason(shop: Shop) -> None:
    by_hand("UPDATE inventory_level SET packs = 20000, units = -1000")
    integrity.check(shop.actor)
    assert Level.objects.get().quarantined_at is None


def test_other_products_go_on(shop: Shop) -> None:
    coffee = make_product(shop.account, "QTX-COFFEE")
    shop.buy(3, product=coffee)
    by_hand("UPDATE inventory_batch SET written_off = 1000 WHERE product_id = %s", shop.tea.pk)
    integrity.check(shop.actor)
    assert Level.objects.get(product=coffee).quarantined_at is None
    shop.sell(1, product=coffee)


def test_it_is_told_and_audited_once(shop: Shop) -> None:
    told: list[dict[str, Any]] = []

    def listen(**given: Any) -> None:
        told.append(given)

    levels_quarantined.connect(listen)
    try:
        by_hand("UPDATE inventory_batch SET written_off = 1000")
        integrity.check(shop.actor)
        integrity.check(shop.actor)
    finally:
        levels_quarantined.disconnect(listen)
    level = Level.objects.get()
    assert [(each["account_id"], each["keys"]) for each in told] == [(shop.account.pk, [(shop.tea.pk, shop.place.pk)])]
    row = AuditLog.objects.get(action="QUARANTINE")
    assert (row.entity, row.entity_id, row.after) == (
        "WarehouseInventory",
        str(level.pk),
        {"quarantined": True, "reason": level.quarantine_reason},
    )


def test_stock_without_a_level_gets_one_that_is_quarantined(shop: Shop) -> None:
    by_hand("DELETE FROM inventory_level")
    by_hand("UPDATE inventory_batch SET written_off = 1000")
    integrity.check(shop.actor)
    assert Level.objects.get().quarantined_at is not None


def test_it_does_not_lift_itself(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET written_off = 1000")
    integrity.check(shop.actor)
    by_hand("UPDATE inventory_batch SET written_off = 0")
    assert broken(shop.account) == {}
    assert Level.objects.get().quarantined_at is not None


def test_a_rebuild_lifts_it_and_the_goods_are_sold_again(shop: Shop) -> None:
    by_hand("UPDATE inventory_batch SET written_off = 1000")
    integrity.check(shop.actor)
    plan = rebuild.preview(shop.actor, shop.tea)
    rebuild.rebuild(shop.actor, shop.tea, digest=plan.digest)
    assert Level.objects.get().quarantined_at is None
    assert Level.objects.get().quarantine_reason == ""
    shop.sell(6)
    assert broken(shop.account) == {}


def test_what_was_rebuilt_meanwhile_is_not_quarantined(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the quarantine somebody may have been faster."""
    from inventory.integrity import checking

    by_hand("UPDATE inventory_batch SET written_off = 1000")
    lock = checking.lock

    def healed_first(*given: Any) -> Any:
        by_hand("UPDATE inventory_batch SET written_off = 0")
        return lock(*given)

    monkeypatch.setattr(checking, "lock", healed_first)
    integrity.check(shop.actor)
    assert Level.objects.get().quarantined_at is None


def test_contradictions_names_the_batches_of_many_levels_in_two_statements(shop: Shop, django_assert_num_queries: Any) -> None:
    from inventory.quarantine import contradictions

    first = Batch.objects.get()
    second = shop.buy(5).batch
    by_hand("UPDATE inventory_batch SET written_off = 1000")
    key = Key(shop.tea.pk, shop.place.pk)
    with django_assert_num_queries(2):
        assert contradictions([key]) == {key: f"Batches {first.pk}, {second.pk} do not add up."}
    assert contradictions([]) == {}


def test_goods_that_come_from_outside_are_booked_in_quarantine(shop: Shop) -> None:
    """A fact is a fact: what an outside system books is not lost, and the rebuild takes it along."""
    by_hand("UPDATE inventory_batch SET written_off = 1000")
    integrity.check(shop.actor)
    with ledger.booking(shop.actor, [Key(shop.tea.pk, shop.place.pk)], "source_sync", by_hand=False) as booked:
        assert booked.levels[Key(shop.tea.pk, shop.place.pk)].quarantined_at is not None
    assert Movement.objects.count() == 2
