"""What people keep about units and loads is theirs: no sync writes it (docs/ge-rules.md, “Whose columns”)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from inventory import loads, units
from inventory.models import Load, Scan, Unit
from sync.sources.ge.tables import LOADS, ROSTERS, UNITS
from tests.sync.ge import files
from tests.sync.ge.shop import Shop, make_shop

pytestmark = pytest.mark.django_db

KEPT = {
    "friendly_name": "The big one",
    "colour": "red",
    "tagged": True,
    "wrapped": True,
    "pickup_date": date(2026, 2, 9),
    "category": "Dealer",
    "local_notes": "Door 3.",
}
UNIT_COLUMNS = {"id", "account", "warehouse", "first_seen_at", "gone_at", "product", "local_notes", "stock_key"}
LOAD_COLUMNS = {
    *("id", "account", "warehouse", "number", "not_reported_at", "first_seen_at"),
    *(*loads.LOCAL, "sanity_check", "sanity_checked_by", "sanity_checked_at"),
}


def kept_of(number: str) -> dict[str, Any]:
    names = [*loads.LOCAL, "sanity_check", "sanity_checked_by", "sanity_checked_at"]
    return Load.objects.values(*names).get(number=number)


def worked_upon() -> Shop:
    shop = make_shop()
    shop.bring(files.day_one())
    shop.sync()
    loads.edit_load(shop.owner, shop.load(files.FOR_SALE_LOAD), **KEPT)
    loads.sanity_check(shop.owner, shop.load(files.FOR_SALE_LOAD), "final")
    for serial in ("ZZ900101", "ZZ900001", "ZZ900201"):
        units.note(shop.owner, shop.unit(serial), f"Note on {serial}.")
    shop.scan(files.FOR_SALE_LOAD, "ZZ900101")
    return shop


def test_columns_of_a_load_that_people_write_stay() -> None:
    shop = worked_upon()
    before = kept_of(files.FOR_SALE_LOAD)
    assert before["tagged"] is True
    shop.bring(files.next_day())
    run = shop.sync()
    assert run.stats["changesLogged"] > 0
    assert kept_of(files.FOR_SALE_LOAD) == before


def test_columns_stay_while_a_load_is_not_reported_and_when_it_is_back() -> None:
    shop = worked_upon()
    before = kept_of(files.FOR_SALE_LOAD)
    shop.loads(*files.SOLD_LOADS)
    shop.sync()
    assert shop.load(files.FOR_SALE_LOAD).not_reported_at is not None
    assert kept_of(files.FOR_SALE_LOAD) == before
    shop.bring(files.day_one())
    shop.sync()
    assert kept_of(files.FOR_SALE_LOAD) == before


def test_notes_on_units_stay_when_they_move_go_and_come_back() -> None:
    shop = worked_upon()
    shop.bring(files.next_day())
    shop.sync()
    assert shop.unit("ZZ900201").gone_at is not None
    shop.bring(files.day_one())
    shop.sync()
    notes = dict(Unit.objects.exclude(local_notes="").values_list("serial_key", "local_notes"))
    assert notes == {serial: f"Note on {serial}." for serial in ("ZZ900101", "ZZ900001", "ZZ900201")}


def test_scans_always_lead_to_their_unit() -> None:
    shop = worked_upon()
    scan = Scan.objects.get()
    for lists in (files.next_day(), files.next_day_with_sta_cut(), files.day_one(), files.next_day()):
        shop.bring(lists)
        shop.sync()
        scan.refresh_from_db()
        assert scan.unit == shop.unit("ZZ900101")
        assert scan.session == shop.session(files.FOR_SALE_LOAD)


def test_product_that_a_person_chose_stays() -> None:
    shop = worked_upon()
    product = shop.product("QTX10FRIDGE")
    assert shop.unit("ZZ900101").product == product
    shop.bring(files.next_day())
    shop.sync()
    assert shop.unit("ZZ900101").product == product


def test_no_column_is_both_people_s_and_the_sync_s() -> None:
    synced = {field.name for field in UNITS.fields} | set(UNITS.written_once)
    assert synced.isdisjoint(UNIT_COLUMNS)
    assert synced | UNIT_COLUMNS == {field.name for field in Unit._meta.fields}
    assert {field.name for field in LOADS.fields}.isdisjoint(LOAD_COLUMNS)
    assert {field.name for field in LOADS.fields} | LOAD_COLUMNS == {field.name for field in Load._meta.fields}
    assert not ROSTERS.logged
