from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from marketplaces.models import ColorMapping, Listing, PartMapping, Shop
from tests.api.pushbuild import make_difference, make_item, make_line, make_listing, make_order, make_shop, make_verification
from tests.api.shop import ids
from tests.build import make_account

pytestmark = pytest.mark.django_db

PARTS, COLORS = "/api/mappings/parts", "/api/mappings/colors"


@pytest.fixture
def shop(account: Account) -> Shop:
    return make_shop(account, system="brickowl")


def make_part(shop: Shop, part_number: str = "3001", finding: str = "missing", **values: Any) -> PartMapping:
    given = {"account": shop.account, "shop": shop, "item_type": "PART", "part_number": part_number, "finding": finding}
    return PartMapping.objects.create(**given, **values)


def make_color(shop: Shop, color_id: int = 5, **values: Any) -> ColorMapping:
    return ColorMapping.objects.create(account=shop.account, shop=shop, color_id=color_id, **values)


def test_list_of_work_says_how_many_items_wait(viewer: APIClient, shop: Shop) -> None:
    make_item(shop.account)
    make_item(shop.account, location="B")
    make_item(shop.account, "3003", color_id=6)
    unknown, unused = make_part(shop), make_part(shop, "3002")
    known = make_part(shop, "3003", "found", remote_id="737117", remote_name="Brick")
    rows = viewer.get(f"{PARTS}?unmapped=true&shop={shop.pk}").json()["results"]
    assert [(row["id"], row["items"], row["finding_in_words"]) for row in rows] == [(unknown.pk, 2, "Unknown")]
    assert ids(viewer, f"{PARTS}?unmapped=false") == [known.pk, unused.pk]
    color = make_color(shop)
    make_color(shop, 6, remote_id="38")
    assert [(row["id"], row["items"]) for row in viewer.get(f"{COLORS}?unmapped=true").json()["results"]] == [(color.pk, 2)]


def test_person_says_what_the_shop_calls_a_number(manager: APIClient, shop: Shop) -> None:
    item = make_item(shop.account)
    listing = make_listing(shop, item, state="unmapped", lot_id="")
    body = {"shop": shop.pk, "part_number": "3001", "remote_id": "737117-38"}
    first = manager.put(PARTS, body).json()
    assert (first["remote_id"], first["origin"], first["finding"]) == ("737117", "override", "found")
    assert first["set_by"] == "manager-7qx (token scanner)"
    assert manager.put(PARTS, {**body, "remote_id": "1"}).json()["id"] == first["id"]
    assert Listing.objects.get(pk=listing.pk).state == "syncing"
    assert manager.delete(f"{PARTS}/{first['id']}").status_code == 204
    assert not PartMapping.objects.exists()


def test_person_says_what_the_shop_calls_a_colour(manager: APIClient, shop: Shop) -> None:
    body = manager.put(COLORS, {"shop": shop.pk, "color_id": 5, "remote_id": "38"}).json()
    assert (body["color_id"], body["remote_id"], body["origin"]) == (5, "38", "override")
    assert manager.get(f"{COLORS}/{body['id']}").json() == body
    assert manager.delete(f"{COLORS}/{body['id']}").status_code == 204
    assert manager.get(f"{COLORS}/{body['id']}").status_code == 404


