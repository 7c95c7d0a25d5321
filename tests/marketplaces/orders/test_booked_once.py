"""A sale is booked once, takes off what its own shop was told, and lowers the other shops."""

from __future__ import annotations

from typing import Any

import pytest

from marketplaces.models import OrderLine
from marketplaces.orders.importing import read_orders
from tests.build import make_account
from tests.marketplaces.orders.build import counts, line_of, lot_of, make_item, make_shop, order_of, pushed, read, told

pytestmark = pytest.mark.django_db


def test_a_sale_at_one_shop_lowers_the_other_and_is_not_sent_back() -> None:
    account = make_account()
    (one, here), (other, there) = make_shop(account, "One"), make_shop(account, "Other")
    item = make_item(account, quantity=10)
    pushed(one, other)
    here.order("31000001", (lot_of(one, item), 3))
    here.calls.clear()
    read(one, other)
    pushed(one, other)

    assert counts(item) == (7, 3)
    assert (told(one, item), told(other, item)) == (7, 7)
    assert (here.quantity(item.token), there.quantity(item.token)) == (7, 7)
    assert [call for call in here.calls if call.startswith("update")] == []
    assert [call for call in there.calls if call.startswith("update")] == [f"update {lot_of(other, item)} -3 -"]
    line = line_of("31000001")
    assert (line.booking, line.booked, line.told_lowered, line.shortfall) == ("item", 3, 3, 0)


def test_an_order_told_twice_is_booked_once() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 3))
    read(shop)
    store.calls.clear()
    read(shop)
    # Nothing new in the list: its contents are not even asked for.
    assert store.calls == ["orders"]
    store.status("31000001", "PAID", "open")
    read(shop)
    assert counts(item) == (7, 3)
    assert told(shop, item) == 7
    assert (order_of("31000001").status, OrderLine.objects.count()) == ("PAID", 1)


def test_batches_and_lines_in_another_order_book_nothing() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    lot = lot_of(shop, item)
    store.order("31000001", (lot, 3))
    store.order("31000001", (lot, 2))
    read(shop)
    store.lines["31000001"].reverse()
    store.status("31000001", "PAID", "open")
    read(shop)
    assert counts(item) == (5, 5)
    assert told(shop, item) == 5


def test_an_order_that_grew_books_the_difference() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    lot = lot_of(shop, item)
    store.order("31000001", (lot, 3))
    read(shop)
    store.order("31000001", (lot, 2))
    read(shop)
    assert counts(item) == (5, 5)
    assert (told(shop, item), store.quantity(item.token)) == (5, 5)
    assert [line.quantity for line in order_of("31000001").lines.all()] == [3, 2]


def test_more_than_there_was_is_a_shortfall_that_stays_visible() -> None:
    account = make_account()
    (one, here), (other, there) = make_shop(account, "One"), make_shop(account, "Other")
    item = make_item(account, quantity=4)
    pushed(one, other)
    # Both sell before anything is known here.
    here.order("31000001", (lot_of(one, item), 3))
    there.order("8800001", (lot_of(other, item), 3))
    read(one, other)
    assert counts(item) == (0, 4)
    assert line_of("31000001").shortfall == 0
    assert line_of("8800001").shortfall == 2


def test_a_push_that_is_under_way_and_a_sale_both_move_what_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    lot = lot_of(shop, item)
    item.refresh_from_db()
    item.quantity_available = 15
    item.save()
    there = store._set

    def sold_meanwhile(*arguments: Any, **changes: Any) -> Any:
        monkeypatch.setattr(store, "_set", there)
        changed = there(*arguments, **changes)
        store.order("31000001", (lot, 4))
        read(shop)
        return changed

    monkeypatch.setattr(store, "_set", sold_meanwhile)
    pushed(shop)
    assert counts(item) == (11, 4)
    assert (told(shop, item), store.quantity(item.token)) == (11, 11)


def test_an_order_from_before_the_shop_was_connected_is_history() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("30000001", (lot_of(shop, item), 2), ago=7200)
    store.order("30000002", ("600000001", 2), ago=90_000)
    store.status("30000002", "COMPLETED", "done")
    read(shop)
    assert counts(item) == (10, 0)
    assert line_of("30000001").booking == "history"
    assert order_of("30000002").phase == "done"
    assert "lines 30000002" not in store.calls


def test_what_is_added_to_an_order_of_history_is_booked() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    lot = lot_of(shop, item)
    store.order("30000001", (lot, 2), ago=7200)
    read(shop)
    store.order("30000001", (lot, 3))
    read(shop)
    assert counts(item) == (7, 3)
    assert [(line.booking, line.quantity) for line in order_of("30000001").lines.all()] == [("history", 2), ("item", 3)]


def test_a_word_for_a_status_that_nobody_knows_is_kept() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 1))
    store.status("31000001", "QUARANTINED-BY-MARS", "of another planet")
    read(shop)
    assert (order_of("31000001").status, order_of("31000001").phase) == ("QUARANTINED-BY-MARS", "open")
    assert counts(item) == (9, 1)


def test_the_same_order_number_at_two_shops_is_two_orders() -> None:
    account = make_account()
    (one, here), (other, there) = make_shop(account, "One"), make_shop(account, "Other")
    item = make_item(account, quantity=10)
    pushed(one, other)
    here.order("1", (lot_of(one, item), 1))
    there.order("1", (lot_of(other, item), 2))
    read_orders(one)
    read_orders(other)
    assert counts(item) == (7, 3)
