"""Purchases of outside systems, new and corrected."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory import ledger
from inventory.ledger import BulkOutcome, PurchaseFact, SaleFact, receive_many, sell_many
from inventory.models import Batch, Level, Movement, Purchase, Sale, Vendor
from tests.build import make_account
from tests.inventory.integrity.breaking import broken
from tests.inventory.ledger.build import Shop, in_days, make_product
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


def bought(shop: Shop, key: str, quantity: Any, **given: Any) -> PurchaseFact:
    values = {
        "product_id": shop.tea.pk,
        "warehouse_id": shop.place.pk,
        "unit_kind": "packs",
        "unit_cost": "2.50",
        "bought_at": timezone.now() - timedelta(hours=2),
        **given,
    }
    return PurchaseFact(source_key=key, quantity=quantity, **values)


def receive(shop: Shop, *facts: PurchaseFact) -> BulkOutcome:
    outcome = receive_many(shop.actor, facts)
    assert outcome.processed == len(facts)
    prove(shop.account)
    return outcome


def sell(shop: Shop, *quantities: int) -> list[Sale]:
    """Sold outside, one minute after the other, the first an hour ago."""
    began = timezone.now() - timedelta(hours=1)
    about = {"product_id": shop.tea.pk, "warehouse_id": shop.place.pk, "unit_kind": "packs"}
    before = Sale.objects.count()
    sell_many(
        shop.actor,
        [
            SaleFact(source_key=f"sale {before + number}", quantity=quantity, sold_at=began + timedelta(minutes=before + number), **about)
            for number, quantity in enumerate(quantities)
        ],
    )
    return list(Sale.objects.order_by("id"))


def short() -> dict[str, Decimal]:
    return dict(Sale.objects.filter(shortfall__gt=0).values_list("source_key", "shortfall"))


def batch(key: str) -> Batch:
    return Batch.objects.get(purchase__source_key=key)


def test_purchases_become_batches_with_all_that_is_known() -> None:
    shop = Shop(packs_per_pallet=40)
    vendor = Vendor.objects.create(account=shop.account, name="Ruby Farm", name_key="RUBY FARM")
    outcome = receive(
        shop,
        bought(shop, "x", 10, lot="L1", expires_at=in_days(9), vendor_id=vendor.pk, reference="R 7"),
        bought(shop, "y", 5, unit_cost=None),
        bought(shop, "z", 2, unit_cost=0),
    )
    assert outcome.booked == 3
    x = batch("x")
    assert (x.received, x.remaining, x.lot, x.unit_cost, x.packs_per_pallet) == (10, 10, "L1", Decimal("2.50"), 40)
    assert (x.purchase.vendor_id, x.purchase.reference) == (vendor.pk, "R 7")
    assert batch("y").unit_cost is None
    assert batch("z").purchase.free_goods
    rows = Movement.objects.order_by("id").values_list("kind", "source_key", "batch_delta", "level_after", "document_id")
    assert list(rows) == [
        ("receipt", "x", 10, 10, x.purchase.pk),
        ("receipt", "y", 5, 15, batch("y").purchase.pk),
        ("receipt", "z", 2, 17, batch("z").purchase.pk),
    ]


def test_day_on_the_package_ends_as_the_settings_say() -> None:
    shop = Shop()
    day = (timezone.now() + timedelta(days=5)).date()
    receive(shop, bought(shop, "x", 1, expires_on=day))
    assert batch("x").expires_at.date() == day + timedelta(days=1)


def test_goods_that_expired_meanwhile_are_booked_and_do_not_count() -> None:
    shop = Shop()
    receive(shop, bought(shop, "x", 10, expires_at=timezone.now() - timedelta(hours=1)))
    assert (batch("x").remaining, batch("x").state) == (10, "EXPIRED")
    assert shop.packs == 0


def test_receipts_settle_shortfalls_the_oldest_first_from_what_expires_first() -> None:
    shop = Shop()
    sell(shop, 5, 5, 5)
    outcome = receive(shop, bought(shop, "never", 6, unit_cost=1), bought(shop, "soon", 6, unit_cost=2, expires_at=in_days(9)))
    assert outcome.settled == 12
    assert short() == {"sale 2": 3}
    assert dict(Sale.objects.values_list("source_key", "cost")) == {"sale 0": 10, "sale 1": 6, "sale 2": 2}
    settling = Movement.objects.filter(kind="sale").order_by("id").values_list("batch_id", "batch_delta", "reason")
    assert [row[:2] for row in settling] == [
        (batch("soon").pk, -5),
        (batch("soon").pk, -1),
        (batch("never").pk, -4),
        (batch("never").pk, -2),
    ]
    assert {row[2] for row in settling} == {"Settles a shortfall."}


def test_same_purchase_again_is_repeated() -> None:
    shop = Shop()
    receive(shop, bought(shop, "x", 10))
    assert receive(shop, bought(shop, "x", 10), bought(shop, "x", 10)).repeated == 2
    assert shop.packs == 10


def test_what_can_not_be_booked_is_held() -> None:
    shop = Shop()
    facts = [
        bought(shop, "negative", -1),
        bought(shop, "cost", 1, unit_cost="-1"),
        bought(shop, "vendor", 1, vendor_id=10**9),
        bought(shop, "product", 1, product_id=make_product(make_account("8QX")).pk),
        bought(shop, "both", 1, expires_at=in_days(1), expires_on=in_days(1).date()),
        bought(shop, "lot", 1, lot="L" * 81),
        bought(shop, "good", 1),
    ]
    outcome = receive(shop, *facts)
    assert [key for key, _ in outcome.held] == [fact.source_key for fact in facts[:-1]]
    assert outcome.booked == 1


def test_receipt_of_a_quarantined_level_goes_in_and_settles_nothing() -> None:
    shop = Shop()
    sell(shop, 5)
    Level.objects.update(quarantined_at=timezone.now(), packs=3)
    outcome = receive_many(shop.actor, [bought(shop, "x", 10)])
    assert (outcome.booked, outcome.settled) == (1, 0)
    assert shop.packs == 13
    assert short() == {"sale 0": 5}


class TestCorrections:
    """10 came in."""

    @pytest.fixture(autouse=True)
    def _bought(self) -> None:
        self.shop = Shop()
        receive(self.shop, bought(self.shop, "x", 10))

    def correct(self, quantity: Any, revision: int = 1, **given: Any) -> BulkOutcome:
        return receive(self.shop, bought(self.shop, "x", quantity, revision=revision, **given))

    def test_more_came_in(self) -> None:
        sell(self.shop, 12)
        assert self.correct(15).settled == 2
        assert short() == {}
        assert self.shop.packs == 3
        assert list(Movement.objects.filter(source_key="x#1").values_list("kind", "batch_delta")) == [("receipt_edit", 5)]

    def test_less_came_in_and_it_is_still_there(self) -> None:
        sell(self.shop, 4)
        assert self.correct(7).corrected == 1
        assert (batch("x").received, batch("x").remaining, self.shop.packs) == (7, 3, 3)

    def test_less_came_in_than_was_sold(self) -> None:
        sell(self.shop, 3, 4, 2)
        self.correct(5)
        assert short() == {"sale 1": 2, "sale 2": 2}
        assert (batch("x").received, batch("x").sold, batch("x").remaining) == (5, 5, 0)
        assert dict(Sale.objects.values_list("source_key", "cost")) == {"sale 0": Decimal("7.5"), "sale 1": 5, "sale 2": 0}
        receive(self.shop, bought(self.shop, "y", 3))
        assert short() == {"sale 2": 1}

    def test_what_sales_gave_back_is_taken_from_other_goods_at_once(self) -> None:
        sell(self.shop, 9)
        receive(self.shop, bought(self.shop, "y", 3))
        assert self.correct(5).settled == 3
        assert short() == {"sale 0": 1}

    def test_nothing_came_in(self) -> None:
        sell(self.shop, 4)
        self.correct(0)
        assert short() == {"sale 0": 4}
        assert (batch("x").state, batch("x").voided, self.shop.packs) == ("VOID", 10, 0)
        assert Purchase.objects.get().status == "voided"

    def test_void_then_entered_again(self) -> None:
        self.correct(10, void=True)
        self.correct(8, revision=2)
        assert batch("x").remaining == self.shop.packs == 8
        assert Purchase.objects.count() == 2

    def test_it_was_another_product(self) -> None:
        sell(self.shop, 4)
        milk = make_product(self.shop.account, "QTX-MILK")
        assert self.correct(10, product_id=milk.pk).corrected == 1
        assert short() == {"sale 0": 4}
        assert (self.shop.packs, self.shop.level(milk).packs) == (0, 10)
        assert Purchase.objects.get(source_key="x").revision == 1

    def test_older_revision_comes_late(self) -> None:
        self.correct(7, revision=3)
        assert self.correct(9, revision=2).repeated == 1
        assert self.shop.packs == 7

    def test_cost_lot_and_vendor_follow(self) -> None:
        sell(self.shop, 4)
        self.correct(10, unit_cost="3", lot="L2", reference="R 8")
        assert (batch("x").unit_cost, batch("x").lot, Purchase.objects.get().reference) == (3, "L2", "R 8")
        assert Sale.objects.get().cost == 10
        assert Movement.objects.filter(source_key="x#1").count() == 0

    def test_it_expires_earlier_than_was_thought(self) -> None:
        self.correct(10, expires_at=timezone.now() - timedelta(hours=1))
        assert (batch("x").state, self.shop.packs) == ("EXPIRED", 0)
        self.correct(9, revision=2, expires_at=in_days(9))
        assert (batch("x").state, self.shop.packs) == ("ACTIVE", 9)

    def test_expired_when_sold_out_and_more_came_in(self) -> None:
        sell(self.shop, 10)
        Batch.objects.update(expires_at=timezone.now() - timedelta(hours=1))
        self.correct(12, expires_at=batch("x").expires_at)
        assert (batch("x").remaining, batch("x").state, self.shop.packs) == (2, "EXPIRED", 0)

    def test_what_was_written_off_can_not_be_taken_back(self) -> None:
        about = {"product": self.shop.tea, "warehouse": self.shop.place, "unit_kind": "packs"}
        ledger.write_off(self.shop.actor, quantity=6, reason="damaged", note="Fell.", **about)
        outcome = self.correct(3)
        assert outcome.held[0][0] == "x"
        assert "6 of batch" in outcome.held[0][1]
        assert self.shop.packs == 4
        assert self.correct(6).corrected == 1
        assert self.shop.packs == 0

    def test_quarantined_purchase_is_held(self) -> None:
        Level.objects.update(quarantined_at=timezone.now())
        assert len(self.correct(3).held) == 1
        assert self.shop.packs == 10


def test_fractional_costs_of_outside_systems_are_kept_to_four_places() -> None:
    shop = Shop()
    receive(shop, bought(shop, "x", 3, unit_cost="3.333333"))
    assert batch("x").unit_cost == Decimal("3.3333")


def test_what_a_customer_brought_back_into_the_batch_is_not_corrected_away() -> None:
    shop = Shop()
    receive(shop, bought(shop, "x", 10))
    shop.sell(10)
    what = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "batch": batch("x")}
    ledger.take_back(shop.actor, quantity=2, **what)
    receive(shop, bought(shop, "x", 10, revision=1, unit_cost=3))
    assert (shop.packs, batch("x").unit_cost, short()) == (2, 3, {})
    receive(shop, bought(shop, "x", 11, revision=2))
    assert shop.packs == 3


def test_another_expiry_is_told_anew_and_the_same_is_not() -> None:
    shop = Shop()
    soon, late = in_days(5), in_days(300)
    receive(shop, bought(shop, "x", 10, expires_at=soon))
    Batch.objects.update(warned_days=7)
    receive(shop, bought(shop, "x", 9, revision=1, expires_at=soon))
    assert batch("x").warned_days == 7
    receive(shop, bought(shop, "x", 9, revision=2, expires_at=late))
    assert batch("x").warned_days is None


def test_an_expiry_that_is_put_before_a_sale_leaves_no_offender() -> None:
    shop = Shop()
    receive(shop, bought(shop, "x", 10, expires_at=in_days(5)))
    shop.sell(10)
    receive(shop, bought(shop, "x", 10, revision=1, expires_at=timezone.now() - timedelta(minutes=5)))
    assert broken(shop.account) == {}
