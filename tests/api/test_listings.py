from __future__ import annotations

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Item
from marketplaces.models import Listing, ListingState, Shop
from tests.api.pushbuild import make_attempt, make_item, make_listing, make_lot, make_shop
from tests.api.shop import ids
from tests.build import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Shop:
    return make_shop(account)


def vanished(shop: Shop) -> Listing:
    """The shop has deleted its lot, and nobody knows why."""
    given = {"state": "needs_person", "code": "lot_vanished", "sentence": "The lot is gone.", "hint": "Decide."}
    listing = make_listing(shop, lot_id="700001", **given)
    make_lot(listing)
    return listing


def test_listing_says_what_is_wanted_told_and_wrong(viewer: APIClient, shop: Shop) -> None:
    item = make_item(shop.account, quantity_available=7)
    listing = make_listing(shop, item, state="failed", code="unknown_part", sentence="No such part.", hint="Correct it.", told_quantity=9)
    body = viewer.get(f"/api/listings/{listing.pk}").json()
    assert (body["wanted_quantity"], body["told_quantity"], body["told_price"], body["lot_id"]) == (7, 9, "0.1250", listing.lot_id)
    assert (body["state"], body["code"], body["sentence"], body["hint"]) == ("failed", "unknown_part", "No such part.", "Correct it.")
    assert (body["shop_name"], body["provider"], body["part_number"], body["choices"]) == ("North bricks", "bricklink", "3001", [])
    row = viewer.get("/api/listings").json()["results"][0]
    assert row == {name: value for name, value in body.items() if name != "choices"}
    assert viewer.get(f"/api/items/{item.pk}/listings").json() == viewer.get(f"/api/items/{item.pk}").json()["listings"] == [row]


@pytest.mark.parametrize(("system", "there"), [("bricklink", "700001"), ("brickowl", "737117-38")])
def test_lot_can_be_looked_at(viewer: APIClient, account: Account, system: str, there: str) -> None:
    shop = make_shop(account, system=system)
    listing = make_listing(shop, lot_id="700001", told={"identity": {"boid": "737117-38"}, "fields": {}})
    link = viewer.get(f"/api/listings/{listing.pk}").json()["link"]
    assert (link.startswith("https://"), there in link) == (True, True)
    gone = make_listing(shop, make_item(account, "3002"), lot_id="")
    assert viewer.get(f"/api/listings/{gone.pk}").json()["link"] == ""


def test_preview_says_what_would_be_sent_and_why_not(viewer: APIClient, shop: Shop) -> None:
    ready, unpriced = make_item(shop.account), make_item(shop.account, "3002", price=None)
    (create,) = viewer.get(f"/api/items/{ready.pk}/preview").json()
    assert (create["shop"], create["operation"], create["told_quantity"], create["quantity"]) == (shop.pk, "create", 0, 10)
    assert create["fields"]["price"] == "0.125"
    (refused,) = viewer.get(f"/api/items/{unpriced.pk}/preview").json()
    assert (refused["operation"], refused["quantity"], bool(refused["code"]), bool(refused["sentence"])) == ("refused", 0, True, True)


def test_filters(viewer: APIClient, shop: Shop) -> None:
    other = make_shop(shop.account, "South bricks", "brickowl")
    wrong = make_listing(shop, make_item(shop.account, "3001"), state="failed", code="unknown_part", lot_id="77")
    off = make_listing(other, make_item(shop.account, "3002"), state="kept_off", kept_off=True)
    for query in (f"shop={shop.pk}", "state=failed", "code=unknown_part", f"item={wrong.item_id}", "kept_off=false", "lot_id=77"):
        assert wrong.pk in ids(viewer, f"/api/listings?{query}"), query
        assert off.pk not in ids(viewer, f"/api/listings?{query}"), query
    assert ids(viewer, "/api/listings?kept_off=true") == ids(viewer, "/api/listings?part_number=3002&state=kept_off") == [off.pk]
    assert {wrong.pk, off.pk} <= set(ids(viewer, "/api/listings?state=failed&state=kept_off"))
    assert viewer.get("/api/listings?state=lost").json()["errors"].keys() == {"state"}


