from __future__ import annotations

import re

from django.test import Client

from accounts.models import AuditLog
from inventory.models import Load, Warehouse
from tests.admin.pages import page, queries_of, text_of
from tests.admin.stock import make_scan, make_session
from tests.inventory.build import DAY_2, make_line, make_load, make_unit

LIST = "/admin/inventory/load/"
OTHER = "7QX20260120140000"


def page_of(load: Load) -> str:
    return f"{LIST}{load.pk}/change/"


def rows_of(shown: str) -> str:
    """The roster as the page tells it."""
    return shown[shown.index("Pieces Bucket Availability Scanned") : shown.index("History No sync")]


def work(load: Load, **changes: str) -> dict[str, str]:
    """The form as a browser sends it, with `changes`."""
    return {"friendly_name": load.friendly_name, "category": "", "colour": "", "pickup_date": "", "local_notes": "", **changes}


def test_list_shows_what_is_not_delivered_with_counts_and_progress(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse, friendly_name="K", units=3, tagged=True)
    first = make_unit(warehouse, "ZZ900101", load=load)
    make_unit(warehouse, "ZZ900102", load=load, bucket="STA")
    make_line(load, "ZZ900301")
    make_scan(make_session(load), first)
    make_load(warehouse, OTHER, sale_status="SOLD", order_status="Delivered")
    shown = page(viewer, LIST)
    assert "Not delivered 1 For sale 1 Sold 0 Picked 0 Delivered 1 All 2" in shown
    assert re.search(r"K 7QX20260203091500 \w+ For sale – 3 1 ASIS 1 STA 1 1 of 2 \w+ Tagged –", shown)
    assert OTHER not in shown


def test_search_finds_delivered_loads_by_order_number(viewer: Client, warehouse: Warehouse) -> None:
    make_load(warehouse, OTHER, order_status="Delivered", order_number="9000000002")
    assert OTHER in page(viewer, f"{LIST}?q=9000000002")


def test_a_load_that_is_listed_no_more_has_a_state_of_its_own(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse, not_reported_at=DAY_2)
    assert load.number not in page(viewer, LIST)
    assert load.number in page(viewer, f"{LIST}?state=not_reported")
    assert "has not listed this load since 2026-02-04 09:15" in page(viewer, page_of(load))


def test_page_shows_each_line_of_the_roster_against_what_is_here(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse, sale_status="SOLD", order_status="Picked")
    newer = make_load(warehouse, "7QX20260301080000", friendly_name="M")
    for serial in ("ZZ900101", "ZZ900102", "ZZ900103", "ZZ900104"):
        make_line(load, serial)
    scanned = make_unit(warehouse, "ZZ900101", load=load)
    make_unit(warehouse, "ZZ900102", load=load, bucket="STA", origin="ASIS", status="Reserved")
    make_unit(warehouse, "ZZ900103", load=newer)
    make_scan(make_session(load), scanned)
    rows = rows_of(page(viewer, page_of(load)))
    assert re.search(r"ZZ900101 QTX10FRIDGE 1 ASIS Available \w+ Scanned", rows)
    assert "ZZ900102 QTX10FRIDGE 1 STA, from ASIS Reserved Not yet" in rows
    assert re.search(r"ZZ900103 QTX10FRIDGE 1 \w+ ASIS, in load M Available Not yet", rows)
    assert re.search(r"ZZ900104 QTX10FRIDGE 1 \w+ Not on hand – –", rows)


