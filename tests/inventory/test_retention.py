from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Conflict, Scan, ScanSession, Unit, Warehouse
from inventory.retention import prune
from jobs import retention
from tests.build import make_account
from tests.inventory.build import DAY_1, make_bulk, make_unit, make_warehouse

pytestmark = pytest.mark.django_db

LATER = DAY_1 + timedelta(days=91)


@pytest.fixture
def warehouse(db: None) -> Warehouse:
    return make_warehouse(make_account())


def left() -> list[str]:
    return sorted(Unit.objects.values_list("serial", flat=True))


def test_unit_that_has_been_gone_for_long_goes(warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101", gone_at=DAY_1)
    make_bulk(warehouse, "QTXPARTKIT", 4, gone_at=DAY_1)
    make_unit(warehouse, "ZZ900102", gone_at=DAY_1 + timedelta(days=2))
    make_unit(warehouse, "ZZ900103")
    assert prune(LATER) == 2
    assert left() == ["ZZ900102", "ZZ900103"]


def test_unit_that_people_have_dealt_with_stays(warehouse: Warehouse) -> None:
    scanned = make_unit(warehouse, "ZZ900101", gone_at=DAY_1)
    doubted = make_unit(warehouse, "ZZ900102", gone_at=DAY_1)
    make_unit(warehouse, "ZZ900103", gone_at=DAY_1, local_notes="dent left")
    mine = {"account_id": warehouse.account_id}
    session = ScanSession.objects.create(**mine, warehouse=warehouse, kind="bucket", bucket="ASIS")
    Scan.objects.create(**mine, session=session, unit=scanned)
    Conflict.objects.create(**mine, warehouse=warehouse, kind="model_mismatch", key="ZZ900102", unit=doubted, opened_at=DAY_1)
    assert prune(LATER) == 0
    assert left() == ["ZZ900101", "ZZ900102", "ZZ900103"]


def test_one_statement(warehouse: Warehouse) -> None:
    for number in range(10):
        make_unit(warehouse, f"ZZ9001{number:02}", gone_at=DAY_1)
    with CaptureQueriesContext(connection) as queries:
        assert prune(LATER) == 10
    assert len(queries) == 1


def test_daily_clearing_does_it(warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101", gone_at=DAY_1)
    assert retention.once_a_day()
    assert left() == []
