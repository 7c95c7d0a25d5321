from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory import ledger
from inventory.models import Movement, Sale
from tests.api.shop import about, ids
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_product

pytestmark = pytest.mark.django_db


def test_sale_tells_which_batches_it_took(staff: APIClient, shop: Shop) -> None:
    later = shop.buy(20, cost="3", lot="B", expires_on=in_days(200).date())
    first = shop.buy(10, cost="2", lot="A", expires_at=in_days(100))
    answer = staff.post("/api/sales", about(shop, 15, price="9.90", reference="T7"))
    body = answer.json()
    assert (answer.status_code, body["quantity"], body["price"], body["status"], body["shortfall"]) == (201, 15, "9.9000", "booked", 0)
    assert body["cost"] == "35.0000"  # 10 at 2 and 5 at 3
    assert body["batches_used"] == 2
    taken = [(each["batch"], each["lot"], each["quantity"], each["unit_cost"], each["released"]) for each in body["batches"]]
    assert taken == [(first.batch_id, "A", 10, "2.0000", 0), (later.batch_id, "B", 5, "3.0000", 0)]
    assert body["batches"][1]["expires_on"] == in_days(200).date().isoformat()
    assert body["opened"] == []
    assert body["movements"] == list(Movement.objects.filter(kind="sale").order_by("id").values_list("pk", flat=True))
    assert len(body["movements"]) == 2
    assert staff.get(f"/api/sales/{body['id']}").json() == body


def test_same_key_sells_once(staff: APIClient, shop: Shop) -> None:
    shop.buy(10)
    headers = {"Idempotency-Key": "one"}
    first = staff.post("/api/sales", about(shop, 4), headers=headers)
    again = staff.post("/api/sales", about(shop, 4), headers=headers)
    assert (again.status_code, again.json(), shop.packs) == (201, first.json(), 6)


def test_same_source_key_sells_once_and_answers_the_same(staff: APIClient, shop: Shop) -> None:
    shop.buy(10)
    first = staff.post("/api/sales", about(shop, 4, source_key="till:9"))
    again = staff.post("/api/sales", about(shop, 4, source_key="till:9"))
    assert (again.json(), shop.packs) == (first.json(), 6)


def test_more_than_there_is_is_refused_and_nothing_written(staff: APIClient, shop: Shop) -> None:
    shop.buy(3)
    movements = Movement.objects.count()
    answer = staff.post("/api/sales", about(shop, 4))
    assert (answer.status_code, answer.json()["code"]) == (409, "INSUFFICIENT_STOCK")
    assert answer.json()["details"] == {"available": 3, "asked": 4, "unit_kind": "packs"}
    assert (Sale.objects.count(), Movement.objects.count(), shop.packs) == (0, movements, 3)


def test_refused_sale_does_not_use_up_its_key(staff: APIClient, shop: Shop) -> None:
    headers = {"Idempotency-Key": "one"}
    assert staff.post("/api/sales", about(shop, 4), headers=headers).json()["code"] == "NO_BATCHES"
    shop.buy(4)
    assert staff.post("/api/sales", about(shop, 4), headers=headers).status_code == 201


def test_preview_writes_nothing(staff: APIClient, shop: Shop) -> None:
    batch = shop.buy(10, cost="2", lot="A").batch_id
    movements = Movement.objects.count()
    body = staff.post("/api/sales/preview", about(shop, 4)).json()
    assert (body["possible"], body["asked"], body["available"], body["cost"], body["problem"]) == (True, 4, 10, "8.0000", None)
    assert [(each["batch"], each["lot"], each["quantity"]) for each in body["batches"]] == [(batch, "A", 4)]
    assert (Sale.objects.count(), Movement.objects.count(), shop.packs) == (0, movements, 10)


def test_preview_says_why_not(staff: APIClient, shop: Shop) -> None:
    shop.buy(3)
    answer = staff.post("/api/sales/preview", about(shop, 4))
    body = answer.json()
    assert (answer.status_code, body["possible"], body["asked"], body["available"]) == (200, False, 4, 3)
    assert body["problem"]["code"] == "INSUFFICIENT_STOCK"


def test_sale_that_opens_a_pallet_says_so(staff: APIClient, account: Any) -> None:
    shop = Shop(account, packs_per_pallet=40)
    shop.allow(open_pallets=True)
    pallet = shop.buy(2, "pallets", cost="80")
    planned = staff.post("/api/sales/preview", about(shop, 10)).json()
    assert planned["opened"] == [
        {"batch": pallet.batch_id, "unit_kind": "pallets", "quantity": 1, "into_unit_kind": "packs", "pieces": 40},
    ]
    assert [(each["batch"], each["quantity"]) for each in planned["batches"]] == [(None, 10)]
    body = staff.post("/api/sales", about(shop, 10)).json()
    (opened,) = body["opened"]
    assert (opened["batch"], opened["quantity"], opened["into_unit_kind"], opened["pieces"]) == (pallet.batch_id, 1, "packs", 40)
    assert body["batches"][0]["batch"] == opened["into"]
    assert len(body["movements"]) == 3  # out of the pallet, into packs, sold


