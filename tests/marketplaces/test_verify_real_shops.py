"""Comparisons over real HTTP, against the stand-ins of both marketplaces."""

from __future__ import annotations

import pytest

from inventory.models import Item
from marketplaces import verify
from marketplaces.models import Difference, Listing, Shop
from tests.build import make_actor
from tests.marketplaces.build import StandIn, drain, make_item

pytestmark = pytest.mark.django_db(transaction=True)


def found(shop: Shop) -> list[Difference]:
    run = verify.start(make_actor(shop.account), shop)
    verify.execute(run.pk)
    run.refresh_from_db()
    assert run.status == "succeeded", run.message
    return list(run.differences.select_related("shop").order_by("pk"))


def settle(shop: Shop, difference: Difference, choice: str) -> None:
    verify.decide(make_actor(shop.account), difference, choice)
    verify.carry_out(shop.pk)
    drain(shop)


def test_bricklink_agrees_then_differs_then_is_repaired(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account, notes="Seller's (best) & “new”", location="A-12")
    drain(bricklink_shop)
    listing = Listing.objects.get(item=item)
    assert found(bricklink_shop) == []

    bricklink.edit_lot(listing.lot_id, quantity=9, price="0.2")
    (difference,) = found(bricklink_shop)
    assert {name: [str(side) for side in pair] for name, pair in difference.fields.items()} == {
        "quantity": ["12", "9"],
        "price": ["0.125", "0.200"],
    }
    settle(bricklink_shop, difference, "repair")

    lot = bricklink.only_lot()
    assert (lot["quantity"], lot["unit_price"]) == (12, "0.1250")
    assert found(bricklink_shop) == []


def test_a_sale_at_bricklink_is_no_difference(bricklink: StandIn, bricklink_shop: Shop) -> None:
    item = make_item(bricklink_shop.account)
    drain(bricklink_shop)
    bricklink.sell(Listing.objects.get(item=item).lot_id, 3)

    assert found(bricklink_shop) == []
    assert Item.objects.get(pk=item.pk).quantity_available == 9


def test_a_lot_made_at_bricklink_becomes_an_item(bricklink: StandIn, bricklink_shop: Shop) -> None:
    lot_id = bricklink.add_lot(number="3001", color=11, quantity=7)
    (difference,) = found(bricklink_shop)
    assert (difference.kind, difference.lot_id) == ("unknown_lot", str(lot_id))

    settle(bricklink_shop, difference, "import_item")

    item = Item.objects.get()
    assert (item.part_number, item.color_id, item.quantity_available) == ("3001", 11, 7)
    assert len(bricklink.lots()) == 1
    assert found(bricklink_shop) == []


def test_brickowl_agrees_then_many_lots_are_repaired_in_one_batch(
    brickowl: StandIn, brickowl_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplaces.verify.repairing.ONE_BY_ONE", 2)
    colors = (11, 5, 7)
    made = [make_item(brickowl_shop.account, color_id=color) for color in colors]
    drain(brickowl_shop)
    listings = list(Listing.objects.filter(item__in=made))
    assert [listing.state for listing in listings] == ["synced"] * 3
    assert found(brickowl_shop) == []
    for listing in listings:
        brickowl.edit_lot(listing.lot_id, quantity=9)
    differences = found(brickowl_shop)
    assert [each.fields for each in differences] == [{"quantity": [12, 9]}] * 3

    verify.decide_many(make_actor(brickowl_shop.account), [each.pk for each in differences], "repair")
    verify.carry_out(brickowl_shop.pk)
    drain(brickowl_shop)

    assert [brickowl.quantity(listing.lot_id) for listing in listings] == [12, 12, 12]
    assert brickowl.calls("batch") == 1
    assert found(brickowl_shop) == []


def test_a_lot_that_was_deleted_at_brickowl_is_made_again(brickowl: StandIn, brickowl_shop: Shop) -> None:
    item = make_item(brickowl_shop.account)
    drain(brickowl_shop)
    brickowl.delete_lot(Listing.objects.get(item=item).lot_id)
    (difference,) = found(brickowl_shop)
    assert difference.kind == "missing"

    settle(brickowl_shop, difference, "repair")

    assert brickowl.only_lot()["lot_id"] == Listing.objects.get(item=item).lot_id
    assert found(brickowl_shop) == []
