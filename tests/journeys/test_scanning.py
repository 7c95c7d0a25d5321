from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.roles import Role
from inventory.models import Scan, ScanSession
from tests.admin.stock import make_session
from tests.build import make_account, make_member
from tests.inventory.build import make_bulk, make_load, make_unit, make_warehouse
from tests.journeys.conftest import log_in

pytestmark = pytest.mark.django_db(transaction=True)

SERIALS = ("ZZ900101", "ZZ900102", "ZZ900103", "ZZ900104", "ZZ900105")


@pytest.fixture
def session(live_server: object) -> ScanSession:
    """A load of five units and a bulk line of seven."""
    load = make_load(make_warehouse(make_account()), friendly_name="K")
    for serial in SERIALS:
        make_unit(load.warehouse, serial, load=load)
    make_bulk(load.warehouse, "QTXTRIMKIT", 7, load=load)
    return make_session(load)


@pytest.fixture
def floor(tab: Page, session: ScanSession) -> Page:
    """The scan page in the hand of somebody on the floor."""
    log_in(tab, make_member(session.account, Role.STAFF, "stan"))
    tab.goto(f"/admin/inventory/scansession/{session.pk}/change/")
    return tab


def shoot(page: Page, text: str) -> None:
    """What a scanner does: type, and press Enter, into whatever has the focus."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def said(page: Page) -> Locator:
    return page.locator("#scan-said")


def test_a_burst_of_labels_is_taken_without_touching_the_page(floor: Page) -> None:
    for serial in SERIALS:
        shoot(floor, serial.lower())
    expect(said(floor)).to_contain_text("ZZ900105 is scanned.")
    expect(floor.locator("#scan-state")).to_contain_text("5 of 12")
    assert sorted(Scan.objects.values_list("unit__serial", flat=True)) == list(SERIALS)


def test_each_outcome_looks_different_and_refused_ones_stay_in_sight(floor: Page) -> None:
    shoot(floor, "ZZ900101")
    expect(said(floor)).to_have_attribute("data-state", "new")
    shoot(floor, "ZZ900101")
    expect(said(floor)).to_have_attribute("data-state", "again")
    shoot(floor, "NOPE1")
    expect(said(floor)).to_have_attribute("data-state", "unknown")
    shoot(floor, "ZZ900102")
    expect(said(floor)).to_have_attribute("data-state", "new")
    expect(floor.locator("#scan-refused")).to_contain_text("“NOPE1”")


def test_a_model_without_serials_asks_for_a_number_where_it_is_typed_next(floor: Page) -> None:
    shoot(floor, "qtx-trimkit")
    expect(said(floor)).to_have_attribute("data-state", "count")
    expect(floor.locator("input[name=quantity]")).to_be_focused()
    shoot(floor, "7")
    expect(said(floor)).to_contain_text("QTXTRIMKIT: all 7 counted.")
    expect(floor.locator("#scan-text")).to_be_focused()


def test_a_label_scanned_into_the_number_is_not_counted(floor: Page) -> None:
    floor.locator("input[name=quantity]").focus()
    shoot(floor, "ZZ900101")
    floor.locator("#scan-text").focus()
    shoot(floor, "ZZ900102")
    expect(said(floor)).to_contain_text("ZZ900102 is scanned.")
    assert [scan.unit.serial for scan in Scan.objects.select_related("unit")] == ["ZZ900102"]


def test_what_was_scanned_without_a_network_is_sent_when_it_is_back(floor: Page) -> None:
    floor.context.set_offline(True)
    shoot(floor, "ZZ900101")
    expect(said(floor)).to_contain_text("“ZZ900101” is kept and sent again.")
    shoot(floor, "ZZ900102")
    expect(floor.locator("#scan-waiting")).to_have_text("2 scans wait to be sent")
    floor.context.set_offline(False)
    expect(floor.locator("#scan-state")).to_contain_text("2 of 12")
    expect(floor.locator("#scan-waiting")).to_be_hidden()


def test_who_is_logged_out_is_told_that_nothing_is_taken(floor: Page) -> None:
    floor.context.clear_cookies()
    shoot(floor, "ZZ900101")
    expect(said(floor)).to_contain_text("you may have been logged out")
    assert not Scan.objects.exists()


def test_a_scan_is_removed_and_the_field_is_ready_again(floor: Page) -> None:
    shoot(floor, "ZZ900101")
    floor.get_by_label("Remove the scan of ZZ900101").click()
    expect(said(floor)).to_contain_text("The scan of ZZ900101 is removed.")
    expect(floor.locator("#scan-text")).to_be_focused()
    assert not Scan.objects.exists()


def test_the_page_fits_a_narrow_window(floor: Page) -> None:
    assert floor.evaluate("document.documentElement.scrollWidth") <= 390
