from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.acting import Actor
from accounts.errors import NotAllowed, Problem
from accounts.models import Account, AuditLog
from accounts.roles import Role
from inventory import sessions
from inventory.errors import NotAQuantity, NotExpected, NotOnHand, NotScannable, QuantityNeeded, SessionClosed
from inventory.models import Bucket, Load, Product, Scan, ScanSession, Warehouse
from inventory.scanning import Scanned, remove_scan, scan
from tests.build import make_account, make_actor
from tests.inventory.build import DAY_1, make_bulk, make_line, make_load, make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def staff(account: Account) -> Actor:
    return make_actor(account, Role.STAFF)


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    return make_warehouse(account)


@pytest.fixture
def load(warehouse: Warehouse) -> Load:
    return make_load(warehouse)


@pytest.fixture
def of_load(load: Load) -> ScanSession:
    return ScanSession.objects.create(account_id=load.account_id, warehouse=load.warehouse, kind="load", load=load)


@pytest.fixture
def of_asis(warehouse: Warehouse) -> ScanSession:
    return ScanSession.objects.create(account_id=warehouse.account_id, warehouse=warehouse, kind="bucket", bucket="ASIS")


def refused(actor: Actor, session: ScanSession, text: str, quantity: int | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        scan(actor, session, text, quantity=quantity)
    assert not Scan.objects.exists()
    return caught.value


def test_serial_in_any_case_is_its_unit(staff: Actor, warehouse: Warehouse, load: Load, of_load: ScanSession) -> None:
    unit = make_unit(warehouse, "ZZ900104-AD1", load=load, bucket=Bucket.STA)
    scanned = scan(staff, of_load, " zz900104-ad1\u200b")
    assert (scanned.unit, scanned.state, scanned.sentence) == (unit, "new", "ZZ900104-AD1 is scanned.")
    row = Scan.objects.get()
    assert (row.text, row.quantity, row.scanned_by_label, row.account) == ("zz900104-ad1", 1, "Mara", staff.account)


def test_second_scan_of_a_serial_says_so(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101")
    first = scan(staff, of_asis, "ZZ900101")
    second = scan(staff, of_asis, "zz900101")
    assert (second.state, second.scan) == ("again", first.scan)
    assert second.sentence == "ZZ900101 was scanned before, by Mara."
    assert Scan.objects.count() == 1


def test_bulk_line_is_counted_by_a_number(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    line = make_bulk(warehouse, "QTX-TRIMKIT", 5)
    make_bulk(warehouse, "QTX-TRIMKIT", 9, Bucket.STA)
    told = refused(staff, of_asis, "qtxtrimkit")
    assert (type(told), told.sentence) == (QuantityNeeded, "qtxtrimkit has no serials: the lists say 5 pieces.")
    scanned = scan(staff, of_asis, "qtxtrimkit", quantity=5)
    assert (scanned.unit, scanned.state, scanned.sentence) == (line, "new", "QTX-TRIMKIT: all 5 counted.")
    assert Scan.objects.get().quantity == 5


def test_new_count_takes_the_place_of_the_old_one(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_bulk(warehouse, "QTXTRIMKIT", 5)
    scan(staff, of_asis, "QTXTRIMKIT", quantity=5)
    scanned = scan(staff, of_asis, "QTXTRIMKIT", quantity=6)
    assert (scanned.state, scanned.sentence) == ("again", "QTXTRIMKIT: 6 counted, the lists say 5.")
    assert Scan.objects.get().quantity == 6
    entry = AuditLog.objects.get(entity="Scan")
    assert (entry.action, entry.before["quantity"], entry.after["quantity"]) == ("CHANGE", "5", "6")


@pytest.mark.parametrize("quantity", [0, -1, Decimal("2.5"), Decimal("NaN")])
def test_count_is_a_whole_number_above_nought(staff: Actor, warehouse: Warehouse, of_asis: ScanSession, quantity: int) -> None:
    make_bulk(warehouse, "QTXTRIMKIT", 5)
    assert isinstance(refused(staff, of_asis, "QTXTRIMKIT", quantity), NotAQuantity)


def test_fractions_are_counted_where_the_product_has_them(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    rope = Product.objects.create(account=warehouse.account, sku="ROPE", sku_key="ROPE", fractional=True)
    make_bulk(warehouse, "QTXROPE", 5, product=rope)
    assert scan(staff, of_asis, "QTXROPE", quantity=Decimal("2.5")).scan.quantity == Decimal("2.5")


def test_serial_is_one_unit(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101")
    assert refused(staff, of_asis, "ZZ900101", 2).sentence == "ZZ900101 is one unit; 2 of it can't be."


def test_unit_that_is_gone_is_said_to_be(staff: Actor, warehouse: Warehouse, load: Load, of_load: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", load=load, gone_at=DAY_1)
    told = refused(staff, of_load, "ZZ900101")
    assert (type(told), told.sentence) == (NotOnHand, "ZZ900101 is gone since 2026-02-03 09:15: no list names it any more.")


def test_unit_of_another_load_is_led_there(staff: Actor, warehouse: Warehouse, of_load: ScanSession, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", load=make_load(warehouse, "7QX20260120140000", friendly_name="K"), bucket=Bucket.STA)
    for session in (of_load, of_asis):
        told = refused(staff, session, "ZZ900101")
        assert (type(told), told.sentence) == (NotExpected, "ZZ900101 belongs to load K (7QX20260120140000), in STA.")


def test_unit_without_a_load_is_led_to_its_bucket(staff: Actor, warehouse: Warehouse, of_load: ScanSession, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900001", bucket=Bucket.FG)
    make_bulk(warehouse, "QTXPARTKIT", 8, Bucket.STA)
    assert refused(staff, of_asis, "ZZ900001").sentence == "ZZ900001 belongs to no load that is listed; it is in FG."
    assert refused(staff, of_load, "ZZ900001").hint == "Scan it in the session of bucket FG."
    assert isinstance(refused(staff, of_asis, "QTXPARTKIT", 8), NotExpected)


def test_roster_serial_that_is_not_here_is_said_to_be(staff: Actor, load: Load, of_load: ScanSession) -> None:
    make_line(load, "ZZ900301")
    told = refused(staff, of_load, "zz900301")
    assert told.sentence == "ZZ900301 is on the roster of load 7QX20260203091500, but no list says that it is here."


def test_model_of_units_with_serials_is_no_line(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", "QTX10FRIDGE")
    told = refused(staff, of_asis, "qtx10fridge")
    assert (type(told), told.hint) == (NotScannable, "Scan the serial of the unit.")


def test_unknown_text_is_named(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_unit(make_warehouse(warehouse.account, "8QX"), "ZZ900101")
    assert "“ZZ900101” is known in Warehouse 7QX" in refused(staff, of_asis, "ZZ900101").sentence


@pytest.mark.parametrize("text", ["", " \u200b ", "Z" * 81, "ZZ\x00900101", "ZZ\n900101"])
def test_text_that_can_be_nothing_is_refused(staff: Actor, of_asis: ScanSession, text: str) -> None:
    assert isinstance(refused(staff, of_asis, text), NotScannable)


def test_text_without_letters_is_no_line_without_a_model(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", "")
    assert isinstance(refused(staff, of_asis, "---"), NotOnHand)


def test_closed_session_takes_and_gives_nothing(staff: Actor, warehouse: Warehouse, load: Load, of_load: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101", load=load)
    made = scan(staff, of_load, "ZZ900101")
    sessions.close(staff, of_load, "loaded")
    for again in (lambda: scan(staff, of_load, "ZZ900101"), lambda: remove_scan(staff, made.scan)):
        with pytest.raises(SessionClosed, match="This session is closed: loaded"):
            again()
    assert Scan.objects.count() == 1


def test_removed_scan_leaves_a_trace_and_can_be_made_again(staff: Actor, warehouse: Warehouse, of_asis: ScanSession) -> None:
    unit = make_unit(warehouse, "ZZ900101")
    made = scan(staff, of_asis, "ZZ900101")
    key = made.scan.pk
    remove_scan(staff, made.scan)
    remove_scan(staff, Scan(pk=key, account=staff.account))
    entry = AuditLog.objects.get(entity="Scan")
    assert (entry.action, entry.entity_id, entry.before["unit"]) == ("DELETE", str(key), unit.pk)
    assert scan(staff, of_asis, "ZZ900101").state == "new"


def test_viewer_scans_nothing(account: Account, warehouse: Warehouse, of_asis: ScanSession) -> None:
    make_unit(warehouse, "ZZ900101")
    made: Scanned = scan(make_actor(account), of_asis, "ZZ900101")
    viewer = make_actor(account, Role.VIEWER)
    with pytest.raises(NotAllowed):
        scan(viewer, of_asis, "ZZ900101")
    with pytest.raises(NotAllowed):
        remove_scan(viewer, made.scan)


def test_session_of_another_account_does_not_exist(of_asis: ScanSession) -> None:
    with pytest.raises(ScanSession.DoesNotExist):
        scan(make_actor(make_account("8QX")), of_asis, "ZZ900101")
