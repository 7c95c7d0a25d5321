"""A product whose figures contradict themselves becomes what its movements say."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger, rebuild
from inventory.errors import NotRebuildable, PlanChanged
from inventory.ledger.counters import Counters
from inventory.models import Batch, DirtyKey, Level, Movement, Sale
from inventory.rebuild import Plan
from inventory.signals import levels_changed
from tests.build import make_actor
from tests.inventory.integrity.breaking import broken, by_hand
from tests.inventory.ledger.build import Shop, make_place, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop()


def rebuilt(shop: Shop) -> Plan:
    plan = rebuild.preview(shop.actor, shop.tea)
    return rebuild.rebuild(shop.actor, shop.tea, digest=plan.digest)


def test_what_was_received_and_sold_is_what_remains(shop: Shop) -> None:
    shop.buy(5033)
    shop.sell(2498)
    by_hand("UPDATE inventory_batch SET received = 0, sold = 0, remaining = 7000")
    by_hand("UPDATE inventory_level SET packs = 7000")
    rebuilt(shop)
    batch = Batch.objects.get()
    assert (batch.received, batch.sold, batch.remaining, shop.packs) == (5033, 2498, 2535, 2535)
    prove(shop.account)


def test_the_preview_shows_it_and_writes_nothing(shop: Shop) -> None:
    batch = shop.buy(10).batch
    by_hand("UPDATE inventory_batch SET received = 12000, remaining = 12000")
    plan = rebuild.preview(shop.actor, shop.tea)
    (change,) = plan.batches
    assert change.batch == batch.pk
    assert (change.before, change.after) == (
        {"received": Decimal(12), "remaining": Decimal(12)},
        {"received": Decimal(10), "remaining": Decimal(10)},
    )
    assert plan.levels == ()
    assert Batch.objects.get().received == 12
    assert AuditLog.objects.filter(action="REBUILD").count() == 0


def test_sales_that_were_short_because_of_the_quarantine_take_what_is_there(shop: Shop) -> None:
    shop.buy(5)
    Level.objects.update(quarantined_at=timezone.now(), quarantine_reason="Batch 1 does not add up.")
    about = {"product_id": shop.tea.pk, "warehouse_id": shop.place.pk, "unit_kind": "packs"}
    ledger.sell_many(shop.actor, [ledger.SaleFact(source_key="s", quantity=3, sold_at=timezone.now(), **about)])
    assert (Sale.objects.get().shortfall, shop.packs) == (3, 5)
    rebuilt(shop)
    assert (Sale.objects.get().shortfall, shop.packs) == (0, 2)
    prove(shop.account)
    assert broken(shop.account) == {}


def test_nothing_is_wrong_and_nothing_is_written(shop: Shop) -> None:
    shop.buy(10)
    before = (Movement.objects.count(), AuditLog.objects.count(), Level.objects.get().changed_at)
    assert rebuild.preview(shop.actor, shop.tea).empty
    rebuilt(shop)
    assert (Movement.objects.count(), AuditLog.objects.count(), Level.objects.get().changed_at) == before


def test_doing_it_again_changes_nothing(shop: Shop) -> None:
    shop.buy(10)
    by_hand("UPDATE inventory_batch SET received = 12000, remaining = 12000")
    rebuilt(shop)
    assert rebuild.preview(shop.actor, shop.tea).empty


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE inventory_batch SET remaining = -1000",
        "UPDATE inventory_batch SET sold = sold + 1000",
        "UPDATE inventory_batch SET written_off = -1000, gained = 500",
        "UPDATE inventory_batch SET voided_at = created_at",
        "UPDATE inventory_batch SET expiry_booked_at = created_at",
        "UPDATE inventory_batch SET moved_out = 1000, broken = 1000, voided = 1000",
    ],
)
def test_rows_that_no_constraint_would_let_in_are_healed(shop: Shop, sql: str) -> None:
    shop.buy(20, expires_at=timezone.now() + timedelta(days=9))
    shop.sell(3)
    by_hand(sql)
    rebuilt(shop)
    prove(shop.account)
    assert broken(shop.account) == {}
    assert (shop.packs, Batch.objects.get().state) == (17, "ACTIVE")


def test_goods_that_had_expired_stay_so(shop: Shop) -> None:
    purchase = shop.buy(10, expires_at=timezone.now() + timedelta(days=9))
    ledger.edit_purchase(shop.actor, purchase, expires_at=timezone.now() - timedelta(hours=1))
    expired = Batch.objects.get()
    by_hand("UPDATE inventory_batch SET expires_at = NULL, expiry_booked_at = NULL, received = 11000, remaining = 11000")
    by_hand("UPDATE inventory_level SET packs = 11000")
    rebuilt(shop)
    batch = Batch.objects.get()
    assert (batch.state, batch.remaining, batch.expires_at) == ("EXPIRED", 10, expired.expires_at)
    assert shop.packs == 0
    prove(shop.account)


def test_counters_follow_with_a_correction_and_its_audit(shop: Shop) -> None:
    shop.buy(10)
    by_hand("UPDATE inventory_level SET packs = 12000, units = 3000")
    plan = rebuilt(shop)
    (change,) = plan.levels
    assert (change.before, change.after) == (Counters(packs=Decimal(12), units=Decimal(3)), Counters(packs=Decimal(10)))
    assert shop.level() == Counters(packs=Decimal(10))
    marks = (
        Movement.objects.filter(kind="correction", cause="rebuild").order_by("unit_kind").values_list("unit_kind", "drift", "level_after")
    )
    assert list(marks) == [("packs", -2, 10), ("units", -3, 0)]
    row = AuditLog.objects.get(action="AUTO_SYNC_CORRECTION")
    assert row.after is not None
    assert (row.cause, row.after["difference"]) == ("rebuild", {"pallets": 0, "packs": -2, "units": -3})


def test_a_level_that_is_missing_is_made(shop: Shop) -> None:
    shop.buy(10)
    by_hand("DELETE FROM inventory_level")
    rebuilt(shop)
    assert shop.packs == 10
    assert broken(shop.account) == {}


def test_each_batch_that_changes_is_audited_with_before_and_after(shop: Shop) -> None:
    batch = shop.buy(10).batch
    shop.buy(5)
    by_hand("UPDATE inventory_batch SET received = 12500, remaining = 12500 WHERE id = %s", batch.pk)
    rebuilt(shop)
    row = AuditLog.objects.get(action="REBUILD")
    assert (row.entity, row.entity_id, row.cause, row.actor_label) == ("Batch", str(batch.pk), "rebuild", "Mara")
    assert (row.before, row.after) == ({"received": "12.5", "remaining": "12.5"}, {"received": "10", "remaining": "10"})


def test_those_above_are_told_and_the_minute_check_looks_again(shop: Shop) -> None:
    shop.buy(10)
    DirtyKey.objects.all().delete()
    by_hand("UPDATE inventory_level SET packs = 0")
    told: list[dict[str, Any]] = []

    def listen(**given: Any) -> None:
        told.append(given)

    levels_changed.connect(listen)
    try:
        rebuilt(shop)
    finally:
        levels_changed.disconnect(listen)
    assert [(each["keys"], each["cause"]) for each in told] == [([(shop.tea.pk, shop.place.pk)], "rebuild")]
    assert DirtyKey.objects.get().cause == "rebuild"


def test_what_is_booked_after_the_preview_calls_for_a_new_one(shop: Shop) -> None:
    shop.buy(10)
    by_hand("UPDATE inventory_batch SET received = 12000, remaining = 12000")
    by_hand("UPDATE inventory_level SET packs = 12000")
    plan = rebuild.preview(shop.actor, shop.tea)
    shop.sell(1)
    with pytest.raises(PlanChanged) as refused:
        rebuild.rebuild(shop.actor, shop.tea, digest=plan.digest)
    assert refused.value.details == {"digest": rebuild.preview(shop.actor, shop.tea).digest}
    assert Batch.objects.get().received == 12


def test_movements_that_contradict_themselves_need_a_person(shop: Shop) -> None:
    shop.buy(10)
    shop.sell(4)
    by_hand("DELETE FROM inventory_movement WHERE kind = 'receipt'")
    plan = rebuild.preview(shop.actor, shop.tea)
    batch = Batch.objects.get()
    assert plan.problems == (f"By its movements, remaining of batch {batch.pk} would be -4.",)
    with pytest.raises(NotRebuildable):
        rebuild.rebuild(shop.actor, shop.tea, digest=plan.digest)
    assert Batch.objects.get().remaining == 6


def test_movements_that_leave_open_whether_goods_count_need_a_person(shop: Shop) -> None:
    batch = shop.buy(10).batch
    by_hand("UPDATE inventory_movement SET level_delta = 4000")
    assert rebuild.preview(shop.actor, shop.tea).problems == (
        f"Of batch {batch.pk} 10 remain by its movements, but they left 4 in the counter.",
    )


def test_one_warehouse_at_a_time(shop: Shop) -> None:
    shop.buy(10)
    second = make_place(shop.account, "SHOP")
    shop.buy(20, warehouse=second)
    by_hand("UPDATE inventory_batch SET received = received + 1000, remaining = remaining + 1000")
    plan = rebuild.preview(shop.actor, shop.tea, second)
    assert [change.after["received"] for change in plan.batches] == [20]
    rebuild.rebuild(shop.actor, shop.tea, second, digest=plan.digest)
    assert sorted(Batch.objects.values_list("received", flat=True)) == [11, 20]


def test_other_products_are_left_alone(shop: Shop) -> None:
    coffee = make_product(shop.account, "QTX-COFFEE")
    shop.buy(10)
    shop.buy(10, product=coffee)
    by_hand("UPDATE inventory_batch SET received = 11000, remaining = 11000")
    rebuilt(shop)
    assert Batch.objects.get(product=coffee).received == 11


def test_a_product_that_never_had_stock_has_nothing_to_rebuild(shop: Shop) -> None:
    assert rebuild.preview(shop.actor, shop.tea).empty
    assert rebuilt(shop).empty


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_it_is_a_managers(shop: Shop, role: Role) -> None:
    with pytest.raises(NotAllowed):
        rebuild.preview(make_actor(shop.account, role), shop.tea)
    with pytest.raises(NotAllowed):
        rebuild.rebuild(make_actor(shop.account, role), shop.tea, digest="")


def test_every_kind_of_movement_finds_its_way_back(shop: Shop) -> None:
    """Receipt and its changes, sales and their reversal, opening, voiding and expiry: all columns at once."""
    shop.tea.packs_per_pallet = Decimal(4)
    shop.tea.save()
    shop.buy(3, "pallets")
    ledger.open_packs(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="pallets", quantity=2)
    purchase = shop.buy(10, expires_at=timezone.now() + timedelta(days=3))
    ledger.edit_purchase(shop.actor, purchase, quantity=9)
    ledger.cancel_sale(shop.actor, shop.sell(7))
    shop.sell(5)
    ledger.void_rest(shop.actor, purchase)
    before = list(Batch.objects.order_by("pk").values())
    by_hand("UPDATE inventory_batch SET received = 1000, sold = 2000, broken = 3000, voided = 4000, gained = 5000, remaining = 6000")
    rebuilt(shop)
    assert list(Batch.objects.order_by("pk").values()) == before
    prove(shop.account)
