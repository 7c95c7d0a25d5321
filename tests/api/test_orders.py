from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Item
from marketplaces.models import Order, OrderLine, Shop
from tests.api.pushbuild import make_item, make_line, make_order, make_shop
from tests.api.shop import ids
from tests.build import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Shop:
    return make_shop(account)


def numbers(item: Item) -> tuple[int, int]:
    item.refresh_from_db()
    return item.quantity_available, item.quantity_sold


def test_order_is_shown_with_its_lines(viewer: APIClient, shop: Shop) -> None:
    order = make_order(shop, total="12.5", currency="EUR", status="PAID")
    line = make_line(order, unit_price="0.11", condition="used", name="Brick")
    body = viewer.get(f"/api/orders/{order.pk}").json()
    assert (body["order_id"], body["status"], body["phase"], body["total"]) == ("2600001", "PAID", "open", "12.5000")
    (shown,) = body["lines"]
    assert (shown["id"], shown["quantity"], shown["unit_price"], shown["booking"]) == (line.pk, 3, "0.1100", "unmatched")
    assert viewer.get("/api/orders").json()["results"] == [{name: value for name, value in body.items() if name != "lines"}]


def test_line_is_matched_and_its_goods_come_back(manager: APIClient, shop: Shop) -> None:
    item = make_item(shop.account)
    order = make_order(shop)
    line = make_line(order)
    address = f"/api/orders/{order.pk}"
    body = manager.post(f"{address}/lines/{line.pk}/match", {"item": item.pk}).json()
    assert (body["lines"][0]["item"], body["lines"][0]["booking"], body["lines"][0]["booked"], numbers(item)) == (
        item.pk,
        "item",
        3,
        (7, 3),
    )
    again = manager.post(f"{address}/lines/{line.pk}/match", {"item": item.pk})
    assert (again.status_code, again.json()["code"], numbers(item)) == (409, "not_decidable", (7, 3))
    Order.objects.update(phase="cancelled", status="CANCELLED", restock="offered")
    elsewhere = make_line(make_order(make_shop(make_account("Other")), "2"))
    refused = manager.post(f"{address}/restock", {"lines": [line.pk, elsewhere.pk, 2**62]})
    assert (refused.status_code, refused.json()["code"], numbers(item)) == (400, "no_such_lines", (7, 3))
    assert refused.json()["details"] == {"lines": [elsewhere.pk, 2**62]}
    body = manager.post(f"{address}/restock", {"lines": [line.pk]}).json()
    assert (body["restock"], body["lines"][0]["booked"], numbers(item)) == ("restocked", 0, (10, 0))
    assert (manager.post(f"{address}/restock").status_code, manager.post(f"{address}/decline").status_code) == (409, 409)


def test_goods_that_do_not_come_back(manager: APIClient, shop: Shop) -> None:
    item = make_item(shop.account)
    order = make_order(shop)
    manager.post(f"/api/orders/{order.pk}/lines/{make_line(order).pk}/match", {"item": item.pk})
    Order.objects.update(phase="cancelled", restock="offered")
    body = manager.post(f"/api/orders/{order.pk}/decline").json()
    assert (body["restock"], body["restock_by"], numbers(item)) == ("declined", "manager-7qx (token scanner)", (7, 3))


def test_line_that_is_not_ours_is_put_aside(manager: APIClient, shop: Shop) -> None:
    order = make_order(shop)
    address = f"/api/orders/{order.pk}/lines/{make_line(order).pk}/not-ours"
    assert manager.post(address).json()["lines"][0]["booking"] == "history"
    assert manager.post(address).status_code == 409


def test_item_and_line_of_others_are_none(manager: APIClient, shop: Shop) -> None:
    other = make_account("Other")
    order, theirs = make_order(shop), make_order(make_shop(other))
    address = f"/api/orders/{order.pk}/lines"
    answer = manager.post(f"{address}/{make_line(order).pk}/match", {"item": make_item(other).pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["item"])
    assert manager.post(f"{address}/{make_line(theirs).pk}/match", {"item": make_item(shop.account).pk}).status_code == 404


def test_filters(viewer: APIClient, shop: Shop) -> None:
    item = make_item(shop.account)
    early = timezone.now() - timedelta(days=3)
    first = make_order(shop, "1", ordered_at=early, phase="cancelled", restock="offered")
    make_line(first, item=item, booking="item", booked=1, shortfall=2)
    second = make_order(make_shop(shop.account, "South", "brickowl"), "2")
    make_line(second)
    for query in (
        f"shop={shop.pk}",
        f"item={item.pk}",
        "order_id=1",
        "phase=cancelled",
        "restock=offered",
        "unmatched=false",
        "short=true",
    ):
        assert ids(viewer, f"/api/orders?{query}") == [first.pk], query
    middle = (early + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query in (f"from={middle}", "unmatched=true", "short=false"):
        assert ids(viewer, f"/api/orders?{query}") == [second.pk], query
    assert ids(viewer, "/api/orders?unmatched=false") == [first.pk]
    assert ids(viewer, "/api/orders?phase=open&phase=cancelled") == [second.pk, first.pk]


def test_orders_are_read_when_somebody_asks(staff: APIClient, shop: Shop) -> None:
    answer = staff.post(f"/api/shops/{shop.pk}/poll")
    assert (answer.status_code, answer.json()["orders_asked_at"] is None) == (202, False)


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        make_line(make_order(shop, str(number)))
    order = make_order(shop)
    for _ in range(5):
        make_line(order)
    viewer.get("/api/orders")
    # The token and the orders; of one, its lines too.
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/orders").json()["results"]) == 6
    with django_assert_num_queries(3):
        assert len(viewer.get(f"/api/orders/{order.pk}").json()["lines"]) == 5


def test_item_is_named_by_a_whole_number(manager: APIClient, shop: Shop) -> None:
    order, item = make_order(shop), make_item(shop.account)
    line = make_line(order)
    answer = manager.post(f"/api/orders/{order.pk}/lines/{line.pk}/match", {"item": item.pk + 0.5}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["item"])
    assert OrderLine.objects.get().item is None
