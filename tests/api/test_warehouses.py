from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, AuditLog
from inventory.models import Warehouse
from tests.inventory.build import make_warehouse

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


def test_manager_calls_it_otherwise(manager: APIClient, warehouse: Warehouse) -> None:
    address = f"/api/warehouses/{warehouse.pk}"
    body = manager.patch(address, {"name": " Main hall ", "mode": "ledger", "code": "X"}).json()
    assert (body["name"], body["mode"], body["code"], body["active"]) == ("Main hall", "mirror", "7QX", True)
    manager.patch(address, {"name": "Main hall"})
    entry = AuditLog.objects.get(entity="Warehouse")
    assert (entry.before, entry.after) == ({"name": "Warehouse 7QX"}, {"name": "Main hall"})


def test_name_is_needed(manager: APIClient, warehouse: Warehouse) -> None:
    answer = manager.patch(f"/api/warehouses/{warehouse.pk}", {"name": " "})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])
