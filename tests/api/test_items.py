from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory import items
from inventory.models import Item
from tests.api.build import program
from tests.api.pushbuild import make_item
from tests.api.shop import ids
from tests.build import make_account, make_actor, make_member
from tests.inventory.ledger.build import Shop, make_place

pytestmark = pytest.mark.django_db

BRICK = {
    "part_number": "3001",
    "item_type": "PART",
    "name": "Brick 2 x 4",
    "color_id": 5,
    "condition": "used",
    "location": "A-12",
    "quantity_available": 40,
    "price": "0.1250",
    "notes": "Clean",
    "bulk": 2,
    "sale_percent": 10,
    "tiers": [[50, "0.110"], [100, "0.100"]],
    "cost": "0.0500",
}


def test_staff_adds_an_item_and_nobody_may_misspell_a_field(staff: APIClient) -> None:
    answer = staff.post("/api/items", BRICK)
    body = answer.json()
    assert answer.status_code == 201, body
    assert {name: body[name] for name in BRICK} == BRICK
    assert (body["offered"], body["status"], body["linked"], body["version"], body["warnings"]) == (40, "available", False, 1, [])
    assert staff.get(f"/api/items/{body['id']}").json()["token"] == body["token"] == Item.objects.get().token
    wrong = staff.post("/api/items", {**BRICK, "prize": "1"})
    assert (wrong.status_code, list(wrong.json()["errors"]), Item.objects.count()) == (400, ["prize"], 1)


def test_what_is_not_as_one_may_think_is_said(staff: APIClient) -> None:
    body = staff.post("/api/items", {"part_number": "9999", "item_type": "SET", "notes": "x" * 256}).json()
    assert body["part_number"] == "9999-1"
    assert [warning.split(":")[0] for warning in body["warnings"]] == ["part_number", "notes", "price"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("part_number", ""),
        ("color_id", -1),
        ("color_id", "red"),
        ("price", "0"),
        ("price", "-1"),
        ("price", "0.0001"),
        ("price", "1.00001"),
        ("price", "NaN"),
        ("quantity_available", -1),
        ("quantity_available", 1.5),
        ("condition", "broken"),
        ("completeness", "sealed"),
        ("sale_percent", 100),
        ("tiers", [[50, "0.200"]]),
        ("tiers", "cheap"),
        ("bulk", 0),
        ("notes", "x" * 10_001),
    ],
)
def test_wrong_field_is_named(staff: APIClient, field: str, value: Any) -> None:
    answer = staff.post("/api/items", {**BRICK, field: value})
    assert (answer.status_code, list(answer.json()["errors"]), Item.objects.count()) == (400, [field], 0)


