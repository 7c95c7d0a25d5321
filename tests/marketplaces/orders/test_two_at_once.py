"""Orders are booked while people and the ledger change the same items: nobody waits in a circle, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from inventory import items, ledger
from inventory.models import Sale
from marketplaces import orders
from marketplaces.models import Order
from tests.inventory.ledger.build import Shop as Stock
from tests.marketplaces.orders.build import counts, link, lot_of, make_item, make_shop, pushed, read, told

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def at_once(*works: Callable[[], None]) -> None:
    """Run all at the same moment, each from a thread with a connection of its own; raises what the first of them raised."""
    start, failed = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failed:
        raise error


def test_orders_edits_and_sales_of_the_same_goods() -> None:
    stock = Stock()
    stock.buy(100)
    shop, store = make_shop(stock.account)
    # The first and the last are linked to the same product, the one between has its own number.
    linked = link(stock.account, stock.tea, stock.place)
    own = make_item(stock.account, quantity=100, part_number="3002")
    other = link(stock.account, stock.tea, stock.place)
    pushed(shop)
    lots = [lot_of(shop, own), lot_of(shop, linked)]

    def order() -> None:
        for number in range(ROUNDS):
            store.order(str(31000001 + number), (lots[0], 1), (lots[1], 2))
            read(shop)

    def edit() -> None:
        for number in range(ROUNDS):
            items.edit_many(stock.actor, [other.pk, own.pk, linked.pk], price=f"0.{number + 1}")

    def sell() -> None:
        for _ in range(ROUNDS):
            ledger.sell(stock.actor, product=stock.tea, warehouse=stock.place, unit_kind="packs", quantity=1)

    at_once(order, edit, sell)
    assert Order.objects.exclude(problem="").count() == 0
    assert counts(own) == (100 - ROUNDS, ROUNDS)
    assert stock.packs == Decimal(100 - 3 * ROUNDS)
    assert counts(linked)[0] == counts(other)[0] == 100 - 3 * ROUNDS
    pushed(shop)
    assert [told(shop, item) for item in (own, linked)] == [100 - ROUNDS, 100 - 3 * ROUNDS]
    assert [store.lots[lot].quantity for lot in lots] == [100 - ROUNDS, 100 - 3 * ROUNDS]


def test_two_readers_book_an_order_once() -> None:
    stock = Stock()
    stock.buy(50)
    shop, store = make_shop(stock.account)
    item = link(stock.account, stock.tea, stock.place)
    pushed(shop)
    for number in range(ROUNDS):
        store.order(str(31000001 + number), (lot_of(shop, item), 2))
    at_once(lambda: read(shop), lambda: read(shop), lambda: orders.poll(shop.pk))
    assert (stock.packs, Sale.objects.count()) == (Decimal(50 - 2 * ROUNDS), ROUNDS)
    assert told(shop, item) == 50 - 2 * ROUNDS
