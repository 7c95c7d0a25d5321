"""What happens between two steps of a push, or while one is under way, is neither lost nor sold twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Account
from inventory.models import Item
from marketplaces import push
from marketplaces.lots import Wanted
from marketplaces.models import Listing, ListingState, Priority, Shop
from marketplaces.push import working
from marketplaces.push.plan import Delete, Retire, Rules, Told, plan
from sync.wire.errors import BudgetSpent, Refused
from tests.build import make_account, make_actor
from tests.marketplaces.push.toy import SILENT, ToyRemote, ToyStore, hurry, import_sales, make_item, make_shop

pytestmark = pytest.mark.django_db(transaction=True)

World = tuple[Account, Shop, ToyStore, Item]


@pytest.fixture
def world() -> World:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    push.drain(shop.pk)
    store.calls.clear()
    return account, shop, store, item


def the_listing() -> Listing:
    return Listing.objects.get()


@pytest.mark.parametrize("off", [True, False])
def test_a_switch_thrown_while_a_worker_finds_nothing_to_do_is_not_lost(world: World, monkeypatch: pytest.MonkeyPatch, off: bool) -> None:
    account, shop, store, item = world
    manager = make_actor(account)
    if not off:
        push.keep_off(manager, item, shop, True)
        push.drain(shop.pk)
    judge = working.next_step
    thrown = iter([True])

    def meanwhile(*arguments: Any, **options: Any) -> Any:
        step = judge(*arguments, **options)
        if next(thrown, False):
            push.keep_off(manager, item, shop, off)
        return step

    monkeypatch.setattr(working, "next_step", meanwhile)
    push.push_now(manager, Listing.objects.all())
    push.drain(shop.pk)
    assert (len(store.lots), the_listing().state) == ((0, ListingState.KEPT_OFF) if off else (1, ListingState.SYNCED))


def test_a_switch_thrown_while_calls_are_pretended_is_made_up_for(world: World, settings: Any) -> None:
    account, shop, store, item = world
    settings.DISABLE_EXTERNAL_CALLS = True
    push.keep_off(make_actor(account), item, shop, True)
    push.drain(shop.pk)
    settings.DISABLE_EXTERNAL_CALLS = False
    push.sweep()
    push.drain(shop.pk)
    assert (store.lots, the_listing().state) == ({}, ListingState.KEPT_OFF)


def test_no_calls_left_to_look_something_up_keep_no_shop_from_being_told_of_less(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account, shop, store, item = world
    until = timezone.now() + timedelta(hours=5)

    def spent(*_: Any) -> None:
        raise BudgetSpent("The day's calls are used up.", until=until)

    monkeypatch.setattr(ToyRemote, "prepare", spent)
    make_item(account, part_number="3002")
    push.drain(shop.pk)
    assert store.calls == []
    assert Shop.objects.get().resting_until is None
    Item.objects.filter(pk=item.pk).update(quantity_available=3)
    push.sweep()
    push.drain(shop.pk)
    assert store.quantity(item.token) == 3


def test_what_is_reserved_is_as_urgent_as_less(world: World) -> None:
    _, _, _, item = world
    item.status = "reserved"
    item.save()
    assert the_listing().priority == Priority.LESS


def test_more_sold_than_the_shop_was_told_of_yet_is_read_and_not_guessed(world: World) -> None:
    """An order of pieces that a call, not closed yet, has just added."""
    _, shop, store, item = world
    Item.objects.filter(pk=item.pk).update(quantity_available=1)
    push.sweep()
    push.drain(shop.pk)
    Item.objects.filter(pk=item.pk).update(quantity_available=6)
    push.sweep()
    lot = the_listing().lot_id
    update = ToyRemote.update

    def sold_at_once(self: ToyRemote, *arguments: Any, **options: Any) -> Any:
        done = update(self, *arguments, **options)
        if store.sell(lot, 4):
            import_sales(shop)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ToyRemote, "update", sold_at_once)
        push.drain(shop.pk)
    hurry()
    push.drain(shop.pk)
    item.refresh_from_db()
    assert item.quantity_available == the_listing().told_quantity == store.quantity(item.token) == 2
    assert [call for call in store.calls if call.startswith("update")] == [f"update {lot} -9 -", f"update {lot} +5 -"]


def test_what_is_sold_just_before_a_lot_is_read_is_not_put_back_on_sale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, shop, store, item = world
    push.doubt(the_listing().pk)
    lot = the_listing().lot_id
    read = ToyRemote.read
    customers = iter([3])

    def bought_just_now(self: ToyRemote, *arguments: Any) -> Any:
        store.sell(lot, next(customers, 0))
        return read(self, *arguments)

    monkeypatch.setattr(ToyRemote, "read", bought_just_now)
    push.sweep()
    push.drain(shop.pk)
    assert store.count("update") == 0
    assert store.quantity(item.token) == the_listing().told_quantity == 7


def test_a_lot_that_can_not_be_deleted_is_not_tried_each_minute(world: World) -> None:
    _, shop, store, item = world
    push.doubt(the_listing().pk)
    Item.objects.filter(pk=item.pk).update(archived_at=timezone.now())
    for _ in range(3):
        store.fail(Refused("Somebody is buying it.", http_status=400))
        push.sweep()
        push.drain(shop.pk)
    assert store.count("delete") == 1


def test_the_lot_before_the_last_is_not_forgotten_when_an_item_becomes_something_else_twice() -> None:
    wanted = Wanted({"number": "3003"}, 5, {"hidden": False})
    told = Told(lot_id="2", retiring="1", quantity=5, identity={"number": "3002"}, fields={"hidden": True})
    assert plan(told, wanted, offered=5, gone=False, rules=Rules()) == Delete("1", retiring=True)
    assert plan(replace(told, retiring=""), wanted, offered=5, gone=False, rules=Rules()) == Retire()


@pytest.mark.parametrize("done", [True, False])
def test_a_price_that_is_taken_back_while_its_outcome_is_open_is_told_again(world: World, done: bool) -> None:
    _, shop, store, item = world
    Item.objects.filter(pk=item.pk).update(price="2")
    push.sweep()
    store.fail(SILENT, after=done)
    push.drain(shop.pk)
    Item.objects.filter(pk=item.pk).update(price="0.125")
    push.sweep()
    hurry()
    push.drain(shop.pk)
    lot = the_listing().lot_id
    assert (store.lots[lot].fields["price"], the_listing().state) == ("0.125", ListingState.SYNCED)
    assert str(the_listing().told_price) == "0.1250"


@pytest.mark.parametrize("done", [True, False])
def test_an_item_restored_while_it_is_not_known_whether_its_lot_is_deleted_has_one(world: World, done: bool) -> None:
    _, shop, store, item = world
    Item.objects.filter(pk=item.pk).update(archived_at=timezone.now())
    push.sweep()
    store.fail(SILENT, after=done)
    push.drain(shop.pk)
    Item.objects.filter(pk=item.pk).update(archived_at=None)
    push.sweep()
    hurry()
    push.drain(shop.pk)
    assert list(store.lots) == [the_listing().lot_id]
    assert (the_listing().state, store.quantity(item.token)) == (ListingState.SYNCED, 10)


@pytest.mark.parametrize("done", [True, False])
def test_a_reservation_released_while_its_outcome_is_open_is_shown_again(world: World, done: bool) -> None:
    _, shop, store, item = world
    Item.objects.filter(pk=item.pk).update(status="reserved")
    push.sweep()
    store.fail(SILENT, after=done)
    push.drain(shop.pk)
    Item.objects.filter(pk=item.pk).update(status="available")
    push.sweep()
    hurry()
    push.drain(shop.pk)
    assert store.quantity(item.token) == 10


def test_a_deadlock_keeps_nothing_from_the_shop_for_long(world: World) -> None:
    _, shop, store, item = world
    Item.objects.filter(pk=item.pk).update(quantity_available=3)
    push.sweep()
    store.fail(OperationalError("deadlock detected"))
    push.drain(shop.pk)
    due = the_listing().due_at
    assert due is not None
    assert due < timezone.now() + timedelta(minutes=1)
    hurry()
    push.drain(shop.pk)
    assert (store.quantity(item.token), the_listing().state) == (3, ListingState.SYNCED)
