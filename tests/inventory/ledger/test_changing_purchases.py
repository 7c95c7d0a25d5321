"""Purchases that are corrected or voided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import AuditLog
from inventory import integrity, ledger
from inventory.errors import AlreadyUndone, BatchInUse, QuantityBelowSold, SameLotAgain
from inventory.models import Batch, BatchState, Level, Movement, Purchase, PurchaseStatus
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_place
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


def brought_back(shop: Shop, quantity: int) -> Purchase:
    """A purchase of 10 that were all sold, into whose batch a customer brought something back."""
    bought = shop.buy(10)
    shop.sell(10)
    what = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "batch": batch_of(bought)}
    ledger.take_back(shop.actor, quantity=quantity, **what)
    return bought


class TestVoid:
    def test_unsold_purchase_is_taken_back_and_kept(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        voided = ledger.void_purchase(shop.actor, bought)
        batch = batch_of(bought)
        assert (batch.received, batch.voided, batch.remaining, batch.state) == (10, 10, 0, BatchState.VOID)
        assert voided.status == PurchaseStatus.VOIDED
        assert shop.packs == 0
        assert Level.objects.filter(product=shop.tea).exists()

    def test_audit_row_keeps_what_it_was(self) -> None:
        shop = Shop()
        bought = shop.buy(10, lot="L1")
        ledger.void_purchase(shop.actor, bought)
        row = AuditLog.objects.get(entity="Purchase", action="DELETE")
        assert row.before is not None
        assert (row.before["quantity"], row.before["lot"], row.cause, row.correlation) == (
            "10",
            "L1",
            "purchase_deletion",
            bought.correlation,
        )

    def test_expired_and_unsold_leaves_the_counter_as_it_is_without_drift(self) -> None:
        shop = Shop()
        expired, other = shop.buy(10, expires_at=in_days(1)), shop.buy(3)
        let_expire(expired)
        ledger.void_purchase(shop.actor, expired)
        assert shop.packs == 3
        assert batch_of(other).remaining == 3
        assert not Movement.objects.filter(kind="correction").exists()
        assert list(Movement.objects.order_by("id").values_list("kind", "level_delta")) == [
            ("receipt", 10),
            ("receipt", 3),
            ("expiry", -10),
            ("receipt_void", 0),
        ]

    def test_once_its_sales_are_cancelled_it_can_be_voided(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        sale = shop.sell(4)
        with pytest.raises(BatchInUse):
            ledger.void_purchase(shop.actor, bought)
        ledger.cancel_sale(shop.actor, sale)
        ledger.void_purchase(shop.actor, bought)
        assert shop.packs == 0

    def test_refusal_changes_nothing_and_lists_the_sales(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        first, second = shop.sell(1), shop.sell(2)
        with pytest.raises(BatchInUse) as refused:
            ledger.void_purchase(shop.actor, bought)
        assert refused.value.details == {
            "sales": [
                {"sale": first.pk, "purpose": "sale", "quantity": 1},
                {"sale": second.pk, "purpose": "sale", "quantity": 2},
            ],
            "remaining": 7,
        }
        assert refused.value.code == "BATCH_IN_USE"
        assert "void only the rest" in refused.value.hint
        assert (batch_of(bought).remaining, shop.packs) == (7, 7)

    def test_what_a_customer_brought_back_into_the_batch_is_not_voided_with_it(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        sale = shop.sell(10)
        what = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "batch": batch_of(bought)}
        ledger.take_back(shop.actor, quantity=2, **what)
        ledger.cancel_sale(shop.actor, sale)
        with pytest.raises(BatchInUse, match="something came back from a customer") as refused:
            ledger.void_purchase(shop.actor, bought)
        assert "void only the rest" in refused.value.hint
        assert shop.packs == 12

    def test_second_void_is_refused(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        ledger.void_purchase(shop.actor, bought)
        with pytest.raises(AlreadyUndone):
            ledger.void_purchase(shop.actor, bought)

    def test_rest_of_a_used_one_can_be_voided(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        shop.sell(4)
        ledger.void_rest(shop.actor, bought)
        batch = batch_of(bought)
        assert (batch.sold, batch.voided, batch.remaining, batch.state) == (4, 6, 0, BatchState.DEPLETED)
        assert shop.packs == 0

    def test_batch_under_a_sale_is_protected_from_deletion(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        shop.sell(4)
        with pytest.raises(ProtectedError), transaction.atomic():
            batch_of(bought).delete()


class TestQuantity:
    def test_raised_after_a_part_was_sold_raises_what_is_left(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        shop.sell(10)
        assert batch_of(bought).state == BatchState.DEPLETED
        ledger.edit_purchase(shop.actor, bought, quantity=12)
        batch = batch_of(bought)
        assert (batch.received, batch.sold, batch.remaining, batch.state) == (12, 10, 2, BatchState.ACTIVE)
        assert shop.packs == 2

    def test_raised_once_expired_stays_expired_and_uncounted(self) -> None:
        shop = Shop()
        bought = shop.buy(10, expires_at=in_days(1))
        shop.sell(10)
        let_expire(bought)
        ledger.edit_purchase(shop.actor, bought, quantity=12)
        assert batch_of(bought).state == BatchState.EXPIRED
        assert shop.packs == 0

    def test_down_to_what_was_sold(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        shop.sell(4)
        ledger.edit_purchase(shop.actor, bought, quantity=4)
        assert batch_of(bought).state == BatchState.DEPLETED
        assert shop.packs == 0

    def test_below_what_was_sold_is_refused(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        shop.sell(4)
        with pytest.raises(QuantityBelowSold) as refused:
            ledger.edit_purchase(shop.actor, bought, quantity=3)
        assert refused.value.details == {"used": 4, "asked": 3}
        assert (batch_of(bought).received, shop.packs) == (10, 6)

    def test_what_a_customer_brought_back_into_the_batch_is_beside_it(self) -> None:
        shop = Shop()
        bought = brought_back(shop, 2)
        ledger.edit_purchase(shop.actor, bought, quantity=10)
        assert (batch_of(bought).received, shop.packs) == (12, 2)
        ledger.edit_purchase(shop.actor, bought, quantity=11)
        assert (batch_of(bought).received, shop.packs) == (13, 3)
        row = AuditLog.objects.get(entity="Purchase", action="CHANGE")
        assert row.before is not None
        assert row.after is not None
        assert (row.before["quantity"], row.after["quantity"]) == ("10", "11")

    def test_one_movement_tells_the_difference(self) -> None:
        shop = Shop()
        ledger.edit_purchase(shop.actor, shop.buy(10), quantity=7)
        movement = Movement.objects.get(kind="receipt_edit")
        assert (movement.batch_delta, movement.level_delta, movement.level_after, movement.cause) == (-3, -3, 7, "purchase_edit")


class TestCost:
    def test_cost_never_revives_an_expired_batch(self) -> None:
        shop = Shop()
        bought = shop.buy(10, expires_at=in_days(1))
        let_expire(bought)
        ledger.edit_purchase(shop.actor, bought, unit_cost="1.10")
        batch = batch_of(bought)
        assert (batch.state, batch.unit_cost) == (BatchState.EXPIRED, Decimal("1.10"))
        assert shop.packs == 0

    def test_sales_made_keep_their_cost(self) -> None:
        shop = Shop()
        bought = shop.buy(10, cost=2)
        sale = shop.sell(4)
        ledger.edit_purchase(shop.actor, bought, unit_cost=3)
        sale.refresh_from_db()
        assert sale.cost == 8

    def test_zero_cost_needs_the_flag(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        with pytest.raises(ValidationError):
            ledger.edit_purchase(shop.actor, bought, unit_cost=0)
        ledger.edit_purchase(shop.actor, bought, free_goods=True)
        assert batch_of(bought).unit_cost == 0


class TestExpiry:
    def test_later_date_brings_expired_goods_back(self) -> None:
        shop = Shop()
        bought = shop.buy(10, expires_at=in_days(1))
        let_expire(bought)
        shop.buy(1)
        assert shop.packs == 1
        ledger.edit_purchase(shop.actor, bought, expires_on=date(2098, 1, 1))
        assert batch_of(bought).state == BatchState.ACTIVE
        assert shop.packs == 11
        assert Movement.objects.get(kind="expiry_lifted").level_delta == 10

    def test_no_date_any_more_brings_them_back_too(self) -> None:
        shop = Shop()
        bought = shop.buy(10, expires_at=in_days(1))
        let_expire(bought)
        ledger.edit_purchase(shop.actor, bought, expires_on=None)
        assert (batch_of(bought).expires_at, shop.packs) == (None, 10)

    def test_earlier_date_takes_them_out_at_once(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        ledger.edit_purchase(shop.actor, bought, expires_at=in_days(-1))
        assert batch_of(bought).state == BatchState.EXPIRED
        assert shop.packs == 0
        assert Movement.objects.get(kind="expiry").level_delta == -10


class TestUnitKind:
    def test_unused_purchase_moves_to_the_other_counter(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        ledger.edit_purchase(shop.actor, bought, unit_kind="units")
        assert shop.level() == (0, 0, 10)
        assert batch_of(bought).unit_kind == "units"
        assert batch_of(bought).remaining == 10

    def test_once_sold_from_it_is_refused_even_after_the_sale_was_cancelled(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        ledger.cancel_sale(shop.actor, shop.sell(1))
        with pytest.raises(BatchInUse):
            ledger.edit_purchase(shop.actor, bought, unit_kind="units")
        assert shop.level() == (0, 10, 0)

    def test_once_something_came_back_into_it_is_refused(self) -> None:
        shop = Shop()
        bought = shop.buy(10)
        what = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "batch": batch_of(bought)}
        ledger.take_back(shop.actor, quantity=2, **what)
        with pytest.raises(BatchInUse):
            ledger.edit_purchase(shop.actor, bought, unit_kind="units")
        assert shop.level() == (0, 12, 0)


class TestLot:
    def test_lot_of_another_batch_is_refused_by_the_setting(self) -> None:
        shop = Shop()
        shop.allow(same_lot="refuse")
        shop.buy(5, lot="L1")
        bought = shop.buy(10, lot="L2")
        with pytest.raises(SameLotAgain):
            ledger.edit_purchase(shop.actor, bought, lot="L1")
        assert batch_of(bought).lot == "L2"

    def test_its_own_lot_may_be_given_again(self) -> None:
        shop = Shop()
        shop.allow(same_lot="refuse")
        bought = shop.buy(10, lot="L1")
        ledger.edit_purchase(shop.actor, bought, lot="L1")
        assert batch_of(bought).lot == "L1"

    def test_without_the_setting_it_is_changed(self) -> None:
        shop = Shop()
        shop.buy(5, lot="L1")
        bought = shop.buy(10)
        ledger.edit_purchase(shop.actor, bought, lot="L1")
        assert batch_of(bought).lot == "L1"


def test_nothing_given_changes_and_tells_nothing() -> None:
    shop = Shop()
    bought = shop.buy(10)
    before = Batch.objects.values().get()
    ledger.edit_purchase(shop.actor, bought)
    assert Batch.objects.values().get() == before
    assert not AuditLog.objects.filter(entity="Purchase", action="CHANGE").exists()
    assert Movement.objects.count() == 1


def test_voided_purchase_is_not_changed() -> None:
    shop = Shop()
    bought = shop.buy(10)
    ledger.void_purchase(shop.actor, bought)
    with pytest.raises(AlreadyUndone):
        ledger.edit_purchase(shop.actor, bought, quantity=3)


class TestExpiryElsewhere:
    """Ten were bought, four of them are in the back store by now."""

    @pytest.fixture(autouse=True)
    def _moved(self) -> None:
        self.shop = Shop(packs_per_pallet=4)
        self.bought = self.shop.buy(10, expires_at=in_days(100))
        self.back = make_place(self.shop.account, "BACK")
        given = {"product": self.shop.tea, "source": self.shop.place, "target": self.back, "unit_kind": "packs", "quantity": 4}
        ledger.transfer(self.shop.actor, **given)
        self.arrived = Batch.objects.get(warehouse=self.back)

    def counters(self) -> tuple[Decimal, Decimal]:
        return self.shop.packs, self.shop.level(place=self.back).packs

    def test_what_was_transferred_expires_with_it(self) -> None:
        ledger.edit_purchase(self.shop.actor, self.bought, expires_at=in_days(-1))
        self.arrived.refresh_from_db()
        assert (batch_of(self.bought).state, self.arrived.state) == ("EXPIRED", "EXPIRED")
        assert self.counters() == (0, 0)
        prove(self.shop.account)

    def test_and_comes_back_with_it(self) -> None:
        ledger.edit_purchase(self.shop.actor, self.bought, expires_at=in_days(-1))
        ledger.edit_purchase(self.shop.actor, self.bought, expires_on=date(2098, 1, 1))
        self.arrived.refresh_from_db()
        assert (self.arrived.state, self.arrived.expires_on) == ("ACTIVE", date(2098, 1, 1))
        assert self.counters() == (6, 4)
        prove(self.shop.account)

    def test_each_batch_has_its_audit_row(self) -> None:
        ledger.edit_purchase(self.shop.actor, self.bought, expires_on=date(2098, 1, 1))
        row = AuditLog.objects.get(entity="Batch", action="CHANGE")
        assert (row.entity_id, row.correlation) == (str(self.arrived.pk), self.bought.correlation)

    def test_sales_made_there_before_are_no_offence(self) -> None:
        ledger.sell(self.shop.actor, product=self.shop.tea, warehouse=self.back, unit_kind="packs", quantity=1)
        Movement.objects.filter(kind="sale").get()
        ledger.edit_purchase(self.shop.actor, self.bought, expires_at=in_days(-1))
        (answer,) = [each for each in integrity.check(self.shop.actor).checks if each["invariant"] == "I7"]
        assert answer["offenders"] == 0

    def test_goods_with_a_date_of_their_own_keep_it(self) -> None:
        Batch.objects.filter(pk=self.arrived.pk).update(expires_at=in_days(50))
        ledger.edit_purchase(self.shop.actor, self.bought, expires_at=in_days(-1))
        assert self.counters() == (0, 4)


def test_opened_pallet_s_packs_expire_with_it() -> None:
    shop = Shop(packs_per_pallet=4)
    bought = shop.buy(2, "pallets", expires_at=in_days(100))
    ledger.open_packs(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="pallets", quantity=1)
    ledger.edit_purchase(shop.actor, bought, expires_at=in_days(-1))
    assert shop.level() == (0, 0, 0)
    prove(shop.account)
