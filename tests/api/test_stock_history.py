from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.roles import Role
from inventory.models import Movement
from tests.api.build import program_as
from tests.build import make_account
from tests.inventory.integrity.breaking import by_hand
from tests.inventory.ledger.build import Shop, make_place, make_product

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def shop() -> Shop:
    """Ten packs bought in one morning, four sold a day later."""
    shop = Shop()
    shop.buy(10, lot="L7")
    shop.sell(4, reference="B-77")
    for number, movement in enumerate(Movement.objects.order_by("id")):
        by_hand("UPDATE inventory_movement SET booked_at = %s WHERE id = %s", MORNING + timedelta(days=number), movement.pk)
    return shop


@pytest.fixture
def client(shop: Shop) -> APIClient:
    return program_as(shop.account, Role.VIEWER)


def asked(client: APIClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/stock/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def refused(client: APIClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/stock/{path}", query)
    assert answer.status_code == 400, answer.content
    return answer.json()


def test_history_says_who_what_why_and_what_was_left(shop: Shop, client: APIClient) -> None:
    newest, first = asked(client, "history", product=shop.tea.pk)["results"]
    sale = newest["document"]["id"]
    assert {name: newest[name] for name in ("what", "why", "who", "change", "balance", "unit_kind", "lot", "sku", "warehouse_code")} == {
        "what": "Sale",
        "why": "Sale entered",
        "who": "Mara",
        "change": -4,
        "balance": 6,
        "unit_kind": "packs",
        "lot": "L7",
        "sku": shop.tea.sku,
        "warehouse_code": "MAIN",
    }
    assert newest["document"] == {"kind": "sale", "id": sale, "label": f"Sale {sale}, B-77"}
    assert (first["what"], first["balance"]) == ("Receipt", 10)


def test_history_is_narrowed_and_comes_in_pages(shop: Shop, client: APIClient) -> None:
    shop.buy(1, product=make_product(shop.account, "OTHER"))
    assert len(asked(client, "history")["results"]) == 3
    assert len(asked(client, "history", product=shop.tea.pk)["results"]) == 2
    assert asked(client, "history", unit_kind="pallets")["results"] == []
    assert len(asked(client, "history", to="2026-03-02T12:00:00Z")["results"]) == 1
    page = asked(client, "history", product=shop.tea.pk, limit=1)
    assert [line["balance"] for line in page["results"]] == [6]
    assert [line["balance"] for line in client.get(page["next"]).json()["results"]] == [10]


def test_history_of_many_takes_as_many_statements_as_of_one(shop: Shop, client: APIClient) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            asked(client, "history")
        return len(queries)

    statements()
    few = statements()
    for _ in range(4):
        shop.buy(2)
        shop.sell(1)
    assert statements() == few <= 8


def test_stock_at_a_moment_is_what_was_booked_before_it(shop: Shop, client: APIClient) -> None:
    row = {"product": shop.tea.pk, "sku": shop.tea.sku, "warehouse": shop.place.pk, "warehouse_code": "MAIN", "pallets": 0, "units": 0}
    answer = asked(client, "at", moment="2026-03-02T12:00:00Z")
    assert answer == {"moment": "2026-03-02T12:00:00Z", "next": None, "results": [{**row, "packs": 10}]}
    assert asked(client, "at", product=shop.tea.pk)["results"] == [{**row, "packs": 6}]
    assert asked(client, "at", moment="2026-03-01T12:00:00Z")["results"] == []


def test_stock_at_a_moment_comes_in_pages(shop: Shop, client: APIClient) -> None:
    second = make_place(shop.account, "SECOND")
    shop.buy(3, warehouse=second)
    first = asked(client, "at", limit=1)
    rest = asked(client, "at", limit=1, after=first["next"])
    assert [row["warehouse"] for row in first["results"] + rest["results"]] == [shop.place.pk, second.pk]
    assert rest["next"] is None
    assert [row["packs"] for row in asked(client, "at", warehouse=second.pk)["results"]] == [3]


def test_each_day_opens_with_what_the_last_one_closed_with(client: APIClient) -> None:
    answer = asked(client, "closings", **{"from": "2026-03-02", "to": "2026-03-04"})
    day = {"unit_kind": "packs"}
    assert answer == {
        "time_zone": "UTC",
        "days": [
            {**day, "day": "2026-03-02", "opening": 0, "came_in": 10, "went_out": 0, "closing": 10},
            {**day, "day": "2026-03-03", "opening": 10, "came_in": 0, "went_out": 4, "closing": 6},
            {**day, "day": "2026-03-04", "opening": 6, "came_in": 0, "went_out": 0, "closing": 6},
        ],
    }


def test_days_that_are_not_said_are_the_last_week(client: APIClient) -> None:
    days = [day["day"] for day in asked(client, "closings")["days"]]
    assert len(days) == 7
    assert asked(client, "closings", to="2026-03-03")["days"][0]["day"] == "2026-02-25"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("closings", {"from": "2026-03-04", "to": "2026-03-02"}),
        ("closings", {"from": "2024-03-04", "to": "2026-03-02"}),
        ("closings", {"to": "9999-12-31"}),
        ("closings", {"from": "yesterday"}),
        ("at", {"moment": "yesterday"}),
        ("at", {"after": "7"}),
        ("at", {"limit": 0}),
        ("at", {"product": 10**30}),
        ("history", {"unit_kind": "crates"}),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(client: APIClient, path: str, query: dict[str, Any]) -> None:
    body = refused(client, path, **query)
    assert body["message"]


def test_the_first_days_of_the_calendar_are_no_trouble(client: APIClient) -> None:
    assert len(asked(client, "closings", to="0001-01-03")["days"]) == 0


def test_another_accounts_rows_are_no_choice(shop: Shop, client: APIClient) -> None:
    other = Shop(make_account("Other"))
    other.buy(3)
    assert "product" in refused(client, "at", product=other.tea.pk)["errors"]
    assert "warehouse" in refused(client, "closings", warehouse=other.place.pk)["errors"]
    assert asked(client, "history", product=other.tea.pk)["results"] == []
