"""Which item a line is: by its lot, by its mark, by what it is, by a person, or not known yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory.models import Item
from marketplaces import orders
from marketplaces.errors import NotDecidable
from marketplaces.lots import RemoteLot
from marketplaces.models import Listing, Lot, OrderLine
from marketplaces.push.assigning import Seen, assign_many
from tests.build import make_account, make_actor
from tests.marketplaces.orders.build import counts, line_of, lot_of, make_item, make_shop, pushed, read, told
from tests.marketplaces.push.toy import SILENT, hurry

pytestmark = pytest.mark.django_db


def test_a_lot_that_is_not_known_waits_and_is_booked_once_it_is() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    store.fail(SILENT, after=True)
    pushed(shop)
    # The shop has made the lot, and we don't know yet.
    (lot,) = store.lots
    store.order("31000001", (lot, 3))
    read(shop)
    assert (line_of("31000001").booking, counts(item)) == ("unmatched", (10, 0))
    assert list(orders.unmatched(account.pk)) == [line_of("31000001")]
    hurry()
    pushed(shop)
    assert lot_of(shop, item) == lot
    read(shop)
    pushed(shop)
    assert (line_of("31000001").booking, counts(item)) == ("item", (7, 3))
    assert (told(shop, item), store.quantity(item.token)) == (7, 7)


def test_a_mark_tells_the_item_before_the_lot_is_known_and_told_follows_with_the_lot() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    store.fail(SILENT, after=True)
    pushed(shop)
    (lot,) = store.lots
    store.order("31000001", (lot, 3), token=item.token)
    read(shop)
    assert (line_of("31000001").listing, counts(item)) == (None, (7, 3))
    hurry()
    pushed(shop)
    read(shop)
    pushed(shop)
    assert counts(item) == (7, 3)
    assert (told(shop, item), store.quantity(item.token)) == (7, 7)
    assert line_of("31000001").told_lowered == 3


def test_a_sale_of_a_lot_that_was_replaced_leaves_what_the_new_one_was_told() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    old = lot_of(shop, item)
    store.order("31000001", (old, 3))
    item.refresh_from_db()
    item.condition = "used"
    item.save()
    pushed(shop)
    assert lot_of(shop, item) != old
    read(shop)
    pushed(shop)
    assert (counts(item), line_of("31000001").told_lowered) == ((7, 3), 0)
    assert (told(shop, item), store.quantity(item.token)) == (7, 7)


def test_an_order_from_before_the_lot_was_adopted_is_history() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=7)
    store.order("31000001", ("600000001", 3), ago=1800)
    store.order("31000002", ("600000001", 2), ago=600)
    read(shop)
    listing = Listing.objects.get(shop=shop, item=item)
    lot = RemoteLot("600000001", 5, {"number": "3001", "condition": "new"}, {"price": "0.125"})
    with transaction.atomic():
        assign_many([Seen(listing, lot)], at=timezone.now() - timedelta(minutes=20))
    read(shop)
    assert line_of("31000001").booking == "history"
    # What was ordered after the lot was read is ours, and comes off what was told.
    assert (line_of("31000002").booking, line_of("31000002").told_lowered) == ("item", 2)
    assert (counts(item), told(shop, item)) == ((5, 2), 3)


def test_without_a_lot_exactly_one_candidate_is_taken() -> None:
    account = make_account()
    shop, store = make_shop(account)
    black, used = make_item(account, quantity=10), make_item(account, quantity=10, condition="used")
    pushed(shop)
    store.order("8800001", ("", 1))
    read(shop)
    assert (counts(black), counts(used)) == ((9, 1), (10, 0))
    twin = make_item(account, quantity=10)
    pushed(shop)
    store.order("8800002", ("", 1))
    read(shop)
    assert line_of("8800002").booking == "unmatched"
    assert (counts(black), counts(twin)) == ((9, 1), (10, 0))


def test_a_foreign_lot_is_not_taken_for_ours_by_what_it_is() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", ("600000001", 2))
    read(shop)
    read(shop)
    assert (line_of("31000001").booking, counts(item)) == ("unmatched", (10, 0))


def unmatched() -> tuple[Item, OrderLine]:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    pushed(shop)
    store.order("31000001", ("600000001", 2))
    read(shop)
    return item, line_of("31000001")


def test_a_person_matches_a_line_and_every_shop_is_told() -> None:
    item, line = unmatched()
    actor = make_actor(item.account, Role.MANAGER)
    assert orders.match(actor, line, item).booked == 2
    assert counts(item) == (8, 2)
    listing = Listing.objects.get()
    assert (listing.told_quantity, listing.state) == (10, "syncing")
    with pytest.raises(NotDecidable):
        orders.match(actor, line, item)


def test_a_person_says_that_it_is_not_ours_and_may_think_again() -> None:
    item, line = unmatched()
    actor = make_actor(item.account, Role.MANAGER)
    assert orders.not_ours(actor, line).booking == "history"
    assert list(orders.unmatched(item.account_id)) == []
    with pytest.raises(NotDecidable):
        orders.not_ours(actor, line)
    assert orders.match(actor, line, item).booking == "item"
    assert counts(item) == (8, 2)


def test_only_a_manager_matches_and_only_in_their_own_account() -> None:
    item, line = unmatched()
    stranger = make_actor(make_account("8QX"))
    for verb in (lambda who: orders.match(who, line, item), lambda who: orders.not_ours(who, line)):
        with pytest.raises(NotAllowed):
            verb(make_actor(item.account, Role.STAFF))
        with pytest.raises(OrderLine.DoesNotExist):
            verb(stranger)


def test_the_lots_of_another_shop_are_not_mixed_up() -> None:
    account = make_account()
    (one, here), (other, _) = make_shop(account, "One"), make_shop(account, "Other")
    item = make_item(account, quantity=10)
    pushed(one, other)
    Lot.objects.filter(shop=other).update(lot_id="600000001")
    here.order("31000001", ("600000001", 2))
    read(one)
    assert line_of("31000001").booking == "unmatched"
    assert counts(item) == (10, 0)
