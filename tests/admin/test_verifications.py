"""A comparison's page: differences side by side, decided after a look at the numbers; and what shops call our numbers and colours."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory.models import Item
from marketplaces.lots import RemoteLot
from marketplaces.models import ColorMapping, Decision, Difference, DifferenceKind, PartFinding, PartMapping, Shop, Verification
from marketplaces.verify.keeping import as_json
from tests.admin.marketplace import make_item, make_shop, shop, told, toy_marketplace
from tests.admin.pages import page, text_of
from tests.build import make_account

__all__ = ["shop", "toy_marketplace"]

VERIFY = "/admin/marketplaces/verification/"
PARTS = "/admin/marketplaces/partmapping/"
COLOURS = "/admin/marketplaces/colormapping/"


@pytest.fixture
def run(shop: Shop) -> Verification:
    now = timezone.now()
    return Verification.objects.create(
        account=shop.account,
        shop=shop,
        status="succeeded",
        asked_by="Mara",
        queued_at=now,
        read_at=now,
        finished_at=now,
        message="2 lots compared: 1 differs.",
        counters={"lots": 2, "agreeing": 1, "differs": 1},
    )


def differs(run: Verification, item: Item, **values: Any) -> Difference:
    """The shop's lot 700 has fifteen at 0.130 where we say twelve at 0.125."""
    lot = RemoteLot("700", 15, {"number": "3001", "condition": "new"}, {"price": "0.130"}, part_number="3001", condition="new")
    given = {
        "kind": DifferenceKind.DIFFERS,
        "listing": item.listings.get(shop=run.shop),
        "lot_id": "700",
        "label": str(item),
        "fields": {"quantity": [12, 15], "price": ["0.125", "0.130"]},
        "lot": as_json(lot),
        **values,
    }
    return Difference.objects.create(account=run.account, verification=run, shop=run.shop, item=item, **given)


def test_ours_stand_beside_theirs(viewer: Client, account: Account, run: Verification) -> None:
    item = make_item(account)
    told(item, run.shop)
    differs(run, item)
    shown = page(viewer, f"{VERIFY}{run.pk}/change/")
    assert "2 lots compared: 1 differs." in shown
    assert "Quantity 12 15 Price 0.125 0.130" in shown
    assert "Deciding needs the role manager." in shown
    assert "1 difference between a shop and us is to be decided." in page(viewer, "/admin/")


def test_decision_is_shown_with_its_numbers_before_it_is_made(manager: Client, account: Account, run: Verification) -> None:
    item = make_item(account)
    told(item, run.shop)
    row = differs(run, item, fields={"price": ["0.125", "0.130"]})
    given = {"kind": "differs", "choice": "take", "ids": [row.pk]}
    shown = text_of(manager.post(f"{VERIFY}{run.pk}/decide/", given))
    assert "The shop's is right: 1 difference" in shown
    assert "Price 0.125 → becomes 0.130" in shown
    assert Difference.objects.get().decision == Decision.OPEN
    done = text_of(manager.post(f"{VERIFY}{run.pk}/decide/", {**given, "apply": "1"}, follow=True))
    assert "1 difference is decided." in done
    assert Difference.objects.get().decision == Decision.TAKEN
    assert str(Item.objects.get().price) == "0.1300"


def test_nothing_ticked_and_no_such_choice_are_said(manager: Client, account: Account, run: Verification) -> None:
    item = make_item(account)
    told(item, run.shop)
    row = differs(run, item)
    address = f"{VERIFY}{run.pk}/decide/"
    assert "No open difference was ticked." in text_of(manager.post(address, {"kind": "differs", "choice": "take"}, follow=True))
    left = text_of(manager.post(address, {"kind": "differs", "choice": "ignore", "ids": [row.pk, 10**15]}))
    assert f"Row {10**15} is not in this list any more: nothing is done to it." in left
    odd = {"kind": "differs", "choice": "adopt", "ids": [row.pk]}
    assert "That is no way out of these differences." in text_of(manager.post(address, odd, follow=True))


def test_lot_that_could_be_several_items_is_chosen(manager: Client, account: Account, run: Verification) -> None:
    one, other = make_item(account, "3001"), make_item(account, "3001", location="B-2")
    Difference.objects.create(
        account=account,
        verification=run,
        shop=run.shop,
        kind=DifferenceKind.UNKNOWN_LOT,
        lot_id="900",
        label="3001 Brick, colour 11, new",
        candidates=[one.pk, other.pk],
        lot={"lot_id": "900", "quantity": 7, "identity": {}, "fields": {"price": "0.2"}, "part_number": "3001", "condition": "new"},
    )
    shown = manager.get(f"{VERIFY}{run.pk}/change/?kind=unknown_lot")
    assert f'<option value="{other.pk}">' in shown.content.decode()
    assert "Quantity 7 Price 0.200" in text_of(shown)


