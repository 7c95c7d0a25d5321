"""The worked examples of the ledger (docs/ledger.md), with the numbers worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory import ledger
from inventory.errors import BatchInUse, InsufficientStock, NoBatches
from inventory.models import BatchState, Movement, SaleStatus
from tests.inventory.ledger.build import Shop, batch_of, in_days, let_expire

pytestmark = pytest.mark.django_db


def test_selling_ten_of_a_hundred_leaves_ninety() -> None:
    shop = Shop()
    bought = shop.buy(100)
    shop.sell(10)
    batch = batch_of(bought)
    assert (batch.sold, batch.remaining, batch.state) == (10, 90, BatchState.ACTIVE)
    assert shop.packs == 90


def test_deleting_the_sale_gives_all_hundred_back() -> None:
    shop = Shop()
    bought = shop.buy(100)
    sale = shop.sell(10)
    cancelled = ledger.cancel_sale(shop.actor, sale)
    batch = batch_of(bought)
    assert (batch.sold, batch.remaining, batch.state) == (0, 100, BatchState.ACTIVE)
    assert shop.packs == 100
    assert cancelled.sale.status == SaleStatus.CANCELLED


class TestThreeBatches:
    """A 10 expires first, B 20 later, C 30 never; 35 are sold."""

    @pytest.fixture(autouse=True)
    def _sold(self) -> None:
        self.shop = Shop()
        # Bought in another order than they expire in.
        self.c = self.shop.buy(30)
        self.b = self.shop.buy(20, expires_at=in_days(200))
        self.a = self.shop.buy(10, expires_at=in_days(100))
        self.sale = self.shop.sell(35)

    def left(self) -> list[tuple[Decimal, str]]:
        return [(batch_of(each).remaining, batch_of(each).state) for each in (self.a, self.b, self.c)]

    def test_first_expired_goes_first(self) -> None:
        assert self.left() == [(0, "DEPLETED"), (0, "DEPLETED"), (25, "ACTIVE")]
        taken = [(each.batch_id, each.quantity) for each in self.sale.allocations.order_by("id")]
        assert taken == [(self.a.batch_id, 10), (self.b.batch_id, 20), (self.c.batch_id, 5)]
        assert self.shop.packs == 25

    def test_deleting_the_sale_restores_each_batch(self) -> None:
        ledger.cancel_sale(self.shop.actor, self.sale)
        assert self.left() == [(10, "ACTIVE"), (20, "ACTIVE"), (30, "ACTIVE")]
        assert self.shop.packs == 60

    def test_one_more_than_is_left_is_refused(self) -> None:
        with pytest.raises(InsufficientStock) as refused:
            self.shop.sell(26)
        assert refused.value.details == {"available": 25, "asked": 26, "unit_kind": "packs"}
        assert self.left() == [(0, "DEPLETED"), (0, "DEPLETED"), (25, "ACTIVE")]

    def test_sold_purchase_can_not_be_voided(self) -> None:
        with pytest.raises(BatchInUse) as refused:
            ledger.void_purchase(self.shop.actor, self.b)
        assert refused.value.details is not None
        assert refused.value.details["sales"] == [{"sale": self.sale.pk, "purpose": "sale", "quantity": 20}]
        assert refused.value.status == 409


def test_a_minute_after_expiry_nothing_of_it_is_sold_though_no_job_ran() -> None:
    shop = Shop()
    a = shop.buy(10, expires_at=in_days(1))
    b = shop.buy(20, expires_at=in_days(30))
    let_expire(a)
    sale = shop.sell(5)
    assert [each.batch_id for each in sale.allocations.all()] == [b.batch_id]
    assert shop.packs == 15
    before_sale = Movement.objects.get(document_id=sale.pk, kind="sale")
    assert before_sale.level_after - before_sale.level_delta == 20
    assert batch_of(a).state == BatchState.EXPIRED


class TestPallets:
    def test_packs_are_not_taken_from_pallets(self) -> None:
        shop = Shop(packs_per_pallet=40)
        shop.buy(2, "pallets", cost=100)
        with pytest.raises(NoBatches) as refused:
            shop.sell(10)
        assert "2 pallets" in refused.value.hint
        assert shop.level() == (2, 0, 0)

    def test_pallet_is_opened_where_the_settings_allow_it(self) -> None:
        shop = Shop(packs_per_pallet=40)
        shop.allow(open_pallets=True)
        shop.buy(2, "pallets", cost=100)
        sold = shop.sold(10)
        assert shop.level() == (1, 30, 0)
        kinds = list(Movement.objects.order_by("id").values_list("kind", "unit_kind", "level_delta"))
        assert kinds == [
            ("receipt", "pallets", 2),
            ("unit_break", "pallets", -1),
            ("unit_break", "packs", 40),
            ("sale", "packs", -10),
        ]
        assert sold.sale.cost == Decimal("25")

    def test_factor_of_the_receipt_counts_not_the_one_of_today(self) -> None:
        shop = Shop(packs_per_pallet=40)
        shop.allow(open_pallets=True)
        shop.buy(1, "pallets", cost=100)
        shop.tea.packs_per_pallet = Decimal(48)
        shop.tea.save()
        shop.sell(40)
        assert shop.level() == (0, 0, 0)


def test_purchase_of_yesterday_sorts_before_one_of_today() -> None:
    shop = Shop()
    today = shop.buy(5)
    yesterday = shop.buy(5, bought_at=timezone.now() - timedelta(days=1))
    shop.sell(5)
    assert (batch_of(today).remaining, batch_of(yesterday).remaining) == (5, 0)