def test_same_key_adds_and_adjusts_once(staff: APIClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = staff.post("/api/items", BRICK, headers=headers)
    again = staff.post("/api/items", BRICK, headers=headers)
    assert (again.json(), again["Idempotency-Replayed"], Item.objects.count()) == (first.json(), "true", 1)
    address = f"/api/items/{first.json()['id']}/adjust"
    for _ in range(2):
        answer = staff.post(address, {"by": -3, "reason": "broken"}, headers=headers)
    assert (answer.status_code, answer.json()["quantity_available"]) == (200, 37)


def test_old_version_changes_nothing(manager: APIClient, account: Account) -> None:
    address = f"/api/items/{make_item(account).pk}"
    looked = manager.get(address)
    changed = manager.patch(address, {"price": "0.2"}, headers={"If-Match": looked["ETag"]})
    assert (looked["ETag"], changed.status_code, changed["ETag"], changed.json()["version"]) == ('"1"', 200, '"2"', 2)
    for body, headers in (({"price": "0.3", "version": 1}, {}), ({"price": "0.3"}, {"If-Match": looked["ETag"]})):
        late = manager.patch(address, body, headers=headers)
        assert (late.status_code, late.json()["code"], late.json()["details"]) == (409, "changed_meanwhile", {"version": 2})
    assert manager.patch(address, {"price": "0.4", "version": 2}).json()["price"] == "0.4000"
    assert manager.patch(address, {"price": "1"}, headers={"If-Match": "yesterday"}).json()["errors"].keys() == {"If-Match"}


def test_staff_may_send_a_number_and_nothing_else(staff: APIClient, account: Account) -> None:
    address = f"/api/items/{make_item(account).pk}"
    assert staff.patch(address, {"quantity_available": 7, "reason": "counted"}).json()["quantity_available"] == 7
    refused = staff.patch(address, {"quantity_available": 8, "price": "1"})
    assert (refused.status_code, Item.objects.get().quantity_available) == (403, 7)


def test_token_for_prices_alone_changes_prices(account: Account) -> None:
    prices = program(make_member(account), scopes=("item.edit",))
    address = f"/api/items/{make_item(account).pk}"
    assert (prices.patch(address, {"price": "1"}).status_code, prices.patch(address, {"quantity_available": 1}).status_code) == (200, 403)


def test_pieces_are_reserved_released_and_never_below_zero(staff: APIClient, account: Account) -> None:
    address = f"/api/items/{make_item(account).pk}"

    def numbers(verb: str, **body: Any) -> Any:
        answer = staff.post(f"{address}/{verb}", body).json()
        return answer.get("code") or (answer["quantity_available"], answer["quantity_reserved"])

    assert numbers("reserve", pieces=4, reason="for Ann") == (6, 4)
    assert numbers("release", pieces=1) == (7, 3)
    assert numbers("reserve", pieces=8) == "INSUFFICIENT_STOCK"
    assert numbers("release", pieces=4) == "INSUFFICIENT_STOCK"
    assert numbers("adjust", by=-8, reason="broken") == "INSUFFICIENT_STOCK"
    assert numbers("reserve", pieces=-1) == "invalid"


def test_archived_item_leaves_the_list_and_is_not_edited(manager: APIClient, account: Account) -> None:
    kept, gone = make_item(account), make_item(account, "3002")
    answer = manager.delete(f"/api/items/{gone.pk}")
    assert (answer.status_code, answer.json()["offered"], answer.json()["archived_at"] is None) == (200, 0, False)
    assert ids(manager, "/api/items") == ids(manager, "/api/items?archived=false") == [kept.pk]
    assert (ids(manager, "/api/items?archived=true"), ids(manager, "/api/items?archived=all")) == ([gone.pk], [gone.pk, kept.pk])
    refused = manager.patch(f"/api/items/{gone.pk}", {"price": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "item_archived")
    assert manager.post(f"/api/items/{gone.pk}/restore", {"reason": "found"}).json()["offered"] == 10


def test_linked_item_offers_its_stock(manager: APIClient, staff: APIClient, account: Account) -> None:
    shop, second = Shop(account), make_place(account, "SECOND")
    shop.buy(10)
    shop.buy(5, warehouse=second)
    item = make_item(account, quantity_available=0)
    address = f"/api/items/{item.pk}"
    body = {"product": shop.tea.pk, "warehouses": [second.pk, shop.place.pk], "pack": 2, "buffer": 1}
    answer = manager.post(f"{address}/link", body)
    linked = answer.json()
    assert answer.status_code == 200, linked
    # Half of 15 less 1.
    assert (linked["offered"], linked["linked"], linked["sku"], linked["warehouses"]) == (7, True, "QTX-TEA", [second.pk, shop.place.pk])
    refused = staff.patch(address, {"quantity_available": 9})
    assert (refused.status_code, refused.json()["code"]) == (409, "follows_stock")
    shop.sell(4)
    assert manager.get(address).json()["quantity_available"] == 5
    alone = manager.post(f"{address}/unlink").json()
    assert (alone["linked"], alone["quantity_available"], alone["warehouses"]) == (False, 5, [])
    theirs = manager.post(f"{address}/link", {**body, "warehouses": [make_place(make_account("Other")).pk]})
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["warehouses"])


def test_change_is_undone_once(manager: APIClient, account: Account) -> None:
    item = make_item(account)
    address = f"/api/items/{item.pk}"
    manager.patch(address, {"price": "0.5", "reason": "dearer"})
    newest = manager.get(f"{address}/history").json()["results"][0]
    assert (newest["kind"], newest["changes"], newest["reason"]) == ("update", {"price": ["0.125", "0.5"]}, "dearer")
    undone = manager.post(f"{address}/undo", {"change": newest["id"], "reason": "too dear"})
    assert (undone.status_code, undone.json()["price"]) == (200, "0.1250")
    history = manager.get(f"{address}/history").json()["results"]
    assert (history[0]["kind"], history[0]["undoes"], history[1]["undone_by"]) == ("undo", newest["id"], history[0]["id"])
    assert [row["kind"] for row in manager.get(f"{address}/history?kind=update").json()["results"]] == ["update"]
    assert manager.post(f"{address}/undo", {"change": newest["id"], "reason": "again"}).status_code == 409
    other = make_item(account, "3002").history.get()
    assert manager.post(f"{address}/undo", {"change": other.pk, "reason": "not of it"}).status_code == 404
    assert manager.get(f"{address}/history?kind=x").status_code == 400


def test_filters(viewer: APIClient, account: Account) -> None:
    shop = Shop(account)
    brick = make_item(account, name="Brick", location="A-12", condition="used", notes="yellowed")
    box = make_item(account, "9999", item_type="SET", color_id=0, completeness="sealed", status="reserved", name="", quantity_available=0)
    items.link(make_actor(account), box, shop.tea, [shop.place])
    for query in ("part_number=3001", "color_id=5", "condition=used", "status=available", "location=a-12", "linked=false", "in_stock=true"):
        assert ids(viewer, f"/api/items?{query}") == [brick.pk], query
    for query in ("part_number=9999-1", "item_type=SET", "completeness=sealed", "color_id=0", f"product={shop.tea.pk}", "linked=true"):
        assert ids(viewer, f"/api/items?{query}") == [box.pk], query
    assert ids(viewer, "/api/items?q=YELLOW") == ids(viewer, f"/api/items?token={brick.token}") == [brick.pk]
    assert ids(viewer, "/api/items?q=nothing") == []
    assert viewer.get("/api/items?color_id=red").json()["errors"].keys() == {"color_id"}


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shop = Shop(account)
    for number in range(5):
        items.link(make_actor(account), make_item(account, f"300{number}"), shop.tea, [shop.place])
    viewer.get("/api/items")
    # The token, the items, their warehouses.
    with django_assert_num_queries(3):
        assert len(viewer.get("/api/items").json()["results"]) == 5
    address = f"/api/items/{Item.objects.latest('pk').pk}/history"
    # The token, the item, its warehouses, its history.
    with django_assert_num_queries(4):
        assert len(viewer.get(address).json()["results"]) == 2
