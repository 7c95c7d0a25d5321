from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory import catalogue, mirror
from inventory.categories import add_category
from inventory.models import Product, Unit
from inventory.vendors import add_vendor
from tests.build import make_account, make_actor
from tests.inventory.build import make_unit, make_warehouse

pytestmark = pytest.mark.django_db

FRIDGE = {"sku": "FRIDGE", "name": "Fridge", "product_type": "Refrigerator", "models": ["QTX10", "QTX11"], "barcodes": ["012345"]}


@pytest.fixture
def fridge(account: Account) -> Product:
    return catalogue.add_product(make_actor(account), **FRIDGE)


def send(client: APIClient, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile("products.csv", content)
    return client.post("/api/products/import", {"file": file, **fields}, format="multipart")


def test_staff_adds_a_product(staff: APIClient, account: Account) -> None:
    make_unit(make_warehouse(account), "ZZ900101", "QTX11")
    answer = staff.post("/api/products", FRIDGE)
    body = answer.json()
    product = Product.objects.get()
    assert (answer.status_code, body["id"], body["active"], body["fractional"]) == (201, product.pk, True, False)
    assert {name: body[name] for name in FRIDGE} == FRIDGE
    assert Unit.objects.get().product == product


def test_all_that_is_known_of_a_product(staff: APIClient, account: Account) -> None:
    actor = make_actor(account)
    kitchen, north = add_category(actor, name="Kitchen"), add_vendor(actor, name="North")
    sent = {
        "sku": "TILE",
        "category": kitchen.pk,
        "vendor": north.pk,
        "unit_kind": "packs",
        "packs_per_pallet": 48,
        "units_per_pack": 12,
        "lead_time_days": 9,
        "purchase_price": "10.5",
        "sale_price": 19.99,
        "batch_managed": False,
        "active": False,
    }
    answer = staff.post("/api/products", sent)
    body = answer.json()
    assert answer.status_code == 201, body
    assert {name: body[name] for name in sent} == {**sent, "purchase_price": "10.5000", "sale_price": "19.9900"}
    assert (body["category_name"], body["vendor_name"]) == ("Kitchen", "North")
    assert staff.get(f"/api/products/{body['id']}").json() == body


def test_what_is_known_is_unknown_again(manager: APIClient, account: Account) -> None:
    product = catalogue.add_product(make_actor(account), sku="TILE", packs_per_pallet=48, sale_price=5)
    body = manager.patch(f"/api/products/{product.pk}", {"packs_per_pallet": None, "sale_price": None}, format="json").json()
    assert (body["packs_per_pallet"], body["sale_price"], body["vendor"], body["vendor_name"]) == (None, None, None, "")


def test_same_key_adds_once(staff: APIClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = staff.post("/api/products", FRIDGE, headers=headers)
    again = staff.post("/api/products", FRIDGE, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again.headers["Idempotency-Replayed"], first.headers.get("Idempotency-Replayed")) == ("true", None)
    other = staff.post("/api/products", {"sku": "RANGE"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert Product.objects.count() == 1


def test_key_has_its_length(staff: APIClient) -> None:
    answer = staff.post("/api/products", FRIDGE, headers={"Idempotency-Key": "k" * 201})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])


def test_taken_names_are_refused_with_a_sentence(staff: APIClient, fridge: Product) -> None:
    sku = staff.post("/api/products", {"sku": "fridge"})
    assert (sku.status_code, sku.json()["code"]) == (409, "sku_taken")
    model = staff.post("/api/products", {"sku": "RANGE", "models": ["qtx-10"]})
    assert (model.status_code, model.json()["message"]) == (409, "The model qtx-10 belongs to the product FRIDGE.")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sku"),
        ({"sku": "A", "models": "QTX10"}, "models"),
        ({"sku": "A", "models": ["--"]}, "models"),
        ({"sku": "A", "barcodes": ["1"] * 201}, "barcodes"),
        ({"sku": "A\u0007"}, "sku"),
        ({"sku": "A", "sale_price": -1}, "sale_price"),
        ({"sku": "A", "sale_price": "NaN"}, "sale_price"),
        ({"sku": "A", "purchase_price": "1.00001"}, "purchase_price"),
        ({"sku": "A", "packs_per_pallet": 2.5}, "packs_per_pallet"),
        ({"sku": "A", "units_per_pack": 0}, "units_per_pack"),
        ({"sku": "A", "lead_time_days": 3651}, "lead_time_days"),
        ({"sku": "A", "unit_kind": "boxes"}, "unit_kind"),
        ({"sku": "A", "category": 999}, "category"),
        ({"sku": "A", "vendor": 999}, "vendor"),
    ],
)
def test_wrong_field_is_named(staff: APIClient, body: dict[str, Any], field: str) -> None:
    answer = staff.post("/api/products", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    "query", ["sku=fridge", "model=qtx-11", "barcode=012345", "product_type=refrigerator", "q=frid", "active=true", "limit=1"]
)
def test_filters(viewer: APIClient, account: Account, fridge: Product, query: str) -> None:
    range_ = catalogue.add_product(make_actor(account), sku="RANGE")
    catalogue.edit_product(make_actor(account), range_, active=False)
    assert [row["sku"] for row in viewer.get(f"/api/products?{query}").json()["results"]] == ["FRIDGE"]