def test_candidate_is_chosen(manager: APIClient, shop: Shop) -> None:
    part = make_part(shop, finding="ambiguous", candidates=[{"id": "1", "name": "Brick"}, {"id": "2", "name": "Other brick"}])
    wrong = manager.post(f"{PARTS}/{part.pk}/choose", {"remote_id": "3"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not_decidable")
    body = manager.post(f"{PARTS}/{part.pk}/choose", {"remote_id": "2"}).json()
    assert (body["remote_id"], body["remote_name"], body["candidates"]) == ("2", "Other brick", [])


def test_what_was_not_known_is_looked_up_again(manager: APIClient, shop: Shop) -> None:
    make_part(shop)
    make_part(shop, "3002", "found", remote_id="1")
    answer = manager.post(f"{PARTS}/look-up", {"shop": shop.pk})
    assert (answer.status_code, answer.json()) == (200, {"message": "1 number is looked up again.", "count": 1})


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PARTS, {"part_number": "3001"}, "remote_id"),
        (PARTS, {"part_number": "", "remote_id": "1"}, "part_number"),
        (PARTS, {"part_number": "3001", "remote_id": "a b"}, "remote_id"),
        (PARTS, {"part_number": "3001", "remote_id": "1", "item_type": "P"}, "item_type"),
        (COLORS, {"color_id": 0, "remote_id": "1"}, "color_id"),
        (COLORS, {"color_id": 5, "remote_id": "red"}, "remote_id"),
        (COLORS, {"color_id": 5, "remote_id": "1", "name": "Red"}, "name"),
    ],
)
def test_wrong_field_is_named(manager: APIClient, shop: Shop, path: str, body: dict[str, Any], field: str) -> None:
    answer = manager.put(path, {"shop": shop.pk, **body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(("path", "body"), [(PARTS, {"part_number": "3001"}), (COLORS, {"color_id": 5})])
def test_shop_of_another_account_is_none(manager: APIClient, path: str, body: dict[str, Any]) -> None:
    answer = manager.put(path, {**body, "remote_id": "1", "shop": make_shop(make_account("Other")).pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["shop"])


def test_filters(viewer: APIClient, shop: Shop) -> None:
    other = make_shop(shop.account, "North", "brickowl")
    part = make_part(shop, remote_name="Brick")
    second = PartMapping.objects.create(
        account=shop.account, shop=other, item_type="SET", part_number="9999-1", finding="found", remote_id="9", origin="override"
    )
    for query in (f"shop={shop.pk}", "finding=missing", "item_type=PART", "part_number=3001", "q=bric", "origin=looked_up"):
        assert ids(viewer, f"{PARTS}?{query}") == [part.pk], query
    for query in ("remote_id=9", "origin=override", "finding=found"):
        assert ids(viewer, f"{PARTS}?{query}") == [second.pk], query
    color = make_color(shop, name="Red", remote_id="38")
    make_color(other, 7)
    for query in ("color_id=5", "q=red", "remote_id=38", f"shop={shop.pk}"):
        assert ids(viewer, f"{COLORS}?{query}") == [color.pk], query


def test_inbox_has_all_that_waits(viewer: APIClient, shop: Shop) -> None:
    make_listing(shop, state="needs_person", code="lot_vanished", sentence="The lot is gone.")
    order = make_order(shop, problem="")
    make_line(order)
    make_difference(make_verification(shop))
    body = viewer.get("/api/inbox").json()
    assert (body["total"], {kind for kind, number in body["counts"].items() if number}) == (3, {"unmatched", "needs_person", "difference"})
    assert [(row["kind"], row["entity"]) for row in body["results"]] == [
        ("unmatched", "orderline"),
        ("needs_person", "listing"),
        ("difference", "difference"),
    ]
    assert (body["results"][1]["sentence"], body["results"][1]["shop"]) == ("The lot is gone.", shop.pk)
    assert viewer.get(f"/api/inbox?kind=unmatched&kind=restock&shop={shop.pk}").json()["counts"] == {"unmatched": 1, "restock": 0}
    assert viewer.get("/api/inbox?kind=x").json()["errors"].keys() == {"kind"}
    theirs = viewer.get(f"/api/inbox?shop={make_shop(make_account('Other')).pk}")
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["shop"])


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(1, 6):
        make_item(shop.account, str(number), color_id=number)
        make_part(shop, str(number))
        make_color(shop, number)
    viewer.get(PARTS)
    for path in (PARTS, f"{PARTS}?unmapped=true", COLORS, f"{COLORS}?unmapped=true"):
        with django_assert_num_queries(2):
            assert len(viewer.get(path).json()["results"]) == 5
    Listing.objects.update(state="needs_person", code="lot_vanished")
    # The token; how many of each of six kinds; the listings.
    with django_assert_num_queries(8):
        assert len(viewer.get("/api/inbox").json()["results"]) == 5
