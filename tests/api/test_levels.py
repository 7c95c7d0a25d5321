from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.catalogue import edit_product
from inventory.categories import add_category
from inventory.models import Level, Vendor
from tests.api.shop import ids
from tests.build import make_account
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place, make_product

pytestmark = pytest.mark.django_db


def level_of(shop: Shop) -> Level:
    return Level.objects.get(product=shop.tea, warehouse=shop.place)


def test_level_leaves_out_what_has_expired_before_anything_noticed(viewer: APIClient, shop: Shop) -> None:
    shop.buy(10)
    let_expire(shop.buy(4, expires_at=in_days(9)))
    Level.objects.update(reserved_packs=3)
    body = viewer.get(f"/api/levels/{level_of(shop).pk}").json()
    assert body["on_hand"] == {"pallets": 0, "packs": 10, "units": 0}
    assert (body["expired"]["packs"], body["reserved"]["packs"], body["available"]["packs"]) == (4, 3, 7)
    assert (body["sku"], body["warehouse_code"], body["unit_kind"], body["quarantined"]) == ("QTX-TEA", "MAIN", "packs", "")
    assert viewer.get("/api/levels").json()["results"] == [body]


def test_manager_says_when_to_order_more(manager: APIClient, shop: Shop) -> None:
    shop.buy(10)
    address = f"/api/levels/{level_of(shop).pk}"
    body = manager.patch(address, {"reorder_point": 5, "reorder_quantity": 20}).json()
    assert (body["reorder_point"], body["reorder_quantity"]) == (5, 20)
    body = manager.patch(address, {"reorder_point": None}).json()
    assert (body["reorder_point"], body["reorder_quantity"]) == (None, 20)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reorder_point": -1}, "reorder_point"),
        ({"reorder_point": 1.5}, "reorder_point"),
        ({"reorder_quantity": 0}, "reorder_quantity"),
        ({"reorder_quantity": "many"}, "reorder_quantity"),
        ({"packs": 99}, "packs"),
    ],
)
def test_wrong_field_is_named(manager: APIClient, shop: Shop, body: dict[str, Any], field: str) -> None:
    shop.buy(10)
    answer = manager.patch(f"/api/levels/{level_of(shop).pk}", body)
    assert (answer.status_code, list(answer.json()["errors"]), shop.packs) == (400, [field], 10)


def test_reorder_point_of_what_was_never_there(manager: APIClient, shop: Shop) -> None:
    body = {"product": shop.tea.pk, "warehouse": shop.place.pk, "reorder_point": 5}
    first = manager.post("/api/levels", body)
    assert (first.status_code, first.json()["reorder_point"], first.json()["on_hand"]["packs"]) == (200, 5, 0)
    again = manager.post("/api/levels", {**body, "reorder_quantity": 9}).json()
    assert (again["id"], again["reorder_point"], again["reorder_quantity"]) == (first.json()["id"], 5, 9)
    theirs = manager.post("/api/levels", {**body, "product": Shop(make_account("Other")).tea.pk})
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["product"])


def test_filters(viewer: APIClient, account: Account, shop: Shop) -> None:
    drinks = add_category(shop.actor, name="Drinks")
    hot = add_category(shop.actor, name="Hot", parent=drinks)
    vendor = Vendor.objects.create(account=account, name="North Supply", name_key="NORTH SUPPLY")
    edit_product(shop.actor, shop.tea, category=hot, vendor=vendor)
    shop.buy(10)
    tea = level_of(shop)
    Level.objects.filter(pk=tea.pk).update(reorder_point=10, quarantined_at=in_days(-1), quarantine_reason="x")
    other, elsewhere = make_product(account, "OTHER"), make_place(account, "SECOND")
    shop.buy(1, product=other, warehouse=elsewhere)
    shop.sell(1, product=other, warehouse=elsewhere)
    empty = Level.objects.get(product=other)
    queries = (f"product={shop.tea.pk}", "sku=qtx-tea", f"warehouse={shop.place.pk}", f"category={drinks.pk}", f"vendor={vendor.pk}")
    for query in (*queries, "below_reorder=true", "quarantined=true", "not_zero=true", "out_of_stock=false"):
        assert ids(viewer, f"/api/levels?{query}") == [tea.pk], query
    for query in ("below_reorder=false", "quarantined=false", "not_zero=false", "out_of_stock=true"):
        assert ids(viewer, f"/api/levels?{query}") == [empty.pk], query
    assert ids(viewer, "/api/levels?category=99999") == []


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        shop.buy(1, product=make_product(shop.account, f"S{number}"), expires_at=in_days(9))
    viewer.get("/api/levels")
    # The token, the levels, what has expired, the time.
    with django_assert_num_queries(4):
        assert len(viewer.get("/api/levels").json()["results"]) == 5
    first = viewer.get("/api/levels?limit=2").json()
    rest = viewer.get(first["next"]).json()
    assert len({row["id"] for row in [*first["results"], *rest["results"]]}) == 4
