"""Purchases as they come in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import ledger
from inventory.errors import BeforeOpening, ExpiredProduct, NotALedger, SameLotAgain
from inventory.models import Batch, Level, Movement, Product, Purchase, Warehouse
from tests.build import make_account, make_actor
from tests.inventory.build import make_warehouse
from tests.inventory.ledger.build import Shop, batch_of, in_days, make_product

pytestmark = pytest.mark.django_db


def refused(shop: Shop, field: str, quantity: Any = 5, **given: Any) -> str:
    with pytest.raises(ValidationError) as error:
        shop.buy(quantity, **given)
    assert not Batch.objects.exists()
    assert not Purchase.objects.exists()
    assert not Movement.objects.exists()
    return " ".join(error.value.message_dict[field])


class TestQuantity:
    @pytest.mark.parametrize("quantity", [0, -1, "0.000", "-0.5"])
    def test_nothing_or_less_is_refused(self, quantity: object) -> None:
        assert "above zero" in refused(Shop(), "quantity", quantity)

    @pytest.mark.parametrize("quantity", ["a lot", "NaN", "Infinity", "", None, "1e12", 10**15, "0.0001"])
    def test_what_is_no_quantity_is_refused(self, quantity: object) -> None:
        assert "“" in refused(Shop(), "quantity", quantity)

    def test_fraction_of_something_whole_is_refused(self) -> None:
        assert "whole numbers" in refused(Shop(), "quantity", "1.5")

    def test_fraction_of_something_fractional_is_booked_to_the_thousandth(self) -> None:
        shop = Shop(fractional=True)
        shop.buy("1.255")
        assert shop.packs == Decimal("1.255")


class TestCost:
    @pytest.mark.parametrize("cost", [0, "0.009", -1])
    def test_less_than_a_cent_is_refused(self, cost: object) -> None:
        assert "at least 0" in refused(Shop(), "unit_cost", cost=cost)

    @pytest.mark.parametrize("cost", [None, ""])
    def test_missing_cost_is_asked_for(self, cost: object) -> None:
        assert "goods are free" in refused(Shop(), "unit_cost", cost=cost)

    @pytest.mark.parametrize("cost", ["NaN", "dear", "1e99", "0.01001"])
    def test_what_is_no_money_is_refused(self, cost: object) -> None:
        assert refused(Shop(), "unit_cost", cost=cost)

    def test_a_cent_is_enough(self) -> None:
        assert batch_of(Shop().buy(1, cost="0.01")).unit_cost == Decimal("0.01")

    def test_free_goods_cost_nothing(self) -> None:
        bought = Shop().buy(1, cost=None, free_goods=True)
        assert batch_of(bought).unit_cost == 0
        assert bought.free_goods

    def test_free_goods_with_a_cost_are_refused(self) -> None:
        assert "Free goods" in refused(Shop(), "unit_cost", free_goods=True)


def test_unknown_unit_kind_is_refused() -> None:
    assert "pallets, packs, units" in refused(Shop(), "unit_kind", 5, kind="boxes")


class TestExpiry:
    def test_expired_on_arrival_is_refused(self) -> None:
        shop = Shop()
        with pytest.raises(ExpiredProduct) as error:
            shop.buy(5, expires_at=timezone.now())
        assert error.value.code == "EXPIRED_PRODUCT"
        assert not Batch.objects.exists()

    def test_soon_is_booked_with_a_warning(self) -> None:
        assert Shop().receive(5, expires_at=in_days(29.5)).warnings == ("This expires within 30 days.",)

    def test_one_day_left_is_said_in_the_singular(self) -> None:
        assert Shop().receive(5, expires_at=in_days(0.5)).warnings == ("This expires within 1 day.",)

    def test_later_than_the_horizon_is_booked_silently(self) -> None:
        assert Shop().receive(5, expires_at=in_days(31)).warnings == ()

    def test_horizon_is_a_setting(self) -> None:
        shop = Shop()
        shop.allow(warn_days=60)
        assert shop.receive(5, expires_at=in_days(50)).warnings

    @pytest.mark.parametrize(("days", "warned"), [(30, True), (31, False)])
    def test_last_day_of_the_horizon_is_warned_of(self, days: int, warned: bool) -> None:
        shop = Shop(make_account(time_zone="America/Chicago"))
        day = timezone.now().astimezone(ZoneInfo("America/Chicago")).date() + timedelta(days=days)
        assert bool(shop.receive(5, expires_on=day).warnings) == warned

    def test_no_horizon_warns_of_nothing(self) -> None:
        shop = Shop()
        shop.allow(warn_days=0)
        assert shop.receive(5, expires_on=timezone.now().date()).warnings == ()

    def test_day_and_instant_together_are_refused(self) -> None:
        assert "not both" in refused(Shop(), "expires_at", expires_on=date(2099, 1, 1), expires_at=in_days(5))

    def test_day_is_valid_to_its_end_in_the_account_s_zone(self) -> None:
        shop = Shop(make_account(time_zone="America/Chicago"))
        batch = batch_of(shop.buy(5, expires_on=date(2098, 7, 1)))
        assert batch.expires_at == datetime(2098, 7, 2, tzinfo=ZoneInfo("America/Chicago"))
        assert batch.expires_on == date(2098, 7, 1)

    def test_day_may_end_at_its_beginning(self) -> None:
        shop = Shop()
        shop.allow(expiry_ends="start")
        assert batch_of(shop.buy(5, expires_on=date(2098, 7, 1))).expires_at == datetime(2098, 7, 1, tzinfo=ZoneInfo("UTC"))

    def test_last_day_of_the_calendar_is_refused(self) -> None:
        assert "too far" in refused(Shop(), "expires_on", expires_on=date.max)


class TestLot:
    def test_lot_that_came_before_is_booked_with_a_warning(self) -> None:
        shop = Shop()
        first = shop.buy(5, lot="L1")
        again = shop.receive(5, lot="L1")
        assert again.warnings == (f"Lot L1 of QTX-TEA Tea came in before, as batch {first.batch_id}.",)
        assert again.purchase.batch_id != first.batch_id

    def test_setting_refuses_it(self) -> None:
        shop = Shop()
        shop.allow(same_lot="refuse")
        shop.buy(5, lot="L1")
        with pytest.raises(SameLotAgain):
            shop.buy(5, lot="L1")
        assert shop.packs == 5


class TestPlace:
    def test_mirror_warehouse_is_refused(self) -> None:
        shop = Shop()
        with pytest.raises(NotALedger):
            shop.buy(5, warehouse=make_warehouse(shop.account))
        assert not Batch.objects.exists()

    def test_warehouse_out_of_use_is_refused(self) -> None:
        shop = Shop()
        shop.place.active = False
        shop.place.save()
        with pytest.raises(NotALedger):
            shop.buy(5)

    def test_before_the_opening_is_refused(self) -> None:
        with pytest.raises(BeforeOpening):
            Shop().buy(5, bought_at=timezone.now() - timedelta(days=1001))

    def test_future_is_refused(self) -> None:
        assert "future" in refused(Shop(), "bought_at", bought_at=in_days(1))

    def test_other_account_s_product_is_unknown(self) -> None:
        shop = Shop()
        with pytest.raises(Product.DoesNotExist):
            shop.buy(5, product=make_product(make_account("Other")))
        assert not Level.objects.exists()

    def test_other_account_s_warehouse_is_unknown(self) -> None:
        shop = Shop()
        with pytest.raises(Warehouse.DoesNotExist):
            shop.buy(5, warehouse=Shop(make_account("Other")).place)


def test_batch_equation_holds_from_the_start() -> None:
    batch = batch_of(Shop().buy(7))
    assert (batch.received, batch.remaining, batch.sold) == (7, 7, 0)


def test_packing_is_copied_to_the_batch() -> None:
    batch = batch_of(Shop(packs_per_pallet=40, units_per_pack=12).buy(1, "pallets"))
    assert (batch.packs_per_pallet, batch.units_per_pack) == (40, 12)


def test_movement_and_audit_row_tell_of_it_under_one_correlation() -> None:
    shop = Shop()
    bought = shop.buy(7, lot="L1", reference="INV-1")
    movement = Movement.objects.get()
    assert (movement.kind, movement.cause, movement.batch_delta, movement.level_delta, movement.level_after) == (
        "receipt",
        "purchase_creation",
        7,
        7,
        7,
    )
    assert (movement.document_id, movement.actor_label, movement.correlation) == (bought.pk, "Mara", bought.correlation)
    row = AuditLog.objects.get(entity="Purchase")
    assert (row.entity_id, row.action, row.cause, row.actor_label) == (str(bought.pk), "ADD", "purchase_creation", "Mara")
    assert row.correlation == bought.correlation
    assert row.after is not None
    assert (row.after["quantity"], row.after["lot"], row.after["reference"], row.after["product"]) == ("7", "L1", "INV-1", shop.tea.pk)


def test_same_source_key_is_booked_once() -> None:
    shop = Shop()
    first = shop.buy(7, source_key="inv-1")
    again = shop.buy(7, source_key="inv-1")
    assert again.pk == first.pk
    assert shop.packs == 7
    assert Movement.objects.count() == 1


def test_viewer_may_not() -> None:
    shop = Shop()
    shop.actor = make_actor(shop.account, Role.VIEWER)
    with pytest.raises(NotAllowed):
        shop.buy(1)


def test_statements_stay_as_few(django_assert_max_num_queries: Any) -> None:
    shop = Shop()
    shop.buy(1)
    with django_assert_max_num_queries(20):
        shop.buy(1)


def test_voided_batch_s_lot_may_come_again() -> None:
    shop = Shop()
    shop.allow(same_lot="refuse")
    ledger.void_purchase(shop.actor, shop.buy(5, lot="L1"))
    shop.buy(5, lot="L1")
    assert shop.packs == 5
