"""What holds a push back, and what lets it go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest

from inventory.models import Item
from marketplaces import push
from marketplaces.metrics import PushCollector
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Shop
from sync import connections
from sync.wire.errors import BadCredentials, BudgetSpent, Refused, RetryLater
from tests.build import make_account, make_actor
from tests.marketplaces.push.toy import UNREACHED, hurry, make_item, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def the_listing() -> Listing:
    return Listing.objects.get()


def test_pretended_calls_tell_nothing_and_are_made_up_for(settings: object) -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account)
    settings.DISABLE_EXTERNAL_CALLS = True  # type: ignore[attr-defined]
    push.drain(shop.pk)
    push.sweep()
    pretended = the_listing()
    assert (pretended.state, pretended.code, pretended.lot_id, pretended.told_quantity) == (ListingState.WAITING, "mocked", "", 0)
    assert Attempt.objects.get().state == AttemptState.MOCKED
    assert (store.calls, pretended.due_at) == ([], None)
    settings.DISABLE_EXTERNAL_CALLS = False  # type: ignore[attr-defined]
    push.sweep()
    push.drain(shop.pk)
    assert (store.calls, store.quantity(item.token)) == (["create"], 10)


def test_a_thousand_edits_of_a_paused_shop_are_one_call_an_item() -> None:
    account = make_account()
    shop, store = make_shop(account)
    made = [make_item(account, part_number=str(3000 + number)) for number in range(4)]
    push.drain(shop.pk)
    store.calls.clear()
    owner = make_actor(account)
    connections.pause(owner, shop.connection)
    for quantity in range(1, 26):
        for item in made:
            item.quantity_available = quantity + 20
            item.save()
    push.drain(shop.pk)
    assert store.calls == []
    connections.resume(owner, shop.connection)
    push.drain(shop.pk)
    assert len(store.calls) == 4
    assert {store.quantity(item.token) for item in made} == {45}


def test_maintenance_holds_everything_back_until_it_ends() -> None:
    account = make_account()
    shop, store = make_shop(account)
    make_item(account)
    manager = make_actor(account)
    push.set_maintenance(manager, shop, True)
    push.drain(shop.pk)
    assert store.calls == []
    push.set_maintenance(manager, shop, False)
    push.drain(shop.pk)
    assert store.calls == ["create"]


def test_a_refused_login_stops_the_shop_and_not_the_other() -> None:
    account = make_account()
    shop, store = make_shop(account, "One")
    other, second = make_shop(account, "Other")
    make_item(account, part_number="3001")
    make_item(account, part_number="3002")
    store.fail(BadCredentials("The key is wrong.", http_status=401))
    for each in (shop, other):
        push.drain(each.pk)
    shop.refresh_from_db()
    assert (shop.stopped_sentence, len(store.calls), second.count("create")) == ("The key is wrong.", 1, 2)
    hurry()
    push.drain(shop.pk)
    assert len(store.calls) == 1
    push.resume(make_actor(account), shop)
    push.drain(shop.pk)
    # One was certainly refused, so both are made now.
    assert store.count("create") == 3
    assert len(store.lots) == 2


def test_what_is_refused_waits_for_another_value_and_says_why() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account)
    store.fail(Refused("The shop says: unknown part.", code="unknown_part", http_status=404))
    push.drain(shop.pk)
    push.sweep()
    hurry()
    push.drain(shop.pk)
    refused = the_listing()
    assert (refused.state, refused.code, refused.sentence) == (ListingState.FAILED, "unknown_part", "The shop says: unknown part.")
    assert store.count("create") == 1
    item.part_number = "3002"
    item.save()
    push.drain(shop.pk)
    assert (the_listing().state, store.count("create")) == (ListingState.SYNCED, 2)


def test_a_refused_movement_is_read_before_it_is_sent_once_more() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account)
    push.drain(shop.pk)
    Item.objects.filter(pk=item.pk).update(quantity_available=2)
    push.sweep()
    store.fail(Refused("Below zero.", http_status=400))
    push.drain(shop.pk)
    hurry()
    push.drain(shop.pk)
    assert store.calls == ["create", "update 700000001 -8 -", "read 700000001", "update 700000001 -8 -"]
    assert the_listing().state == ListingState.SYNCED


def test_retries_come_soon_and_then_seldom() -> None:
    account = make_account()
    shop, store = make_shop(account)
    make_item(account)
    for number, pause in enumerate((1, 2, 4, 300, 900, 3600, 3600)):
        store.fail(UNREACHED)
        hurry()
        before = timezone.now()
        push.drain(shop.pk)
        # Pauses are a hundred times as long here.
        due, after = the_listing().due_at, timezone.now()
        assert due is not None
        assert before <= due - timedelta(seconds=pause * 100) <= after
        assert the_listing().state == (ListingState.SYNCING if number < 3 else ListingState.FAILED)


def test_too_many_calls_let_the_whole_shop_rest() -> None:
    account = make_account()
    shop, store = make_shop(account)
    for number in range(3):
        make_item(account, part_number=str(number))
    store.fail(RetryLater("Too many calls.", after=30, code="too_many_calls", http_status=429))
    before = timezone.now()
    push.drain(shop.pk)
    after = timezone.now()
    shop.refresh_from_db()
    assert store.count("create") == 1
    assert shop.resting_until is not None
    assert before <= shop.resting_until - timedelta(seconds=30) <= after


def test_a_spent_budget_keeps_prices_waiting_and_lets_less_through() -> None:
    account = make_account()
    shop, store = make_shop(account)
    one, other = make_item(account, part_number="3001"), make_item(account, part_number="3002")
    push.drain(shop.pk)
    Item.objects.filter(pk=one.pk).update(price="0.5")
    until = timezone.now() + timedelta(hours=1)
    push.sweep()
    store.fail(BudgetSpent("The day's calls are used up.", until=until))
    push.drain(shop.pk)
    Item.objects.filter(pk=other.pk).update(quantity_available=3)
    push.sweep()
    push.drain(shop.pk)
    assert store.quantity(other.token) == 3
    held_back = Listing.objects.get(item=one)
    assert (held_back.state, held_back.due_at) == (ListingState.WAITING, until)
    # What was never sent is no attempt.
    assert not Attempt.objects.filter(listing=held_back, code="budget_spent").exists()


def test_kept_off_deletes_the_lot_and_offered_again_makes_one() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account)
    push.drain(shop.pk)
    manager = make_actor(account)
    push.keep_off(manager, item, shop, True)
    push.drain(shop.pk)
    assert (store.lots, the_listing().state) == ({}, ListingState.KEPT_OFF)
    push.keep_off(manager, item, shop, False)
    push.drain(shop.pk)
    assert (len(store.lots), the_listing().state) == (1, ListingState.SYNCED)


def test_a_lot_that_is_left_at_the_shop_is_not_ours_any_more() -> None:
    account = make_account()
    shop, store = make_shop(account)
    item = make_item(account)
    push.drain(shop.pk)
    push.keep_off(make_actor(account), item, shop, True, leave=True)
    Item.objects.filter(pk=item.pk).update(archived_at=timezone.now())
    push.sweep()
    push.drain(shop.pk)
    assert list(store.lots) == ["700000001"]


def test_the_names_that_dashboards_know() -> None:
    account = make_account()
    shop, _ = make_shop(account)
    make_item(account)
    push.drain(shop.pk)
    registry = CollectorRegistry()
    registry.register(PushCollector(account))
    shown = generate_latest(registry).decode()
    assert 'levelstock_push_events_total{name="inventory.immediateSync.toy.success"} 1.0' in shown
    assert 'levelstock_push_events_total{name="inventory.sync.latency"} 1.0' in shown
    assert 'levelstock_listings{shop="Toys",state="synced"} 1.0' in shown


def test_one_listing_that_breaks_the_program_does_not_keep_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    shop, store = make_shop(account)
    make_item(account, part_number="3001")
    make_item(account, part_number="3002")
    store.fail(ValueError("unexpected"))
    push.drain(shop.pk)
    assert sorted(Listing.objects.values_list("state", flat=True)) == ["failed", "synced"]
    # It was sent, as far as anybody knows: so it is looked for first.
    hurry()
    push.drain(shop.pk)
    assert store.calls == ["create", "create", "find", "find", "create"]
    assert Shop.objects.get(pk=shop.pk).lease_until is None
