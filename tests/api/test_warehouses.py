from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account, AuditLog
from inventory.models import Warehouse
from tests.inventory.build import make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    return make_warehouse(account)


def test_warehouses_by_name(viewer: APIClient, account: Account, warehouse: Warehouse) -> None:
    Warehouse.objects.create(account=account, name="Back room", code="B", mode="ledger", active=False)
    rows = viewer.get("/api/warehouses").json()["results"]
    assert [(row["name"], row["code"], row["mode"], row["active"]) for row in rows] == [
        ("Back room", "B", "ledger", False),
        ("Warehouse 7QX", "7QX", "mirror", True),
    ]
    assert [row["code"] for row in viewer.get("/api/warehouses?mode=mirror").json()["results"]] == ["7QX"]
    assert [row["code"] for row in viewer.get("/api/warehouses?active=false").json()["results"]] == ["B"]


def test_manager_adds_one_that_is_open_from_now_on(manager: APIClient) -> None:
    answer = manager.post("/api/warehouses", {"name": "Shop", "code": "S", "mode": "ledger"}, headers={"Idempotency-Key": "one"})
    body = answer.json()
    assert (answer.status_code, body["name"], body["code"], body["mode"], body["active"]) == (201, "Shop", "S", "ledger", True)
    assert body["opened_at"] is not None
    again = manager.post("/api/warehouses", {"name": "Shop", "code": "S", "mode": "ledger"}, headers={"Idempotency-Key": "one"})
    assert (again.status_code, again.json()) == (201, body)
    taken = manager.post("/api/warehouses", {"name": "Other", "code": "s", "mode": "mirror"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


def test_buckets_are_a_list(manager: APIClient) -> None:
    sent = {"name": "Depot", "code": "D", "mode": "mirror", "level_buckets": ["STA", "FG"]}
    body = manager.post("/api/warehouses", sent, format="json").json()
    assert (body["level_buckets"], body["opened_at"]) == (["FG", "STA"], None)
    address = f"/api/warehouses/{body['id']}"
    assert manager.patch(address, {"level_buckets": []}, format="json").json()["level_buckets"] == []
    assert manager.patch(address, {"name": "North"}).json()["level_buckets"] == []
    assert list(manager.patch(address, {"level_buckets": ["XX"]}, format="json").json()["errors"]) == ["level_buckets"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "S", "mode": "ledger"}, "name"),
        ({"name": "Shop", "mode": "ledger"}, "code"),
        ({"name": "Shop", "code": "S"}, "mode"),
        ({"name": "Shop", "code": "S", "mode": "mirror", "opened_at": "2026-01-01T00:00:00Z"}, "opened_at"),
        ({"name": "Shop", "code": "S", "mode": "ledger", "opened_at": "0001-01-01T00:00:00Z"}, "opened_at"),
    ],
)
def test_wrong_field_is_named(manager: APIClient, body: dict[str, str], field: str) -> None:
    answer = manager.post("/api/warehouses", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_manager_calls_it_otherwise_and_the_code_stays(manager: APIClient, warehouse: Warehouse) -> None:
    address = f"/api/warehouses/{warehouse.pk}"
    body = manager.patch(address, {"name": " Main hall ", "code": "X"}).json()
    assert (body["name"], body["mode"], body["code"], body["active"]) == ("Main hall", "mirror", "7QX", True)
    manager.patch(address, {"name": "Main hall"})
    entry = AuditLog.objects.get(entity="Warehouse")
    assert (entry.before, entry.after) == ({"name": "Warehouse 7QX"}, {"name": "Main hall"})


def test_mode_changes_while_nothing_is_there(manager: APIClient, warehouse: Warehouse) -> None:
    address = f"/api/warehouses/{warehouse.pk}"
    assert manager.patch(address, {"mode": "ledger", "opened_at": "2026-01-01T00:00:00Z"}).json()["opened_at"] == "2026-01-01T00:00:00Z"
    manager.patch(address, {"mode": "mirror"})
    make_unit(warehouse, "ZZ900101")
    answer = manager.patch(address, {"mode": "ledger"})
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (409, "in_use", {"units": 1})
    assert answer.json()["message"] == "Warehouse 7QX has 1 unit, so its mode stays."


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, account: Account, warehouse: Warehouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_warehouse(account, f"W{number}")
    viewer.get("/api/warehouses")
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/warehouses").json()["results"]) == 21


def test_name_is_needed(manager: APIClient, warehouse: Warehouse) -> None:
    answer = manager.patch(f"/api/warehouses/{warehouse.pk}", {"name": " "})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])
