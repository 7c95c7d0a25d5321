"""What nobody can book, at whatever address: refused with 400 and the field's name, and nothing written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from inventory.models import Batch, Movement, Product
from tests.api.shop import about
from tests.build import make_account
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db

MORE: dict[str, dict[str, Any]] = {
    "/api/purchases": {"unit_cost": "1"},
    "/api/sales": {},
    "/api/sales/preview": {},
    "/api/write-offs": {"reason": "damaged", "note": "dropped"},
    "/api/returns": {},
    "/api/stock/open": {"unit_kind": "pallets"},
}


@pytest.mark.parametrize("path", MORE)
@pytest.mark.parametrize("quantity", [0, -1, "NaN", "Infinity", "1e999", 1.5, 10**12, 10**30, "many", None, True, [1], {}, "", 0.0001])
def test_quantity_that_is_none(staff: APIClient, shop: Shop, path: str, quantity: Any) -> None:
    shop.buy(5)
    before = Movement.objects.count()
    answer = staff.post(path, about(shop, quantity, **MORE[path]))
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (400, ["quantity"])
    assert Movement.objects.count() == before


@pytest.mark.parametrize("literal", ["NaN", "1e999", "-Infinity"])
def test_number_that_is_none_in_json(staff: APIClient, shop: Shop, literal: str) -> None:
    body = f'{{"product": {shop.tea.pk}, "warehouse": {shop.place.pk}, "unit_kind": "packs", "unit_cost": "1", "quantity": {literal}}}'
    assert staff.post("/api/purchases", body, content_type="application/json").status_code == 400
    assert not Batch.objects.exists()


@pytest.mark.parametrize("path", MORE)
@pytest.mark.parametrize("field", ["product", "warehouse"])
@pytest.mark.parametrize("wrong", [0, 10**9, 2**70, "tea", None, "theirs"])
def test_row_that_is_none_and_row_of_another_account(staff: APIClient, shop: Shop, path: str, field: str, wrong: Any) -> None:
    if wrong == "theirs":
        other = Shop(make_account("Other"))
        wrong = other.tea.pk if field == "product" else other.place.pk
    answer = staff.post(path, about(shop, **{**MORE[path], field: wrong}))
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (400, [field])


def test_vendor_and_batch_of_another_account_are_none(staff: APIClient, shop: Shop) -> None:
    other = Shop(make_account("Other"))
    theirs = other.buy(5)
    shop.buy(5)
    answer = staff.post("/api/write-offs", about(shop, 1, reason="damaged", note="x", batch=theirs.batch_id))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["batch"])
    answer = staff.post("/api/returns", {"quantity": 1, "sale": other.sell(1).pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["sale"])


@pytest.mark.parametrize("path", MORE)
@pytest.mark.parametrize("body", [[], "packs", 7, None])
def test_body_that_is_no_object(staff: APIClient, path: str, body: Any) -> None:
    answer = staff.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("path", MORE)
def test_field_that_is_not_there_is_named(staff: APIClient, shop: Shop, path: str) -> None:
    answer = staff.post(path, about(shop, **MORE[path], lott="L1"))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["lott"])


@pytest.mark.parametrize("path", MORE)
@pytest.mark.parametrize("field", ["product", "warehouse"])
def test_id_without_end_is_none(staff: APIClient, shop: Shop, path: str, field: str) -> None:
    body = json.dumps(about(shop, **{**MORE[path], field: "ENDLESS"})).replace('"ENDLESS"', "1e999")
    answer = staff.post(path, body, content_type="application/json")
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (400, [field])


@pytest.mark.parametrize("kind", ["pallets", "packs"])
def test_more_pieces_than_can_be_kept_are_not_opened(staff: APIClient, shop: Shop, kind: str) -> None:
    Product.objects.update(packs_per_pallet=1_000_000, units_per_pack=1_000_000)
    shop.buy(10**12 - 1, kind)
    answer = staff.post("/api/stock/open", about(shop, 10**7, unit_kind=kind))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_openable")
    assert staff.post("/api/stock/open", about(shop, 10, unit_kind=kind)).status_code == 201
