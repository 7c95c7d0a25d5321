"""Critical items for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, AuditLog
from accounts.roles import Role
from inventory.models import Supply, SupplySettings
from tests.alerts.critical.world import Shop
from tests.build import make_account, make_member, make_token
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_level

LIST = "/api/critical-items"


@pytest.fixture
def program(account: Account) -> Callable[[Role], APIClient]:
    def made(role: Role) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(make_member(account, role, role.value))}")
        return client

    return made


@pytest.fixture
def reader(program: Callable[[Role], APIClient]) -> APIClient:
    return program(Role.VIEWER)


def skus(client: APIClient, query: str = "") -> list[str]:
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == 200, answer.content
    return [row["sku"] for row in answer.json()["results"]]


def test_lists_and_filters(reader: APIClient, shop: Shop) -> None:
    assert skus(reader) == ["SOIL", "POT"]
    assert skus(reader, "?list=soon") == ["SEED"]
    assert skus(reader, "?list=all&level=overstocked") == ["LAMP"]
    assert skus(reader, "?list=all&q=rope") == ["ROPE"]
    other = make_warehouse(shop.account, "STORE")
    make_level(shop.pot, other)
    assert skus(reader, f"?warehouse={other.pk}") == ["POT"]
    assert skus(reader, "?older=1.5") == ["SOIL", "POT"]
    assert skus(reader, "?older=3") == []
    assert skus(reader, f"?vendor={shop.vendor.pk}&list=out") == ["SOIL"]
    assert reader.get(f"{LIST}?list=gone").status_code == 400
    counts = reader.get(f"{LIST}/counts").json()
    assert counts == {"critical": 2, "out": 1, "below": 1, "soon": 1, "overstocked": 1, "all": 5}


def test_pages_follow_each_other(reader: APIClient, shop: Shop) -> None:
    first = reader.get(f"{LIST}?list=all&limit=2").json()
    second = reader.get(first["next"]).json()
    assert [row["sku"] for row in (*first["results"], *second["results"])] == ["SOIL", "POT", "SEED", "ROPE"]


def test_item_says_all_of_it(reader: APIClient, shop: Shop) -> None:
    shop.forecast(shop.soil)
    row = reader.get(f"{LIST}/{shop.soil.pk}").json()
    assert (row["state"], row["level"], row["priority"], row["reorder_advised"]) == ("out", "critical", 10, True)
    assert (row["available"], row["reorder_point"], row["daily_demand"], row["days_left"]) == (0, 20, 4, 0)
    assert row["suggestion"] == {"quantity": 180, "order_on": "2026-01-05", "draft": None}
    assert (row["vendor_name"], row["demand_basis"]) == ("Green Traders", "velocity")
    assert reader.get(f"{LIST}/{shop.rope.pk}").json()["suggestion"] is None


def test_rows_of_others_are_not_there(reader: APIClient, shop: Shop) -> None:
    other = Shop(make_account("Other Traders"))
    assert reader.get(f"{LIST}/{other.soil.pk}").status_code == 404
    assert len(skus(reader, "?list=all")) == 5


def test_statements_do_not_grow_with_the_rows(reader: APIClient, shop: Shop, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20) as few:
        assert len(skus(reader, "?list=out")) == 1
    with django_assert_max_num_queries(len(few)):
        assert len(skus(reader, "?list=all")) == 5


def test_manager_says_how_much_is_too_much(program: Callable[[Role], APIClient], shop: Shop) -> None:
    manager = program(Role.MANAGER)
    answer = manager.patch(f"{LIST}/{shop.rope.pk}", {"maximum": 60}, format="json")
    assert (answer.status_code, answer.json()["level"], answer.json()["maximum"]) == (200, "overstocked", 60)
    entry = AuditLog.objects.get(entity="Supply")
    assert (entry.before["maximum"], entry.after["maximum"]) == (None, "60")
    assert manager.patch(f"{LIST}/{shop.rope.pk}", {"maximum": -1}, format="json").status_code == 400
    manager.patch(f"{LIST}/{shop.rope.pk}", {"maximum": None}, format="json")
    assert Supply.objects.get(product=shop.rope).level == "adequate"


def test_settings(program: Callable[[Role], APIClient], shop: Shop) -> None:
    manager = program(Role.MANAGER)
    address = "/api/supply-settings"
    assert manager.get(address).json()["critical_days"] == 7
    assert manager.patch(address, {"critical_days": 10}, format="json").json()["critical_days"] == 10
    assert manager.patch(address, {"low_days": 3}, format="json").status_code == 400
    assert SupplySettings.objects.get().critical_days == 10
