"""Linked items: what is sold of them is a sale in the ledger, or held in a mirror."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Allocation, Hold, Level, Movement, Sale, Warehouse
from marketplaces import orders
from marketplaces.models import Shop
from sync.models import Connection, RunFeed, SyncRun
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop as Stock
from tests.inventory.ledger.build import make_place
from tests.inventory.ledger.proof import prove
from tests.marketplaces.orders.build import (
    OrderStore,
    counts,
    line_of,
    link,
    lot_of,
    make_mirror,
    make_shop,
    order_of,
    pushed,
    read,
    told,
)

pytestmark = pytest.mark.django_db


def sale(**values: Any) -> Sale:
    return Sale.objects.get(**values)


def test_a_sale_is_booked_in_the_ledger_and_lowers_both_shops() -> None:
    stock = Stock()
    stock.buy(20)
    (one, here), (other, there) = make_shop(stock.account, "One"), make_shop(stock.account, "Other")
    item = link(stock.account, stock.tea, stock.place, pack=2)
    pushed(one, other)
    here.order("31000001", (lot_of(one, item), 3))
    read(one, other)
    pushed(one, other)

    line, row = line_of("31000001"), sale()
    assert (line.booking, line.booked, line.shortfall) == ("sale", 3, 0)
    assert (row.quantity, row.shortfall, row.revision, row.reference) == (6, 0, 0, "One 31000001")
    assert (row.price, row.correlation) == (Decimal("0.0625"), line.order.correlation)
    assert row.source_key == f"toy:{one.pk}:31000001:{line.key}@{stock.place.pk}"
    assert stock.packs == 14
    assert {move.cause for move in Movement.objects.filter(kind="sale")} == {"marketplace_order"}
    assert counts(item)[0] == 7
    assert (told(one, item), told(other, item)) == (7, 7)
    assert (here.quantity(item.token), there.quantity(item.token)) == (7, 7)
    assert here.count("update") == 0
    prove(stock.account)


def test_growth_and_cancellation_are_corrections_of_the_sale() -> None:
    stock = Stock()
    stock.buy(10)
    shop, store = make_shop(stock.account)
    item = link(stock.account, stock.tea, stock.place)
    pushed(shop)
    lot = lot_of(shop, item)
    store.order("8800001", (lot, 3))
    read(shop)
    store.refund("8800001", 1)
    read(shop)
    orders.restock(make_actor(stock.account), order_of("8800001"))
    assert (sale().quantity, sale().revision, stock.packs) == (2, 1, 8)
    store.status("8800001", "CANCELLED", "cancelled")
    read(shop)
    orders.restock(make_actor(stock.account), order_of("8800001"))
    assert (sale().status, sale().revision, stock.packs) == ("cancelled", 2, 10)
    assert counts(item)[0] == 10
    pushed(shop)
    assert (told(shop, item), store.quantity(item.token)) == (10, 10)
    # Not cancelled after all.
    store.refund("8800001", 0)
    store.status("8800001", "PAID", "open")
    read(shop)
    assert (sale(status="booked").quantity, stock.packs) == (3, 7)
    prove(stock.account)


def test_what_is_not_there_is_a_shortfall_that_the_next_receipt_settles() -> None:
    stock = Stock()
    stock.buy(4)
    (one, here), (other, there) = make_shop(stock.account, "One"), make_shop(stock.account, "Other")
    item = link(stock.account, stock.tea, stock.place)
    pushed(one, other)
    here.order("31000001", (lot_of(one, item), 3))
    there.order("8800001", (lot_of(other, item), 3))
    read(one, other)
    assert (stock.packs, counts(item)[0]) == (0, 0)
    assert [line_of(each).shortfall for each in ("31000001", "8800001")] == [0, 2]
    assert list(orders.shortfalls(stock.account.pk)) == [line_of("8800001")]
    stock.buy(5)
    read(other)
    assert (stock.packs, counts(item)[0], line_of("8800001").shortfall) == (3, 3, 0)
    prove(stock.account)


def test_a_shortfall_goes_back_before_anything_that_was_there() -> None:
    stock = Stock()
    stock.buy(4)
    shop, store = make_shop(stock.account)
    item = link(stock.account, stock.tea, stock.place)
    pushed(shop)
    store.order("8800001", (lot_of(shop, item), 4))
    stock.sell(2)
    read(shop)
    assert line_of("8800001").shortfall == 2
    store.refund("8800001", 3)
    read(shop)
    orders.restock(make_actor(stock.account), order_of("8800001"))
    assert (sale(source_key__isnull=False).quantity, stock.packs, line_of("8800001").shortfall) == (1, 1, 0)
    prove(stock.account)


def test_the_first_warehouse_with_all_of_it_gives_it_and_else_each_what_it_has() -> None:
    stock = Stock()
    back = make_place(stock.account, "BACK")
    stock.buy(3)
    stock.buy(5, warehouse=back)
    shop, store = make_shop(stock.account)
    item = link(stock.account, stock.tea, stock.place, back)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 4))
    read(shop)
    assert (stock.packs, stock.level(place=back).packs) == (3, 1)
    store.order("31000002", (lot_of(shop, item), 4))
    read(shop)
    assert (stock.packs, stock.level(place=back).packs, counts(item)[0]) == (0, 0, 0)
    store.status("31000002", "CANCELLED", "cancelled")
    read(shop)
    orders.restock(make_actor(stock.account), order_of("31000002"))
    assert (stock.packs, stock.level(place=back).packs) == (3, 1)
    prove(stock.account)


def test_two_lines_of_one_order_share_what_is_there() -> None:
    stock = Stock()
    back = make_place(stock.account, "BACK")
    stock.buy(3)
    stock.buy(3, warehouse=back)
    shop, store = make_shop(stock.account)
    item = link(stock.account, stock.tea, stock.place, back)
    pushed(shop)
    lot = lot_of(shop, item)
    store.order("31000001", (lot, 2), (lot, 3))
    read(shop)
    assert (stock.packs, stock.level(place=back).packs) == (1, 0)
    assert Allocation.objects.count() == 2


def test_an_order_from_before_the_warehouse_was_opened_is_in_its_count() -> None:
    stock = Stock()
    stock.buy(10)
    shop, store = make_shop(stock.account)
    item = link(stock.account, stock.tea, stock.place)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 3), ago=600)
    Warehouse.objects.filter(pk=stock.place.pk).update(opened_at=timezone.now() - timedelta(minutes=5))
    read(shop)
    assert (line_of("31000001").booking, stock.packs) == ("history", 10)
    # The shop has sold them all the same.
    assert told(shop, item) == 7


def mirrored(**settings: Any) -> tuple[Shop, OrderStore, Any, Warehouse]:
    account = make_account()
    stock = Stock(account, sku="QTX-MUG", unit_kind="units")
    place = make_mirror(account, stock.tea, units=10)
    shop, store = make_shop(account, **settings)
    item = link(account, stock.tea, place)
    pushed(shop)
    return shop, store, item, place


def snapshot(place: Warehouse, units: int, *, taken_at: Any = None, verdict: str = "complete") -> None:
    """The warehouse's own system is read."""
    connection, _ = Connection.objects.get_or_create(account=place.account, system="ge", name="GE", defaults={"warehouse": place})
    now = timezone.now()
    run = SyncRun.objects.create(
        account=place.account,
        connection=connection,
        dataset="stock",
        scope="inventory",
        trigger="button",
        status="succeeded",
        applied_at=now,
    )
    RunFeed.objects.create(account=place.account, run=run, feed="stock:FG", verdict=verdict, taken_at=taken_at or now)
    Level.objects.filter(warehouse=place).update(units=units)


