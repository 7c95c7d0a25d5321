"""What a shop may answer instead of doing its work: each time the item says what the shop said and what to do, and no create is repeated
blindly."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from marketplaces import push, verify
from marketplaces.errors import CallsSwitchedOff
from marketplaces.models import Listing, ListingState, Shop
from marketplaces.push import draining
from sync import connections
from tests.build import make_actor
from tests.marketplaces.build import StandIn, drain, hurry, make_item

pytestmark = pytest.mark.django_db(transaction=True)


def at(shop: Shop) -> Listing:
    return Listing.objects.get(shop=shop)


def test_another_address_stops_the_shop_and_names_it(bricklink: StandIn, bricklink_shop: Shop) -> None:
    bricklink.turn_on("ip_mismatch")
    make_item(bricklink_shop.account)
    drain(bricklink_shop)
    bricklink_shop.refresh_from_db()
    assert "203.0.113.9" in bricklink_shop.stopped_sentence + bricklink_shop.stopped_hint
    assert "token" in bricklink_shop.stopped_hint.lower()
    assert "203.0.113.9" in at(bricklink_shop).sentence + at(bricklink_shop).hint
    calls = bricklink.calls()
    hurry(bricklink_shop)
    assert bricklink.calls() == calls


@pytest.mark.parametrize("name", ["bricklink", "brickowl"])
def test_a_wrong_secret_stops_the_shop_until_a_test_goes_well(name: str, request: pytest.FixtureRequest) -> None:
    stand_in: StandIn = request.getfixturevalue(name)
    shop: Shop = request.getfixturevalue(f"{name}_shop")
    stand_in.turn_on("wrong_secret")
    make_item(shop.account)
    drain(shop)
    shop.refresh_from_db()
    assert shop.stopped_at is not None
    assert shop.stopped_sentence
    assert stand_in.lots() == []
    stand_in.turn_off("wrong_secret")
    assert connections.test(make_actor(shop.account), shop.connection).ok
    drain(shop)
    assert (at(shop).state, len(stand_in.lots())) == (ListingState.SYNCED, 1)


@pytest.mark.parametrize("name", ["bricklink", "brickowl"])
@pytest.mark.parametrize("fault", ["html", "maintenance", "empty"])
def test_a_create_without_an_answer_of_the_shop_is_looked_for_first(
    name: str, fault: str, request: pytest.FixtureRequest, settings: Any
) -> None:
    settings.PUSH_PAUSE_PERCENT = 0
    stand_in: StandIn = request.getfixturevalue(name)
    shop: Shop = request.getfixturevalue(f"{name}_shop")
    stand_in.turn_on(fault, feeds="create", times=1)
    make_item(shop.account)
    drain(shop)
    for _ in range(5):
        hurry(shop)
    assert (at(shop).state, len(stand_in.lots())) == (ListingState.SYNCED, 1)
    # Asked for at each pause before it is made once more: by the list, which is a call of its own.
    assert stand_in.calls("create") == 2
    assert stand_in.calls("lots") >= 2


@pytest.mark.parametrize("name", ["bricklink", "brickowl"])
def test_maintenance_shows_on_the_item_and_passes(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    # What is due in seconds is left to the next drain.
    monkeypatch.setattr(draining, "PATIENCE_SECONDS", 0)
    stand_in: StandIn = request.getfixturevalue(name)
    shop: Shop = request.getfixturevalue(f"{name}_shop")
    item = make_item(shop.account)
    drain(shop)
    stand_in.turn_on("maintenance")
    item.refresh_from_db()
    item.notes = "like new"
    item.save()
    drain(shop)
    held_up = at(shop)
    assert held_up.state != ListingState.SYNCED
    assert held_up.sentence
    stand_in.clear()
    push.push_now(make_actor(shop.account), Listing.objects.all())
    push.resume(make_actor(shop.account), shop)
    drain(shop)
    assert at(shop).state == ListingState.SYNCED


@pytest.mark.parametrize("name", ["bricklink", "brickowl"])
def test_a_reached_limit_lets_the_shop_rest_and_nothing_is_lost(name: str, request: pytest.FixtureRequest) -> None:
    stand_in: StandIn = request.getfixturevalue(name)
    shop: Shop = request.getfixturevalue(f"{name}_shop")
    make_item(shop.account)
    drain(shop)
    stand_in.limit(1)
    make_item(shop.account, part_number="3003")
    drain(shop)
    shop.refresh_from_db()
    assert shop.resting_until is not None
    assert shop.resting_until > timezone.now()
    waiting = Listing.objects.get(shop=shop, item__part_number="3003")
    assert (waiting.state, len(stand_in.lots())) == (ListingState.WAITING, 1)
    assert waiting.sentence


def test_a_shop_that_may_not_be_called_is_not_compared(bricklink_shop: Shop, settings: Any) -> None:
    settings.DISABLE_EXTERNAL_CALLS = True
    with pytest.raises(CallsSwitchedOff):
        verify.start(make_actor(bricklink_shop.account), bricklink_shop)
