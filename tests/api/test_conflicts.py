from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account, AuditLog
from inventory.conflicts import Found, settle
from inventory.models import Conflict, Warehouse
from tests.inventory.build import DAY_1, DAY_2, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    """One open conflict, and one that the next sync resolved."""
    warehouse = make_warehouse(account)
    unit = make_unit(warehouse, "ZZ900101")
    models = Found("model_mismatch", "ZZ900101", unit.pk, {"stored": "QTX10", "listed": "QTX20"})
    twice = Found("duplicate_in_feed", "ASIS ZZ900102", None, {})
    settle(warehouse, [models, twice], judged=[], run_id=1, at=DAY_1)
    settle(warehouse, [models], judged=[("duplicate_in_feed", "")], run_id=2, at=DAY_2)
    return warehouse


@pytest.fixture
def open_one(warehouse: Warehouse) -> Conflict:
    return Conflict.objects.get(status="open")


def test_a_conflict_in_full(viewer: APIClient, warehouse: Warehouse, open_one: Conflict) -> None:
    assert viewer.get(f"/api/conflicts/{open_one.pk}").json() == {
        "id": open_one.pk,
        "warehouse": warehouse.pk,
        "kind": "model_mismatch",
        "kind_in_words": "Another model under the same serial",
        "key": "ZZ900101",
        "unit": open_one.unit_id,
        "details": {"stored": "QTX10", "listed": "QTX20"},
        "status": "open",
        "opened_at": "2026-02-03T09:15:00Z",
        "opened_by_run": 1,
        "resolved_at": None,
        "resolved_by": "",
        "resolved_by_run": None,
        "resolution": "",
    }


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["ASIS ZZ900102", "ZZ900101"]),
        ("status=open", ["ZZ900101"]),
        ("status=resolved", ["ASIS ZZ900102"]),
        ("kind=duplicate_in_feed", ["ASIS ZZ900102"]),
        ("q=zz900102", ["ASIS ZZ900102"]),
        ("from=2026-02-03T09:15:00Z", ["ASIS ZZ900102", "ZZ900101"]),
        ("to=2026-02-03T09:15:00Z", []),
    ],
)
def test_filters(viewer: APIClient, warehouse: Warehouse, query: str, keys: list[str]) -> None:
    assert [row["key"] for row in viewer.get(f"/api/conflicts?{query}").json()["results"]] == keys


def test_manager_resolves(manager: APIClient, open_one: Conflict) -> None:
    answer = manager.post(f"/api/conflicts/{open_one.pk}/resolve", {"resolution": "the plate says QTX20"})
    body = answer.json()
    assert (answer.status_code, body["status"], body["resolution"]) == (200, "resolved", "the plate says QTX20")
    assert (body["resolved_by"], body["resolved_by_run"]) == ("manager-7qx (token scanner)", None)
    assert AuditLog.objects.get(entity="Conflict").action == "RESOLVE"


def test_same_answer_twice_is_one_and_another_is_refused(manager: APIClient, open_one: Conflict) -> None:
    address = f"/api/conflicts/{open_one.pk}/resolve"
    first = manager.post(address, {"resolution": "right"}).json()
    assert manager.post(address, {"resolution": "right"}).json() == first
    other = manager.post(address, {"resolution": "wrong"})
    assert (other.status_code, other.json()["message"]) == (
        409,
        "manager-7qx (token scanner) has resolved this conflict already: right",
    )
    assert AuditLog.objects.filter(entity="Conflict").count() == 1


def test_what_a_sync_resolved_is_resolved(manager: APIClient, warehouse: Warehouse) -> None:
    done = Conflict.objects.get(status="resolved")
    answer = manager.post(f"/api/conflicts/{done.pk}/resolve")
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        "A sync has resolved this conflict already: A sync did not find it any more.",
    )


def test_long_resolution_is_named(manager: APIClient, open_one: Conflict) -> None:
    answer = manager.post(f"/api/conflicts/{open_one.pk}/resolve", {"resolution": "x" * 501})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["resolution"])


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, warehouse: Warehouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settle(warehouse, [Found("model_mismatch", f"ZZ9005{n:02}", None, {}) for n in range(20)], judged=[], run_id=3, at=DAY_2)
    viewer.get("/api/conflicts")
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/conflicts").json()["results"]) == 22
