from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory.models import Count, Warehouse
from tests.api.shop import ids
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_product

pytestmark = pytest.mark.django_db


def counted(shop: Shop, packs: Any, **values: Any) -> dict[str, Any]:
    return {"warehouse": shop.place.pk, "lines": [{"product": shop.tea.pk, "unit_kind": "packs", "counted": packs}], **values}


def test_count_waits_and_its_difference_is_booked_once(staff: APIClient, manager: APIClient, shop: Shop) -> None:
    shop.buy(10, cost="2")
    answer = staff.post("/api/counts", counted(shop, 8, note="back room"), headers={"Idempotency-Key": "one"})
    body = answer.json()
    assert (answer.status_code, body["status"], body["lines"], body["value"], body["note"]) == (201, "pending", 1, "-4.0000", "back room")
    assert staff.post("/api/counts", counted(shop, 8, note="back room"), headers={"Idempotency-Key": "one"}).json() == body
    (line,) = staff.get(f"/api/counts/{body['id']}/lines").json()["results"]
    assert (line["sku"], line["counted"], line["system"], line["difference"], line["booked"]) == ("QTX-TEA", 8, 10, -2, None)
    shop.sell(3)
    answer = manager.post(f"/api/counts/{body['id']}/approve")
    assert (answer.status_code, answer.json()["status"], shop.packs) == (200, "approved", 5)
    again = manager.post(f"/api/counts/{body['id']}/approve")
    assert (again.status_code, again.json()["code"], shop.packs) == (409, "already_decided", 5)


def test_rejected_count_books_nothing(staff: APIClient, manager: APIClient, shop: Shop) -> None:
    shop.buy(10)
    count = staff.post("/api/counts", counted(shop, 8)).json()["id"]
    body = manager.post(f"/api/counts/{count}/reject", {"note": "Counted the wrong shelf."}).json()
    assert (body["status"], body["note"], shop.packs) == ("rejected", "Rejected: Counted the wrong shelf.", 10)


def test_lines_are_added_corrected_and_removed_while_it_waits(staff: APIClient, shop: Shop) -> None:
    shop.buy(10)
    count = staff.post("/api/counts", counted(shop, 8)).json()["id"]
    path = f"/api/counts/{count}/lines"
    answer = staff.post(path, {"product": shop.tea.pk, "unit_kind": "units", "counted": 3, "lot": "L1"})
    line = answer.json()
    assert (answer.status_code, line["counted"], line["system"], line["lot"]) == (201, 3, 0, "L1")
    assert staff.patch(f"{path}/{line['id']}", {"counted": 4, "note": "again"}).json()["counted"] == 4
    assert len(staff.get(path).json()["results"]) == 2
    assert staff.delete(f"{path}/{line['id']}").status_code == 204
    assert staff.delete(f"{path}/{line['id']}").status_code == 404
    theirs = staff.post(path, {"product": Shop(make_account("Other")).tea.pk, "unit_kind": "units", "counted": 3})
    assert (theirs.status_code, list(theirs.json()["errors"])) == (400, ["product"])


@pytest.mark.parametrize("packs", [-1, "NaN", "1e999", 1.5, 10**12, "many", None])
def test_number_that_nobody_counts(staff: APIClient, shop: Shop, packs: Any) -> None:
    answer = staff.post("/api/counts", counted(shop, packs))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["lines"])
    assert not Count.objects.exists()


def test_wrong_lines_are_named(staff: APIClient, shop: Shop) -> None:
    body = counted(shop, 8)
    theirs = Shop(make_account("Other"))
    body["lines"].append({"product": theirs.tea.pk, "unit_kind": "packs", "counted": 1, "batch": theirs.buy(1).batch_id})
    answer = staff.post("/api/counts", body)
    none, named = answer.json()["errors"]["lines"]
    assert (answer.status_code, none, list(named)) == (400, {}, ["product", "batch"])
    twice = staff.post("/api/counts", {**body, "lines": [body["lines"][0], body["lines"][0]]})
    assert twice.status_code == 400
    assert twice.json()["errors"]["lines"][0].startswith("Line 2:")
    assert staff.post("/api/counts", {**body, "lines": []}).status_code == 400
    assert staff.post("/api/counts", {**counted(shop, 1), "warehouse": theirs.place.pk}).json()["errors"].keys() == {"warehouse"}


def test_opening_count_is_what_a_warehouse_begins_with(staff: APIClient, manager: APIClient, shop: Shop) -> None:
    lines = [{"product": shop.tea.pk, "unit_kind": "packs", "counted": 40, "unit_cost": "2.50", "lot": "L1", "expires_on": "2999-01-01"}]
    count = staff.post("/api/counts", {"warehouse": shop.place.pk, "opening": True, "lines": lines}).json()
    assert (count["opening"], count["value"]) == (True, "100.0000")
    assert manager.post(f"/api/counts/{count['id']}/approve").json()["status"] == "approved"
    assert shop.packs == 40
    second = staff.post("/api/counts", {"warehouse": shop.place.pk, "opening": True, "lines": lines})
    assert (second.status_code, second.json()["code"]) == (409, "already_opened")


def send(client: APIClient, warehouse: Warehouse, content: bytes, *, key: str = "") -> Any:
    fields = {"file": SimpleUploadedFile("count.csv", content), "warehouse": warehouse.pk}
    return client.post("/api/counts/import", fields, format="multipart", headers={"Idempotency-Key": key} if key else {})


def test_count_of_a_file(staff: APIClient, shop: Shop) -> None:
    shop.buy(10)
    answer = send(staff, shop.place, b"SKU,Packs\nQTX-TEA,8\n", key="one")
    assert (answer.status_code, answer.json()["lines"]) == (201, 1)
    assert send(staff, shop.place, b"SKU,Packs\nQTX-TEA,8\n", key="one").json() == answer.json()
    other = send(staff, shop.place, b"SKU,Packs\nQTX-TEA,9\n", key="one")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    wrong = send(staff, shop.place, b"SKU,Packs\nNONE,8\n")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["file"])
    assert send(staff, shop.place, b"PK\x03\x04").status_code == 400
    assert Count.objects.count() == 1


def test_list_narrows_and_its_statements_do_not_grow(
    staff: APIClient, viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for packs in range(4):
        staff.post("/api/counts", counted(shop, packs))
    query = f"warehouse={shop.place.pk}&product={shop.tea.pk}&status=pending&opening=false&from=2020-01-01T00:00:00Z"
    assert len(ids(viewer, f"/api/counts?{query}")) == 4
    assert ids(viewer, "/api/counts?status=approved") == ids(viewer, "/api/counts?opening=true") == []
    with django_assert_num_queries(2):
        assert len(ids(viewer, "/api/counts")) == 4
    lines = [{"product": make_product(shop.account, f"S{number}").pk, "unit_kind": "packs", "counted": 1} for number in range(5)]
    count = staff.post("/api/counts", {"warehouse": shop.place.pk, "lines": lines}).json()["id"]
    with django_assert_num_queries(3):
        assert len(ids(viewer, f"/api/counts/{count}/lines")) == 5
