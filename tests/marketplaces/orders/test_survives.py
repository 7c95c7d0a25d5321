"""An order is booked whole or not at all, one that can't be read keeps none of the others, and problems say what happens next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory import items
from marketplaces import orders, push
from marketplaces.errors import ShopRefused
from marketplaces.models import Order, OrderLine, Shop
from marketplaces.orders import importing
from sync.wire.errors import BadCredentials, BreakerOpen, RetryLater, WrongAnswer
from tests.build import make_account
from tests.marketplaces.orders.build import OrderStore, counts, line_of, lot_of, make_item, make_shop, order_of, pushed, read, told

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The worker was killed with -9 here."""


def world() -> tuple[Shop, OrderStore, Any]:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 3))
    return shop, store, item


POINTS = [(items, "sold"), (push, "lower_told"), (push, "request"), (importing, "_choose")]


@pytest.mark.parametrize(("place", "name"), POINTS, ids=[name for _, name in POINTS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_in_the_middle_leaves_all_or_nothing(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, after: bool) -> None:
    shop, _store, item = world()
    there = getattr(place, name)

    def killed(*arguments: Any, **named: Any) -> Any:
        if after:
            there(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, name, killed)
        with pytest.raises(Killed):
            importing.read_orders(shop)
    assert (Order.objects.count(), OrderLine.objects.count()) == (0, 0)
    assert (counts(item), told(shop, item)) == ((10, 0), 10)
    read(shop)
    assert (counts(item), told(shop, item)) == ((7, 3), 7)


def test_killed_between_two_orders_goes_on_with_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, store, item = world()
    store.order("31000002", (lot_of(shop, item), 2))
    there = importing.imported

    def killed(where: Shop, listed: Any, *arguments: Any) -> Any:
        if listed.order_id == "31000002":
            raise Killed
        return there(where, listed, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(importing, "imported", killed)
        with pytest.raises(Killed):
            importing.read_orders(shop)
    assert counts(item) == (7, 3)
    read(shop)
    assert counts(item) == (5, 5)
    assert store.count("lines 31000001") == 1


def test_a_purged_order_is_noted_and_not_asked_for_again() -> None:
    shop, store, item = world()
    store.order("30500001", ("600000001", 1))
    store.errors["30500001"] = ShopRefused("The shop says: “RESOURCE_NOT_FOUND”.", code="not_found", http_status=404)
    read(shop)
    read(shop)
    assert store.count("lines 30500001") == 1
    assert "RESOURCE_NOT_FOUND" in order_of("30500001").problem
    assert list(orders.unreadable(shop.account_id)) == [order_of("30500001")]
    assert counts(item) == (7, 3)


def test_an_order_that_makes_no_sense_is_tried_again_later() -> None:
    shop, store, item = world()
    store.errors["31000001"] = WrongAnswer("The answer is no list of lines.", code="json_shape")
    read(shop)
    read(shop)
    assert store.count("lines") == 1
    assert (order_of("31000001").status, counts(item)) == ("PENDING", (10, 0))
    store.errors.clear()
    Order.objects.update(updated_at=timezone.now() - timedelta(minutes=16))
    read(shop)
    assert (order_of("31000001").problem, counts(item)) == ("", (7, 3))


def test_a_bug_with_one_order_keeps_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, store, item = world()
    store.order("31000002", (lot_of(shop, item), 2))
    there = importing.imported

    def broken(where: Shop, listed: Any, *arguments: Any) -> Any:
        if listed.order_id == "31000001":
            raise ZeroDivisionError
        return there(where, listed, *arguments)

    monkeypatch.setattr(importing, "imported", broken)
    read(shop)
    assert counts(item) == (8, 2)
    assert "operator" in order_of("31000001").problem


@pytest.mark.parametrize(
    ("error", "words", "stopped"),
    [
        (RetryLater("The shop is in maintenance.", after=60, code="maintenance"), "in maintenance. It is tried again by itself.", False),
        (BreakerOpen("The connection rests.", until=timezone.now()), "rests. It is tried again by itself.", False),
        (ShopRefused("The key may not see orders.", code="forbidden_function", hint="Give it that right."), "Give it that right.", False),
        (BadCredentials("The key is wrong."), "Enter the credentials", True),
    ],
    ids=["later", "breaker", "refused", "login"],
)
def test_a_problem_says_what_happens_next(error: Exception, words: str, stopped: bool) -> None:
    shop, store, item = world()
    store.errors["list"] = error
    assert not orders.import_now(shop)
    row = Shop.objects.get()
    assert words in row.orders_problem
    assert (row.stopped_at is not None) is stopped
    store.errors.clear()
    Shop.objects.update(stopped_at=None)
    read(shop)
    assert (Shop.objects.get().orders_problem, counts(item)) == ("", (7, 3))


def test_what_was_read_before_the_calls_ran_out_stays() -> None:
    shop, store, item = world()
    store.order("31000002", (lot_of(shop, item), 2))
    store.errors["31000002"] = RetryLater("Too many calls.", after=60, code="too_many_calls")
    assert not orders.import_now(shop)
    assert counts(item) == (7, 3)
    store.errors.clear()
    read(shop)
    assert counts(item) == (5, 5)


def test_texts_that_no_database_holds_are_kept_without_them() -> None:
    shop, store, _item = world()
    store.order("31000003", ("600000001", 1), name="Brick\0" + "x" * 400, color_id=-1, condition="refurbished")
    read(shop)
    line = line_of("31000003")
    assert (len(line.name), line.color_id, line.condition) == (300, None, "")