def test_roster_is_shown_in_parts_and_searched(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    make_line(load, "ZZ900101")
    make_line(load, "ZZ900102", "QTX20WASHER")
    make_unit(warehouse, "ZZ900101", load=load)
    missing = rows_of(page(viewer, f"{page_of(load)}?part=missing"))
    assert "ZZ900102" in missing
    assert "ZZ900101" not in missing
    assert "No line of the roster matches." in page(viewer, f"{page_of(load)}?part=missing&q=fridge")


def test_page_leads_to_the_scan_session(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    session = make_session(load)
    shown = viewer.get(page_of(load)).content.decode()
    assert f"/admin/inventory/scansession/{session.pk}/change/" in shown


def test_staff_notes_the_work_and_nothing_of_the_dealer_system_s(staff: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse, notes="LETTER K")
    staff.post(page_of(load), work(load, friendly_name="K", tagged="on", pickup_date="2026-02-20", notes="mine", sale_status="SOLD"))
    load.refresh_from_db()
    assert (load.friendly_name, load.tagged, str(load.pickup_date)) == ("K", True, "2026-02-20")
    assert (load.notes, load.sale_status) == ("LETTER K", "FOR SALE")
    log = AuditLog.objects.get()
    assert log.before == {"friendly_name": "", "tagged": False, "pickup_date": None}
    assert log.after == {"friendly_name": "K", "tagged": True, "pickup_date": "2026-02-20"}


def test_a_pick_up_with_a_date_can_t_be_to_be_announced(staff: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    answer = staff.post(page_of(load), work(load, pickup_date="2026-02-20", pickup_to_be_announced="on"), follow=True)
    assert "A pick-up with a date is not to be announced." in text_of(answer)
    load.refresh_from_db()
    assert load.pickup_date is None


def test_sanity_check_is_noted_with_who_did_it_and_taken_back(staff: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    address = f"{LIST}{load.pk}/sanity-check/"
    shown = text_of(staff.post(address, {"stage": "early"}, follow=True))
    assert "The early sanity check is noted." in shown
    assert "By staff" in shown
    staff.post(address, {"stage": ""})
    load.refresh_from_db()
    assert (load.sanity_check, load.sanity_checked_by) == ("", "")


def test_final_check_before_the_work_says_what_is_missing(staff: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse, tagged=True)
    shown = text_of(staff.post(f"{LIST}{load.pk}/sanity-check/", {"stage": "final"}, follow=True))
    assert "The load is not wrapped yet, so its final check can't be done." in shown


def test_viewer_only_looks(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)
    assert "Early check done" not in page(viewer, page_of(load))
    assert viewer.post(page_of(load), work(load, tagged="on")).status_code == 403
    assert viewer.post(f"{LIST}{load.pk}/sanity-check/", {"stage": "early"}).status_code == 403
    load.refresh_from_db()
    assert (load.tagged, load.sanity_check) == (False, "")


def test_nothing_is_done_by_a_link(staff: Client, warehouse: Warehouse) -> None:
    assert staff.get(f"{LIST}{make_load(warehouse).pk}/sanity-check/?stage=early").status_code == 405


def test_loads_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    theirs = make_load(foreign, "8QX20260203091500")
    assert "8QX20260203091500" not in page(manager, f"{LIST}?state=all")
    assert manager.get(page_of(theirs)).status_code == 404
    assert manager.post(f"{LIST}{theirs.pk}/sanity-check/", {"stage": "early"}).status_code == 404


def test_list_takes_as_many_statements_for_many_loads_as_for_one(viewer: Client, warehouse: Warehouse) -> None:
    def stocked(number: int) -> None:
        load = make_load(warehouse, f"7QX{number:014}")
        make_scan(make_session(load), make_unit(warehouse, f"ZZ{number:06}", load=load))

    stocked(0)
    few = queries_of(viewer, LIST)
    for number in range(1, 20):
        stocked(number)
    assert queries_of(viewer, LIST) == few


def test_page_takes_as_many_statements_for_a_long_roster_as_for_a_short_one(viewer: Client, warehouse: Warehouse) -> None:
    load = make_load(warehouse)

    def on_roster(number: int) -> None:
        make_line(load, f"ZZ{number:06}")
        make_unit(warehouse, f"ZZ{number:06}", load=load)

    on_roster(0)
    few = queries_of(viewer, page_of(load))
    for number in range(1, 20):
        on_roster(number)
    assert queries_of(viewer, page_of(load)) == few
