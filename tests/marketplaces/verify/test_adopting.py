from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import NotAllowed
from accounts.roles import Role
from inventory import items
from inventory.models import Item
from marketplaces import push, verify
from marketplaces.errors import NotDecidable
from marketplaces.models import Listing, Lot
from tests.build import make_actor
from tests.marketplaces.verify.build import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A shop that its owner is working at: nothing is sent to it."""
    made = World()
    push.set_maintenance(made.actor, made.shop, True)
    return made


def resume(world: World) -> None:
    push.set_maintenance(world.actor, world.shop, False)
    world.push()


def test_a_lot_that_is_an_item_becomes_its_lot_and_is_told_what_the_item_has(world: World) -> None:
    item = world.item(12, notes="Fine")
    lot = world.lot_there(quantity=5)
    difference = world.only()
    assert (difference.kind, difference.item_id, difference.candidates) == ("unknown_lot", item.pk, [])

    verify.decide(world.actor, difference, "adopt")
    resume(world)

    listing = Listing.objects.get(item=item)
    assert (listing.lot_id, listing.told_quantity, listing.state) == (lot.lot_id, 12, "synced")
    assert world.store.count("create") == 0
    assert (world.there(listing).quantity, world.there(listing).fields["notes"]) == (12, "Fine")
    assert Lot.objects.get(lot_id=lot.lot_id).origin == "adopted"
    assert world.found() == []


def test_of_several_items_a_person_chooses(world: World) -> None:
    items_there = [world.item(), world.item()]
    world.lot_there()
    difference = world.only()
    assert (difference.item_id, difference.candidates) == (None, [each.pk for each in items_there])

    with pytest.raises(NotDecidable, match="Several items could be this lot"):
        verify.decide(world.actor, difference, "adopt")
    decided = verify.decide(world.actor, difference, "adopt", item=items_there[1])

    assert decided.item_id == items_there[1].pk
    assert Listing.objects.get(item=items_there[1]).lot_id == "900000001"


def test_an_item_that_has_a_lot_gets_no_second_one(world: World) -> None:
    other = world.item(part_number="3002")
    resume(world)
    world.lot_there()
    difference = world.only()

    with pytest.raises(NotDecidable, match="has another lot at this shop already"):
        verify.decide(world.actor, difference, "adopt", item=other)


def test_a_lot_that_was_made_again_by_hand_takes_the_place_of_the_missing_one(world: World) -> None:
    item = world.item()
    resume(world)
    listing = Listing.objects.get(item=item)
    world.store.lots.clear()
    world.lot_there()
    missing, unknown = world.found()
    assert (missing.kind, unknown.kind, unknown.item_id) == ("missing", "unknown_lot", item.pk)

    verify.decide(world.actor, unknown, "adopt")
    world.push()

    assert world.there(listing).quantity == 10
    assert world.store.count("create") == 1


def test_an_item_kept_off_the_shop_adopts_nothing(world: World) -> None:
    item = world.item()
    push.keep_off(world.actor, item, world.shop, True)
    world.lot_there(token=item.token)

    with pytest.raises(NotDecidable, match="kept off this shop"):
        verify.decide(world.actor, world.only(), "adopt")


def test_an_item_is_made_of_a_lot_with_everything_that_it_shows(world: World) -> None:
    world.lot_there(quantity=5, fields={"price": "0.200", "notes": "Nice", "location": "B-7", "hidden": True, "bulk": 1, "cost": "0.000"})

    decided = verify.decide(world.actor, world.only(), "import_item")
    resume(world)

    item = Item.objects.get(pk=decided.item_id)
    assert (item.part_number, item.color_id, item.condition, item.name) == ("3001", 11, "new", "Brick")
    assert (item.quantity_available, str(item.price), item.notes, item.location) == (5, "0.2000", "Nice", "B-7")
    assert (item.status, item.bulk, item.cost) == ("reserved", None, None)
    assert item.created_by_label == "Mara"
    assert not [call for call in world.store.calls if not call.startswith("lots")]


def test_what_its_seller_hides_is_not_shown_by_adopting_it(world: World) -> None:
    item = world.item(5)
    world.lot_there(quantity=5, fields={"hidden": True})

    verify.decide(world.actor, world.only(), "adopt")
    resume(world)

    assert world.there(Listing.objects.get(item=item)).fields["hidden"] is True


def test_what_can_not_be_translated_is_said(world: World) -> None:
    world.lot_there(color_id=None)

    with pytest.raises(NotDecidable, match="colour is not known here"):
        verify.decide(world.actor, world.only(), "import_item")
    assert Item.objects.count() == 0


def test_to_make_items_needs_the_right_to(world: World) -> None:
    world.lot_there()

    with pytest.raises(NotAllowed):
        verify.decide(make_actor(world.account, Role.STAFF), world.only(), "import_item")


def test_moving_in_with_a_full_shop(world: World) -> None:
    known = world.item(5, part_number="3005")
    world.item(5, part_number="3006")
    world.item(5, part_number="3006")
    world.lot_there("1", part_number="3005")
    world.lot_there("2", part_number="3006")
    world.lot_there("3", part_number="3007")
    world.lot_there("4", part_number="3008")
    world.lot_there("5", part_number="")
    world.verify()

    before = verify.preview(world.actor, world.shop)
    adopted, imported = verify.adopt_all(world.actor, world.shop), verify.import_all(world.actor, world.shop)
    world.carry_out()
    resume(world)

    assert (before.adopted, before.imported, before.asked, before.untranslated) == (1, 2, 1, 1)
    assert (adopted, imported) == (1, 2)
    assert Listing.objects.get(item=known).lot_id == "1"
    assert sorted(Item.objects.filter(part_number__in=["3007", "3008"]).values_list("part_number", "listings__lot_id")) == [
        ("3007", "3"),
        ("3008", "4"),
    ]
    after = verify.preview(world.actor, world.shop)
    assert (after.adopted, after.imported, after.asked, after.untranslated) == (0, 0, 1, 1)


def test_what_a_worker_could_not_do_is_open_again_with_the_reason(world: World) -> None:
    item = world.item()
    world.lot_there()
    world.verify()
    verify.adopt_all(world.actor, world.shop)
    items.archive(world.actor, item)
    push.keep_off(world.actor, item, world.shop, True)

    world.carry_out()

    difference = world.shop.differences.get()
    assert (difference.decision, difference.outcome) == (
        "open",
        "Could not be done: The item is kept off this shop. Let it be offered there first.",
    )


def test_a_chunk_of_a_full_shop_takes_as_many_statements_as_a_few(world: World) -> None:
    few = _imported(world, 3)

    assert _imported(world, 60) - few <= 8


def _imported(world: World, number: int) -> int:
    for each in range(number):
        world.lot_there(f"9{number:04}{each:04}", part_number=f"{number}x{each}")
    world.verify()
    verify.import_all(world.actor, world.shop)
    with CaptureQueriesContext(connection) as seen:
        verify.carry_out(world.shop.pk)
    assert Listing.objects.exclude(lot_id="").filter(lot_id__startswith=f"9{number:04}").count() == number
    return len(seen)
