from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Account, AuditLog
from inventory.models import Vendor, Warehouse
from inventory.vendors import add_vendor
from tests.admin.pages import page, queries_of, text_of
from tests.admin.stock import make_product
from tests.build import make_actor

LIST = "/admin/inventory/vendor/"
FORM = {"name": "North Supply", "code": "N-1", "email": "desk@north.example", "phone": "555 0100", "lead_time_days": "14", "notes": ""}


@pytest.fixture
def north(account: Account) -> Vendor:
    return add_vendor(make_actor(account), name="North Supply", code="N-1", lead_time_days=1)


def page_of(vendor: Vendor) -> str:
    return f"{LIST}{vendor.pk}/change/"


def test_list_shows_lead_time_and_products(viewer: Client, account: Account, north: Vendor) -> None:
    make_product(account, vendor=north)
    add_vendor(make_actor(account), name="South", active=False)
    shown = page(viewer, LIST)
    assert "North Supply N-1" in shown
    assert "1 day 1" in shown
    assert "South" not in shown
    assert "South" in page(viewer, f"{LIST}?q=sou")


def test_products_of_a_vendor_are_a_click_away(viewer: Client, account: Account, north: Vendor) -> None:
    make_product(account, "QTX1", vendor=north)
    make_product(account, "QTX2")
    link = f"/admin/inventory/product/?vendor__id__exact={north.pk}"
    assert link in viewer.get(LIST).content.decode()
    shown = page(viewer, link)
    assert "QTX1" in shown
    assert "QTX2" not in shown


def test_staff_adds_and_manager_changes(staff: Client, manager: Client, account: Account) -> None:
    assert staff.post(f"{LIST}add/", FORM).status_code == 302
    vendor = Vendor.objects.get()
    assert (vendor.account, vendor.name, vendor.lead_time_days, vendor.active) == (account, "North Supply", 14, True)
    assert manager.post(page_of(vendor), {**FORM, "lead_time_days": ""}).status_code == 302
    vendor.refresh_from_db()
    assert (vendor.lead_time_days, vendor.active) == (None, False)
    assert [log.action for log in AuditLog.objects.filter(entity="Vendor").order_by("pk")] == ["ADD", "CHANGE"]


def test_what_is_wrong_comes_back_on_the_form(staff: Client, north: Vendor) -> None:
    answer = staff.post(f"{LIST}add/", {**FORM, "name": "north  supply"})
    assert "There is already a vendor North Supply." in text_of(answer)
    assert 'value="desk@north.example"' in answer.content.decode()
    assert "from 0 to 3,650" in text_of(staff.post(f"{LIST}add/", {**FORM, "name": "X", "code": "", "lead_time_days": "9999"}))


def test_vendor_goes_once_nothing_is_bought_there(manager: Client, account: Account, north: Vendor) -> None:
    product = make_product(account, vendor=north)
    assert "North Supply: 1 product" in page(manager, f"{LIST}{north.pk}/delete/")
    product.delete()
    assert manager.post(f"{LIST}{north.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Vendor.objects.exists()


def test_staff_changes_nothing_and_viewer_adds_nothing(staff: Client, viewer: Client, north: Vendor) -> None:
    assert staff.post(page_of(north), FORM).status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403


def test_vendors_of_another_account_are_not_there(manager: Client, foreign: Warehouse) -> None:
    theirs = add_vendor(make_actor(foreign.account), name="Theirs")
    assert "Theirs" not in page(manager, LIST)
    assert manager.get(page_of(theirs)).status_code == 404


def test_list_takes_as_many_statements_for_many_as_for_one(viewer: Client, account: Account, north: Vendor) -> None:
    few = queries_of(viewer, LIST)
    for number in range(15):
        make_product(account, f"S{number}", vendor=add_vendor(make_actor(account), name=f"V{number}"))
    assert queries_of(viewer, LIST) == few
