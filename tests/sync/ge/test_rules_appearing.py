"""Units that come for the first time, stay, go, and come back (docs/ge-rules.md, “Presence and absence”)."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Scan
from sync.models import SyncChange
from tests.sync.ge.files import bulk, listed, load, unit
from tests.sync.ge.shop import changes, changes_of, make_shop

pytestmark = pytest.mark.django_db

LOAD = "7QX20260203091500"


@pytest.mark.parametrize("bucket", ["FG", "ASIS", "STA"])
def test_unit_of_one_list_appears_in_its_bucket(bucket: str) -> None:
    shop = make_shop()
    run = shop.day(**{bucket: [unit("QTX10FRIDGE", "ZZ900001")]})
    assert shop.on_hand() == {"ZZ900001": bucket}
    assert changes(run) == [("item_appeared", "ZZ900001", None, None)]
    assert (run.stats["newItems"], run.stats["totalGEItems"]) == (1, 1)


def test_appearing_unit_is_told_with_everything_known_of_it() -> None:
    shop = make_shop()
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001", "Reserved")])
    change = SyncChange.objects.get(run=run)
    assert (change.group, change.before) == ("ASIS", None)
    assert change.after is not None
    assert change.after["bucket"] == "ASIS"
    assert change.after["status"] == "Reserved"
    assert change.after["message"] == "Not Available"
    assert change.after["model"] == "QTX10FRIDGE"


def test_units_that_stay_as_they_are_are_not_written() -> None:
    shop = make_shop()
    lists = {"FG": [unit("QTX10FRIDGE", "ZZ900001")], "ASIS": [unit("QTX10FRIDGE", "ZZ900002"), bulk("QTXTRIMKIT", 5)]}
    roster = {LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900002")]}
    shop.day(**lists, loads=[load(LOAD, units=1)], notes={LOAD: "LETTER K"}, rosters=roster)
    with CaptureQueriesContext(connection) as queries:
        run = shop.sync()
    assert changes(run) == []
    assert run.stats["unchangedItems"] == run.stats["totalGEItems"] == 3
    statements = [query["sql"] for query in queries]
    assert any(sql.startswith("INSERT") and "sync_syncrun" in sql for sql in statements)
    writes = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "inventory_(unit|load|loadunit|conflict)"')
    assert not [sql for sql in statements if writes.match(sql)]


def test_unit_that_no_list_has_any_more_is_gone_and_kept() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    assert changes(run) == [("item_disappeared", "ZZ900001", None, None)]
    assert run.stats["deletedItems"] == 1
    gone = shop.unit("ZZ900001")
    assert gone.gone_at is not None
    assert gone.bucket == "ASIS"


def test_gone_unit_is_told_gone_once() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    since = shop.unit("ZZ900001").gone_at
    run = shop.sync()
    assert changes(run) == []
    assert shop.unit("ZZ900001").gone_at == since


def test_unit_that_comes_back_is_the_same_row() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    row = shop.unit("ZZ900001").pk
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    run = shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001")], ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    back = shop.unit("ZZ900001")
    assert (back.pk, back.bucket, back.gone_at) == (row, "FG", None)
    change = SyncChange.objects.get(run=run)
    assert change.type == "item_appeared"
    assert change.before is not None
    assert change.after is not None
    assert (change.before["bucket"], change.after["bucket"]) == ("ASIS", "FG")
    assert (run.stats["revivedItems"], run.stats["newItems"]) == (1, 0)


def test_scans_of_a_gone_unit_are_kept_and_it_comes_back_with_them() -> None:
    shop = make_shop()
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    scan = shop.scan("ASIS", "ZZ900001")
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900002")])
    assert Scan.objects.get(pk=scan.pk).unit.serial_key == "ZZ900001"
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")])
    assert Scan.objects.get(pk=scan.pk).unit == shop.unit("ZZ900001")


def test_unit_on_a_roster_that_no_list_has_is_no_unit() -> None:
    shop = make_shop()
    run = shop.day(
        ASIS=[unit("QTX10FRIDGE", "ZZ900101")],
        loads=[load(LOAD)],
        rosters={LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101"), listed(LOAD, "QTX20WASHER", "ZZ900102")]},
    )
    assert shop.on_hand() == {"ZZ900101": "ASIS"}
    assert changes_of(run, "ZZ900102") == []
    assert (run.stats["rosterUnits"], run.stats["rosterNotOnHand"]) == (2, 1)
    assert shop.load(LOAD).roster.filter(serial_key="ZZ900102").exists()


def test_rostered_unit_that_arrives_later_appears_in_its_load() -> None:
    shop = make_shop()
    roster = {LOAD: [listed(LOAD, "QTX10FRIDGE", "ZZ900101"), listed(LOAD, "QTX20WASHER", "ZZ900102")]}
    shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900101")], loads=[load(LOAD)], rosters=roster)
    run = shop.day(ASIS=[unit("QTX10FRIDGE", "ZZ900101"), unit("QTX20WASHER", "ZZ900102")], loads=[load(LOAD)])
    assert changes(run) == [("item_appeared", "ZZ900102", None, None)]
    assert shop.unit("ZZ900102").load == shop.load(LOAD)
