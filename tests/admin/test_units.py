from __future__ import annotations

from datetime import timedelta

from django.test import Client

from accounts.models import Account, AuditLog
from inventory.models import Unit, Warehouse
from tests.admin.pages import page, queries_of
from tests.admin.stock import make_bucket_session, make_conflict, make_product, make_scan, make_session
from tests.inventory.build import DAY_1, DAY_2, make_bulk, make_load, make_unit

LIST = "/admin/inventory/unit/"


def page_of(unit: Unit) -> str:
    return f"{LIST}{unit.pk}/change/"


def test_list_shows_what_is_on_hand_and_counts_the_rest(viewer: Client, warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101")
    make_unit(warehouse, "ZZ900102", bucket="STA", origin="ASIS", status="Reserved")
    make_unit(warehouse, "ZZ900103", gone_at=DAY_2)
    shown = page(viewer, LIST)
    assert "On hand 2" in shown
    assert "Gone 1" in shown
    assert "All 3" in shown
    assert "STA, from ASIS" in shown
    assert "ZZ900103" not in shown


def test_search_finds_units_that_are_gone(viewer: Client, warehouse: Warehouse) -> None:
    make_unit(warehouse, "ZZ900103", gone_at=DAY_2)
    make_unit(warehouse, "ZZ900104")
    shown = page(viewer, f"{LIST}?q=zz900103")
    assert "Gone since 2026-02-04" in shown
    assert "ZZ900104" not in shown


def test_filters_by_bucket_availability_load_and_type(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    fridge = make_product(account, product_type="Refrigerator")
    make_unit(warehouse, "ZZ900101", load=load, product=fridge)
    make_unit(warehouse, "ZZ900201", bucket="STA", status="Reserved")
    for query in ("bucket__exact=ASIS", "status=Available", f"load__id__exact={load.pk}", "product_product_type=Refrigerator"):
        shown = page(viewer, f"{LIST}?{query}")
        assert "ZZ900101" in shown, query
        assert "ZZ900201" not in shown, query


def test_filters_by_what_a_session_still_misses(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    of_load, of_bucket = make_session(load), make_bucket_session(warehouse)
    scanned, missing = make_unit(warehouse, "ZZ900101", load=load), make_unit(warehouse, "ZZ900102", load=load)
    loose = make_unit(warehouse, "ZZ900103")
    make_scan(of_load, scanned)
    shown = page(viewer, f"{LIST}?session={of_load.pk}&scanned=no")
    assert missing.serial in shown
    assert scanned.serial not in shown
    assert loose.serial not in shown
    shown = page(viewer, f"{LIST}?session={of_bucket.pk}")
    assert loose.serial in shown
    assert missing.serial not in shown


def test_session_of_another_account_filters_everything_away(viewer: Client, warehouse: Warehouse, foreign: Warehouse) -> None:
    make_unit(warehouse, "ZZ900101")
    make_bucket_session(warehouse)
    theirs = make_bucket_session(foreign)
    assert "ZZ900101" not in page(viewer, f"{LIST}?session={theirs.pk}")


def test_page_tells_where_a_unit_is_and_what_happened_to_it(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse, friendly_name="K", order_number="9000000001")
    unit = make_unit(warehouse, "ZZ900101", bucket="STA", origin="ASIS", load=load, order_number="9000000001")
    make_scan(make_session(load), unit)
    make_conflict(warehouse, unit=unit)
    shown = page(viewer, page_of(unit))
    assert "STA, from ASIS" in shown
    assert "by Stan in Load K" in shown
    assert "Another model under the same serial" in shown
    assert "Nobody" not in shown


def test_staff_writes_a_note_and_history_tells_it(staff: Client, warehouse: Warehouse) -> None:
    unit = make_unit(warehouse, "ZZ900101", bucket="ASIS")
    staff.post(page_of(unit), {"local_notes": "Dent on the left side", "bucket": "FG", "serial": "ZZ1"})
    unit.refresh_from_db()
    assert (unit.local_notes, unit.bucket, unit.serial) == ("Dent on the left side", "ASIS", "ZZ900101")
    log = AuditLog.objects.get()
    assert (log.entity, log.before, log.after) == ("Unit", {"local_notes": ""}, {"local_notes": "Dent on the left side"})
    assert "Our notes nothing → became Dent on the left side" in page(staff, page_of(unit))


def test_viewer_writes_no_note(viewer: Client, warehouse: Warehouse) -> None:
    unit = make_unit(warehouse, "ZZ900101")
    assert viewer.post(page_of(unit), {"local_notes": "x"}).status_code == 403
    assert not Unit.objects.exclude(local_notes="").exists()


def test_nobody_adds_or_deletes_units(manager: Client, warehouse: Warehouse) -> None:
    unit = make_unit(warehouse, "ZZ900101")
    assert manager.get(f"{LIST}add/").status_code == 403
    assert manager.post(f"{LIST}{unit.pk}/delete/", {"post": "yes"}).status_code == 403


def test_bulk_lines_are_named_by_their_pieces(viewer: Client, warehouse: Warehouse) -> None:
    make_bulk(warehouse, "QTXTRIMKIT", 5)
    assert "5 pieces QTXTRIMKIT" in page(viewer, LIST)


def test_units_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    theirs = make_unit(foreign, "ZZ800001")
    assert "ZZ800001" not in page(manager, f"{LIST}?state=all")
    assert manager.get(page_of(theirs)).status_code == 404
    assert manager.post(page_of(theirs), {"local_notes": "x"}).status_code in (403, 404)
    assert manager.get(f"{LIST}{theirs.pk}/history/").status_code == 404


def test_list_takes_as_many_statements_for_many_units_as_for_one(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    fridge = make_product(account)
    make_unit(warehouse, "ZZ900000", load=make_load(warehouse), product=fridge)
    few = queries_of(viewer, LIST)
    for number in range(1, 30):
        load = make_load(warehouse, f"7QX{number:014}")
        make_unit(warehouse, f"ZZ9001{number:02}", load=load, product=fridge, first_seen_at=DAY_1 + timedelta(days=number))
    assert queries_of(viewer, LIST) == few
    assert few <= 12
