from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory import sessions
from inventory.models import Bucket, ClosedBy, Load, ScanSession, Unit, Warehouse
from inventory.sessions import SessionCounts, follow
from tests.build import make_account, make_actor
from tests.inventory.build import DAY_1, DAY_2, DAY_3, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse(db: None) -> Warehouse:
    return make_warehouse(make_account())


@pytest.fixture
def load(warehouse: Warehouse) -> Load:
    """A load of one unit."""
    load = make_load(warehouse)
    make_unit(warehouse, "ZZ900101", load=load)
    return load


def sync(warehouse: Warehouse, at: datetime = DAY_2) -> SessionCounts:
    return follow(warehouse, loads_judged=True, at=at)


def told(load: Load, **values: Any) -> None:
    """The next lists say this of the load."""
    Load.objects.filter(pk=load.pk).update(**values)


def session_of(load: Load) -> ScanSession:
    return ScanSession.objects.get(load=load)


def test_load_that_is_here_and_each_bucket_get_a_session(warehouse: Warehouse, load: Load) -> None:
    assert sync(warehouse) == SessionCounts(created=4, reopened=0, closed=0, unchanged=0)
    assert session_of(load).status == "active"
    buckets = ScanSession.objects.filter(kind="bucket", status="active").values_list("bucket", flat=True)
    assert sorted(buckets) == ["ASIS", "FG", "STA"]


def test_delivered_load_starts_closed(warehouse: Warehouse) -> None:
    load = make_load(warehouse, order_status="Delivered", sale_status="SOLD")
    assert sync(warehouse).created == 4
    session = session_of(load)
    assert (session.status, session.closed_by, session.closed_at) == ("closed", "sync", DAY_2)
    assert session.closed_reason == "The load is delivered."


def test_load_without_a_unit_on_hand_gets_none(warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    make_unit(warehouse, "ZZ900101", load=load, gone_at=DAY_1)
    assert sync(warehouse).created == 3
    assert not ScanSession.objects.filter(load=load).exists()


def test_second_sync_changes_nothing_and_writes_nothing(warehouse: Warehouse, load: Load) -> None:
    make_load(warehouse, "7QX20251201080000", order_status="DELIVERED")
    sync(warehouse)
    before = list(ScanSession.objects.order_by("pk").values())
    assert sync(warehouse, DAY_3) == SessionCounts(created=0, reopened=0, closed=0, unchanged=5)
    assert list(ScanSession.objects.order_by("pk").values()) == before


def test_delivery_closes(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    told(load, order_status="Delivered")
    assert sync(warehouse, DAY_3) == SessionCounts(created=0, reopened=0, closed=1, unchanged=3)
    session = session_of(load)
    assert (session.status, session.closed_by, session.closed_at) == ("closed", "sync", DAY_3)


def test_load_that_is_listed_no_more_closes(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    told(load, not_reported_at=DAY_3)
    assert sync(warehouse, DAY_3).closed == 1
    assert session_of(load).closed_reason == "The load is no longer listed."


def test_empty_load_closes_with_the_second_sync(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    Unit.objects.update(gone_at=DAY_2)
    assert sync(warehouse) == SessionCounts(created=0, reopened=0, closed=0, unchanged=4)
    assert (session_of(load).status, session_of(load).empty_runs) == ("active", 1)
    assert sync(warehouse, DAY_3).closed == 1
    assert session_of(load).closed_reason == "None of its units was on hand in two syncs."


def test_only_syncs_in_a_row_count_as_empty(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    Unit.objects.update(gone_at=DAY_2)
    sync(warehouse)
    Unit.objects.update(gone_at=None)
    sync(warehouse)
    assert session_of(load).empty_runs == 0
    Unit.objects.update(gone_at=DAY_2)
    assert sync(warehouse).closed == 0


@pytest.mark.parametrize("away", [{"order_status": "Delivered"}, {"not_reported_at": DAY_2}])
def test_load_that_comes_back_is_opened_again_with_a_note(warehouse: Warehouse, load: Load, away: dict[str, Any]) -> None:
    sync(warehouse)
    told(load, **away)
    sync(warehouse)
    told(load, order_status="Picked", not_reported_at=None)
    assert sync(warehouse, DAY_3) == SessionCounts(created=0, reopened=1, closed=0, unchanged=3)
    session = session_of(load)
    assert (session.status, session.closed_by, session.closed_reason, session.closed_at) == ("active", "", "", None)
    assert session.note == "Opened again by a sync: the load is back."


def test_empty_load_is_opened_again_by_its_units(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    Unit.objects.update(gone_at=DAY_2)
    sync(warehouse)
    sync(warehouse)
    Unit.objects.update(gone_at=None, bucket=Bucket.STA)
    assert sync(warehouse).reopened == 1
    assert session_of(load).empty_runs == 0


def test_what_a_person_closed_stays_closed(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    sessions.close(make_actor(warehouse.account), session_of(load), "counted by hand")
    told(load, order_status="Delivered")
    sync(warehouse)
    told(load, order_status="Picked")
    assert sync(warehouse, DAY_3) == SessionCounts(created=0, reopened=0, closed=0, unchanged=4)
    session = session_of(load)
    assert (session.closed_by, session.closed_reason) == (ClosedBy.PERSON, "counted by hand")


def test_without_load_lists_only_buckets_are_followed(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    told(load, order_status="Delivered")
    make_unit(warehouse, "ZZ900102", load=make_load(warehouse, "7QX20260101000000"))
    ScanSession.objects.filter(bucket="FG").delete()
    assert follow(warehouse, loads_judged=False, at=DAY_3) == SessionCounts(created=1, reopened=0, closed=0, unchanged=3)
    assert session_of(load).status == "active"


def test_other_warehouses_are_left_alone(warehouse: Warehouse, load: Load) -> None:
    sync(warehouse)
    other = make_warehouse(warehouse.account, "8QX")
    told(load, order_status="Delivered")
    assert sync(other) == SessionCounts(created=3, reopened=0, closed=0, unchanged=0)
    assert session_of(load).status == "active"


def test_statements_do_not_grow_with_the_loads(warehouse: Warehouse) -> None:
    for number in range(30):
        load = make_load(warehouse, f"7QX202602030915{number:02}", order_status="Delivered" if number % 2 else "")
        make_unit(warehouse, f"ZZ9001{number:02}", load=load)
    with CaptureQueriesContext(connection) as first:
        sync(warehouse)
    with CaptureQueriesContext(connection) as second:
        sync(warehouse)
    assert len(second) < len(first) <= 8
