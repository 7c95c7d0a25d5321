"""A day in a shop that keeps its own stock: goods come in, some are sold, the shelf is counted, and a manager approves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from inventory.models import Count, CountStatus, ProductAlias, Purchase, Sale
from tests.build import make_member
from tests.inventory.ledger.build import Shop, make_product
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Visitor]


@pytest.fixture
def shop(live_server: object) -> Shop:
    shop = Shop()
    ProductAlias.objects.create(account=shop.account, product=shop.tea, kind="barcode", text="4000111", key="4000111")
    make_product(shop.account, "QTX-SOAP", name="Soap")
    for role in (Role.STAFF, Role.MANAGER):
        make_member(shop.account, role, role.value)
    return shop


def scan(visitor: Visitor, text: str) -> None:
    """What a scanner does: type, and press Enter, into whatever has the focus, once the page is there."""
    visitor.page.wait_for_load_state()
    visitor.page.keyboard.type(text)
    visitor.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.once)])
def test_goods_come_in_are_sold_and_counted(shop: Shop, enter: Enter, width: int) -> None:
    staff = enter("staff", width=width)
    page = staff.page

    # A purchase: the scanner's Enter goes on to the quantity, and the product's unit kind is chosen by itself.
    staff.go(reverse("admin:inventory_purchase_add"))
    scan(staff, "4000111")
    expect(page.locator("#id_quantity")).to_be_focused()
    expect(page.locator("#id_product_helptext")).to_contain_text("QTX-TEA Tea")
    expect(page.locator("#id_unit_kind")).to_have_value("packs")
    page.keyboard.type("40")
    page.fill("#id_lot", "L1")
    page.fill("#id_reference", "INV-7")
    page.locator("#id_reference").press("Enter")
    # Nothing is lost, and the field that is wrong has the focus.
    expect(page.locator("#id_unit_cost_error")).to_contain_text("Enter what one costs")
    expect(page.locator("#id_unit_cost")).to_be_focused()
    expect(page.locator("#id_lot")).to_have_value("L1")
    assert staff.is_narrow_enough()
    scan(staff, "2.50")
    staff.reads("is booked: 40 packs of QTX-TEA Tea.")
    assert staff.is_narrow_enough()
    assert Purchase.objects.get().batch.lot == "L1"

    # A sale: what it takes is shown, then booked, once however often the button is pressed.
    staff.go(reverse("admin:inventory_sale_add"))
    scan(staff, "4000111")
    page.keyboard.type("15")
    page.fill("#id_price", "4")
    page.locator("#id_price").press("Enter")
    expect(page.locator("#preview")).to_contain_text("15 packs of QTX-TEA Tea from Shop MAIN, out of one batch.")
    expect(page.locator("#preview")).to_contain_text("22.50 (38%)")
    expect(page.locator("#preview-title")).to_be_focused()
    assert not Sale.objects.exists()
    assert staff.is_narrow_enough()
    page.get_by_role("button", name="Book this sale").dblclick()
    staff.reads("Which batches it took")
    assert Sale.objects.get().quantity == 15
    assert staff.is_narrow_enough()
    assert Sale.objects.count() == 1

    # A count: a line after the other, without touching the page.
    staff.go(reverse("admin:inventory_count_add"))
    page.locator("#id_product").focus()
    scan(staff, "4000111")
    expect(page.locator("#id_counted")).to_be_focused()
    scan(staff, "23")
    staff.reads("is started with one line")
    expect(page.locator("#id_product")).to_be_focused()
    for text in ("qtx-soap", "6", "nothing-like-it", "1"):
        scan(staff, text)
        if text == "6":
            expect(page.locator("#count-said")).to_contain_text("6 packs of QTX-SOAP Soap. 6 packs more than known.")
            expect(page.locator("#id_product")).to_be_focused()
    expect(page.locator("#count-said")).to_have_attribute("data-state", "unknown")
    expect(page.locator("#id_product")).to_have_value("nothing-like-it")
    assert staff.is_narrow_enough()
    count = Count.objects.get()
    assert count.lines.count() == 2

    manager = enter("manager", width=width)
    manager.go(reverse("admin:inventory_count_change", args=[count.pk]))
    manager.choose("See what approving would book …")
    manager.reads("Count: less found")
    assert manager.is_narrow_enough()
    manager.choose("Approve and book the differences")
    manager.reads("is approved, and its differences are booked.")
    assert Count.objects.get().status == CountStatus.APPROVED
    assert shop.packs == 23
    assert manager.is_narrow_enough()
