from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.catalogue import add_product
from inventory.categories import add_category
from inventory.models import Category
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db

LIST = "/api/categories"


@pytest.fixture
def kitchen(account: Account) -> Category:
    return add_category(make_actor(account), name="Kitchen")


@pytest.fixture
def fridges(account: Account, kitchen: Category) -> Category:
    return add_category(make_actor(account), name="Fridges", parent=kitchen)


def test_staff_adds_one_once(staff: APIClient, kitchen: Category) -> None:
    sent = {"name": " Small  fridges ", "parent": kitchen.pk}
    answer = staff.post(LIST, sent, headers={"Idempotency-Key": "one"})
    body = answer.json()
    assert (answer.status_code, body["name"], body["parent"]) == (201, "Small fridges", kitchen.pk)
    assert body["path"] == "Kitchen > Small fridges"
    assert staff.post(LIST, sent, headers={"Idempotency-Key": "one"}).json() == body
    taken = staff.post(LIST, sent)
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "A > B"}, {"name": "N" * 121}])
def test_name_is_needed(staff: APIClient, body: dict[str, Any]) -> None:
    answer = staff.post(LIST, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])


def test_list_and_its_filters(viewer: APIClient, kitchen: Category, fridges: Category) -> None:
    def listed(query: str = "") -> list[str]:
        return [row["path"] for row in viewer.get(f"{LIST}{query}").json()["results"]]

    assert listed() == ["Kitchen > Fridges", "Kitchen"]
    assert listed("?top=true") == ["Kitchen"]
    assert listed(f"?parent={kitchen.pk}") == listed("?q=frid") == listed("?top=false") == ["Kitchen > Fridges"]
    assert listed("?limit=1") == ["Kitchen > Fridges"]


def test_manager_moves_it_and_never_into_itself(manager: APIClient, kitchen: Category, fridges: Category) -> None:
    address = f"{LIST}/{fridges.pk}"
    assert manager.patch(address, {"parent": None}, format="json").json()["path"] == "Fridges"
    assert manager.patch(address, {"name": "Cold", "parent": kitchen.pk}).json()["path"] == "Kitchen > Cold"
    answer = manager.patch(f"{LIST}/{kitchen.pk}", {"parent": fridges.pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["parent"])


def test_parent_of_another_account_is_none(staff: APIClient) -> None:
    theirs = add_category(make_actor(make_account("8QX")), name="x")
    answer = staff.post(LIST, {"name": "A", "parent": theirs.pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["parent"])


def test_it_goes_once_nothing_is_in_it(manager: APIClient, account: Account, fridges: Category) -> None:
    product = add_product(make_actor(account), sku="FRIDGE", category=fridges)
    answer = manager.delete(f"{LIST}/{fridges.pk}")
    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (409, "in_use", {"products": 1})
    product.delete()
    assert manager.delete(f"{LIST}/{fridges.pk}").status_code == 204
    assert manager.get(f"{LIST}/{fridges.pk}").status_code == 404


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, account: Account, fridges: Category, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        add_category(make_actor(account), name=f"C{number}", parent=fridges)
    viewer.get(LIST)
    with django_assert_num_queries(3):
        assert len(viewer.get(LIST).json()["results"]) == 22
