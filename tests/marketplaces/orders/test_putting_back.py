"""Cancelled orders and refunds: offered to be put back, never by themselves, and the lot is read before it is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from marketplaces import orders
from marketplaces.errors import NotDecidable
from marketplaces.models import Listing, Order, Restock
from tests.build import make_account, make_actor
from tests.marketplaces.orders.build import TOY, OrderStore, counts, line_of, lot_of, make_item, make_shop, order_of, pushed, read, told

pytestmark = pytest.mark.django_db


def cancelled(pieces: int = 3) -> tuple:
    """An order of a lot of ten that was read, and then cancelled."""
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), pieces))
    read(shop)
    store.status("31000001", "CANCELLED", "cancelled")
    read(shop)
    return account, shop, store, item


def test_a_cancelled_order_is_offered_and_changes_nothing_by_itself() -> None:
    _account, shop, store, item = cancelled()
    order = order_of("31000001")
    assert (order.phase, order.restock) == ("cancelled", "offered")
    assert counts(item) == (7, 3)
    assert told(shop, item) == 7
    assert list(orders.restock_offers(order.account_id)) == [order]
    # That all of it is cancelled needs no second look at its contents.
    assert store.count("lines") == 1


@pytest.mark.parametrize("the_shop_put_them_back", [False, True])
def test_restocked_they_are_for_sale_again_whether_or_not_the_shop_put_them_back(the_shop_put_them_back: bool) -> None:
    account, shop, store, item = cancelled()
    if the_shop_put_them_back:
        store._set(store.lots[lot_of(shop, item)], quantity=10)
    order = orders.restock(make_actor(account, Role.MANAGER), order_of("31000001"))
    assert (order.restock, order.restock_by) == (Restock.RESTOCKED, "Mara")
    assert counts(item) == (10, 0)
    assert (line_of("31000001").booked, line_of("31000001").restocked) == (0, 3)
    pushed(shop)
    assert (told(shop, item), store.quantity(item.token)) == (10, 10)
    assert AuditLog.objects.filter(entity="Order", action="RESTOCK").count() == 1
    read(shop)
    assert counts(item) == (10, 0)


def test_declined_they_are_gone_and_it_is_not_offered_again() -> None:
    account, shop, store, item = cancelled()
    orders.decline(make_actor(account), order_of("31000001"))
    store.status("31000001", "NPX", "cancelled")
    read(shop)
    assert order_of("31000001").restock == Restock.DECLINED
    assert counts(item) == (7, 3)
    assert Listing.objects.get().reread
    with pytest.raises(NotDecidable):
        orders.decline(make_actor(account), order_of("31000001"))
    # Somebody finds them after all.
    orders.restock(make_actor(account), order_of("31000001"))
    assert counts(item) == (10, 0)


def test_restocked_twice_is_refused() -> None:
    account, *_ = cancelled()
    orders.restock(make_actor(account), order_of("31000001"))
    with pytest.raises(NotDecidable):
        orders.restock(make_actor(account), order_of("31000001"))


def test_refunded_pieces_are_offered_and_only_they() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("8800001", (lot_of(shop, item), 5))
    read(shop)
    store.refund("8800001", 2)
    read(shop)
    assert order_of("8800001").restock == Restock.OFFERED
    orders.restock(make_actor(account), order_of("8800001"))
    assert counts(item) == (7, 3)
    store.refund("8800001", 3)
    read(shop)
    assert order_of("8800001").restock == Restock.OFFERED


def test_what_was_never_there_does_not_come_back() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=5)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 5))
    item.refresh_from_db()
    item.quantity_available = 2
    item.save()
    read(shop)
    assert (counts(item), line_of("31000001").shortfall) == ((0, 2), 3)
    store.status("31000001", "CANCELLED", "cancelled")
    read(shop)
    orders.restock(make_actor(account), order_of("31000001"))
    assert (counts(item), line_of("31000001").shortfall) == ((2, 0), 0)


def test_a_line_at_a_time() -> None:
    account = make_account()
    shop, store = make_shop(account)
    one, other = make_item(account, quantity=5), make_item(account, quantity=5, part_number="3002")
    pushed(shop)
    store.order("31000001", (lot_of(shop, one), 1), (lot_of(shop, other), 2))
    read(shop)
    store.status("31000001", "CANCELLED", "cancelled")
    read(shop)
    order = order_of("31000001")
    orders.restock(make_actor(account), order, [order.lines.get(item=other).pk])
    assert (counts(one), counts(other)) == ((4, 1), (5, 0))
    assert order_of("31000001").restock == Restock.OFFERED


def test_an_order_that_was_cancelled_before_it_was_read_books_nothing_and_doubts_the_lot() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 3))
    store.status("31000001", "CANCELLED", "cancelled")
    read(shop)
    assert counts(item) == (10, 0)
    assert order_of("31000001").restock == Restock.NONE
    assert Listing.objects.get().reread
    # It goes on after all.
    store.status("31000001", "PAID", "open")
    read(shop)
    assert counts(item) == (7, 3)


def test_only_a_manager_may_decide() -> None:
    account, *_ = cancelled()
    for verb in (orders.restock, orders.decline):
        with pytest.raises(NotAllowed):
            verb(make_actor(account, Role.STAFF), order_of("31000001"))


def test_cancelled_after_it_grew_gives_all_of_it_back() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    lot = lot_of(shop, item)
    grow(shop, store, lot)
    assert counts(item) == (5, 5)
    store.status("31000001", "CANCELLED", "cancelled")
    read(shop)
    orders.restock(make_actor(account), order_of("31000001"))
    assert counts(item) == (10, 0)
    pushed(shop)
    assert (told(shop, item), store.quantity(item.token)) == (10, 10)


def grow(shop: object, store: OrderStore, lot: str) -> None:
    store.order("31000001", (lot, 3))
    read(shop)
    store.order("31000001", (lot, 2))
    read(shop)


def test_refunds_that_no_list_tells_of_are_looked_for_seldom_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TOY, "lists_refunds", False)
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("8800001", (lot_of(shop, item), 5))
    read(shop)
    digest = store.orders["8800001"].digest
    store.refund("8800001", 2)
    store.orders["8800001"] = replace(store.orders["8800001"], digest=digest)
    now = timezone.now()
    for minutes, looks in ((59, 1), (61, 2), (1, 2)):
        Order.objects.update(updated_at=now - timedelta(minutes=minutes))
        read(shop)
        assert store.count("lines") == looks
    assert order_of("8800001").restock == Restock.OFFERED
    Order.objects.update(updated_at=now - timedelta(days=2), ordered_at=now - timedelta(days=61))
    read(shop)
    assert store.count("lines") == 2
