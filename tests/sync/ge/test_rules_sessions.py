"""Scan sessions as syncs make, close and reopen them (docs/ge-rules.md, “Sessions”)."""

from __future__ import annotations

import pytest

from inventory import sessions
from inventory.models import ScanSession
from inventory.scanning import progress
from sync.models import SyncRun
from tests.sync.ge import files
from tests.sync.ge.files import Row, bulk, listed, load, total, unit
from tests.sync.ge.shop import Shop, make_shop

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"
ONE, TWO, LOOSE = unit("QTX10FRIDGE", "ZZ900101"), unit("QTX20WASHER", "ZZ900102"), unit("QTX30RANGE", "ZZ900109")
ROSTER = {LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101"), listed(LOAD, "QTX20WASHER", "ZZ900102")]}


def sold(order_status: str) -> Row:
    return load(LOAD, "SOLD", cso="9000000001", cso_status=order_status)


def with_a_load() -> Shop:
    shop = make_shop()
    shop.day(ASIS=[ONE, TWO, LOOSE], loads=[load(LOAD)], rosters=ROSTER)
    return shop


def counts(run: SyncRun) -> tuple[int, int, int, int]:
    """Created, reopened, closed, unchanged."""
    told = run.stats["sessions"]
    return told["created"], told["reopened"], told["closed"], told["unchanged"]


def test_first_sync_makes_one_for_each_bucket_and_each_load_with_units_here() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[ONE], loads=[load(LOAD), load("7QX20260204101500")], rosters=ROSTER)
    places = [(each.bucket or each.load.number, each.status) for each in ScanSession.objects.order_by("pk").select_related("load")]
    assert places == [("FG", "active"), ("ASIS", "active"), ("STA", "active"), (LOAD, "active")]
    assert counts(run) == (4, 0, 0, 0)


def test_next_sync_makes_none_again() -> None:
    shop = with_a_load()
    assert counts(shop.sync()) == (0, 0, 0, 4)
    assert ScanSession.objects.count() == 4


def test_load_whose_units_arrive_later_gets_one_then() -> None:
    shop = make_shop()
    shop.day(ASIS=[LOOSE], loads=[load(LOAD)], rosters=ROSTER)
    assert not ScanSession.objects.filter(load__isnull=False).exists()
    run = shop.day(ASIS=[LOOSE, ONE], loads=[load(LOAD)])
    assert counts(run) == (1, 0, 0, 3)


@pytest.mark.parametrize("order_status", ["Shipped", "Picked"])
def test_load_that_is_sold_and_still_here_stays_open(order_status: str) -> None:
    shop = with_a_load()
    shop.day(ASIS=[ONE, TWO, LOOSE], loads=[sold(order_status)])
    assert shop.session(LOAD).status == "active"


def test_load_that_is_delivered_is_closed() -> None:
    shop = with_a_load()
    run = shop.day(ASIS=[LOOSE], loads=[sold("Delivered")])
    session = shop.session(LOAD)
    assert (session.status, session.closed_by, session.closed_reason) == ("closed", "sync", "The load is delivered.")
    assert counts(run) == (0, 0, 1, 3)
    assert run.stats["sessionsClosed"] == 1


def test_load_that_comes_back_from_delivery_is_reopened() -> None:
    shop = with_a_load()
    shop.day(ASIS=[LOOSE], loads=[sold("Delivered")])
    run = shop.day(ASIS=[ONE, TWO, LOOSE], loads=[sold("Picked")])
    session = shop.session(LOAD)
    assert (session.status, session.closed_reason, session.note) == ("active", "", "Opened again by a sync: the load is back.")
    assert counts(run) == (0, 1, 0, 3)


def test_load_without_a_unit_here_is_closed_at_the_second_sync() -> None:
    shop = with_a_load()
    shop.day(ASIS=[LOOSE], loads=[sold("Picked")])
    assert shop.session(LOAD).status == "active"
    run = shop.sync()
    session = shop.session(LOAD)
    assert (session.status, session.closed_reason) == ("closed", "None of its units was on hand in two syncs.")
    assert counts(run) == (0, 0, 1, 3)


def test_load_that_was_empty_only_once_stays_open() -> None:
    shop = with_a_load()
    shop.day(ASIS=[LOOSE], loads=[sold("Picked")])
    shop.day(ASIS=[ONE, LOOSE], loads=[sold("Picked")])
    shop.day(ASIS=[LOOSE], loads=[sold("Picked")])
    assert shop.session(LOAD).status == "active"


def test_empty_load_whose_units_come_back_is_reopened() -> None:
    shop = with_a_load()
    shop.day(ASIS=[LOOSE], loads=[sold("Picked")])
    shop.sync()
    run = shop.day(ASIS=[ONE, LOOSE], loads=[sold("Picked")])
    assert counts(run) == (0, 1, 0, 3)


def test_session_that_a_person_closed_stays_closed() -> None:
    shop = with_a_load()
    sessions.close(shop.owner, shop.session(LOAD), "Loaded.")
    run = shop.day(ASIS=[ONE, TWO, LOOSE], loads=[sold("Picked")])
    session = shop.session(LOAD)
    assert (session.status, session.closed_by, session.closed_reason) == ("closed", "person", "Loaded.")
    assert counts(run) == (0, 0, 0, 4)


def test_session_that_a_person_closed_is_not_taken_over_by_a_sync() -> None:
    shop = with_a_load()
    sessions.close(shop.owner, shop.session(LOAD), "Loaded.")
    shop.day(ASIS=[LOOSE], loads=[sold("Delivered")])
    shop.day(ASIS=[ONE, TWO, LOOSE], loads=[sold("Picked")])
    assert shop.session(LOAD).closed_by == "person"


def test_broken_list_does_not_empty_a_load() -> None:
    shop = with_a_load()
    shop.upload("stock:ASIS", files.stock_csv([LOOSE], total(3, 0)))
    shop.sync()
    shop.sync()
    assert shop.session(LOAD).status == "active"


def test_staged_unit_stays_in_the_session_of_its_load_with_its_scan() -> None:
    shop = with_a_load()
    shop.scan(LOAD, "ZZ900101")
    shop.day(ASIS=[LOOSE], STA=[ONE, TWO], loads=[sold("Picked")])
    session = shop.session(LOAD)
    found = progress(ScanSession.objects.filter(pk=session.pk))[session.pk]
    assert (found.expected, found.scanned, found.complete) == (2, 1, False)
    shop.scan(LOAD, "ZZ900102")
    assert progress(ScanSession.objects.filter(pk=session.pk))[session.pk].complete


def test_bucket_expects_what_belongs_to_no_load_pieces_included() -> None:
    shop = make_shop()
    shop.day(ASIS=[ONE, TWO, LOOSE, bulk("QTXTRIMKIT", 5)], loads=[load(LOAD)], rosters=ROSTER)
    session = shop.session("ASIS")
    assert progress(ScanSession.objects.filter(pk=session.pk))[session.pk].expected == 6
