"""What reaches a shop when nothing goes wrong: as little as possible, and once."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from inventory.models import Item
from marketplaces import push
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Lot
from tests.build import make_account
from tests.marketplaces.push.toy import make_item, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def the_listing() -> Listing:
    return Listing.objects.get()


def test_create_then_edit_is_one_lot_and_one_change() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    push.drain(shop.pk)
    created = the_listing()
    assert (created.state, created.lot_id, created.told_quantity, created.told_price) == ("synced", "700000001", 10, Decimal("0.125"))

    item.refresh_from_db()
    item.quantity_available, item.price = 7, Decimal("0.150")
    item.save()
    push.drain(shop.pk)
    changed = the_listing()
    assert store.calls == ["create", "update 700000001 -3 - price"]
    assert (changed.state, changed.lot_id, changed.told_quantity) == ("synced", "700000001", 7)
    assert store.quantity(item.token) == 7
    assert [each.state for each in Attempt.objects.all()] == [AttemptState.SUCCEEDED, AttemptState.SUCCEEDED]


def test_many_edits_before_the_drain_are_one_call() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    push.drain(shop.pk)
    for quantity in (9, 3, 5):
        item.quantity_available = quantity
        item.save()
    push.drain(shop.pk)
    assert store.calls == ["create", "update 700000001 -5 -"]
    # All three changes are joined to the one call, and each leads to it.
    attempt = Attempt.objects.first()
    assert len(attempt.correlations) == 3
    found = [list(Attempt.objects.filter(push.carrying(uuid.UUID(each)))) for each in attempt.correlations]
    assert found == [[attempt]] * 3


def test_an_edit_back_to_what_was_told_sends_nothing() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=10)
    push.drain(shop.pk)
    for quantity in (4, 10):
        item.quantity_available = quantity
        item.save()
    push.drain(shop.pk)
    assert store.calls == ["create"]
    assert the_listing().state == ListingState.SYNCED


def test_nothing_to_sell_makes_no_lot() -> None:
    account = make_account()
    shop, store = make_shop(account)
    make_item(account, quantity=0)
    push.drain(shop.pk)
    assert store.calls == []
    assert (the_listing().state, the_listing().lot_id) == (ListingState.SYNCED, "")


def test_sold_out_deletes_the_lot_and_more_makes_a_new_one() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=2)
    push.drain(shop.pk)
    for quantity in (0, 6):
        item.quantity_available = quantity
        item.save()
        push.drain(shop.pk)
    assert store.calls == ["create", "delete 700000001", "create"]
    assert (the_listing().lot_id, the_listing().told_quantity) == ("700000002", 6)
    assert Lot.objects.get(lot_id="700000001").gone_at is not None


def test_sold_out_is_kept_and_hidden_where_the_shop_keeps_empty_lots() -> None:
    account = make_account()
    shop, store = make_shop(account, zero_stock="keep")
    item = make_item(account, quantity=2)
    push.drain(shop.pk)
    for quantity in (0, 6):
        item.quantity_available = quantity
        item.save()
        push.drain(shop.pk)
    assert store.calls == ["create", "update 700000001 -2 - hidden", "update 700000001 +6 - hidden"]
    assert store.lots["700000001"].fields["hidden"] is False


def test_what_the_shop_sold_is_not_sent_to_it_again() -> None:
    from tests.marketplaces.push.toy import import_sales

    account = make_account()
    one, first = make_shop(account, "One")
    other, second = make_shop(account, "Other")
    item = make_item(account, quantity=10)
    for shop in (one, other):
        push.drain(shop.pk)
    first.sell("700000001", 4)
    import_sales(one)
    for shop in (one, other):
        push.drain(shop.pk)
    assert first.calls == ["create"]
    assert second.calls == ["create", "update 700000001 -4 -"]
    assert first.quantity(item.token) == second.quantity(item.token) == 6


def test_a_condition_that_changes_makes_another_lot_and_deletes_the_old() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=3)
    push.drain(shop.pk)
    item.condition = "used"
    item.save()
    push.drain(shop.pk)
    # Hidden before the new one is made: at no moment are six pieces on sale.
    assert store.calls == ["create", "update 700000001 +0 - hidden", "create", "delete 700000001"]
    assert (the_listing().lot_id, the_listing().retiring_lot_id, the_listing().told_quantity) == ("700000002", "", 3)


def test_archived_is_deleted_and_nothing_that_is_not_ours() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=3)
    push.drain(shop.pk)
    store.lots["1"] = store.lots["700000001"].__class__("1", 5, {}, {}, token="")
    Item.objects.filter(pk=item.pk).update(archived_at="2026-03-01T00:00:00Z")
    push.sweep()
    push.drain(shop.pk)
    assert list(store.lots) == ["1"]
    assert the_listing().lot_id == ""


def test_a_row_changed_by_sql_alone_is_found_by_the_sweep() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=3)
    push.drain(shop.pk)
    Item.objects.filter(pk=item.pk).update(quantity_available=1)
    push.drain(shop.pk)
    assert store.quantity(item.token) == 3
    push.sweep()
    push.drain(shop.pk)
    assert store.quantity(item.token) == 1
    push.sweep()
    assert not Listing.objects.filter(due_at__isnull=False).exists()


def test_without_a_price_nothing_is_offered_but_less_is_still_told() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account, quantity=8)
    push.drain(shop.pk)
    item.price, item.quantity_available = None, 5
    item.save()
    push.drain(shop.pk)
    refused = the_listing()
    assert (refused.state, refused.code, refused.told_quantity) == (ListingState.FAILED, "no_price", 5)
    assert store.quantity(item.token) == 5
    # Refused for good: the sweep leaves it alone until something changes.
    push.sweep()
    assert the_listing().due_at is None
    item.price = Decimal("0.2")
    item.save()
    push.drain(shop.pk)
    assert (the_listing().state, the_listing().code) == (ListingState.SYNCED, "")
