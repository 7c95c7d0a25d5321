"""Orders of shops: what was sold, whose it is, and what becomes of the goods of a cancelled one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.roles import OPERATIONS, Role
from inventory.models import Item
from marketplaces.models import LineBooking, Order, OrderLine, Restock, Shop
from tests.admin.marketplace import make_item, make_shop, shop, toy_marketplace
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account

__all__ = ["shop", "toy_marketplace"]

ORDERS = "/admin/marketplaces/order/"


def make_order(shop: Shop, **values: Any) -> Order:
    now = timezone.now()
    given = {
        "order_id": "555001",
        "status": "PAID",
        "buyer": "bricklover",
        "ordered_at": now,
        "imported_at": now,
        "pieces": 3,
        "lot_count": 1,
        "currency": "EUR",
        "total": Decimal("4.5"),
    }
    return Order.objects.create(account=shop.account, shop=shop, **{**given, **values})


def make_line(order: Order, **values: Any) -> OrderLine:
    given = {"key": "1", "part_number": "3001", "color_id": 11, "condition": "new", "quantity": 3, "unit_price": Decimal("0.125")}
    return OrderLine.objects.create(account=order.account, order=order, **{**given, **values})


def page_of(order: Order, button: str = "change") -> str:
    return f"{ORDERS}{order.pk}/{button}/"


def test_order_says_what_was_sold_and_where_it_was_taken_from(viewer: Client, account: Account, shop: Shop) -> None:
    order = make_order(shop)
    make_line(order, item=make_item(account), booking=LineBooking.ITEM, booked=3, shortfall=1, told_lowered=3)
    shown = page(viewer, ORDERS)
    assert "555001 North Store shopping_cart Open PAID bricklover 3 4.50 EUR" in shown
    shown = page(viewer, page_of(order))
    assert "3001, new 11 – 3 0.125 3001, colour 11, new Brick 2 x 4 check_circle Item 3 booked; counted as" in shown
    assert "counted as 3 fewer in the shop's lot 1 not there" in shown
    assert len(viewer.get(f"{ORDERS}?state=short").context["cl"].result_list) == 1
    for text in ("555001", "bricklover", "3001"):
        assert len(viewer.get(f"{ORDERS}?q={text}").context["cl"].result_list) == 1, text


def test_line_that_nobody_knows_is_matched_and_booked(viewer: Client, manager: Client, account: Account, shop: Shop) -> None:
    item, order = make_item(account), make_order(shop)
    line = make_line(order)
    assert "It is this one" not in page(viewer, page_of(order))
    assert "3001, colour 11, new Brick 2 x 4" in page(manager, page_of(order))
    shown = text_of(manager.post(page_of(order, "match"), {"line": line.pk, "item": item.pk}, follow=True))
    assert "and is booked." in shown
    assert OrderLine.objects.get().booking == LineBooking.ITEM
    assert Item.objects.get().quantity_available == 9


def test_line_that_is_none_of_ours_waits_for_nobody(manager: Client, shop: Shop) -> None:
    order = make_order(shop)
    line = make_line(order)
    manager.post(page_of(order, "not_ours".replace("_", "-")), {"line": line.pk})
    assert OrderLine.objects.get().booking != LineBooking.UNMATCHED


def test_line_put_aside_by_mistake_can_still_be_matched(manager: Client, account: Account, shop: Shop) -> None:
    item, order = make_item(account, "3002"), make_order(shop)
    line = make_line(order, booking=LineBooking.HISTORY, note="Not from our stock, says Mara.")
    shown = page(manager, page_of(order))
    assert "It was sold from our stock after all" in shown
    assert "It is this one" not in shown
    assert "No item has the number, name or token “9999”." in page(manager, f"{page_of(order)}?find=9999")
    assert "It is this one" in page(manager, f"{page_of(order)}?find=3002")
    manager.post(page_of(order, "match"), {"line": line.pk, "item": item.pk})
    assert OrderLine.objects.get().booking == LineBooking.ITEM


def test_goods_of_a_cancelled_order_are_put_back_or_not(manager: Client, viewer: Client, shop: Shop) -> None:
    order = make_order(shop, phase="cancelled", status="CANCELLED", restock=Restock.OFFERED)
    assert "are the goods back?" in page(viewer, page_of(order))
    assert "Put them back in stock" not in page(viewer, page_of(order))
    shown = text_of(manager.post(page_of(order, "decline"), follow=True))
    assert "stays out of stock" in shown
    assert Order.objects.get().restock == Restock.DECLINED


@pytest.mark.parametrize(("button", "operation"), [("match", "order.match"), ("restock", "order.restock"), ("decline", "order.restock")])
def test_buttons_are_posts_for_those_who_may(browser_as: Callable[[Role], Client], shop: Shop, button: str, operation: str) -> None:
    order, foreign = make_order(shop), make_order(make_shop(make_account("Other"), "Theirs"))
    least = OPERATIONS[operation]
    assert browser_as(list(Role)[list(Role).index(least) - 1]).post(page_of(order, button)).status_code == 403
    able = browser_as(least)
    assert able.post(page_of(foreign, button)).status_code == 404
    assert able.get(page_of(foreign)).status_code == 404
    assert able.get(page_of(order, button)).status_code == 405


def test_page_of_a_long_order_takes_as_few_statements_as_that_of_a_short_one(manager: Client, account: Account, shop: Shop) -> None:
    order = make_order(shop)
    make_item(account, "3001a")
    make_line(order, part_number="3001A")
    few = queries_of(manager, page_of(order))
    for number in range(2, 12):
        make_item(account, f"30{number}b")
        make_line(order, key=str(number), part_number=f"30{number}B")
    assert queries_of(manager, page_of(order)) == few
    assert page(manager, page_of(order)).count("It is this one") == 11
    assert queries_of(manager, f"{page_of(order)}?find=brick") == few