def test_manager_changes_a_sale(manager: APIClient, shop: Shop) -> None:
    shop.buy(10)
    sale = shop.sell(4, price="5")
    body = manager.patch(f"/api/sales/{sale.pk}", {"quantity": 6, "note": "two more"}).json()
    assert (body["quantity"], body["price"], body["note"], shop.packs) == (6, "5.0000", "two more", 4)
    assert manager.patch(f"/api/sales/{sale.pk}", {"price": None}).json()["price"] is None
    assert manager.patch(f"/api/sales/{sale.pk}", {"quantity": 11}).json()["details"] == {
        "available": 4,
        "asked": 5,
        "unit_kind": "packs",
    }


def test_cancelled_sale_goes_back_to_its_batches_once(manager: APIClient, shop: Shop) -> None:
    shop.buy(10)
    sale = shop.sell(4)
    answer = manager.delete(f"/api/sales/{sale.pk}")
    body = answer.json()
    assert (answer.status_code, body["status"], body["notes"], shop.packs) == (200, "cancelled", [], 10)
    assert [(each["quantity"], each["released"]) for each in body["batches"]] == [(4, 4)]
    again = manager.delete(f"/api/sales/{sale.pk}")
    assert (again.status_code, again.json()["code"], shop.packs) == (409, "already_undone", 10)


def test_what_expired_meanwhile_is_noted(manager: APIClient, shop: Shop) -> None:
    bought = shop.buy(10, expires_at=in_days(10))
    sale = shop.sell(4)
    let_expire(bought)
    body = manager.delete(f"/api/sales/{sale.pk}").json()
    assert body["notes"] == [f"Batch {bought.batch_id} has expired meanwhile: what came back to it is not for sale."]
    assert shop.packs == 0


def test_part_of_a_sale_comes_back(staff: APIClient, shop: Shop) -> None:
    bought = shop.buy(10)
    sale, other = shop.sell(4), shop.sell(3)
    headers = {"Idempotency-Key": "one"}
    answer = staff.post(f"/api/sales/{sale.pk}/return", {"quantity": 2, "note": "wrong size"}, headers=headers)
    body = answer.json()
    assert (answer.status_code, body["sale"], body["quantity"], body["note"]) == (201, sale.pk, 2, "wrong size")
    assert [(each["batch"], each["kind"], each["batch_delta"]) for each in body["movements"]] == [(bought.batch_id, "sale_reversal", 2)]
    assert staff.post(f"/api/sales/{sale.pk}/return", {"quantity": 2, "note": "wrong size"}, headers=headers).json() == body
    assert shop.packs == 5
    # A key belongs to the sale that it was sent to.
    assert staff.post(f"/api/sales/{other.pk}/return", {"quantity": 2, "note": "wrong size"}, headers=headers).json()["sale"] == other.pk
    assert shop.packs == 7
    assert staff.get(f"/api/sales/{sale.pk}").json()["returned"] == 2


def test_filters(viewer: APIClient, shop: Shop) -> None:
    bought, other = shop.buy(10), make_product(shop.account, "OTHER")
    wanted = shop.sell(4, reference="T7", source_key="k1")
    shop.buy(5, "units", product=other)
    gone = ledger.cancel_sale(shop.actor, shop.sell(1, "units", product=other)).sale
    for query in ("sku=qtx-tea", "unit_kind=packs", "status=booked", "reference=T7", "source_key=k1", f"batch={bought.batch_id}"):
        assert ids(viewer, f"/api/sales?{query}") == [wanted.pk], query
    assert ids(viewer, f"/api/sales?product={other.pk}&warehouse={shop.place.pk}&short=false") == [gone.pk]
    assert ids(viewer, "/api/sales?short=true") == ids(viewer, "/api/sales?to=2020-01-01T00:00:00Z") == []
    assert ids(viewer, "/api/sales?from=2020-01-01T00:00:00Z") == [gone.pk, wanted.pk]


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shop.buy(10)
    sales = [shop.sell(1) for _ in range(5)]
    viewer.get("/api/sales")
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/sales").json()["results"]) == 5
    with django_assert_num_queries(4):
        viewer.get(f"/api/sales/{sales[0].pk}")
