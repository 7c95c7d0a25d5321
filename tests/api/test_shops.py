from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from marketplaces.models import Shop
from sync.models import Breaker
from sync.wire.budget import spend
from tests.api.build import program_as
from tests.api.pushbuild import make_budget, make_item, make_listing, make_shop
from tests.api.shop import ids

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Shop:
    return make_shop(account)


@pytest.fixture
def owner(account: Account) -> APIClient:
    return program_as(account, Role.OWNER)


def test_shop_says_how_its_listings_are(viewer: APIClient, shop: Shop) -> None:
    for number, state in enumerate(("synced", "synced", "failed")):
        make_listing(shop, make_item(shop.account, str(number)), state=state)
    body = viewer.get(f"/api/shops/{shop.pk}").json()
    assert {state: number for state, number in body["listings"].items() if number} == {"synced": 2, "failed": 1}
    assert (body["name"], body["provider"], body["connection"], body["state"]) == ("North bricks", "bricklink", shop.connection_id, "ready")
    assert body["breaker"] == {"state": "closed", "sentence": "Calls go out."}
    (row,) = viewer.get("/api/shops").json()["results"]
    # The moment from which a call fits is that of the request.
    assert {**row, "budgets": []} == {**body, "budgets": []}
    assert [budget["name"] for budget in row["budgets"]] == [budget["name"] for budget in body["budgets"]]


@pytest.mark.django_db(transaction=True)
def test_calls_that_are_left_are_told_with_when_the_next_one_fits(viewer: APIClient, shop: Shop) -> None:
    make_budget(shop, limit=20, reserved=5)
    spend(shop.connection_id, cost=15)
    (budget,) = viewer.get(f"/api/shops/{shop.pk}").json()["budgets"]
    assert (budget["name"], budget["limit"], budget["reserved"]) == ("day", 20, 5)
    assert (budget["used"], budget["left"], budget["left_urgent"]) == (15, 0, 5)
    assert budget["free_at"] > (timezone.now() + timedelta(hours=23)).isoformat()


@pytest.mark.parametrize(
    ("values", "state", "sentence"),
    [
        ({"stopped_at": timezone.now(), "stopped_sentence": "IP 203.0.113.9 refused."}, "stopped", "IP 203.0.113.9 refused."),
        ({"maintenance_at": timezone.now(), "maintenance_by": "Mara"}, "maintenance", "Maintenance was switched on by Mara"),
        ({"resting_until": timezone.now() + timedelta(hours=1), "resting_because": "Too many calls."}, "resting", "Too many calls."),
        ({"resting_until": timezone.now() - timedelta(hours=1), "resting_because": "Too many calls."}, "ready", ""),
    ],
)
def test_what_keeps_changes_back_is_said(viewer: APIClient, shop: Shop, values: dict[str, Any], state: str, sentence: str) -> None:
    Shop.objects.update(**values)
    body = viewer.get(f"/api/shops/{shop.pk}").json()
    assert (body["state"], body["state_sentence"][: len(sentence)]) == (state, sentence)


def test_connection_that_is_off_paused_or_resting_is_said(viewer: APIClient, shop: Shop) -> None:
    def state() -> str:
        return str(viewer.get(f"/api/shops/{shop.pk}").json()["state"])

    Breaker.objects.create(account=shop.account, connection=shop.connection, state="open", until=timezone.now() + timedelta(minutes=1))
    assert state() == "resting"
    type(shop.connection).objects.update(paused_at=timezone.now())
    assert state() == "paused"
    type(shop.connection).objects.update(enabled=False)
    assert state() == "off"


def test_manager_works_at_the_shop_and_goes_on(manager: APIClient, shop: Shop) -> None:
    address = f"/api/shops/{shop.pk}/maintenance"
    body = manager.post(address, {"on": True}).json()
    assert (body["state"], body["maintenance_by"]) == ("maintenance", "manager-7qx (token scanner)")
    assert ids(manager, "/api/shops?maintenance=true") == [shop.pk]
    assert manager.post(address, {"on": False}).json()["state"] == "ready"
    assert ids(manager, "/api/shops?maintenance=true") == []
    assert manager.post(address, {}).status_code == 400


def test_stopped_shop_is_resumed(manager: APIClient, shop: Shop) -> None:
    Shop.objects.update(stopped_at=timezone.now(), stopped_code="bad_credentials", stopped_sentence="Refused.")
    assert ids(manager, "/api/shops?stopped=true&provider=bricklink") == [shop.pk]
    body = manager.post(f"/api/shops/{shop.pk}/resume").json()
    assert (body["state"], body["stopped_at"], body["stopped_code"]) == ("ready", None, "")


def test_owner_allows_fewer_calls_and_they_stay_so(owner: APIClient, manager: APIClient, shop: Shop) -> None:
    address = f"/api/shops/{shop.pk}/budgets"

    def day(body: Any) -> tuple[int, int]:
        budget = next(each for each in body["budgets"] if each["window_seconds"] == 86400)
        return budget["limit"], budget["reserved"]

    assert day(owner.patch(address, {"budget_day": 4000, "budget_reserved": 300}).json()) == (4000, 300)
    connection = f"/api/connections/{shop.connection_id}"
    owner.patch(connection, {"settings": {"send_notes": False}})
    assert day(owner.get(f"/api/shops/{shop.pk}").json()) == (4000, 300)
    assert owner.get(connection).json()["settings"]["budget_day"] == 4000
    assert manager.patch(address, {"budget_day": 5000}).status_code == 403
    for body, field in (({"send_notes": 0}, "send_notes"), ({"budget_day": "many"}, "budget_day"), ({}, "non_field_errors")):
        answer = owner.patch(address, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_statements_do_not_grow_with_the_shops(
    viewer: APIClient, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        shop = make_shop(account, f"Shop {number}")
        make_budget(shop)
        make_listing(shop, make_item(account, str(number)))
    viewer.get("/api/shops")
    # The token, the shops, how many listings are how, the budgets.
    with django_assert_num_queries(4):
        assert len(viewer.get("/api/shops").json()["results"]) == 4
