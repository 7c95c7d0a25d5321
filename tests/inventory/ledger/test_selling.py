"""Sales by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditLog
from inventory import ledger
from inventory.errors import InsufficientStock, NoBatches, NotALedger
from inventory.models import Allocation, BatchState, Movement, Sale
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire, make_place, make_product

pytestmark = pytest.mark.django_db


def taken(sale: Sale) -> list[tuple[int, Decimal]]:
    return list(sale.allocations.order_by("id").values_list("batch_id", "quantity"))


def test_one_sale_lowers_the_counter_by_exactly_what_was_sold() -> None:
    shop = Shop()
    shop.buy(74)
    shop.sell(9)
    assert shop.packs == 65
    assert sum(Movement.objects.filter(kind="sale").values_list("level_delta", flat=True)) == -9


def test_sale_that_empties_the_last_batch_leaves_nothing_to_sell() -> None:
    shop = Shop()
    bought = shop.buy(5)
    shop.sell(5)
    assert batch_of(bought).state == BatchState.DEPLETED
    assert shop.packs == 0
    with pytest.raises(NoBatches) as refused:
        shop.sell(1)
    assert (refused.value.code, refused.value.status) == ("NO_BATCHES", 409)


def test_one_more_than_three_batches_hold_touches_no_row() -> None:
    shop = Shop()
    bought = [shop.buy(quantity) for quantity in (1, 2, 3)]
    with pytest.raises(InsufficientStock) as refused:
        shop.sell(7)
    assert (refused.value.code, refused.value.status) == ("INSUFFICIENT_STOCK", 409)
    assert refused.value.details == {"available": 6, "asked": 7, "unit_kind": "packs"}
    assert [batch_of(each).remaining for each in bought] == [1, 2, 3]
    assert shop.packs == 6
    assert not Sale.objects.exists()
    assert not Allocation.objects.exists()
    assert not Movement.objects.filter(kind="sale").exists()
    assert not AuditLog.objects.filter(entity="Sale").exists()


def test_same_expiry_and_day_takes_the_lower_number_first() -> None:
    shop = Shop()
    expiry, at = in_days(100), timezone.now()
    first, second = (shop.buy(5, expires_at=expiry, bought_at=at) for _ in range(2))
    assert taken(shop.sell(6)) == [(first.batch_id, 5), (second.batch_id, 1)]


def test_dated_goods_go_before_undated_ones_however_far_away_their_date() -> None:
    shop = Shop()
    undated, dated = shop.buy(5), shop.buy(5, expires_at=in_days(5 * 365))
    assert taken(shop.sell(6)) == [(dated.batch_id, 5), (undated.batch_id, 1)]


def test_what_expires_this_instant_is_expired() -> None:
    shop = Shop()
    bought = shop.buy(5, expires_at=in_days(1))
    let_expire(bought)
    with pytest.raises(NoBatches):
        shop.sell(1)


def test_other_unit_kinds_and_places_are_not_touched() -> None:
    shop = Shop()
    shop.buy(5, "units")
    elsewhere = make_place(shop.account, "SIDE")
    shop.buy(5, warehouse=elsewhere)
    with pytest.raises(NoBatches):
        shop.sell(1)
    assert shop.level() == (0, 0, 5)
    assert shop.level(place=elsewhere) == (0, 5, 0)


def test_cost_is_of_the_batches_really_taken() -> None:
    shop = Shop()
    shop.buy(10, cost="1.00", expires_at=in_days(100))
    shop.buy(10, cost="3.00")
    assert shop.sell(12).cost == Decimal("16")


def test_answer_names_batches_and_movements() -> None:
    shop = Shop()
    shop.buy(2, lot="L1", expires_at=in_days(100))
    shop.buy(5, lot="L2")
    sold = shop.sold(3)
    assert [(each.batch.lot, each.quantity) for each in sold.allocations] == [("L1", 2), ("L2", 1)]
    assert list(Movement.objects.filter(kind="sale").order_by("id").values_list("pk", flat=True)) == list(sold.movement_ids)


def test_running_balance_is_told_by_each_movement() -> None:
    shop = Shop()
    shop.buy(2, expires_at=in_days(100))
    shop.buy(5)
    shop.sell(3)
    assert list(Movement.objects.order_by("id").values_list("level_after", flat=True)) == [2, 7, 5, 4]


@pytest.mark.parametrize("quantity", [0, -3, "1.5", "NaN", "1e15", "some"])
def test_bad_quantity_is_refused(quantity: object) -> None:
    shop = Shop()
    shop.buy(5)
    with pytest.raises(ValidationError) as refused:
        shop.sell(quantity)
    assert "quantity" in refused.value.message_dict
    assert shop.packs == 5


@pytest.mark.parametrize("price", [-1, "NaN", "dear"])
def test_bad_price_is_refused(price: object) -> None:
    shop = Shop()
    shop.buy(5)
    with pytest.raises(ValidationError) as refused:
        shop.sell(1, price=price)
    assert "price" in refused.value.message_dict


def test_mirror_is_refused() -> None:
    shop = Shop()
    with pytest.raises(NotALedger):
        shop.sell(1, warehouse=make_warehouse(shop.account))


def test_other_account_s_product_is_unknown() -> None:
    shop = Shop()
    other = make_product(make_account("Other"))
    with pytest.raises(type(other).DoesNotExist):
        shop.sell(1, product=other)


def test_product_that_is_not_active_is_still_sold_off() -> None:
    shop = Shop()
    shop.buy(5)
    shop.tea.active = False
    shop.tea.save()
    shop.sell(5)
    assert shop.packs == 0


def test_same_order_delivered_twice_is_one_sale() -> None:
    shop = Shop()
    shop.buy(5)
    first, again = shop.sold(2, source_key="order 7"), shop.sold(2, source_key="order 7")
    assert (first.sale.pk, [each.pk for each in first.allocations]) == (again.sale.pk, [each.pk for each in again.allocations])
    assert shop.packs == 3


def test_sale_never_repairs_batches() -> None:
    shop = Shop()
    expired = shop.buy(5, expires_at=in_days(1))
    let_expire(expired)
    fresh = shop.buy(5)
    received = [batch_of(each).received for each in (expired, fresh)]
    with pytest.raises(InsufficientStock):
        shop.sell(6)
    assert [batch_of(each).received for each in (expired, fresh)] == received
    assert batch_of(fresh).sold == 0


def test_audit_row_holds_the_values(django_assert_max_num_queries: Any) -> None:
    shop = Shop()
    shop.buy(5)
    sale = shop.sell(2, price="9.90", reference="B-1")
    row = AuditLog.objects.get(entity="Sale")
    assert (row.entity_id, row.action, row.cause, row.correlation) == (str(sale.pk), "ADD", "sale_creation", sale.correlation)
    assert row.after is not None
    assert {name: row.after[name] for name in ("product", "quantity", "price", "reference", "cost", "status")} == {
        "product": shop.tea.pk,
        "quantity": "2",
        "price": "9.90",
        "reference": "B-1",
        "cost": "5.0000",
        "status": "booked",
    }


def test_statements_do_not_grow_with_the_batches(django_assert_max_num_queries: Any) -> None:
    shop = Shop()
    for _ in range(12):
        shop.buy(1)
    with django_assert_max_num_queries(20):
        shop.sell(11)


class TestPreview:
    def test_shows_what_would_be_taken_and_books_nothing(self) -> None:
        shop = Shop()
        first, second = shop.buy(2, expires_at=in_days(100), cost=1), shop.buy(5, cost=2)
        seen = ledger.preview_sale(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=3)
        assert [(each.batch_id, each.quantity) for each in seen.allocations] == [(first.batch_id, 2), (second.batch_id, 1)]
        assert (seen.available, seen.asked, seen.cost, seen.problem) == (7, 3, Decimal(4), None)
        assert shop.packs == 7
        assert not Sale.objects.exists()
        assert Movement.objects.count() == 2

    def test_says_what_is_missing(self) -> None:
        shop = Shop()
        shop.buy(2)
        seen = ledger.preview_sale(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=3)
        assert (seen.available, seen.asked) == (2, 3)
        assert isinstance(seen.problem, InsufficientStock)

    def test_shows_the_pallets_that_would_be_opened_and_opens_none(self) -> None:
        shop = Shop(packs_per_pallet=40)
        shop.allow(open_pallets=True)
        shop.buy(2, "pallets", cost=100)
        seen = ledger.preview_sale(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=50)
        assert [(each.quantity, each.pieces) for each in seen.opened] == [(2, 80)]
        assert (seen.available, seen.cost) == (80, Decimal(125))
        assert shop.level() == (2, 0, 0)
