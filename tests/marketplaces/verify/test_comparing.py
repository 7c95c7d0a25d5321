from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed
from accounts.roles import Role
from marketplaces import orders, verify
from marketplaces.errors import AlreadyVerifying
from marketplaces.models import Attempt, Decision, Listing, Verification
from marketplaces.verify import verifying
from sync import connections
from sync.choosing import ConnectionPaused
from sync.wire.errors import BadCredentials
from tests.build import make_actor
from tests.marketplaces.push.toy import ToyRemote
from tests.marketplaces.verify.build import World

pytestmark = pytest.mark.django_db


def test_a_shop_that_agrees_costs_one_call_and_leaves_its_own_row_only() -> None:
    world = World()
    world.listed(10)
    before = list(Listing.objects.values())
    world.store.calls.clear()

    run = world.verify()

    assert (run.status, run.message) == ("succeeded", "1 lot compared: all agree.")
    assert world.store.calls == ["lots"]
    assert list(Listing.objects.values()) == before
    world.shop.refresh_from_db()
    assert world.shop.verified_at == run.read_at


def test_each_field_that_differs_is_named_with_ours_and_theirs() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7, price="0.2000")

    difference = world.only()

    assert (difference.kind, difference.listing_id, difference.lot_id) == ("differs", listing.pk, listing.lot_id)
    assert difference.fields == {"quantity": [10, 7], "price": ["0.125", "0.2000"]}
    assert difference.verification.counters["fields"] == {"price": 1, "quantity": 1}
    assert difference.label == "3001, colour 11"


def test_what_too_many_buyers_could_buy_comes_first() -> None:
    world = World()
    less, more = world.listed(10), world.listed(10, part_number="3002")
    world.change_there(less, quantity=4)
    world.change_there(more, quantity=15)

    assert [difference.listing_id for difference in world.found()] == [more.pk, less.pk]


def test_a_lot_that_was_deleted_there_is_missing_and_one_that_was_sold_out_is_not() -> None:
    world = World()
    deleted, sold = world.listed(10), world.listed(3, part_number="3002")
    del world.store.lots[deleted.lot_id]
    world.store.sell(sold.lot_id, 3)

    difference = world.only()

    assert (difference.kind, difference.listing_id, difference.fields) == ("missing", deleted.pk, {"quantity": [10, 0]})


def test_a_sale_that_is_not_imported_yet_is_no_difference() -> None:
    world = World()
    listing = world.listed(10)
    world.store.sell(listing.lot_id, 4)

    assert world.found() == []


def test_a_sale_between_orders_and_list_is_read_before_anything_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    listing = world.listed(10)
    asked = ToyRemote.lots

    def sold_meanwhile(remote: ToyRemote, spending: object) -> object:
        world.store.sell(listing.lot_id, 4)
        return asked(remote, spending)

    monkeypatch.setattr(ToyRemote, "lots", sold_meanwhile)

    assert world.found() == []


def test_what_is_pushed_while_the_list_is_read_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    listing = world.listed(10)
    asked = ToyRemote.lots

    def pushed_meanwhile(remote: ToyRemote, spending: object) -> object:
        item = listing.item
        item.quantity_available = 12
        item.save()
        world.push()
        return asked(remote, spending)

    monkeypatch.setattr(ToyRemote, "lots", pushed_meanwhile)

    run = world.verify()

    assert run.differences.count() == 0
    assert run.counters["moving"] == 1
    assert run.message == "1 lot compared: all agree. 1 is just being changed and not judged."


def test_a_lot_that_is_just_being_made_is_not_unknown() -> None:
    world = World()
    listing = world.listed(10)
    # The worker was killed after the shop had made the lot.
    Attempt.objects.update(state="in_flight", ended_at=None)
    Listing.objects.update(lot_id="", told={}, told_quantity=0)
    listing.lots.all().delete()

    assert world.found() == []


def test_a_newer_comparison_takes_the_place_of_the_one_before() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7)
    old = world.only()
    new = world.only()

    old.refresh_from_db()
    assert (old.decision, new.decision) == (Decision.GONE, Decision.OPEN)


def test_one_comparison_of_a_shop_at_a_time() -> None:
    world = World()
    first = verify.start(world.actor, world.shop)

    with pytest.raises(AlreadyVerifying) as refused:
        verify.start(world.actor, world.shop)

    assert refused.value.status == 409
    assert refused.value.details == {"verification": first.pk}


def test_a_paused_connection_is_left_alone() -> None:
    world = World()
    connections.pause(world.actor, world.shop.connection)

    with pytest.raises(ConnectionPaused):
        verify.start(world.actor, world.shop)


def test_viewers_do_not_start_comparisons() -> None:
    world = World()

    with pytest.raises(NotAllowed):
        verify.start(make_actor(world.account, Role.VIEWER), world.shop)


def test_a_shop_that_refuses_our_login_says_so_and_leaves_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.change_there(world.listed(10), quantity=7)
    found = world.only()

    def refuses(_remote: ToyRemote, _spending: object) -> object:
        raise BadCredentials("The shop refuses the login.", hint="Enter it again.")

    monkeypatch.setattr(ToyRemote, "lots", refuses)
    run = world.verify()

    assert (run.status, run.code, run.message, run.hint) == ("failed", "bad_credentials", "The shop refuses the login.", "Enter it again.")
    found.refresh_from_db()
    assert found.decision == Decision.OPEN


def test_orders_that_cant_be_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.shop.orders_problem = "The key may not read orders."
    world.shop.save()
    monkeypatch.setattr(orders, "import_now", lambda _shop: False)

    run = world.verify()

    assert run.status == "succeeded"
    assert run.message.endswith("may differ: The key may not read orders.")


def test_a_worker_that_lost_it_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.change_there(world.listed(10), quantity=7)
    run = verify.start(world.actor, world.shop)
    written = verifying._write

    def overtaken(*arguments: object) -> None:
        Verification.objects.filter(pk=run.pk).update(fence=99)
        written(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(verifying, "_write", overtaken)
    verify.execute(run.pk)

    run.refresh_from_db()
    assert (run.status, run.differences.count()) == ("running", 0)
    Verification.objects.filter(pk=run.pk).update(lease_until=None)
    monkeypatch.setattr(verifying, "_write", written)
    verify.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.differences.count()) == ("succeeded", 1)


def test_two_thousand_lots_that_agree_take_as_many_statements_as_two() -> None:
    world = World()
    for number in range(2):
        world.listed(10, part_number=f"3{number:03}")
    few = _statements(world)
    world.many_listed(1998)

    assert _statements(world) == few


def _statements(world: World) -> int:
    run = verify.start(world.actor, world.shop)
    with CaptureQueriesContext(connection) as seen:
        verify.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.differences.count()) == ("succeeded", 0)
    return len(seen)
