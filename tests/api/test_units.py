from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory import catalogue
from inventory.models import Bucket, Unit, Warehouse
from tests.build import make_actor
from tests.inventory.build import DAY_1, make_bulk, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    """101 in a load, 202 staged and Reserved for an order, four pieces in FG, 301 gone; and 101 in a second warehouse."""
    warehouse = make_warehouse(account)
    make_unit(warehouse, "ZZ900101", "QTX10-Fridge", load=make_load(warehouse))
    make_unit(warehouse, "ZZ900202", "QTX30RANGE", Bucket.STA, origin="ASIS", status="Reserved", order_number="9000000001")
    make_bulk(warehouse, "QTXPARTKIT", 4, Bucket.FG)
    make_unit(warehouse, "ZZ900301", "QTX30RANGE", gone_at=DAY_1)
    make_unit(make_warehouse(account, "8QX"), "ZZ900401", "QTX40")
    return warehouse


def found(viewer: APIClient, query: str) -> list[str]:
    rows = viewer.get(f"/api/units?{query}").json()["results"]
    return sorted(row["serial"] or row["model"] for row in rows)


def test_a_unit_in_full(viewer: APIClient, account: Account, warehouse: Warehouse) -> None:
    product = catalogue.add_product(make_actor(account), sku="RANGE", product_type="Range", models=["QTX30RANGE"])
    unit = Unit.objects.get(serial="ZZ900202")
    assert viewer.get(f"/api/units/{unit.pk}").json() == {
        "id": unit.pk,
        "warehouse": warehouse.pk,
        "serial": "ZZ900202",
        "model": "QTX30RANGE",
        "quantity": 1,
        "bucket": "STA",
        "origin": "ASIS",
        "status": "Reserved",
        "message": "",
        "load": None,
        "order_number": "9000000001",
        "product": product.pk,
        "product_type": "Range",
        "local_notes": "",
        "first_seen_at": "2026-02-03T09:15:00Z",
        "gone_at": None,
    }


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("", ["QTXPARTKIT", "ZZ900101", "ZZ900202", "ZZ900401"]),
        ("state=gone", ["ZZ900301"]),
        ("state=all&model=qtx30-range", ["ZZ900202", "ZZ900301"]),
        ("bucket=STA", ["ZZ900202"]),
        ("status=reserved", ["ZZ900202"]),
        (f"load={LOAD}", ["ZZ900101"]),
        ("serial=zz900101", ["ZZ900101"]),
        ("model=qtx10fridge", ["ZZ900101"]),
        ("order_number=9000000001", ["ZZ900202"]),
        ("q=900000000", ["ZZ900202"]),
        ("q=partkit", ["QTXPARTKIT"]),
        ("q=nothing", []),
    ],
)
def test_filters(viewer: APIClient, warehouse: Warehouse, query: str, units: list[str]) -> None:
    assert found(viewer, query) == units


def test_filters_by_ids(viewer: APIClient, account: Account, warehouse: Warehouse) -> None:
    product = catalogue.add_product(make_actor(account), sku="QTX40")
    assert found(viewer, f"product={product.pk}") == ["ZZ900401"]
    assert found(viewer, f"warehouse={warehouse.pk}") == ["QTXPARTKIT", "ZZ900101", "ZZ900202"]


@pytest.mark.parametrize("query", ["state=here", "bucket=XXX", "warehouse=x", "product=0"])
def test_filter_that_can_not_be_is_named(viewer: APIClient, query: str) -> None:
    answer = viewer.get(f"/api/units?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.split("=")[0]])


def test_unit_that_is_gone_has_its_address_still(viewer: APIClient, warehouse: Warehouse) -> None:
    unit = Unit.objects.get(serial="ZZ900301")
    assert viewer.get(f"/api/units/{unit.pk}").json()["gone_at"] == "2026-02-03T09:15:00Z"


def test_staff_writes_notes_and_nothing_else(staff: APIClient, warehouse: Warehouse) -> None:
    unit = Unit.objects.get(serial="ZZ900101")
    answer = staff.patch(f"/api/units/{unit.pk}", {"local_notes": "dent left", "bucket": "FG", "serial": "ZZ1"})
    assert (answer.status_code, answer.json()["local_notes"], answer.json()["load"]) == (200, "dent left", LOAD)
    unit.refresh_from_db()
    assert (unit.local_notes, unit.bucket, unit.serial) == ("dent left", "ASIS", "ZZ900101")
    assert staff.patch(f"/api/units/{unit.pk}", {}).json()["local_notes"] == "dent left"


def test_units_are_not_made_or_removed_here(manager: APIClient, warehouse: Warehouse) -> None:
    unit = Unit.objects.get(serial="ZZ900101")
    assert manager.post("/api/units", {"serial": "ZZ1"}).status_code == 405
    assert manager.delete(f"/api/units/{unit.pk}").status_code == 405


def test_statements_do_not_grow_with_the_rows(
    viewer: APIClient, account: Account, warehouse: Warehouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    catalogue.add_product(make_actor(account), sku="QTX50")
    for number in range(20):
        make_unit(warehouse, f"ZZ9005{number:02}", "QTX50", load=make_load(warehouse, f"7QX202601011200{number:02}"))
    catalogue.link(Unit.objects.all())
    viewer.get("/api/units")
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/units").json()["results"]) == 24
