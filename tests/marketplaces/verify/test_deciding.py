from __future__ import annotations

import pytest

from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory import items
from inventory.errors import FollowsStock
from inventory.models import Item, ItemChange
from marketplaces import push, verify
from marketplaces.errors import NotDecidable
from marketplaces.models import Difference, Listing, Lot
from marketplaces.verify.choices import NoSuchChoice
from tests.build import make_actor
from tests.inventory.ledger.build import make_product
from tests.marketplaces.verify.build import World

pytestmark = pytest.mark.django_db


def test_ours_is_right_and_the_shop_is_told_the_difference_to_what_it_has() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7, price="0.200")
    decided = verify.decide(world.actor, world.only(), "repair")
    assert (decided.decision, decided.outcome) == ("repaired", "")

    world.carry_out()

    assert world.there(listing).quantity == 10
    assert world.there(listing).fields["price"] == "0.125"
    assert f"update {listing.lot_id} +3 - price" in world.store.calls
    listing.refresh_from_db()
    assert (listing.told_quantity, listing.state) == (10, "synced")
    decided.refresh_from_db()
    assert decided.outcome == "The lot was read, and the shop is told what differs."
    assert AuditLog.objects.filter(entity="Difference", entity_id=decided.pk, action="REPAIR").count() == 1


def test_a_sale_before_the_repair_is_not_put_on_sale_again() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7)
    difference = world.only()
    world.store.sell(listing.lot_id, 2)

    verify.decide(world.actor, difference, "repair")
    world.carry_out()

    listing.item.refresh_from_db()
    assert listing.item.quantity_available == 8
    assert world.there(listing).quantity == 8


def test_what_is_missing_is_made_again() -> None:
    world = World()
    listing = world.listed(10)
    del world.store.lots[listing.lot_id]

    verify.decide(world.actor, world.only(), "repair")
    world.carry_out()

    assert world.there(listing).quantity == 10
    assert world.store.count("create") == 2
    assert Lot.objects.filter(listing=listing, gone_at__isnull=True).count() == 1


def test_what_is_missing_no_longer_is_not_made_twice() -> None:
    world = World()
    listing = world.listed(10)
    lot = world.store.lots.pop(listing.lot_id)
    difference = world.only()
    world.store.lots[lot.lot_id] = lot

    verify.decide(world.actor, difference, "repair")
    world.carry_out()

    assert world.store.count("create") == 1
    assert world.found() == []


def test_theirs_is_right_and_the_item_gets_it_with_its_history() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7, price="0.200", notes="Yellowed")
    calls = len(world.store.calls)

    decided = verify.decide(world.actor, world.only(), "take")
    world.push()

    item = Item.objects.get(pk=listing.item_id)
    assert (item.quantity_available, str(item.price), item.notes) == (7, "0.2000", "Yellowed")
    assert decided.outcome == "The item got the shop's notes, price, quantity."
    assert ItemChange.objects.get(item=item, kind="adjust").delta_available == -3
    assert world.store.calls[calls:] == ["lots"]
    assert world.found() == []


def test_what_was_counted_here_meanwhile_still_counts_when_theirs_is_taken() -> None:
    world = World()
    listing = world.listed(10)
    push.set_maintenance(world.actor, world.shop, True)
    world.change_there(listing, quantity=15)
    items.adjust(world.actor, listing.item, -2, "Broken")

    verify.decide(world.actor, world.only(), "take")
    push.set_maintenance(world.actor, world.shop, False)
    world.push()

    assert Item.objects.get(pk=listing.item_id).quantity_available == 13
    assert world.there(listing).quantity == 13


def test_fields_that_are_not_taken_are_told_to_the_shop() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7, price="0.200")

    verify.decide(world.actor, world.only(), "take", fields=["price"])
    world.push()

    assert str(Item.objects.get(pk=listing.item_id).price) == "0.2000"
    assert world.there(listing).quantity == 10


def test_the_quantity_of_a_linked_item_is_not_taken() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7)
    difference = world.only()
    Item.objects.filter(pk=listing.item_id).update(product=make_product(world.account))

    with pytest.raises(FollowsStock, match="follows the stock of"):
        verify.decide(world.actor, difference, "take")

    difference.refresh_from_db()
    assert difference.decision == "open"


