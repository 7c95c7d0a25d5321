"""The counters of a run, name by name (docs/ge-rules.md, “Counters”). That they add up is checked after every sync of these tests."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.models import Unit
from sync.models import Kind, SyncChange
from tests.sync.ge import files, sums
from tests.sync.ge.files import bulk, listed, load, total, unit
from tests.sync.ge.shop import Shop, make_shop

pytestmark = pytest.mark.django_db

LOAD, SOLD, GONE = "7QX20260203091500", "7QX20260120140000", "7QX20251201080000"


def busy_day() -> tuple[Shop, Any]:
    """A day on which one of everything happens; the shop and its run."""
    shop = make_shop(patient=False)
    shop.day(
        FG=[unit("QTX10FRIDGE", "ZZ900001"), unit("QTX10FRIDGE", "ZZ900002")],
        ASIS=[unit("QTX20WASHER", "ZZ900101"), unit("QTX20WASHER", "ZZ900102"), unit("QTX20WASHER", "ZZ900103"), bulk("QTXKIT", 5)],
        STA=[unit("QTX30RANGE", "ZZ900201", "Reserved")],
        loads=[load(LOAD, units=2), load(SOLD, "SOLD", cso="9000000001", cso_status="Picked", units=1)],
        rosters={
            LOAD: [listed(LOAD, "QTX20WASHER", "ZZ900101"), listed(LOAD, "QTX20WASHER", "ZZ900102")],
            SOLD: [listed(SOLD, "QTX30RANGE", "ZZ900201")],
        },
    )
    shop.day(
        FG=[unit("QTX10FRIDGE", "ZZ900001")],
        ASIS=[unit("QTX20WASHER", "ZZ900101"), unit("QTX20WASHER", "ZZ900102"), unit("QTX20WASHER", "ZZ900103"), bulk("QTXKIT", 5)],
        STA=[unit("QTX30RANGE", "ZZ900201", "Reserved")],
        loads=[load(LOAD, units=2), load(SOLD, "SOLD", cso="9000000001", cso_status="Picked", units=1)],
    )
    run = shop.day(
        # 001 gone, 002 back; 003 new, and twice in the list.
        FG=[unit("QTX10FRIDGE", "ZZ900002"), unit("QTX10FRIDGE", "ZZ900003"), unit("QTX10FRIDGE", "ZZ900003")],
        # 101 moved, 102 changed, 103 in two lists; the line has other pieces.
        ASIS=[unit("QTX20WASHER", "ZZ900102", "Reserved"), unit("QTX20WASHER", "ZZ900103"), bulk("QTXKIT", 7)],
        STA=[unit("QTX20WASHER", "ZZ900101", "Reserved"), unit("QTX30RANGE", "ZZ900201", "Reserved"), unit("QTX20WASHER", "ZZ900103")],
        loads=[load(LOAD, units=2), load(SOLD, "SOLD", cso="9000000001", cso_status="Picked", units=1), load(GONE, units=4)],
    )
    return shop, run


def test_each_unit_is_counted_once_by_what_became_of_it() -> None:
    _, run = busy_day()
    expected = {
        "totalGEItems": 7,  # 002, 003, 101, 102, 103, 201 and the line
        "newItems": 1,  # 003
        "updatedItems": 2,  # 102 and the line
        "unchangedItems": 1,  # 201
        "migratedItems": 2,  # 101, 103
        "revivedItems": 1,  # 002
        "deletedItems": 1,  # 001
        "heldItems": 0,
        "duplicateRows": 1,  # 003
        "overlaps": 1,  # 103
        "bulkLines": 1,
        "bulkUnits": 7,
    }
    assert {name: run.stats[name] for name in expected} == expected
    assert run.stats["migrated"] == {"ASIS-STA": 2}


def test_general_counters_say_the_same() -> None:
    _, run = busy_day()
    assert run.counters == {
        "processed": 10,
        "inserted": 1,
        "updated": 2,
        "moved": 2,
        "revived": 1,
        "removed": 1,
        "unchanged": 1,
        "skipped": 2,
        "held": 0,
        "unconfirmed": 0,
    }


def test_loads_and_rosters_are_counted() -> None:
    _, run = busy_day()
    expected = {
        "itemsInLoads": 1,  # 102
        "unassignedItems": 1,  # the line
        "forSaleLoads": 2,
        "pickedLoads": 1,
        "loadsFetched": 2,
        "loadsFailed": 1,  # the new load, of which there is no roster yet
        "rosterUnits": 3,
        "rosterNotOnHand": 0,
        "unknownModels": 4,
    }
    assert {name: run.stats[name] for name in expected} == expected


def test_buckets_are_told_apart() -> None:
    _, run = busy_day()
    told = {
        "listed": (2, 2, 3),
        "new": (1, 0, 0),
        "updated": (0, 2, 0),
        "unchanged": (0, 0, 1),
        "movedIn": (0, 0, 2),
        "movedOut": (0, 2, 0),
        "revived": (1, 0, 0),
        "gone": (1, 0, 0),
        "held": (0, 0, 0),
        "bulkLines": (0, 1, 0),
        "bulkUnits": (0, 7, 0),
        "stored": (2, 2, 3),
    }
    assert {name: tuple(run.details[bucket][name] for bucket in ("fg", "asis", "sta")) for name in told} == told


def test_result_is_told_in_a_sentence() -> None:
    _, run = busy_day()
    assert run.message == "7 entries listed: 1 new, 2 moved ASIS to STA, 2 updated, 1 back, 1 gone. 11 changes."


def test_every_change_row_is_counted() -> None:
    _, run = busy_day()
    # 001 gone, 002 back, 003 new; 101: bucket, status, message; 102: status, message; 103: bucket; the line; the new load.
    assert run.changes_logged == run.stats["changesLogged"] == SyncChange.objects.filter(run=run).count() == 11


def test_change_rows_are_numbered_from_one_without_a_gap() -> None:
    _, run = busy_day()
    assert list(run.changes.order_by("seq").values_list("seq", flat=True)) == list(range(1, run.changes_logged + 1))


def test_held_rows_are_input_and_no_units() -> None:
    shop = make_shop()
    run = shop.day(FG=[unit("QTX10FRIDGE", "ZZ900001"), ("QTXKIT", "", "some", "Available", "")][:1])
    shop.upload("stock:FG", files.stock_csv([unit("QTX10FRIDGE", "ZZ900001"), ("QTXKIT", "", "some", "Available", "")], total(1, 0)))
    run = shop.sync()
    assert (run.counters["held"], run.counters["processed"], run.stats["heldItems"]) == (1, 2, 0)
    assert [error["code"] for error in run.errors] == ["quantity_not_whole"]
    assert run.status == "succeeded"


def test_preview_counts_what_the_sync_will_count_and_writes_nothing() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    shop.bring(files.next_day())
    before = sums.on_hand(shop.sync(kind=Kind.PREVIEW))
    preview = shop.sync(kind=Kind.PREVIEW)
    assert (sums.on_hand(preview), SyncChange.objects.filter(run=preview).count()) == (before, 0)
    run = shop.sync()
    assert preview.counters == run.counters
    same = ("totalGEItems", "newItems", "updatedItems", "unchangedItems", "migratedItems", "migrated", "deletedItems", "heldItems")
    assert {name: preview.stats[name] for name in same} == {name: run.stats[name] for name in same}
    assert shop.on_hand()["ZZ900101"] == "STA"


def test_run_that_is_counted_wrong_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.may_break = True
    monkeypatch.setattr("sync.engine.apply.recounted", lambda run, diffs, place: ([10_000] * len(diffs), 0))
    run = shop.sync()
    assert (run.status, run.applied_at) == ("failed", None)
    assert not Unit.objects.exists()