def test_lot_that_is_like_no_item_is_said_to_be_one(manager: Client, account: Account, run: Verification) -> None:
    item = make_item(account, "3002")
    lot = RemoteLot("900", 7, {"number": "3010", "condition": "new"}, {"price": "0.2"}, part_number="3010", condition="new")
    row = Difference.objects.create(
        account=account, verification=run, shop=run.shop, kind=DifferenceKind.UNKNOWN_LOT, lot_id="900", label="3010", lot=as_json(lot)
    )
    address, given = f"{VERIFY}{run.pk}/decide/", {"kind": "unknown_lot", "choice": "adopt", "ids": [row.pk]}
    assert "No item here is like this lot." in text_of(manager.post(address, given))
    assert "No item has the number, name or token “77”." in text_of(manager.post(address, {**given, "find": "77"}))
    assert "3002, colour 11, new" in text_of(manager.post(address, {**given, "find": "3002"}))
    foreign = make_item(make_account("Other"))
    assert manager.post(address, {**given, "item": foreign.pk, "apply": "1"}).status_code == 404
    assert "Lot 900 is" in text_of(manager.post(address, {**given, "item": item.pk, "apply": "1"}, follow=True))
    assert item.listings.get(shop=run.shop).lot_id == "900"


def test_staff_compare_and_managers_decide(viewer: Client, staff: Client, account: Account, run: Verification) -> None:
    assert viewer.post(f"{VERIFY}start/", {"shop": run.shop.pk}).status_code == 403
    assert staff.post(f"{VERIFY}{run.pk}/decide/", {"kind": "differs"}).status_code == 403
    foreign = make_shop(make_account("Other"), "Theirs")
    assert staff.post(f"{VERIFY}start/", {"shop": foreign.pk}).status_code == 404
    assert staff.get(f"{VERIFY}start/").status_code == 405
    made = staff.post(f"{VERIFY}start/", {"shop": run.shop.pk})
    newest = Verification.objects.first()
    assert newest is not None
    assert made["Location"] == f"{VERIFY}{newest.pk}/change/"
    assert "It waits for a worker." in text_of(staff.get(f"{VERIFY}{newest.pk}/live/"))
    assert staff.get(f"{VERIFY}{run.pk}/live/").status_code == 204


def test_unknown_numbers_are_a_list_of_work_and_are_said_by_hand(manager: Client, viewer: Client, account: Account, shop: Shop) -> None:
    make_item(account)
    candidates = [{"id": "900001", "name": "Brick 2 x 4", "type": "Part"}]
    row = PartMapping.objects.create(
        account=account, shop=shop, item_type="PART", part_number="3001", finding=PartFinding.AMBIGUOUS, candidates=candidates
    )
    PartMapping.objects.create(account=account, shop=shop, item_type="PART", part_number="9999", finding=PartFinding.MISSING)
    shown = page(viewer, PARTS)
    assert "3001 Part North Store help Several candidates – 1" in shown
    # No item has it, so nobody has to do anything.
    assert "9999" not in shown
    assert "It is this one" not in page(viewer, f"{PARTS}{row.pk}/change/")
    shown = text_of(manager.post(f"{PARTS}{row.pk}/choose/", {"candidate": "900001"}, follow=True))
    assert "Its items are judged again now." in shown
    given = {"shop": shop.pk, "item_type": "PART", "part_number": "3001", "remote_id": "900002", "remote_name": "Older brick"}
    manager.post(f"{PARTS}add/", given)
    assert PartMapping.objects.get(pk=row.pk).remote_id == "900002"
    assert "has no blanks in it" in text_of(manager.post(f"{PARTS}add/", {**given, "remote_id": "90 02"}))
    assert viewer.post(f"{PARTS}add/", given).status_code == 403
    manager.post(f"{PARTS}{row.pk}/clear/")
    assert not PartMapping.objects.filter(pk=row.pk).exists()


def test_colour_is_said_by_hand(manager: Client, account: Account, shop: Shop) -> None:
    make_item(account)
    row = ColorMapping.objects.create(account=account, shop=shop, color_id=11, name="Black")
    assert "Black (11) North Store search_off Unknown there – 1" in page(manager, COLOURS)
    assert "Say what it is called there" in page(manager, f"{COLOURS}{row.pk}/change/")
    manager.post(f"{COLOURS}add/", {"shop": shop.pk, "color_id": "11", "remote_id": "38", "remote_name": "Black"})
    assert ColorMapping.objects.get().remote_id == "38"
    assert "No colour here" in page(manager, COLOURS)
