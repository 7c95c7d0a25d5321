from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from inventory.models import Load, Scan, ScanSession, Warehouse
from inventory.sessions import follow
from tests.inventory.build import DAY_1, DAY_2, make_bulk, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db

NUMBER = "7QX20260203091500"


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    """A load of two units; in ASIS without a load one unit and five pieces."""
    warehouse = make_warehouse(account)
    load = make_load(warehouse, NUMBER, friendly_name="K")
    make_unit(warehouse, "ZZ900101", load=load)
    make_unit(warehouse, "ZZ900102", load=load)
    make_unit(warehouse, "ZZ900103")
    make_bulk(warehouse, "QTXTRIMKIT", 5)
    follow(warehouse, loads_judged=True, at=DAY_1)
    return warehouse


@pytest.fixture
def of_load(warehouse: Warehouse) -> str:
    """The address of the load's session."""
    return f"/api/sessions/{ScanSession.objects.get(kind='load').pk}"


@pytest.fixture
def of_asis(warehouse: Warehouse) -> str:
    return f"/api/sessions/{ScanSession.objects.get(bucket='ASIS').pk}"


def test_sessions_with_their_progress(viewer: APIClient, staff: APIClient, of_load: str) -> None:
    staff.post(f"{of_load}/scans", {"text": "ZZ900101"})
    rows = viewer.get("/api/sessions").json()["results"]
    assert {row["bucket"] or row["load_name"]: (row["expected"], row["scanned"], row["complete"]) for row in rows} == {
        "K": (2, 1, False),
        "ASIS": (6, 0, False),
        "FG": (0, 0, False),
        "STA": (0, 0, False),
    }
    assert viewer.get(of_load).json() in rows
    assert (viewer.get(of_load).json()["load"], viewer.get(of_load).json()["status"]) == (NUMBER, "active")


@pytest.mark.parametrize(("query", "count"), [("kind=bucket", 3), ("bucket=FG", 1), (f"load={NUMBER}", 1), ("status=closed", 0)])
def test_filters(viewer: APIClient, warehouse: Warehouse, query: str, count: int) -> None:
    assert len(viewer.get(f"/api/sessions?{query}").json()["results"]) == count


def test_scan_and_scan_again(staff: APIClient, viewer: APIClient, of_load: str) -> None:
    first = staff.post(f"{of_load}/scans", {"text": "zz900101"})
    assert (first.status_code, first.json()["state"], first.json()["sentence"]) == (201, "new", "ZZ900101 is scanned.")
    again = staff.post(f"{of_load}/scans", {"text": "ZZ900101"})
    assert (again.status_code, again.json()["state"], again.json()["scan"]) == (200, "again", first.json()["scan"])
    row = viewer.get(f"{of_load}/scans").json()["results"]
    assert row == [first.json()["scan"]]
    assert (row[0]["serial"], row[0]["text"], row[0]["quantity"], row[0]["scanned_by"]) == (
        "ZZ900101",
        "zz900101",
        1,
        "staff-7qx (token scanner)",
    )


def test_bulk_line_asks_for_a_number(staff: APIClient, of_asis: str) -> None:
    asked = staff.post(f"{of_asis}/scans", {"text": "QTXTRIMKIT"})
    assert (asked.status_code, asked.json()["code"]) == (400, "quantity_needed")
    assert staff.post(f"{of_asis}/scans", {"text": "QTXTRIMKIT", "quantity": 5}).json()["scan"]["quantity"] == 5
    assert staff.post(f"{of_asis}/scans", {"text": "QTXTRIMKIT", "quantity": "many"}).status_code == 400


def test_refusal_says_why(staff: APIClient, of_asis: str) -> None:
    answer = staff.post(f"{of_asis}/scans", {"text": "ZZ900101"})
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "code": "not_expected",
            "message": f"ZZ900101 belongs to load K ({NUMBER}), in ASIS.",
            "hint": "Scan it in the session of that load.",
        },
    )
    assert staff.post(f"{of_asis}/scans", {"text": ""}).status_code == 400


def test_scan_is_taken_back_once(staff: APIClient, of_load: str, of_asis: str) -> None:
    scan = staff.post(f"{of_load}/scans", {"text": "ZZ900101"}).json()["scan"]["id"]
    assert staff.delete(f"{of_asis}/scans/{scan}").status_code == 404
    assert staff.delete(f"{of_load}/scans/{scan}").status_code == 204
    assert staff.delete(f"{of_load}/scans/{scan}").status_code == 404
    assert not Scan.objects.exists()


def test_staff_closes_and_opens_again(staff: APIClient, of_load: str) -> None:
    closed = staff.patch(of_load, {"status": "closed", "reason": "loaded"}).json()
    assert (closed["status"], closed["closed_by"], closed["closed_reason"], closed["expected"]) == ("closed", "person", "loaded", 2)
    refused = staff.post(f"{of_load}/scans", {"text": "ZZ900101"})
    assert (refused.status_code, refused.json()["code"]) == (409, "session_closed")
    opened = staff.patch(of_load, {"status": "active"}).json()
    assert (opened["status"], opened["closed_by"], opened["closed_at"], opened["note"]) == (
        "active",
        "",
        None,
        "Opened again by staff-7qx (token scanner)",
    )


def test_what_a_sync_closed_only_a_sync_opens(staff: APIClient, warehouse: Warehouse, of_load: str) -> None:
    Load.objects.update(order_status="Delivered")
    follow(warehouse, loads_judged=True, at=DAY_2)
    answer = staff.patch(of_load, {"status": "active"})
    assert (answer.status_code, answer.json()["message"]) == (409, "A sync closed this session: The load is delivered.")
    assert staff.patch(of_load, {"status": "closed", "reason": "gone"}).json()["closed_by"] == "person"


def test_session_of_a_bucket_stays_open(staff: APIClient, of_asis: str) -> None:
    answer = staff.patch(of_asis, {"status": "closed"})
    assert (answer.status_code, answer.json()["code"]) == (409, "always_open")


@pytest.mark.parametrize("body", [{}, {"status": "lost"}, {"status": "closed", "reason": "x" * 201}])
def test_wrong_change_is_named(staff: APIClient, of_load: str, body: dict[str, str]) -> None:
    assert staff.patch(of_load, body).status_code == 400


def test_statements_do_not_grow_with_the_sessions(
    viewer: APIClient, warehouse: Warehouse, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_unit(warehouse, f"ZZ9005{number:02}", load=make_load(warehouse, f"7QX202601011200{number:02}"))
    follow(warehouse, loads_judged=True, at=DAY_2)
    viewer.get("/api/sessions")
    with django_assert_num_queries(6):
        assert len(viewer.get("/api/sessions").json()["results"]) == 24
