from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import AuditLog
from inventory.models import Load, Scan, ScanSession, Warehouse
from tests.admin.pages import page, queries_of, text_of
from tests.admin.stock import make_bucket_session, make_scan, make_session
from tests.inventory.build import make_bulk, make_load, make_unit

LIST = "/admin/inventory/scansession/"


@pytest.fixture
def load(warehouse: Warehouse) -> Load:
    return make_load(warehouse, friendly_name="K")


@pytest.fixture
def session(load: Load) -> ScanSession:
    return make_session(load)


def page_of(session: ScanSession) -> str:
    return f"{LIST}{session.pk}/change/"


def scan(browser: Client, session: ScanSession, text: str, **more: str) -> dict[str, str]:
    """What the page's program is told."""
    answer = browser.post(f"{LIST}{session.pk}/scan/", {"text": text, **more}, headers={"accept": "application/json"})
    assert answer.status_code == 200
    told: dict[str, str] = answer.json()
    return told


def test_list_shows_open_sessions_with_their_progress(viewer: Client, warehouse: Warehouse, load: Load, session: ScanSession) -> None:
    make_scan(session, make_unit(warehouse, "ZZ900101", load=load))
    make_unit(warehouse, "ZZ900102", load=load)
    make_bucket_session(warehouse)
    make_session(make_load(warehouse, "7QX20260120140000"), status="closed", closed_by="sync", closed_reason="The load is delivered.")
    shown = page(viewer, LIST)
    assert "Active 2 Closed 1 All 3" in shown
    assert re.search(r"Load K \w+ Active 1 of 2", shown)
    assert re.search(r"ASIS without a load \w+ Active 0 of 0", shown)
    assert "The load is delivered." not in shown
    assert "The load is delivered." in page(viewer, f"{LIST}?state=closed")


