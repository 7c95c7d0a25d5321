from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Warehouse
from tests.inventory.build import make_load, make_unit, make_warehouse
from tests.inventory.ledger.build import Shop, in_days

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    """With five units and five loads."""
    warehouse = make_warehouse(account)
    for number in range(5):
        make_unit(warehouse, f"ZZ90010{number}")
        make_load(warehouse, f"7QX2026020309150{number}")
    return warehouse


def walk(viewer: APIClient, address: str, name: str) -> list[list[str]]:
    """The `name` of the rows of each page."""
    pages, link = [], f"{address}?limit=2"
    while link:
        body = viewer.get(link).json()
        pages.append([row[name] for row in body["results"]])
        link = body["next"]
    return pages


def test_pages_hold_each_row_once(viewer: APIClient, warehouse: Warehouse) -> None:
    assert walk(viewer, "/api/units", "serial") == [["ZZ900104", "ZZ900103"], ["ZZ900102", "ZZ900101"], ["ZZ900100"]]
    assert [len(page) for page in walk(viewer, "/api/loads", "number")] == [2, 2, 1]


def test_row_that_comes_in_front_moves_no_page(viewer: APIClient, warehouse: Warehouse) -> None:
    second = viewer.get("/api/units?limit=2").json()["next"]
    make_unit(warehouse, "ZZ900105")
    assert [row["serial"] for row in viewer.get(second).json()["results"]] == ["ZZ900102", "ZZ900101"]


def test_equal_names_are_parted_by_their_age(viewer: APIClient, account: Account) -> None:
    made = [Warehouse.objects.create(account=account, name="Same", code=str(number)) for number in range(4)]
    assert walk(viewer, "/api/warehouses", "id") == [[made[0].pk, made[1].pk], [made[2].pk, made[3].pk]]


@pytest.mark.parametrize("limit", ["0", "1001", "two", "-1", ""])
def test_limit_is_a_number_up_to_a_thousand(viewer: APIClient, limit: str) -> None:
    answer = viewer.get(f"/api/units?limit={limit}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["limit"])


@pytest.mark.parametrize("position", ["abc", "\x00", "1" * 30, "1.5", "-1"])
@pytest.mark.parametrize("address", ["/api/units", "/api/loads"])
def test_cursor_that_no_page_gave_out_is_no_error_of_the_server(
    viewer: APIClient, warehouse: Warehouse, address: str, position: str
) -> None:
    cursor = b64encode(urlencode({"p": position}).encode()).decode()
    assert viewer.get(address, {"cursor": cursor}).status_code in (200, 404)


@pytest.mark.parametrize(
    ("address", "position"),
    [
        ("/api/levels", "9" * 30),
        ("/api/levels", "-" + "9" * 30),
        ("/api/batches/expiring", "0001-01-01T00:00:00+14:00"),
        ("/api/batches/expiring", "9999-12-31T23:59:59-14:00"),
        ("/api/batches/expiring", "2026-01-01T00:00:00+23:59"),
        ("/api/batches/expiring", "2026-01-01"),
    ],
)
def test_place_that_no_row_has_is_no_cursor(viewer: APIClient, address: str, position: str) -> None:
    cursor = b64encode(urlencode({"p": position}).encode()).decode()
    assert viewer.get(address, {"cursor": cursor}).status_code == 404


def test_batches_that_expire_are_paged_by_their_time(viewer: APIClient, account: Account) -> None:
    shop = Shop(account)
    made = [shop.buy(1, expires_at=in_days(days)).batch_id for days in (3, 2, 1)]
    assert walk(viewer, "/api/batches/expiring", "batch") == [[made[2], made[1]], [made[0]]]
