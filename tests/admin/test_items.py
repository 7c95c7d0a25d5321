"""The list of items, and what can be done to many of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account
from inventory.models import Item
from marketplaces.models import ListingState, Shop
from tests.admin.marketplace import ITEMS, listing_of, make_item, make_shop, shop, stand, told, toy_marketplace
from tests.admin.pages import page, queries_of, text_of
from tests.build import make_account

__all__ = ["shop", "toy_marketplace"]

S = ListingState


def listed(browser: Client, query: str = "") -> list[str]:
    """The numbers of the items in the list."""
    response = browser.get(f"{ITEMS}?{query}")
    assert response.status_code == 200
    return [item.part_number for item in response.context["cl"].result_list]


def act(browser: Client, action: str, chosen: list[Item], **given: Any) -> Any:
    ids = [str(item.pk) for item in chosen]
    return browser.post(ITEMS, {"action": action, "_selected_action": ids, "select_across": "0", **given}, follow=True)


def price_of(item: Item) -> str:
    return str(Item.objects.get(pk=item.pk).price)


def test_list_says_how_each_item_stands_at_every_shop(viewer: Client, account: Account, shop: Shop) -> None:
    south = make_shop(account, "South Store")
    item = make_item(account)
    stand(item, shop, S.FAILED)
    stand(item, south, S.SYNCED)
    shown = page(viewer, ITEMS)
    assert "North Store South Store" in shown
    assert "3001 Brick 2 x 4 11 New 12 0.125 A-12 check_circle Available error Failed check_circle Synced" in shown


def test_chips_find_what_needs_somebody_at_any_shop_or_at_one(viewer: Client, account: Account, shop: Shop) -> None:
    south = make_shop(account, "South Store")
    failing, asking, fine = (make_item(account, number) for number in ("3001", "3002", "3003"))
    stand(failing, shop, S.FAILED)
    stand(asking, south, S.NEEDS_PERSON)
    told(fine, shop)
    assert listed(viewer, "state=failed") == ["3001"]
    assert listed(viewer, f"state=failed&shop={south.pk}") == []
    assert listed(viewer, "state=needs_person") == ["3002"]
    shown = page(viewer, ITEMS)
    assert "All 3 Needs a person 1 Failed 1" in shown


def test_archived_and_linked_items_are_found_by_filters(viewer: Client, manager: Client, account: Account) -> None:
    make_item(account, "3001")
    act(manager, "archive", [make_item(account, "3002")], reason="sold at the fair", apply="1")
    assert listed(viewer) == ["3001"]
    assert listed(viewer, "state=archived") == ["3002"]
    assert listed(viewer, "linked=yes") == []
    assert listed(viewer, "linked=no") == ["3001"]


def test_search_finds_number_name_place_token_and_lot(viewer: Client, account: Account, shop: Shop) -> None:
    item = make_item(account, "3001", name="Brick 2 x 4", location="A-12")
    make_item(account, "973", name="Torso", location="B-1")
    told(item, shop, lot_id="700123")
    for text in ("3001", "brick", "a-12", item.token, f"%23{item.token}", "700123"):
        assert listed(viewer, f"q={text}") == ["3001"], text


def test_many_items_and_shops_take_as_many_statements_as_few(viewer: Client, account: Account, shop: Shop) -> None:
    make_item(account)
    few = queries_of(viewer, ITEMS)
    make_shop(account, "South Store")
    for number in range(8):
        make_item(account, f"30{number}")
    assert queries_of(viewer, ITEMS) == few


def test_other_accounts_items_are_not_listed(viewer: Client, account: Account) -> None:
    make_item(make_account("Other"), "9999")
    assert listed(viewer, "q=9999") == []


def test_one_price_for_many_is_shown_before_it_is_set(manager: Client, account: Account, shop: Shop) -> None:
    one, other = make_item(account, "3001", price="0.1"), make_item(account, "3002", price="0.2")
    shown = text_of(act(manager, "set_price", [one, other], price="0.15", show="1"))
    assert "Set the price: 2 items" in shown
    assert "3001, colour 11, new Brick 2 x 4 A-12 0.100 0.150" in shown
    assert price_of(one) == "0.1000"
    done = text_of(act(manager, "set_price", [one, other], price="0.15", apply="1"))
    assert "The price of 2 items is changed." in done
    assert (price_of(one), price_of(other)) == ("0.1500", "0.1500")
    assert listing_of(one, shop).state == S.SYNCING


@pytest.mark.parametrize(
    ("percent", "old", "new"), [("10", "0.125", "0.1380"), ("-10", "0.125", "0.1130"), ("5", "2", "2.1000"), ("0.5", "0.1", "0.1010")]
)
def test_prices_move_by_per_cent_rounded_half_up_to_three_places(
    manager: Client, account: Account, percent: str, old: str, new: str
) -> None:
    item, without = make_item(account, price=old), make_item(account, "3002", price=None)
    act(manager, "change_price", [item, without], percent=percent, apply="1")
    assert price_of(item) == new
    assert price_of(without) == "None"


def test_a_price_that_can_t_be_is_refused_at_its_field_and_nothing_is_changed(manager: Client, account: Account) -> None:
    item, without = make_item(account, price="0.001"), make_item(account, "3002", price=None)
    assert "what was chosen has no price yet" in text_of(act(manager, "change_price", [without], percent="5"))
    assert "Shops carry three decimal places" in text_of(act(manager, "set_price", [item], price="0.0001"))
    shown = text_of(act(manager, "change_price", [item], percent="-60", apply="1"))
    assert "Enter a price above 0" in shown
    assert price_of(item) == "0.0010"


def test_archiving_says_first_what_is_taken_off_the_shops(manager: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    told(item, shop)
    shown = text_of(act(manager, "archive", [item]))
    assert "Archive items: 1 item" in shown
    assert "12 available 1 lot" in shown
    assert Item.objects.get().archived_at is None
    assert "1 item is archived." in text_of(act(manager, "archive", [item], reason="sold at the fair", apply="1"))
    assert Item.objects.get().archived_at is not None
    assert Item.objects.get().history.first().reason == "sold at the fair"  # type: ignore[union-attr]


def test_failures_are_retried_in_bulk(staff: Client, account: Account, shop: Shop) -> None:
    failing, kept_off = make_item(account, "3001"), make_item(account, "3002")
    stand(failing, shop, S.FAILED, sentence="The shop was away.", tries=5)
    stand(kept_off, shop, S.KEPT_OFF, kept_off=True)
    shown = text_of(act(staff, "push_now", [failing, kept_off]))
    assert "is kept off its shop and was left alone" in shown
    row = listing_of(failing, shop)
    assert (row.state, row.tries, row.sentence) == (S.SYNCING, 0, "")


def test_keeping_off_a_shop_is_chosen_for_many(manager: Client, account: Account, shop: Shop) -> None:
    south = make_shop(account, "South Store")
    item = make_item(account)
    act(manager, "keep_off_shop", [item], shop=south.pk, apply="1")
    assert (listing_of(item, shop).kept_off, listing_of(item, south).kept_off) == (False, True)
    act(manager, "offer_at_shop", [item], shop=south.pk, apply="1")
    assert not listing_of(item, south).kept_off


@pytest.mark.parametrize("action", ["set_price", "change_price", "archive", "keep_off_shop"])
def test_staff_are_not_offered_what_managers_do(staff: Client, account: Account, shop: Shop, action: str) -> None:
    item = make_item(account)
    assert f'value="{action}"' not in staff.get(ITEMS).content.decode()
    act(staff, action, [item], price="9", percent="9", reason="x", shop=shop.pk, apply="1")
    item.refresh_from_db()
    assert (price_of(item), item.archived_at, listing_of(item, shop).kept_off) == ("0.1250", None, False)


def test_states_turn_on_the_open_list(viewer: Client, account: Account, shop: Shop) -> None:
    foreign = make_item(make_account("Other"))
    item = make_item(account)
    listing = stand(item, shop, S.SYNCING)
    live = re.search(r'data-live="([^"]+)" data-every="(\d+)"', viewer.get(ITEMS).content.decode())
    assert live is not None
    assert live.groups() == (f"/admin/marketplaces/listing/states/?ids={listing.pk}", "1000")
    told(item, shop)
    shown = viewer.get(f"{live.group(1)},{foreign.pk + 1000}").content.decode()
    assert f'data-part="listing-{listing.pk}"' in shown
    assert "Synced" in shown
    assert 'data-every="10000"' in shown


def test_items_come_from_a_file_after_a_look_at_it(manager: Client, staff: Client, account: Account) -> None:
    file = SimpleUploadedFile("items.csv", b"Number,Colour,Available,Price\n3001,11,5,0.1\n3002,11,x,0.1\n")
    assert "Row 3, column Available" in text_of(manager.post(f"{ITEMS}import/", {"file": file}))
    right = SimpleUploadedFile("items.csv", b"Number,Colour,Available,Price\n3001,11,5,0.1\n")
    response = manager.post(f"{ITEMS}import/", {"file": right})
    assert not Item.objects.exists()
    manager.post(f"{ITEMS}import/", {"content": response.context["content"], "filename": "items.csv", "apply": "1"})
    assert [item.quantity_available for item in Item.objects.all()] == [5]
    assert staff.get(f"{ITEMS}import/").status_code == 403