def test_lists_of_a_category_hold_what_lies_in_it(viewer: APIClient, account: Account) -> None:
    actor = make_actor(account)
    kitchen, north = add_category(actor, name="Kitchen"), add_vendor(actor, name="North")
    fridges = add_category(actor, name="Fridges", parent=kitchen)
    catalogue.add_product(actor, sku="A", category=kitchen, unit_kind="packs")
    catalogue.add_product(actor, sku="B", category=fridges, vendor=north, batch_managed=False)
    catalogue.add_product(actor, sku="C")

    def listed(query: str) -> list[str]:
        return [row["sku"] for row in viewer.get(f"/api/products?{query}").json()["results"]]

    assert listed(f"category={kitchen.pk}") == ["A", "B"]
    assert listed(f"category={fridges.pk}") == listed(f"vendor={north.pk}") == listed("batch_managed=false") == ["B"]
    assert listed("unit_kind=packs") == ["A"]
    assert listed("category=99999") == []


def test_category_and_vendor_of_another_account_are_none(staff: APIClient) -> None:
    stranger = make_actor(make_account("8QX"))
    for field, row in (("category", add_category(stranger, name="x")), ("vendor", add_vendor(stranger, name="x"))):
        answer = staff.post("/api/products", {"sku": "A", field: row.pk})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_product_with_stock_stays(manager: APIClient, account: Account) -> None:
    product = catalogue.add_product(make_actor(account), sku="QTX11")
    make_unit(make_warehouse(account), "ZZ900101", "QTX11")
    catalogue.edit_product(make_actor(account), product, models=["QTX11"])
    mirror.follow_units(account)
    answer = manager.delete(f"/api/products/{product.pk}")
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (409, "in_use", {"levels": 1, "movements": 1})


def test_manager_edits_and_removes(manager: APIClient, fridge: Product) -> None:
    address = f"/api/products/{fridge.pk}"
    body = manager.patch(address, {"name": "Big fridge", "models": ["QTX11", "QTX12"]}).json()
    assert (body["name"], body["models"], body["barcodes"]) == ("Big fridge", ["QTX11", "QTX12"], ["012345"])
    assert manager.delete(address).status_code == 204
    assert manager.get(address).status_code == 404


def test_import_of_a_file(manager: APIClient, fridge: Product) -> None:
    content = b"SKU,Name,Colour\nFRIDGE,Big fridge,red\nRANGE,Range,\n"
    looked = send(manager, content, dry_run="true").json()
    assert (looked["applied"], looked["message"]) == (
        False,
        "Nothing was written yet. It would be: 1 product added, 1 changed, 0 as before.",
    )
    assert Product.objects.count() == 1
    answer = send(manager, content)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "message": "1 product added, 1 changed, 0 as before.",
            "applied": True,
            "added": 1,
            "changed": 1,
            "unchanged": 0,
            "problem_count": 0,
            "problems": [],
            "ignored": ["Colour"],
            "categories": [],
            "vendors": [],
        },
    )
    assert Product.objects.get(pk=fridge.pk).name == "Big fridge"


def test_import_with_problems_names_rows_and_columns(manager: APIClient) -> None:
    answer = send(manager, b"SKU,Active\nFRIDGE,maybe\n")
    body = answer.json()
    assert (answer.status_code, body["code"], body["applied"], body["problem_count"]) == (400, "import_refused", False, 1)
    assert body["problems"] == [{"row": 2, "column": "Active", "sentence": "“maybe” is neither yes nor no."}]
    assert send(manager, b"SKU,Active\nFRIDGE,maybe\n", dry_run=True).status_code == 200
    assert not Product.objects.exists()


def test_file_that_is_no_csv_is_refused(manager: APIClient) -> None:
    answer = send(manager, b"PK\x03\x04")
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_file")
    assert manager.post("/api/products/import", {}, format="multipart").status_code == 400


def test_too_large_a_file_is_refused(manager: APIClient, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 100
    answer = send(manager, b"SKU\n" + b"S" * 100)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, account: Account, fridge: Product, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        actor = make_actor(account)
        groups = {"category": add_category(actor, name=f"C{number}"), "vendor": add_vendor(actor, name=f"V{number}")}
        catalogue.add_product(actor, sku=f"S{number}", models=[f"M{number}"], **groups)
    viewer.get("/api/products")
    with django_assert_num_queries(3):
        assert len(viewer.get("/api/products").json()["results"]) == 21
