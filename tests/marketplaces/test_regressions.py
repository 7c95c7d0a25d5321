"""The known mistakes of earlier programs of this kind, each as a test over real HTTP that fails when the mistake is made again.

Those that lie in what is sent to one marketplace alone stand with its provider.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models.functions import Now

from accounts.models import Account
from inventory import items
from inventory.models import Item
from marketplaces import push
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Operation, Shop
from sync.models import CallBudget
from tests.build import make_actor
from tests.marketplaces.build import StandIn, drain, make_item

pytestmark = pytest.mark.django_db(transaction=True)


def at(shop: Shop) -> Listing:
    return Listing.objects.get(shop=shop)


def save(item: Item, **values: object) -> None:
    fresh = Item.objects.get(pk=item.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save()


def hurry() -> None:
    Listing.objects.filter(due_at__isnull=False).update(due_at=Now())
    Shop.objects.update(resting_until=None)


@pytest.fixture(autouse=True)
def no_pauses(settings: object) -> None:
    settings.PUSH_PAUSE_PERCENT = 0  # type: ignore[attr-defined]


def test_01_the_new_lot_is_stored_so_that_the_next_edit_changes_it(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account)
    drain(bricklink_shop)
    lot = bricklink.only_lot()
    assert at(bricklink_shop).lot_id == str(lot["inventory_id"])
    save(item, quantity_available=9)
    drain(bricklink_shop)
    assert [write["kind"] for write in bricklink.writes()] == ["create", "update"]
    assert bricklink.quantity(lot["inventory_id"]) == 9


def test_02_the_lot_survives_a_failure_on_its_way_to_synced(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account)
    drain(bricklink_shop)
    lot = at(bricklink_shop).lot_id
    bricklink.turn_on("new_field", times=1)
    save(item, price=Decimal("0.2"))
    assert at(bricklink_shop).lot_id == lot
    drain(bricklink_shop)
    failed = at(bricklink_shop)
    assert (failed.state, failed.lot_id) == (ListingState.FAILED, lot)
    push.push_now(make_actor(bricklink_shop.account), Listing.objects.all())
    drain(bricklink_shop)
    assert (at(bricklink_shop).state, at(bricklink_shop).lot_id) == (ListingState.SYNCED, lot)


def test_03_a_change_sends_the_difference_in_the_shop_s_own_words(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account, location="A-12")
    drain(bricklink_shop)
    save(item, quantity_available=9, price=Decimal("0.1400"))
    drain(bricklink_shop)
    (write,) = bricklink.writes("update")
    assert write["body"] == {"quantity": "-3", "unit_price": "0.1400", "description": ""}


def test_04_a_failed_delete_is_tried_again_as_a_delete(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account)
    drain(bricklink_shop)
    bricklink.turn_on("status", times=1, status=500)
    items.archive(make_actor(bricklink_shop.account), item)
    drain(bricklink_shop)
    hurry()
    drain(bricklink_shop)
    tried = list(Attempt.objects.filter(operation=Operation.DELETE).order_by("pk"))
    assert [attempt.state for attempt in tried] == [AttemptState.FAILED, AttemptState.SUCCEEDED]
    assert tried[0].correlation == tried[1].correlation
    assert bricklink.lots() == []


def test_05_when_both_shops_fail_both_say_why(bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop) -> None:
    make_item(bricklink_shop.account, part_number="no-such-number")
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    assert (at(bricklink_shop).state, at(bricklink_shop).code) == (ListingState.FAILED, "unknown_part")
    assert (at(brickowl_shop).state, at(brickowl_shop).code) == (ListingState.UNMAPPED, "unknown_part")
    assert "no-such-number" in at(bricklink_shop).sentence
    assert "no-such-number" in at(brickowl_shop).sentence


def test_05_one_shop_failing_does_not_hurt_the_other(
    bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop
) -> None:
    bricklink.turn_on("maintenance")
    make_item(bricklink_shop.account)
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    assert at(brickowl_shop).state == ListingState.SYNCED
    assert at(bricklink_shop).state != ListingState.SYNCED
    assert at(bricklink_shop).sentence


def test_07_pretended_calls_store_no_lot(bricklink: StandIn, bricklink_shop: Shop, settings: object) -> None:
    settings.DISABLE_EXTERNAL_CALLS = True  # type: ignore[attr-defined]
    make_item(bricklink_shop.account)
    drain(bricklink_shop)
    assert (at(bricklink_shop).lot_id, bricklink.calls()) == ("", 0)
    settings.DISABLE_EXTERNAL_CALLS = False  # type: ignore[attr-defined]
    push.sweep()
    drain(bricklink_shop)
    assert at(bricklink_shop).lot_id == str(bricklink.only_lot()["inventory_id"])


def test_09_a_call_without_budget_says_at_once_when_there_will_be_one(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account)
    drain(bricklink_shop)
    used = bricklink.calls()
    CallBudget.objects.filter(connection=bricklink_shop.connection).update(limit=used, reserved=0)
    save(item, price=Decimal("0.2"))
    drain(bricklink_shop)
    waiting = at(bricklink_shop)
    assert (waiting.state, bricklink.calls()) == (ListingState.WAITING, used)
    assert (waiting.due_at - waiting.requested_at).total_seconds() > 3600
    assert "budget" in waiting.sentence


def test_10_undoing_brings_back_the_old_price(bricklink: StandIn, bricklink_shop: Shop) -> None:
    manager = make_actor(bricklink_shop.account)
    item = items.add(manager, part_number="3001", color_id=11, quantity_available=12, price="0.125")
    drain(bricklink_shop)
    item = items.edit(manager, item, price="0.999")
    drain(bricklink_shop)
    assert bricklink.only_lot()["unit_price"] == "0.9990"
    assert Attempt.objects.first().before["fields"]["price"] == "0.125"
    items.undo(manager, item.history.first(), "mistyped")
    drain(bricklink_shop)
    assert bricklink.only_lot()["unit_price"] == "0.1250"


@pytest.mark.parametrize("fault", ["500_after", "reset_after", "html_after", "empty_after"])
def test_14_a_create_that_failed_after_the_work_makes_one_lot(
    fault: str, bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop
) -> None:
    for stand_in in (bricklink, brickowl):
        stand_in.turn_on(fault, times=1, feeds="create")
    item = make_item(bricklink_shop.account)
    for shop, stand_in in ((bricklink_shop, bricklink), (brickowl_shop, brickowl)):
        drain(shop)
        for _ in range(4):
            hurry()
            drain(shop)
        assert (at(shop).state, len(stand_in.lots()), stand_in.calls("create")) == (ListingState.SYNCED, 1, 1), at(shop).sentence
    assert Listing.objects.filter(item=item, told_quantity=12).count() == 2


@pytest.mark.parametrize("fault", ["500_after", "reset_after", "html_after"])
def test_14_a_movement_that_failed_after_the_work_is_not_sent_twice(
    fault: str, bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop
) -> None:
    item = make_item(bricklink_shop.account)
    shops = ((bricklink_shop, bricklink), (brickowl_shop, brickowl))
    for shop, _ in shops:
        drain(shop)
    for _, stand_in in shops:
        stand_in.turn_on(fault, times=1, feeds="update")
    save(item, quantity_available=5)
    for shop, stand_in in shops:
        for _ in range(3):
            hurry()
            drain(shop)
        assert (at(shop).state, stand_in.quantity(at(shop).lot_id)) == (ListingState.SYNCED, 5), at(shop).sentence


def test_15_emptied_notes_are_emptied_there(bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop) -> None:
    item = make_item(bricklink_shop.account, notes="Seller's best (new)")
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    assert bricklink.only_lot()["description"] == brickowl.only_lot()["public_note"] == "Seller's best (new)"
    save(item, notes="")
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    assert (bricklink.only_lot()["description"], brickowl.only_lot()["public_note"] or "") == ("", "")
    assert brickowl.writes("update")[-1]["body"]["public_note"] == ""


def test_16_an_edit_of_what_was_never_listed_sends_all_of_it(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account, price=None)
    drain(bricklink_shop)
    assert bricklink.calls("create") == 0
    save(item, price=Decimal("0.3"))
    drain(bricklink_shop)
    (write,) = bricklink.writes("create")
    assert write["body"]["quantity"] == 12
    assert write["body"]["item"] == {"no": "3001", "type": "PART"}


def test_a_sale_at_one_shop_lowers_the_other_and_not_itself(
    bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop
) -> None:
    from marketplaces import orders

    item = make_item(bricklink_shop.account)
    for shop in (bricklink_shop, brickowl_shop):
        assert orders.import_now(shop)
        drain(shop)
    bricklink.sell(at(bricklink_shop).lot_id, 5)
    assert orders.import_now(bricklink_shop)
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    item.refresh_from_db()
    assert (item.quantity_available, item.quantity_sold) == (7, 5)
    assert brickowl.quantity(at(brickowl_shop).lot_id) == bricklink.quantity(at(bricklink_shop).lot_id) == 7
    assert bricklink.writes("update") == []


def test_a_level_lowered_in_the_ledger_reaches_both_shops(
    account: Account, bricklink: StandIn, brickowl: StandIn, bricklink_shop: Shop, brickowl_shop: Shop
) -> None:
    from inventory import catalogue, ledger, warehouses

    owner = make_actor(account)
    place = warehouses.add_warehouse(owner, name="Shop floor", code="SHOP", mode="ledger")
    product = catalogue.add_product(owner, sku="BRICK")
    ledger.receive(owner, product=product, warehouse=place, unit_kind="units", quantity=30, unit_cost="0.05")
    item = items.add(owner, part_number="3001", color_id=11, price="0.125")
    items.link(owner, item, product, [place], buffer=10)
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    assert {stand_in.quantity(at(shop).lot_id) for stand_in, shop in ((bricklink, bricklink_shop), (brickowl, brickowl_shop))} == {20}
    ledger.sell(owner, product=product, warehouse=place, unit_kind="units", quantity=6)
    for shop in (bricklink_shop, brickowl_shop):
        drain(shop)
    assert {stand_in.quantity(at(shop).lot_id) for stand_in, shop in ((bricklink, bricklink_shop), (brickowl, brickowl_shop))} == {14}
