from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.acting import Actor
from inventory.loads import counts, roster
from inventory.models import Bucket, Load, ScanSession, Warehouse
from inventory.scanning import scan
from inventory.sessions import follow
from tests.build import make_account, make_actor
from tests.inventory.build import DAY_1, make_bulk, make_line, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(db: None) -> Actor:
    return make_actor(make_account())


@pytest.fixture
def warehouse(actor: Actor) -> Warehouse:
    return make_warehouse(actor.account)


@pytest.fixture
def load(actor: Actor, warehouse: Warehouse) -> Load:
    """On the roster: 101 in ASIS and scanned, 202 in STA, 301 not on hand, 302 gone, 303 here but in a newer load, one without a serial.

    Not on the roster, yet in the load: 999.
    """
    load, newer = make_load(warehouse), make_load(warehouse, "7QX20260301091500")
    for serial in ("ZZ900101", "ZZ900202", "ZZ900301", "ZZ900302", "ZZ900303", ""):
        make_line(load, serial, "QTX10FRIDGE" if serial else "QTXTRIMKIT", quantity=1 if serial else 4)
    make_unit(warehouse, "ZZ900101", load=load)
    make_unit(warehouse, "ZZ900202", load=load, bucket=Bucket.STA, status="Reserved")
    make_unit(warehouse, "ZZ900302", load=load, gone_at=DAY_1)
    make_unit(warehouse, "ZZ900303", load=newer)
    make_unit(warehouse, "ZZ900999", load=load)
    make_unit(make_warehouse(actor.account, "8QX"), "ZZ900301")
    make_bulk(warehouse, "QTXTRIMKIT", 4)
    follow(warehouse, loads_judged=True, at=DAY_1)
    scan(actor, ScanSession.objects.get(load=load), "ZZ900101")
    return load


def test_roster_says_where_each_line_is(load: Load) -> None:
    found = [(row.serial, row.on_hand, row.bucket, row.status, row.scanned) for row in roster(load)]
    assert found == [
        ("ZZ900101", True, "ASIS", "Available", True),
        ("ZZ900202", True, "STA", "Reserved", False),
        ("ZZ900301", False, "", "", False),
        ("ZZ900302", False, "", "", False),
        ("ZZ900303", True, "ASIS", "Available", False),
        ("", False, "", "", False),
        ("ZZ900999", True, "ASIS", "Available", False),
    ]


def test_roster_knows_pieces_and_the_newer_load(load: Load) -> None:
    rows = {row.serial: row for row in roster(load)}
    assert (rows[""].model, rows[""].quantity, rows[""].unit) == ("QTXTRIMKIT", 4, None)
    elsewhere = {serial: row.other_load.number for serial, row in rows.items() if row.other_load}
    assert elsewhere == {"ZZ900303": "7QX20260301091500"}
    assert (rows["ZZ900302"].unit is None, rows["ZZ900999"].line) == (False, None)


def test_roster_takes_three_statements(load: Load) -> None:
    with CaptureQueriesContext(connection) as queries:
        for row in roster(load):
            assert row.other_load is None or row.other_load.number
    assert len(queries) == 3


def test_counts_of_a_load(load: Load) -> None:
    found = counts(Load.objects.filter(pk=load.pk))[load.pk]
    assert (found.asis, found.sta, found.fg) == (2, 1, 0)
    assert (found.not_on_hand, found.scanned, found.expected) == (2, 1, 3)


def test_load_without_anything_counts_nothing(warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    found = counts(Load.objects.all())[load.pk]
    assert (found.asis, found.sta, found.fg, found.not_on_hand, found.scanned, found.expected) == (0, 0, 0, 0, 0, 0)


def test_counts_take_four_statements_however_many_loads(warehouse: Warehouse, load: Load) -> None:
    for number in range(10):
        make_unit(warehouse, f"ZZ9005{number:02}", load=make_load(warehouse, f"7QX202601011200{number:02}"))
    with CaptureQueriesContext(connection) as queries:
        assert len(counts(Load.objects.all())) == 12
    assert len(queries) == 4
