"""Sales that were booked short, and the goods that settle them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory import ledger
from inventory.models import Movement, Sale
from tests.inventory.ledger.build import Shop, batch_of
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


def short(shop: Shop, quantity: int, *, days_ago: float = 1) -> Sale:
    """A sale of something that was not known to be here."""
    at = timezone.now() - timedelta(days=days_ago)
    values = {"product": shop.tea, "warehouse": shop.place, "unit_kind": "packs", "quantity": quantity, "shortfall": quantity}
    return Sale.objects.create(account=shop.account, sold_at=at, **values)


def test_next_receipt_settles_the_oldest_first() -> None:
    shop = Shop()
    later, first = short(shop, 4, days_ago=1), short(shop, 3, days_ago=2)
    received = shop.receive(5, cost=2)
    for sale in (first, later):
        sale.refresh_from_db()
    assert (first.shortfall, later.shortfall) == (0, 2)
    assert (first.cost, later.cost) == (Decimal(6), Decimal(4))
    assert received.settled == 5
    assert (batch_of(received.purchase).remaining, shop.packs) == (0, 0)


def test_movements_show_the_receipt_and_what_it_settled() -> None:
    shop = Shop()
    sale = short(shop, 3)
    shop.buy(10)
    assert list(Movement.objects.order_by("id").values_list("kind", "level_delta", "level_after", "document_id"))[1:] == [
        ("sale", -3, 7, sale.pk)
    ]


def test_surplus_stays() -> None:
    shop = Shop()
    short(shop, 3)
    shop.buy(10)
    assert shop.packs == 7


def test_raised_purchase_settles_too() -> None:
    shop = Shop()
    bought = shop.buy(1)
    sale = short(shop, 3)
    ledger.edit_purchase(shop.actor, bought, quantity=5)
    sale.refresh_from_db()
    assert (sale.shortfall, shop.packs) == (0, 2)


def test_cancelling_a_short_sale_ends_the_shortfall() -> None:
    shop = Shop()
    sale = ledger.cancel_sale(shop.actor, short(shop, 3)).sale
    assert sale.shortfall == 0
    shop.buy(10)
    assert shop.packs == 10


def test_other_kinds_settle_nothing() -> None:
    shop = Shop()
    sale = short(shop, 3)
    shop.buy(10, "units")
    sale.refresh_from_db()
    assert sale.shortfall == 3


class TestBesideAnother:
    """All five are sold to one, and three more to another."""

    @pytest.fixture(autouse=True)
    def _sold(self) -> None:
        self.shop = Shop()
        self.shop.buy(5)
        self.sale, self.other = self.shop.sell(5), short(self.shop, 3)

    def test_what_a_cancelled_sale_gives_back_settles(self) -> None:
        ledger.cancel_sale(self.shop.actor, self.sale)
        self._settled(left=2)

    def test_what_a_smaller_sale_gives_back_settles(self) -> None:
        ledger.edit_sale(self.shop.actor, self.sale, quantity=1)
        self._settled(left=1)

    def _settled(self, *, left: int) -> None:
        self.other.refresh_from_db()
        assert (self.other.shortfall, self.shop.packs) == (0, left)
        prove(self.shop.account)


def test_what_a_sale_leaves_of_a_pallet_that_it_opened_settles() -> None:
    shop = Shop(packs_per_pallet=40)
    shop.allow(open_pallets=True)
    other = short(shop, 3)
    shop.buy(1, "pallets")
    sold = shop.sold(10)
    other.refresh_from_db()
    assert (other.shortfall, shop.packs) == (0, 27)
    assert [Movement.objects.get(pk=pk).document_id for pk in sold.movement_ids] == [None, None, sold.sale.pk]
    prove(shop.account)
