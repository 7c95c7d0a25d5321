from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.acting import Actor
from accounts.models import Account
from inventory.models import Bucket, Load, ScanSession, Warehouse
from inventory.scanning import scan
from inventory.sessions import follow
from tests.build import make_actor
from tests.inventory.build import DAY_1, DAY_2, make_line, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db

NUMBER = "7QX20260203091500"
PICKED = "7QX20260120140000"


@pytest.fixture
def actor(account: Account) -> Actor:
    return make_actor(account)


@pytest.fixture
def warehouse(actor: Actor) -> Warehouse:
    """A load for sale with two units, one of them scanned, and a third on its roster; a picked one; one no longer listed."""
    warehouse = make_warehouse(actor.account)
    load = make_load(warehouse, NUMBER, units=3, notes="LETTER K", friendly_name="K")
    for serial in ("ZZ900101", "ZZ900102", "ZZ900301"):
        make_line(load, serial)
    make_unit(warehouse, "ZZ900101", load=load)
    make_unit(warehouse, "ZZ900102", load=load, bucket=Bucket.STA)
    make_load(warehouse, PICKED, sale_status="SOLD", order_status="Picked", order_number="9000000001", tagged=True)
    make_load(warehouse, "7QX20251201080000", not_reported_at=DAY_2, category="Salvage")
    follow(warehouse, loads_judged=True, at=DAY_1)
    scan(actor, ScanSession.objects.get(load=load), "ZZ900101")
    return warehouse


def found(viewer: APIClient, query: str) -> list[str]:
    return [row["number"] for row in viewer.get(f"/api/loads?{query}").json()["results"]]


def test_a_load_in_full(viewer: APIClient, warehouse: Warehouse) -> None:
    load = Load.objects.get(number=NUMBER)
    body = viewer.get(f"/api/loads/{NUMBER}").json()
    assert (body["id"], body["state"], body["friendly_name"], body["units"]) == (load.pk, "for_sale", "K", 3)
    assert body["session"] == ScanSession.objects.get(load=load).pk
    assert body["counts"] == {"asis": 1, "sta": 1, "fg": 0, "not_on_hand": 1, "expected": 2, "scanned": 1}
    assert [(row["serial"], row["on_hand"], row["bucket"], row["scanned"], row["on_roster"]) for row in body["roster"]] == [
        ("ZZ900101", True, "ASIS", True, True),
        ("ZZ900102", True, "STA", False, True),
        ("ZZ900301", False, "", False, True),
    ]
    assert (body["roster"][2]["unit"], body["roster"][2]["other_load"]) == (None, None)


def test_newest_number_first(viewer: APIClient, warehouse: Warehouse) -> None:
    assert found(viewer, "") == [NUMBER, PICKED, "7QX20251201080000"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("state=for_sale", NUMBER),
        ("state=picked", PICKED),
        ("state=not_reported", "7QX20251201080000"),
        ("order_number=9000000001", PICKED),
        ("category=salvage", "7QX20251201080000"),
        ("tagged=true", PICKED),
        ("q=letter", NUMBER),
        ("q=0120", PICKED),
    ],
)
def test_filters(viewer: APIClient, warehouse: Warehouse, query: str, number: str) -> None:
    assert found(viewer, query) == [number]


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"sale_status": "FOR SALE"}, "for_sale"),
        ({"sale_status": "SOLD"}, "sold"),
        ({"sale_status": "SOLD", "order_status": "Shipped"}, "sold"),
        ({"sale_status": "SOLD", "order_status": "PICKED"}, "picked"),
        ({"sale_status": "SOLD", "order_status": "Delivered", "not_reported_at": DAY_2}, "delivered"),
        ({"sale_status": "SOLD", "order_status": "Picked", "not_reported_at": DAY_2}, "not_reported"),
        ({"sale_status": "", "order_status": ""}, "other"),
    ],
)
def test_state_is_told_from_the_words(viewer: APIClient, actor: Actor, values: dict[str, str], state: str) -> None:
    make_load(make_warehouse(actor.account), **values)
    assert viewer.get(f"/api/loads/{NUMBER}").json()["state"] == state


def test_number_in_two_warehouses_asks_which(viewer: APIClient, account: Account, warehouse: Warehouse) -> None:
    other = make_warehouse(account, "8QX")
    load = make_load(other, NUMBER)
    answer = viewer.get(f"/api/loads/{NUMBER}")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_two_warehouses")
    assert viewer.get(f"/api/loads/{NUMBER}?warehouse={other.pk}").json()["id"] == load.pk


def test_staff_writes_what_people_keep(staff: APIClient, warehouse: Warehouse) -> None:
    answer = staff.patch(f"/api/loads/{NUMBER}", {"tagged": True, "pickup_date": "2026-02-09", "units": 99, "sale_status": "SOLD"})
    body = answer.json()
    assert (answer.status_code, body["tagged"], body["pickup_date"], body["units"], body["state"]) == (
        200,
        True,
        "2026-02-09",
        3,
        "for_sale",
    )
    assert body["counts"]["scanned"] == 1


def test_contradiction_is_named(staff: APIClient, warehouse: Warehouse) -> None:
    answer = staff.patch(f"/api/loads/{NUMBER}", {"pickup_to_be_announced": True, "pickup_date": "2026-02-09"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["pickup_to_be_announced"])


def test_sanity_check(staff: APIClient, warehouse: Warehouse) -> None:
    early = staff.post(f"/api/loads/{NUMBER}/sanity-check", {"stage": "early"}).json()
    assert (early["sanity_check"], early["sanity_checked_by"]) == ("early", "staff-7qx (token scanner)")
    final = staff.post(f"/api/loads/{NUMBER}/sanity-check", {"stage": "final"})
    assert (final.status_code, final.json()["code"]) == (409, "not_ready")
    assert staff.post(f"/api/loads/{NUMBER}/sanity-check", {"stage": "late"}).status_code == 400


def test_statements_do_not_grow_with_the_loads(
    viewer: APIClient, warehouse: Warehouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_unit(warehouse, f"ZZ9005{number:02}", load=make_load(warehouse, f"7QX202601011200{number:02}"))
    viewer.get("/api/loads")
    with django_assert_num_queries(6):
        assert len(viewer.get("/api/loads").json()["results"]) == 23
    with django_assert_num_queries(9):
        viewer.get(f"/api/loads/{NUMBER}")
