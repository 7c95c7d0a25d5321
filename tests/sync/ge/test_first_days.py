"""The small warehouse of the reading tests, synced on two days (docs/ge-rules.md, the worked example)."""

from __future__ import annotations

import pytest

from inventory.models import ScanSession, Unit
from sync.models import Status
from tests.sync.ge import files
from tests.sync.ge.shop import changes, make_shop, types

pytestmark = pytest.mark.django_db


def test_first_sync_stores_every_unit_and_line_once() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    run = shop.sync()
    assert (run.status, run.errors) == (Status.SUCCEEDED, [])
    assert run.counters["inserted"] == 11
    assert types(run) == {"item_appeared": 11, "load_appeared": 3}
    assert run.changes_logged == 14
    assert Unit.objects.count() == 11
    assert shop.unit("ZZ900101").load == shop.load(files.FOR_SALE_LOAD)
    assert not Unit.objects.filter(serial_key="ZZ900301").exists()


def test_first_sync_opens_the_sessions() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    sessions = {(each.load.number if each.load else each.bucket): each.status for each in ScanSession.objects.select_related("load")}
    assert sessions == {
        files.FOR_SALE_LOAD: "active",
        files.PICKED_LOAD: "active",
        files.DELIVERED_LOAD: "closed",
        "FG": "active",
        "ASIS": "active",
        "STA": "active",
    }


def test_second_sync_of_the_same_lists_changes_nothing() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    run = shop.sync()
    assert run.status == Status.SUCCEEDED
    assert run.changes_logged == 0
    assert run.counters["unchanged"] == run.counters["processed"] == 11


def test_next_day_moves_units_and_keeps_them() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    before = shop.unit("ZZ900101").pk
    shop.bring(files.next_day())
    run = shop.sync()
    assert types(run) == {
        "item_migrated": 4,
        "item_reserved": 3,
        "item_message_changed": 3,
        "item_disappeared": 1,
        "item_cso_changed": 2,
        "load_sold": 1,
        "load_cso_assigned": 1,
        "load_cso_status_changed": 1,
    }
    assert ("item_migrated", "ZZ900101", "ASIS", "STA") in changes(run)
    assert shop.unit("ZZ900101").pk == before
    assert run.stats["migrated"] == {"ASIS-STA": 3, "FG-STA": 1}
    assert shop.unit("ZZ900201").gone_at is not None


def test_truncated_staged_list_holds_what_it_may_have_had() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    day = files.next_day()
    staged = [row for row in files.NEXT_DAY["STA"] if row[1] != "ZZ900002"]
    day["stock:STA"] = files.stock_xls(staged, files.total(5, 8))
    shop.bring(day)
    run = shop.sync()
    assert run.status == Status.PARTIAL
    expected = {"totalGEItems": 4, "newItems": 0, "updatedItems": 0, "unchangedItems": 4, "migratedItems": 0, "deletedItems": 0}
    expected |= {"heldItems": 7, "itemsInLoads": 3, "unassignedItems": 2, "forSaleLoads": 0, "pickedLoads": 2, "changesLogged": 3}
    assert {name: run.stats[name] for name in expected} == expected
    assert [error["code"] for error in run.errors] == ["footer_mismatch"]
    assert run.message.startswith("FG and ASIS were applied. STA was not: ")
    assert "7 entries were kept unconfirmed." in run.message