def test_theirs_is_not_taken_when_something_was_sold_since_they_were_compared() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, price="0.200")
    difference = world.only()
    Listing.objects.filter(pk=listing.pk).update(assigned_at="2099-01-01T00:00:00Z")

    with pytest.raises(NotDecidable, match="It has moved since the shop was compared"):
        verify.decide(world.actor, difference, "take")


def test_what_was_deleted_there_can_be_archived_or_kept_off() -> None:
    world = World()
    one, other = world.listed(10), world.listed(10, part_number="3002")
    world.store.lots.clear()
    first, second = world.found()

    verify.decide(world.actor, first, "take")
    verify.decide(world.actor, second, "keep_off")
    world.push()

    assert Item.objects.get(pk=one.item_id).archived_at is not None
    other.refresh_from_db()
    assert (other.kept_off, other.lot_id, other.state) == (True, "", "kept_off")
    assert world.store.count("create") == 2


def test_a_second_lot_of_ours_is_deleted_and_one_that_is_not_ours_never() -> None:
    world = World()
    listing = world.listed(10)
    token = listing.item.token
    ours = world.lot_there("900000001", token=token)
    world.lot_there("900000002", token=token)
    Lot.objects.create(
        account=world.account, shop=world.shop, lot_id=ours.lot_id, listing=listing, origin="created", since="2026-01-01T00:00:00Z"
    )
    first, second = world.found()
    assert {first.kind, second.kind} == {"duplicate"}
    assert first.item_id == second.item_id == listing.item_id

    verify.decide(world.actor, first, "remove")
    with pytest.raises(NoSuchChoice):
        verify.decide(world.actor, second, "remove")
    world.push()

    assert set(world.store.lots) == {listing.lot_id, "900000002"}


def test_to_leave_it_changes_nothing() -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7)

    verify.decide(world.actor, world.only(), "ignore")
    world.carry_out()

    assert world.there(listing).quantity == 7


def test_what_is_settled_is_not_settled_twice() -> None:
    world = World()
    world.change_there(world.listed(10), quantity=7)
    difference = world.only()
    verify.decide(world.actor, difference, "ignore")

    with pytest.raises(NotDecidable, match="settled already by Mara"):
        verify.decide(world.actor, difference, "repair")


def test_staff_do_not_decide() -> None:
    world = World()
    world.change_there(world.listed(10), quantity=7)

    with pytest.raises(NotAllowed):
        verify.decide(make_actor(world.account, Role.STAFF), world.only(), "repair")


def test_differences_of_another_business_are_not_there() -> None:
    world, other = World(), World("Others")
    world.change_there(world.listed(10), quantity=7)

    with pytest.raises(Difference.DoesNotExist):
        verify.decide(other.actor, world.only(), "ignore")


def test_many_are_decided_alike_and_each_refusal_is_told() -> None:
    world = World()
    listings = [world.listed(10, part_number=f"300{number}") for number in range(3)]
    for listing in listings:
        world.change_there(listing, quantity=7)
    first, *others = world.found()
    verify.decide(world.actor, first, "ignore")

    decided = verify.decide_many(world.actor, [each.pk for each in (first, *others)] + [0], "repair")
    world.carry_out()

    assert (decided.decided, decided.waiting) == (2, 2)
    assert decided.refused == {first.pk: "It is settled already.", 0: "There is no such difference."}
    assert sorted(lot.quantity for lot in world.store.lots.values()) == [7, 10, 10]


def test_many_lots_to_be_repaired_are_read_by_one_call() -> None:
    world = World()
    world.listed(10)
    world.many_listed(29)
    for listing in Listing.objects.filter(shop=world.shop):
        world.change_there(listing, quantity=9)
    verify.decide_many(world.actor, [each.pk for each in world.found()], "repair")
    world.store.calls.clear()

    world.carry_out()

    assert world.store.count("lots") == 1
    assert world.store.count("read") == 0
    assert {lot.quantity for lot in world.store.lots.values()} == {10}


def test_a_repair_waits_until_orders_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    listing = world.listed(10)
    world.change_there(listing, quantity=7)
    verify.decide(world.actor, world.only(), "repair")
    with monkeypatch.context() as patch:
        patch.setattr("marketplaces.orders.import_now", lambda _shop: False)
        world.carry_out()
    assert world.there(listing).quantity == 7

    world.carry_out()

    assert world.there(listing).quantity == 10
