"""The page of an item: its form, how the shops stand with it, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from inventory import items
from inventory.models import Item, ItemChange
from marketplaces.models import Attempt, AttemptState, Listing, ListingState, Operation, Shop
from tests.admin.marketplace import ITEMS, listing_of, make_item, make_shop, page_of, shop, stand, told, toy_marketplace
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop as Ledger

__all__ = ["shop", "toy_marketplace"]

S = ListingState
RULES = {"product": "QTX-TEA", "unit_kind": "packs", "pack": "1", "buffer": "0", "minimum": "0", "share": "100"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def filled(item: Item, **changed: Any) -> dict[str, Any]:
    """The form as the page showed it, with what somebody has typed."""
    values = {
        "part_number": item.part_number,
        "item_type": item.item_type,
        "color_id": item.color_id,
        "condition": item.condition,
        "name": item.name,
        "completeness": item.completeness,
        "status": item.status,
        "price": "" if item.price is None else item.price,
        "sale_percent": "",
        "bulk": "",
        "tiers": "",
        "notes": item.notes,
        "location": item.location,
        "cost": "",
        "version": Item.objects.get(pk=item.pk).version,
    }
    return {**values, **changed}


def save(browser: Client, item: Item, **changed: Any) -> Any:
    return browser.post(page_of(item), filled(item, **changed), follow=True)


def press(browser: Client, item: Item, button: str, **given: Any) -> str:
    response = browser.post(page_of(item, button), given, follow=True)
    assert response.status_code == 200
    return text_of(response)


def fresh(item: Item) -> Item:
    return Item.objects.get(pk=item.pk)


def test_told_stands_beside_wanted_with_the_shops_own_words(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    told(item, shop, told_quantity=10)
    stand(item, shop, S.FAILED, sentence="The shop says: no such colour.", hint="Correct the colour.")
    shown = page(viewer, page_of(item))
    assert "North Store Toy shop error Failed The shop says: no such colour. Correct the colour." in shown
    assert "Quantity 10 12 difference differs" in shown
    assert "Price 0.125 0.125 Notes" in shown
    assert "Lot 700" in shown


def test_what_an_item_lacks_is_said_before_anything_is_sent(viewer: Client, account: Account, shop: Shop) -> None:
    shown = page(viewer, page_of(make_item(account, price=None)))
    assert "The item has no price. Enter one." in shown


def test_changing_a_price_is_one_history_row_and_lets_the_shops_know(manager: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    told(item, shop)
    shown = text_of(save(manager, item, price="0.15"))
    assert "3001 is saved." in shown
    assert "sync Syncing" in shown
    assert "Price 0.125 0.150 difference differs" in shown
    assert "Unit price 0.125 → became 0.150" in shown
    assert item.history.count() == 2
    assert listing_of(item, shop).state == S.SYNCING


def test_old_tab_brings_nothing_back(manager: Client, account: Account) -> None:
    item = make_item(account)
    old_tab = filled(item, notes="A fine brick")
    items.edit(make_actor(account), item, price="0.2")
    shown = text_of(manager.post(page_of(item), old_tab))
    assert "3001 Brick 2 x 4 was changed meanwhile" in shown
    assert "A fine brick" in shown
    assert (fresh(item).price, fresh(item).notes) == (Decimal("0.2"), "")
    # Sent again from the same tab it is refused again.
    assert "was changed meanwhile" in text_of(manager.post(page_of(item), old_tab))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"price": "0"}, "Enter a price above 0"),
        ({"price": "-1"}, "Enter a price above 0"),
        ({"price": "0.0001"}, "would be 0.000 there"),
        ({"part_number": ""}, "required"),
        ({"color_id": "-1"}, "greater than or equal to 0"),
        ({"completeness": "sealed"}, "Only a set is complete or not"),
        ({"tiers": "50"}, "“50” is no quantity with a price. Write it like 50: 0.110"),
        ({"tiers": "50: 0.2"}, "that has to be less than the price"),
        ({"tiers": "50: 0.11, 20: 0.10"}, "that has to be more than tier 1's 50"),
    ],
)
def test_what_can_t_be_is_refused_in_words_at_its_field(manager: Client, account: Account, given: dict[str, str], sentence: str) -> None:
    item = make_item(account)
    response = save(manager, item, **given)
    assert sentence in text_of(response)
    assert fresh(item).version == item.version


def test_tiers_are_read_and_shown_as_people_write_them(manager: Client, account: Account) -> None:
    item = make_item(account)
    shown = save(manager, item, tiers="50: 0.110, 100: 0.1")
    assert fresh(item).tiers == [[50, "0.110"], [100, "0.100"]]
    assert 'value="50: 0.110, 100: 0.100"' in shown.content.decode()


def test_new_item_of_staff_is_listed_and_a_set_gets_its_suffix(staff: Client, account: Account, shop: Shop) -> None:
    given = {"part_number": "9999", "item_type": "SET", "color_id": "0", "condition": "new", "quantity_available": "3", "price": "49.9"}
    shown = text_of(staff.post(f"{ITEMS}add/", given, follow=True))
    item = Item.objects.get()
    assert (item.part_number, item.quantity_available, item.created_by_label) == ("9999-1", 3, "staff")
    assert "9999 was kept as 9999-1" in shown
    assert listing_of(item, shop).state == S.SYNCING


def test_staff_count_and_managers_edit(viewer: Client, staff: Client, manager: Client, account: Account) -> None:
    item = make_item(account)
    assert 'name="price"' not in staff.get(page_of(item)).content.decode()
    assert staff.post(page_of(item), filled(item, price="9")).status_code == 403
    assert "Do it" not in page(viewer, page_of(item))
    assert viewer.post(page_of(item, "quantity"), {"do": "add", "pieces": "1"}).status_code == 403
    press(staff, item, "quantity", do="add", pieces="5", reason="found")
    assert fresh(item).quantity_available == 17


@pytest.mark.parametrize(
    ("do", "pieces", "left"),
    [("add", 5, (17, 2)), ("take", 5, (7, 2)), ("set", 30, (30, 2)), ("reserve", 3, (9, 5)), ("release", 2, (14, 0))],
)
def test_quantity_moves_as_it_is_said(staff: Client, account: Account, do: str, pieces: int, left: tuple[int, int]) -> None:
    item = make_item(account, quantity_available=14)
    items.reserve(make_actor(account), item, 2, "for a friend")
    press(staff, item, "quantity", do=do, pieces=pieces)
    assert (fresh(item).quantity_available, fresh(item).quantity_reserved) == left


@pytest.mark.parametrize(("do", "pieces"), [("take", "13"), ("release", "1"), ("reserve", "13"), ("add", "-3"), ("add", "x")])
def test_quantity_that_can_t_be_is_refused(staff: Client, account: Account, do: str, pieces: str) -> None:
    item = make_item(account)
    press(staff, item, "quantity", do=do, pieces=pieces)
    assert fresh(item).version == item.version


def test_push_now_and_keep_off_are_for_one_shop(staff: Client, manager: Client, account: Account, shop: Shop) -> None:
    south = make_shop(account, "South Store")
    item = make_item(account)
    for place in (shop, south):
        stand(item, place, S.FAILED)
    press(staff, item, "push", shop=shop.pk)
    assert (listing_of(item, shop).state, listing_of(item, south).state) == (S.SYNCING, S.FAILED)
    press(manager, item, "keep_off", shop=south.pk, off="1")
    assert listing_of(item, south).kept_off
    press(manager, item, "keep_off", shop=south.pk, off="0")
    assert not listing_of(item, south).kept_off


def test_what_only_a_person_can_settle_is_offered_and_done(staff: Client, manager: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    told(item, shop)
    stand(item, shop, S.NEEDS_PERSON, code="lot_vanished", sentence="Lot 700 is gone, and no order explains it.")
    shown = page(manager, page_of(item))
    assert "Make it again The shop gets a new lot." in shown
    assert "Deciding needs the role manager." in page(staff, page_of(item))
    assert "Decided for North Store: Make it again." in press(manager, item, "resolve", shop=shop.pk, choice="recreate")
    assert listing_of(item, shop).state == S.SYNCING
    assert "does not wait for a decision" in press(manager, item, "resolve", shop=shop.pk, choice="recreate")


def test_preview_sends_nothing(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    shown = page(viewer, page_of(item, "preview"))
    assert "A new lot is made. Quantity told now 0 Quantity told then 12 Price 0.125" in shown
    assert not Attempt.objects.exists()


def test_sides_turn_by_themselves(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    assert 'data-live="' + page_of(item, "live") + '" data-every="1000"' in viewer.get(page_of(item)).content.decode()
    first = viewer.get(page_of(item, "live")).content.decode()
    assert "Syncing" in first
    # The same twice: else the script would put a new one in its place while somebody is about to press a button.
    assert viewer.get(page_of(item, "live")).content.decode() == first
    told(item, shop)
    turned = viewer.get(page_of(item, "live")).content.decode()
    assert f'data-part="side-{shop.pk}"' in turned
    assert "Synced" in turned
    assert 'data-every="10000"' in turned


def test_history_and_attempts_are_one_list_and_a_change_is_undone_with_a_reason(manager: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    listing = told(item, shop)
    items.edit(make_actor(account), item, price="0.2")
    change = ItemChange.objects.latest("pk")
    Attempt.objects.create(
        account=account,
        shop=shop,
        listing=listing,
        operation=Operation.UPDATE,
        state=AttemptState.SUCCEEDED,
        fence=1,
        item_version=2,
        correlation=change.correlation,
        before={"fields": {"price": "0.125"}},
        after={"fields": {"price": "0.200"}},
        cause="edit",
        started_at=change.happened_at,
        ended_at=change.happened_at,
    )
    shown = page(manager, page_of(item))
    story = shown[shown.index("What happened") :]
    assert "cloud_upload North Store check_circle Done Change sent Price 0.125 → became 0.200 Item changed" in story
    assert story.index("Unit price 0.125 → became 0.200 Mara") < story.index("Made")
    assert story.count(str(change.correlation)[:8]) == 2
    undo = page_of(item, "undo", change.pk)
    assert "Unit price 0.125 0.200" in page(manager, undo)
    assert "Say why it is undone" in text_of(manager.post(undo, {"reason": " "}, follow=True))
    assert fresh(item).price == Decimal("0.2")
    manager.post(undo, {"reason": "meant for another lot"})
    assert fresh(item).price == Decimal("0.125")
    assert "meant for another lot" in page(manager, page_of(item))


def test_pictures_are_shown_and_what_could_hold_scripts_is_not(staff: Client, viewer: Client, account: Account) -> None:
    item = make_item(account)
    press(staff, item, "attach", files=[SimpleUploadedFile("brick.png", PNG, "image/png"), SimpleUploadedFile("bill.txt", b"12 bricks")])
    svg = SimpleUploadedFile("a.svg", b"<svg/>", "image/svg+xml")
    shown = press(staff, item, "attach", files=[SimpleUploadedFile("more.txt", b"13 bricks"), svg])
    assert "“a.svg”: This is no picture" in shown
    assert "No file is added." in shown
    picture, text = item.attachments.order_by("pk")
    shown = viewer.get(page_of(item, "file", picture.pk))
    assert (shown["Content-Type"], shown["Content-Disposition"]) == ("image/png", 'inline; filename="brick.png"')
    assert shown.content == PNG
    kept = viewer.get(page_of(item, "file", text.pk))
    assert (kept["Content-Type"], kept["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert kept["Content-Disposition"].startswith("attachment")
    press(staff, item, "detach", file=picture.pk)
    assert [each.name for each in item.attachments.all()] == ["bill.txt"]
    assert viewer.get(page_of(item, "file", picture.pk)).status_code == 404


def test_linked_item_shows_where_its_quantity_comes_from(manager: Client, account: Account) -> None:
    ledger = Ledger(account)
    ledger.buy(100)
    item = make_item(account, quantity_available=0)
    given = {
        "product": "QTX-TEA",
        "warehouses": [ledger.place.pk],
        "unit_kind": "packs",
        "pack": "12",
        "buffer": "10",
        "minimum": "0",
        "share": "50",
    }
    shown = text_of(manager.post(page_of(item, "link"), given, follow=True))
    # (100 - 10) of which half, in twelves: 3.75, rounded down.
    assert "offers 3 of QTX-TEA Tea now" in shown
    terms = ("Available in Shop MAIN 100 packs", "Kept back − 10 packs", "Share of it that is offered 50 %", "÷ 12 packs Offered 3")
    assert [term for term in terms if term not in shown] == []
    assert "90 × 50 % ÷ 12, rounded down" in shown
    assert "Do it" not in shown
    assert "follows the stock of a product" in press(manager, item, "quantity", do="add", pieces="1")
    press(manager, item, "unlink")
    assert (fresh(item).linked, fresh(item).quantity_available) == (False, 3)


def test_link_without_a_warehouse_is_refused_at_its_field(manager: Client, account: Account) -> None:
    Ledger(account)
    response = manager.post(
        page_of(make_item(account), "link"),
        {"product": "QTX-TEA", "unit_kind": "packs", "pack": "1", "buffer": "0", "minimum": "0", "share": "100"},
    )
    assert response.context["form"].errors["warehouses"]


def test_archived_item_is_read_only_until_it_is_taken_out(manager: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    told(item, shop)
    assert "North Store: lot 700, 12 offered" in page(manager, page_of(item, "archive"))
    press(manager, item, "archive", reason="sold at the fair")
    shown = page(manager, page_of(item))
    assert "Archived since" in shown
    # The lot is gone: what an item that nobody offers would be there is nobody's business.
    Listing.objects.filter(item=item).update(lot_id="", told_quantity=0, state="synced")
    shown = page(manager, page_of(item))
    assert "Nothing of it is offered, and the shop has no lot of it." in shown
    assert "differs" not in shown
    assert 'name="price"' not in manager.get(page_of(item)).content.decode()
    press(manager, item, "restore")
    assert fresh(item).archived_at is None


def test_every_shop_takes_the_same_number_of_statements(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    one = queries_of(viewer, page_of(item))
    make_shop(account, "South Store")
    make_shop(account, "West Store")
    items.edit(make_actor(account), item, price="0.2")
    for number in range(5):
        items.adjust(make_actor(account), item, number + 1, "counted")
    assert Listing.objects.filter(item=item).count() == 3
    assert queries_of(viewer, page_of(item)) == one


BUTTONS = {
    "push": "listing.push",
    "keep_off": "listing.edit",
    "resolve": "listing.resolve",
    "quantity": "item.adjust",
    "restore": "item.archive",
    "unlink": "item.edit",
    "attach": "item.attach",
    "detach": "item.attach",
    "archive": "item.archive",
}


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_are_posts_for_those_who_may_and_unknown_elsewhere(
    browser_as: Callable[[Role], Client], account: Account, button: str
) -> None:
    from accounts.roles import OPERATIONS

    least = OPERATIONS[BUTTONS[button]]
    below = list(Role)[list(Role).index(least) - 1]
    item, foreign = make_item(account), make_item(make_account("Other"))
    assert browser_as(below).post(page_of(item, button)).status_code == 403
    able = browser_as(least)
    assert able.post(page_of(foreign, button)).status_code == 404
    if button != "archive":
        assert able.get(page_of(item, button)).status_code == 405
    assert fresh(item).version == item.version
