from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.catalogue import add_product
from inventory.models import Vendor
from inventory.vendors import add_vendor
from tests.build import make_actor

pytestmark = pytest.mark.django_db

LIST = "/api/vendors"
NORTH = {
    "name": "North Supply",
    "code": "N-1",
    "email": "desk@north.example",
    "phone": "555 0100",
    "lead_time_days": 14,
    "active": True,
    "notes": "Calls back.",
}


@pytest.fixture
def north(account: Account) -> Vendor:
    return add_vendor(make_actor(account), **NORTH)


def test_staff_adds_one_once(staff: APIClient) -> None:
    answer = staff.post(LIST, NORTH, headers={"Idempotency-Key": "one"})
    body = answer.json()
    assert answer.status_code == 201
    assert {name: body[name] for name in NORTH} == NORTH
    assert staff.post(LIST, NORTH, headers={"Idempotency-Key": "one"}).json() == body
    taken = staff.post(LIST, {"name": "north  supply"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": "A", "email": "x"}, "email"), ({"name": "A", "lead_time_days": 3651}, "lead_time_days")],
)
def test_wrong_field_is_named(staff: APIClient, body: dict[str, Any], field: str) -> None:
    answer = staff.post(LIST, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize("query", ["q=north", "q=desk@", "code=n-1", "active=true", "limit=1"])
def test_filters(viewer: APIClient, account: Account, north: Vendor, query: str) -> None:
    add_vendor(make_actor(account), name="South", active=False)
    assert [row["name"] for row in viewer.get(f"{LIST}?{query}").json()["results"]] == ["North Supply"]


def test_manager_edits(manager: APIClient, north: Vendor) -> None:
    body = manager.patch(f"{LIST}/{north.pk}", {"active": False, "lead_time_days": None}, format="json").json()
    assert (body["name"], body["active"], body["lead_time_days"]) == ("North Supply", False, None)


def test_vendor_goes_once_nothing_is_bought_there(manager: APIClient, account: Account, north: Vendor) -> None:
    product = add_product(make_actor(account), sku="FRIDGE", vendor=north)
    answer = manager.delete(f"{LIST}/{north.pk}")
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (409, "in_use", {"products": 1})
    product.delete()
    assert manager.delete(f"{LIST}/{north.pk}").status_code == 204
    assert manager.get(f"{LIST}/{north.pk}").status_code == 404


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        add_vendor(make_actor(account), name=f"V{number}")
    viewer.get(LIST)
    with django_assert_num_queries(2):
        assert len(viewer.get(LIST).json()["results"]) == 20