def test_items_are_found_by_what_shops_say_of_them(viewer: APIClient, shop: Shop) -> None:
    other = make_shop(shop.account, "South bricks", "brickowl")
    first, second = make_item(shop.account, "3001"), make_item(shop.account, "3002")
    Listing.objects.all().delete()
    make_listing(shop, first, state="failed")
    make_listing(other, first, state="synced")
    make_listing(other, second, state="failed")
    assert ids(viewer, "/api/items?state=failed") == [second.pk, first.pk]
    assert ids(viewer, f"/api/items?shop={shop.pk}") == ids(viewer, f"/api/items?shop={shop.pk}&state=failed") == [first.pk]
    assert ids(viewer, f"/api/items?shop={other.pk}&state=failed") == [second.pk]
    assert ids(viewer, f"/api/items?shop={shop.pk}&state=synced") == []
    assert viewer.get("/api/items?state=lost").json()["errors"].keys() == {"state"}


def test_failed_ones_are_tried_again_at_once(staff: APIClient, shop: Shop) -> None:
    first, second, fine = (make_listing(shop, make_item(shop.account, number)) for number in ("1", "2", "3"))
    Listing.objects.exclude(pk=fine.pk).update(state="failed", code="busy", sentence="Busy.", tries=4)
    answer = staff.post("/api/listings/push", {"filter": {"shop": shop.pk, "state": "failed"}})
    assert (answer.status_code, answer.json()) == (200, {"pushed": 2, "not_found": [], "message": "2 listings are tried now."})
    for listing in (first, second):
        listing.refresh_from_db()
        assert (listing.state, listing.tries, listing.sentence, listing.due_at is None) == ("syncing", 0, "", False)
    fine.refresh_from_db()
    assert (fine.state, fine.due_at) == ("synced", None)
    assert staff.post("/api/listings/push", {"ids": [fine.pk]}).json()["message"] == "1 listing is tried now."
    assert staff.post(f"/api/items/{fine.item_id}/push").json()["pushed"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": ["a"]}, "ids"),
        ({"ids": [1], "filter": {}}, "ids"),
        ({"filter": {"colour": 5}}, "filter"),
        ({"filter": {"state": "lost"}}, "filter"),
        ({"filter": {"shop": {"a": 1}}}, "filter"),
        ({"filter": [1]}, "filter"),
        ({"all": True}, "all"),
    ],
)
def test_what_names_no_listings_is_refused(staff: APIClient, shop: Shop, body: dict[str, Any], field: str) -> None:
    answer = staff.post("/api/listings/push", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_listings_of_others_are_left_alone(staff: APIClient, shop: Shop) -> None:
    theirs, ours = make_listing(make_shop(make_account("Other")), state="failed"), make_listing(shop, state="failed")
    nobodys = 2**62
    assert staff.post("/api/listings/push", {"ids": [nobodys, ours.pk, theirs.pk]}).json() == {
        "pushed": 1,
        "not_found": [theirs.pk, nobodys],
        "message": f"1 listing is tried now. There are no listings {theirs.pk} and {nobodys}.",
    }
    Listing.objects.filter(pk=ours.pk).delete()
    assert staff.post("/api/listings/push", {"filter": {}}).json()["pushed"] == 0


def test_person_decides_what_waits_for_one(manager: APIClient, shop: Shop) -> None:
    listing = vanished(shop)
    address = f"/api/listings/{listing.pk}"
    assert [choice["key"] for choice in manager.get(address).json()["choices"]] == ["recreate", "archive", "keep_off"]
    wrong = manager.post(f"{address}/resolve", {"choice": "forget"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not_decidable")
    body = manager.post(f"{address}/resolve", {"choice": "recreate"}).json()
    assert (body["state"], body["lot_id"], body["told_quantity"], body["choices"]) == ("syncing", "", 0, [])
    assert manager.post(f"{address}/resolve", {"choice": "recreate"}).status_code == 409


def test_item_is_kept_off_one_shop(manager: APIClient, shop: Shop) -> None:
    other = make_shop(shop.account, "South bricks", "brickowl")
    item = make_item(shop.account)
    listing = make_listing(shop, item)
    assert manager.post(f"/api/listings/{listing.pk}/keep-off", {"off": True}).json()["kept_off"] is True
    rows = manager.post(f"/api/items/{item.pk}/keep-off", {"shop": other.pk, "off": True}).json()
    assert [(row["shop"], row["kept_off"]) for row in rows] == [(shop.pk, True), (other.pk, True)]
    manager.post(f"/api/items/{item.pk}/keep-off", {"shop": shop.pk, "off": False})
    assert Listing.objects.get(pk=listing.pk).kept_off is False
    theirs = manager.post(f"/api/items/{item.pk}/keep-off", {"shop": make_shop(make_account("Other")).pk, "off": True})
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["shop"])


def test_attempts_of_one_change_are_found(viewer: APIClient, shop: Shop) -> None:
    listing = make_listing(shop)
    later = make_listing(shop, make_item(shop.account, "3002"))
    attempt = make_attempt(listing, sent={"quantity": "-3"}, difference=-3)
    newer = uuid.uuid4()
    carried = make_attempt(later, state="failed", correlation=newer, correlations=[str(attempt.correlation), str(newer)])
    assert ids(viewer, f"/api/attempts?correlation={newer}") == [carried.pk]
    body = viewer.get(f"/api/attempts/{attempt.pk}").json()
    assert (body["item"], body["sent"], body["difference"], body["state"]) == (listing.item_id, {"quantity": "-3"}, -3, "succeeded")
    assert ids(viewer, f"/api/attempts?correlation={attempt.correlation}") == [carried.pk, attempt.pk]
    for query in (f"listing={listing.pk}", f"item={listing.item_id}", "state=succeeded", "to=2999-01-01T00:00:00Z&state=succeeded"):
        assert ids(viewer, f"/api/attempts?{query}") == [attempt.pk], query
    assert ids(viewer, "/api/attempts?from=2999-01-01T00:00:00Z") == []
    assert ids(viewer, f"/api/attempts?shop={shop.pk}&operation=update") == [carried.pk, attempt.pk]


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    other = make_shop(shop.account, "South bricks", "brickowl")
    for number in range(5):
        item = make_item(shop.account, f"300{number}")
        for each in (shop, other):
            make_attempt(make_listing(each, item))
    viewer.get("/api/listings")
    # The token, and all there is of the rows.
    for path, rows in (("listings", 10), ("attempts", 10)):
        with django_assert_num_queries(2):
            assert len(viewer.get(f"/api/{path}").json()["results"]) == rows
    address = f"/api/items/{Item.objects.latest('pk').pk}"
    # The token, the item, its warehouses, its listings.
    with django_assert_num_queries(4):
        assert len(viewer.get(address).json()["listings"]) == 2


def test_every_state_has_its_words(viewer: APIClient, shop: Shop) -> None:
    for number, state in enumerate(ListingState):
        make_listing(shop, make_item(shop.account, str(number)), state=state)
    shown = {row["state"]: row["state_in_words"] for row in viewer.get("/api/listings").json()["results"]}
    assert shown == dict(ListingState.choices)


@pytest.mark.parametrize("value", [{}, {"a": 1}, [{}], [[]], None, [], "", "perhaps"])
def test_filter_that_says_nothing_pushes_nothing(staff: APIClient, shop: Shop, value: Any) -> None:
    make_listing(shop, state="failed", due_at=None)
    answer = staff.post("/api/listings/push", {"filter": {"kept_off": value}}, format="json")
    assert (answer.status_code, answer.json()["errors"]["filter"][0].startswith("kept_off: ")) == (400, True)
    assert Listing.objects.get().state == "failed"
