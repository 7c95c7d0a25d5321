from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acting import Actor
from inventory.models import Bucket, Load, ScanSession, Unit, Warehouse
from inventory.scanning import Progress, progress, scan
from inventory.sessions import follow
from tests.build import make_account, make_actor
from tests.inventory.build import DAY_1, DAY_2, make_bulk, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(db: None) -> Actor:
    return make_actor(make_account())


@pytest.fixture
def warehouse(actor: Actor) -> Warehouse:
    """ASIS: two units of a load, one without, five pieces; STA: one unit of the load. FG: nothing but what is gone."""
    warehouse = make_warehouse(actor.account)
    load = make_load(warehouse)
    make_unit(warehouse, "ZZ900101", load=load)
    make_unit(warehouse, "ZZ900102", load=load)
    make_unit(warehouse, "ZZ900202", load=load, bucket=Bucket.STA)
    make_unit(warehouse, "ZZ900103")
    make_bulk(warehouse, "QTXTRIMKIT", 5)
    make_unit(warehouse, "ZZ900001", bucket=Bucket.FG, gone_at=DAY_1)
    follow(warehouse, loads_judged=True, at=DAY_1)
    return warehouse


def session(bucket: str) -> ScanSession:
    """The session of a bucket of warehouse 7QX, or of its load for a blank."""
    return ScanSession.objects.get(warehouse__code="7QX", bucket=bucket)


def now(bucket: str) -> tuple[int, int, bool]:
    row = session(bucket)
    found = progress(ScanSession.objects.filter(pk=row.pk))[row.pk]
    return int(found.expected), int(found.scanned), found.complete


def test_expected_is_what_is_on_hand(warehouse: Warehouse) -> None:
    assert {bucket: now(bucket) for bucket in ("", "ASIS", "STA", "FG")} == {
        "": (3, 0, False),
        "ASIS": (6, 0, False),
        "STA": (0, 0, False),
        "FG": (0, 0, False),
    }


def test_complete_when_everything_was_scanned(actor: Actor, warehouse: Warehouse) -> None:
    scan(actor, session("ASIS"), "ZZ900103")
    scan(actor, session("ASIS"), "QTXTRIMKIT", quantity=4)
    assert now("ASIS") == (6, 5, False)
    scan(actor, session("ASIS"), "QTXTRIMKIT", quantity=5)
    assert now("ASIS") == (6, 6, True)


def test_too_many_pieces_do_not_stand_for_a_missing_unit(actor: Actor, warehouse: Warehouse) -> None:
    scan(actor, session("ASIS"), "QTXTRIMKIT", quantity=6)
    assert now("ASIS") == (6, 5, False)


def test_move_to_another_bucket_leaves_a_unit_in_its_load(actor: Actor, warehouse: Warehouse) -> None:
    scan(actor, session(""), "ZZ900101")
    Unit.objects.filter(serial="ZZ900101").update(bucket=Bucket.STA)
    assert now("") == (3, 1, False)


def test_scanned_unit_that_is_gone_or_elsewhere_counts_no_more(actor: Actor, warehouse: Warehouse) -> None:
    for serial in ("ZZ900101", "ZZ900102", "ZZ900202"):
        scan(actor, session(""), serial)
    assert now("") == (3, 3, True)
    Unit.objects.filter(serial="ZZ900101").update(gone_at=DAY_2)
    Unit.objects.filter(serial="ZZ900102").update(load=None)
    assert now("") == (1, 1, True)
    assert now("ASIS") == (7, 0, False)


def test_what_is_left_of_a_dropped_load_is_scanned_with_its_bucket(actor: Actor, warehouse: Warehouse) -> None:
    Load.objects.update(not_reported_at=DAY_2)
    follow(warehouse, loads_judged=True, at=DAY_2)
    scan(actor, session("ASIS"), "ZZ900101")
    assert progress(ScanSession.objects.filter(bucket="ASIS"))[session("ASIS").pk] == Progress(Decimal(8), Decimal(1))
    assert progress(ScanSession.objects.filter(bucket="STA"))[session("STA").pk] == Progress(Decimal(1), Decimal(0))


def test_buckets_of_two_warehouses_are_two_sessions(actor: Actor, warehouse: Warehouse) -> None:
    other = make_warehouse(actor.account, "8QX")
    make_unit(other, "ZZ900103")
    follow(other, loads_judged=True, at=DAY_1)
    asis = ScanSession.objects.get(warehouse=other, bucket="ASIS")
    scan(actor, asis, "ZZ900103")
    assert progress(ScanSession.objects.filter(pk=asis.pk))[asis.pk] == Progress(expected=Decimal(1), scanned=Decimal(1))
    assert now("ASIS") == (6, 0, False)


def test_four_statements_however_many_sessions(actor: Actor, warehouse: Warehouse) -> None:
    for number in range(10):
        make_unit(warehouse, f"ZZ9005{number:02}", load=make_load(warehouse, f"7QX202601011200{number:02}"))
    follow(warehouse, loads_judged=True, at=DAY_2)
    with CaptureQueriesContext(connection) as queries:
        found = progress(ScanSession.objects.all())
    assert (len(found), len(queries)) == (14, 4)
