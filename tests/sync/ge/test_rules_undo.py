"""A GE sync taken back (docs/engine.md, “Undo”)."""

from __future__ import annotations

import pytest

from inventory import units
from sync import runs
from sync.models import Status, SyncRun
from tests.sync.ge import files
from tests.sync.ge.shop import Shop, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """After the next day."""
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    shop.bring(files.next_day())
    shop.sync()
    return shop


def undone(shop: Shop, run: SyncRun) -> SyncRun:
    before = runs.preview_undo(shop.manager, run)
    undo = shop.undo(run)
    assert undo.status == Status.SUCCEEDED
    assert undo.stats["undoReversed"] == len(before.reversed)
    return undo


def test_units_are_where_they_were_with_what_they_had(shop: Shop) -> None:
    undone(shop, shop.last)
    assert shop.on_hand() == {
        "ZZ900001": "FG",
        "ZZ900002": "FG",
        "ZZ900101": "ASIS",
        "ZZ900102": "ASIS",
        "ZZ900103": "ASIS",
        "ZZ900104-AD1": "ASIS",
        "ZZ900201": "STA",
        "ZZ900202": "STA",
    }
    first = shop.unit("ZZ900101")
    assert (first.status, first.message, first.origin, first.order_number) == ("Available", "", "ASIS", "")
    assert first.load == shop.load(files.FOR_SALE_LOAD)


def test_loads_are_what_they_were(shop: Shop) -> None:
    undone(shop, shop.last)
    load = shop.load(files.FOR_SALE_LOAD)
    assert (load.sale_status, load.order_status, load.order_number, load.submitted_at) == ("FOR SALE", "", "", None)


def test_undo_logs_moves_back(shop: Shop) -> None:
    undo = undone(shop, shop.last)
    back = undo.changes.filter(type="item_migrated").order_by("label").values_list("label", "old", "new")
    assert list(back) == [
        ("ZZ900002", "STA", "FG"),
        ("ZZ900101", "STA", "ASIS"),
        ("ZZ900102", "STA", "ASIS"),
        ("ZZ900103", "STA", "ASIS"),
    ]


def test_next_sync_brings_the_day_again(shop: Shop) -> None:
    run = shop.last
    undone(shop, run)
    again = shop.sync()
    assert again.counters == run.counters
    assert again.changes_logged == run.changes_logged


def test_session_that_the_day_closed_is_open_again() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    delivered = files.load(files.FOR_SALE_LOAD, "SOLD", cso="9000000003", cso_status="Delivered")
    shop.bring({**files.day_one(), "loads:history": files.loads_xls([delivered, *files.SOLD_LOADS], history=True)})
    run = shop.sync()
    assert shop.session(files.FOR_SALE_LOAD).status == "closed"
    undone(shop, run)
    assert shop.session(files.FOR_SALE_LOAD).status == "active"


def test_unit_that_was_scanned_or_noted_upon_since_is_not_taken_away() -> None:
    shop = make_shop()
    shop.bring(files.day_one())
    run = shop.sync()
    shop.scan("FG", "ZZ900001")
    units.note(shop.owner, shop.unit("ZZ900002"), "Dent on the left side.")
    undo = undone(shop, run)
    refused = {(step["label"], step["reason"]) for step in undo.details["undo"]["refused"] if step["entity"] == "unit"}
    assert refused == {("ZZ900001", "It was scanned."), ("ZZ900002", "Somebody has written a note on it.")}
    assert shop.on_hand() == {"ZZ900001": "FG", "ZZ900002": "FG"}