def test_scan_of_a_new_unit_and_of_the_same_again(staff: Client, warehouse: Warehouse, load: Load, session: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", load=load)
    first = scan(staff, session, "zz900101")
    assert (first["state"], first["word"], first["sentence"]) == ("new", "Scanned", "ZZ900101 is scanned.")
    assert "1 of 1" in first["html"]
    again = scan(staff, session, "ZZ900101")
    assert (again["state"], again["word"]) == ("again", "Scanned before")
    assert Scan.objects.get().scanned_by_label == "staff"


def test_what_is_not_known_is_not_taken_and_says_why(staff: Client, session: ScanSession) -> None:
    told = scan(staff, session, "NOPE1")
    assert (told["state"], told["word"]) == ("unknown", "Not taken")
    assert "“NOPE1”" in told["sentence"]
    assert told["hint"] == "Look at the label again. If it is right, wait for the next sync."
    assert not Scan.objects.exists()


def test_without_a_script_the_whole_page_answers(staff: Client, warehouse: Warehouse, load: Load, session: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", load=load)
    answer = staff.post(f"{LIST}{session.pk}/scan/", {"text": "ZZ900101"})
    assert "Scanned ZZ900101 is scanned." in text_of(answer)
    assert 'data-state="new"' in answer.content.decode()


def test_model_without_serials_asks_for_a_number_and_takes_it(
    staff: Client, warehouse: Warehouse, load: Load, session: ScanSession
) -> None:
    make_bulk(warehouse, "QTXTRIMKIT", 5, load=load)
    asked = scan(staff, session, "qtxtrimkit")
    assert (asked["state"], asked["word"]) == ("count", "Count them")
    told = scan(staff, session, "QTXTRIMKIT", quantity="4")
    assert told["sentence"] == "QTXTRIMKIT: 4 counted, the lists say 5."
    assert "4 of 5" in told["html"]
    assert scan(staff, session, "QTXTRIMKIT", quantity="four")["sentence"] == "“four” is not a number of pieces."
    assert scan(staff, session, "QTXTRIMKIT", quantity="NaN")["state"] == "unknown"


def test_scanned_text_is_shown_as_text(staff: Client, session: ScanSession) -> None:
    answer = staff.post(f"{LIST}{session.pk}/scan/", {"text": "<b>ZZ</b>"})
    assert "<b>ZZ</b>" not in answer.content.decode()
    assert "“<b>ZZ</b>”" in text_of(answer)


def test_page_shows_the_last_scans_and_what_is_left(viewer: Client, warehouse: Warehouse, load: Load, session: ScanSession) -> None:
    make_scan(session, make_unit(warehouse, "ZZ900101", load=load))
    make_unit(warehouse, "ZZ900102", load=load)
    shown = page(viewer, page_of(session))
    last, left = shown.index("Last scans"), shown.index("Still to scan: 1")
    assert last < shown.index("ZZ900101") < left < shown.index("ZZ900102")
    assert "Scanning needs the role staff." in shown


def test_scan_is_removed(staff: Client, warehouse: Warehouse, load: Load, session: ScanSession) -> None:
    row = make_scan(session, make_unit(warehouse, "ZZ900101", load=load))
    address = f"{LIST}{session.pk}/scans/{row.pk}/remove/"
    assert "The scan of ZZ900101 is removed." in text_of(staff.post(address))
    assert not Scan.objects.exists()
    assert AuditLog.objects.get().action == "DELETE"
    assert "That scan was removed before." in text_of(staff.post(address))


def test_closed_by_hand_takes_no_scan_until_it_is_opened_again(
    staff: Client, warehouse: Warehouse, load: Load, session: ScanSession
) -> None:
    make_unit(warehouse, "ZZ900101", load=load)
    shown = text_of(staff.post(f"{LIST}{session.pk}/close/", {"reason": "Counted by hand"}, follow=True))
    assert "This session is closed: Counted by hand A person closed it" in shown
    assert scan(staff, session, "ZZ900101")["sentence"] == "This session is closed: Counted by hand"
    assert "The session is open again." in text_of(staff.post(f"{LIST}{session.pk}/reopen/", follow=True))
    assert scan(staff, session, "ZZ900101")["state"] == "new"


def test_what_a_sync_closed_is_not_opened_by_hand(staff: Client, load: Load) -> None:
    session = make_session(load, status="closed", closed_by="sync", closed_reason="The load is delivered.")
    assert "A sync opens it again when units of the load are on hand." in page(staff, page_of(session))
    shown = text_of(staff.post(f"{LIST}{session.pk}/reopen/", follow=True))
    assert "A sync closed this session: The load is delivered." in shown


def test_session_of_a_bucket_is_always_open(staff: Client, warehouse: Warehouse) -> None:
    session = make_bucket_session(warehouse)
    assert "Close the session" not in page(staff, page_of(session))
    assert "The session of bucket ASIS is always open." in text_of(staff.post(f"{LIST}{session.pk}/close/", follow=True))


def test_viewer_scans_removes_and_closes_nothing(viewer: Client, warehouse: Warehouse, load: Load, session: ScanSession) -> None:
    row = make_scan(session, make_unit(warehouse, "ZZ900101", load=load))
    for address in ("scan", f"scans/{row.pk}/remove", "close", "reopen"):
        assert viewer.post(f"{LIST}{session.pk}/{address}/", {"text": "ZZ900101"}).status_code == 403, address
    assert Scan.objects.count() == 1


def test_nothing_is_done_by_a_link(staff: Client, session: ScanSession) -> None:
    for address in ("scan", "scans/1/remove", "close", "reopen"):
        assert staff.get(f"{LIST}{session.pk}/{address}/").status_code == 405, address


def test_a_form_of_another_site_is_refused(load: Load, session: ScanSession, staff: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post(f"{LIST}{session.pk}/scan/", {"text": "ZZ900101"}).status_code == 403


def test_sessions_of_another_account_are_not_there(manager: Client, warehouse: Warehouse, foreign: Warehouse) -> None:
    theirs = make_session(make_load(foreign, "8QX20260203091500"))
    row = make_scan(theirs, make_unit(foreign, "ZZ800001", load=theirs.load))
    assert "8QX20260203091500" not in page(manager, f"{LIST}?state=all")
    assert manager.get(page_of(theirs)).status_code == 404
    for address in ("scan", f"scans/{row.pk}/remove", "close", "reopen"):
        assert manager.post(f"{LIST}{theirs.pk}/{address}/", {"text": "ZZ800001"}).status_code == 404, address
    own = make_bucket_session(warehouse)
    assert "That scan was removed before." in text_of(manager.post(f"{LIST}{own.pk}/scans/{row.pk}/remove/"))
    assert Scan.objects.count() == 1


def test_list_takes_as_many_statements_for_many_sessions_as_for_one(viewer: Client, warehouse: Warehouse) -> None:
    def scanned(number: int) -> None:
        load = make_load(warehouse, f"7QX{number:014}")
        make_scan(make_session(load), make_unit(warehouse, f"ZZ{number:06}", load=load))

    scanned(0)
    make_bucket_session(warehouse)
    few = queries_of(viewer, LIST)
    for number in range(1, 20):
        scanned(number)
    assert queries_of(viewer, LIST) == few


def test_a_scan_takes_as_many_statements_in_a_long_session_as_in_a_short_one(
    viewer: Client, warehouse: Warehouse, load: Load, session: ScanSession
) -> None:
    make_scan(session, make_unit(warehouse, "ZZ000000", load=load))
    make_bulk(warehouse, "QTXTRIMKIT", 5, load=load)
    make_unit(warehouse, "ZZ000100", load=load)
    few = queries_of(viewer, page_of(session))
    for number in range(1, 15):
        make_scan(session, make_unit(warehouse, f"ZZ{number:06}", load=load))
        make_unit(warehouse, f"ZZ{100 + number:06}", load=load)
    assert queries_of(viewer, page_of(session)) == few
