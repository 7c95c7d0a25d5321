"""Real calls to stand-ins of both marketplaces: what one sells, the other offers no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.models import Item
from marketplaces import orders
from marketplaces.models import Listing, Order, OrderLine, Shop
from tests.build import make_actor
from tests.marketplaces.build import StandIn, drain, hurry, make_item

pytestmark = pytest.mark.django_db(transaction=True)


class Both:
    """An item of twelve pieces at both shops."""

    def __init__(self, account: Account, bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop) -> None:
        self.account = account
        self.bricklink, self.brickowl = bricklink, brickowl
        self.shops = {bricklink.name: bricklink_shop, brickowl.name: brickowl_shop}
        self.item = make_item(account)
        self.push()

    def push(self) -> None:
        for shop in self.shops.values():
            hurry(shop)

    def read(self) -> None:
        for shop in self.shops.values():
            assert orders.import_now(shop), Shop.objects.get(pk=shop.pk).orders_problem

    def lot(self, where: StandIn) -> str:
        return Listing.objects.get(shop=self.shops[where.name], item=self.item).lot_id

    def agree_on(self, pieces: int) -> None:
        """Item, told quantities and both shops say the same."""
        self.push()
        told = set(Listing.objects.values_list("told_quantity", flat=True))
        shown = {self.bricklink.quantity(self.lot(self.bricklink)), self.brickowl.quantity(self.lot(self.brickowl))}
        assert (Item.objects.get().quantity_available, told, shown) == (pieces, {pieces}, {pieces})

    def writes(self, where: StandIn) -> int:
        return len(where.writes("update"))


@pytest.fixture
def both(account: Account, bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop) -> Both:
    return Both(account, bricklink, brickowl, bricklink_shop, brickowl_shop)


def test_a_sale_on_bricklink_lowers_brick_owl_and_not_bricklink_again(both: Both) -> None:
    before = both.writes(both.bricklink)
    number = both.bricklink.sell(both.lot(both.bricklink), 3)
    both.read()
    both.agree_on(9)
    assert both.writes(both.bricklink) == before
    row = OrderLine.objects.get(order__order_id=number)
    assert (row.booking, row.booked, row.told_lowered, row.part_number, row.color_id, row.condition) == ("item", 3, 3, "3001", 11, "new")


def test_a_sale_on_brick_owl_lowers_bricklink_and_not_brick_owl_again(both: Both) -> None:
    before = both.writes(both.brickowl)
    both.brickowl.sell(both.lot(both.brickowl), 5)
    both.read()
    both.read()
    both.agree_on(7)
    assert both.writes(both.brickowl) == before


def test_sales_on_both_growth_and_a_status_are_each_booked_once(both: Both) -> None:
    lot = both.lot(both.bricklink)
    number = both.bricklink.sell(lot, 1)
    both.brickowl.sell(both.lot(both.brickowl), 2)
    both.read()
    both.bricklink.grow(number, lot, 3)
    both.read()
    both.bricklink.ship(number)
    both.read()
    both.agree_on(6)
    order = Order.objects.get(order_id=number)
    assert (order.phase, order.shipped_at is not None, sum(order.lines.values_list("quantity", flat=True))) == ("shipped", True, 4)


@pytest.mark.parametrize(("where", "by_the_shop"), [("bricklink", False), ("brickowl", True)], ids=["lots_stay", "the_shop_puts_back"])
def test_a_cancelled_order_comes_back_once(both: Both, where: str, by_the_shop: bool) -> None:
    there: StandIn = getattr(both, where)
    number = there.sell(both.lot(there), 4)
    both.read()
    both.agree_on(8)
    there.cancel(number, restock=by_the_shop)
    both.read()
    assert Item.objects.get().quantity_available == 8
    orders.restock(make_actor(both.account), Order.objects.get(order_id=number))
    both.agree_on(12)


def test_refunded_pieces_are_offered(both: Both) -> None:
    number = both.brickowl.sell(both.lot(both.brickowl), 4)
    both.read()
    both.brickowl.refund(number)
    both.read()
    # Its list says nothing of refunds: the contents are read again after an hour.
    Order.objects.update(updated_at=timezone.now() - timedelta(minutes=61))
    both.read()
    order = Order.objects.get(order_id=number)
    assert order.restock == "offered"
    orders.restock(make_actor(both.account), order)
    both.agree_on(9)


def test_sold_out_on_one_is_sold_out_on_the_other(both: Both) -> None:
    both.bricklink.sell(both.lot(both.bricklink), 12)
    both.read()
    drain(both.shops["brickowl"])
    drain(both.shops["bricklink"])
    assert {int(lot["qty"]) for lot in both.brickowl.lots()} == {0}
    assert both.bricklink.lots() == []
    assert set(Listing.objects.values_list("told_quantity", flat=True)) == {0}


def test_polling_costs_one_call_each_when_nothing_is_new(both: Both) -> None:
    both.bricklink.sell(both.lot(both.bricklink), 1)
    both.read()
    before = both.bricklink.calls(), both.brickowl.calls()
    both.read()
    assert (both.bricklink.calls(), both.brickowl.calls()) == (before[0] + 1, before[1] + 1)