def test_in_a_mirror_it_is_held_until_that_system_was_read_after_it_went() -> None:
    shop, store, item, place = mirrored()
    store.order("31000001", (lot_of(shop, item), 3))
    read(shop)
    line, hold = line_of("31000001"), Hold.objects.get()
    assert (line.booking, line.booked, hold.quantity, counts(item)[0], told(shop, item)) == ("hold", 3, 3, 7, 7)
    assert not Sale.objects.exists()

    snapshot(place, 10)
    assert orders.release_shown() == 0
    store.status("31000001", "SHIPPED", "shipped")
    read(shop)
    before_it_went = timezone.now() - timedelta(minutes=30)
    snapshot(place, 10, taken_at=before_it_went)
    snapshot(place, 10, verdict="partial")
    assert orders.release_shown() == 0
    snapshot(place, 7)
    assert orders.release_shown() == 1
    assert orders.release_shown() == 0
    assert (counts(item)[0], Hold.objects.get().released_at is not None) == (7, True)
    assert "was shipped" in Hold.objects.get().released_because


def test_a_system_that_takes_in_the_orders_itself_is_believed_at_its_next_reading() -> None:
    shop, store, item, place = mirrored(hold_release="shown")
    store.order("31000001", (lot_of(shop, item), 3))
    read(shop)
    assert orders.release_shown() == 0
    snapshot(place, 7)
    assert orders.release_shown() == 1
    assert counts(item)[0] == 7


def test_restocking_releases_the_hold_and_growth_enlarges_it() -> None:
    shop, store, item, _place = mirrored()
    store.order("8800001", (lot_of(shop, item), 3))
    read(shop)
    store.refund("8800001", 1)
    read(shop)
    orders.restock(make_actor(item.account), order_of("8800001"))
    assert (Hold.objects.get().quantity, counts(item)[0]) == (2, 8)
    store.status("8800001", "CANCELLED", "cancelled")
    read(shop)
    orders.restock(make_actor(item.account), order_of("8800001"))
    assert (Hold.objects.get().released_at is not None, counts(item)[0]) == (True, 10)
    store.status("8800001", "PAID", "open")
    read(shop)
    assert (Hold.objects.get(released_at=None).quantity, counts(item)[0]) == (2, 8)


def test_more_than_a_mirror_has_is_a_shortfall() -> None:
    shop, store, item, place = mirrored()
    store.order("31000001", (lot_of(shop, item), 9))
    Level.objects.filter(warehouse=place).update(units=5)
    read(shop)
    assert (line_of("31000001").shortfall, Hold.objects.get().quantity, counts(item)[0]) == (4, 9, 0)


def test_a_ledger_and_a_mirror_share_an_order() -> None:
    shop, store, item, place = mirrored()
    stock_place = make_place(item.account, "SHELF")
    stock = Stock.__new__(Stock)
    stock.account, stock.actor, stock.place, stock.tea = item.account, make_actor(item.account), stock_place, item.product
    stock.buy(4, "units")
    item = link(item.account, item.product, stock_place, place)
    pushed(shop)
    store.order("31000001", (lot_of(shop, item), 12))
    read(shop)
    assert (sale().quantity, Hold.objects.get().quantity, line_of("31000001").booking) == (4, 8, "sale")
    store.status("31000001", "CANCELLED", "cancelled")
    read(shop)
    orders.restock(make_actor(item.account), order_of("31000001"))
    assert (sale().status, Hold.objects.get().released_at is not None, stock.level().units) == ("cancelled", True, 4)
