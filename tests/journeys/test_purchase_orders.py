"""Goods for a shop that keeps its own stock: ordered by one, approved by another, and come in two parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from inventory.models import Batch, PurchaseOrder
from tests.build import make_member
from tests.inventory.ledger.build import Shop, make_product
from tests.inventory.purchasing.build import line_of, make_vendor
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Visitor]


@pytest.fixture
def shop(live_server: object) -> Shop:
    shop = Shop(purchase_price=Decimal("2.50"))
    make_product(shop.account, "QTX-SOAP", name="Soap")
    make_vendor(shop.account, lead_time_days=14)
    for role in (Role.STAFF, Role.MANAGER):
        make_member(shop.account, role, role.value)
    return shop


def test_ordered_approved_and_received_in_two_parts(shop: Shop, enter: Enter) -> None:
    staff = enter("staff", width=390)
    page = staff.page

    # A draft, with two products; what is wrong stands at its field and what was typed stays.
    staff.go(reverse("admin:inventory_purchaseorder_add"))
    page.fill("#id_vendor", "north supply")
    staff.choose("Go to the draft")
    staff.reads("is drafted. Nothing is ordered before it is approved.")
    for product, quantity in (("qtx-tea", "40"), ("qtx-soap", "6")):
        page.fill("#id_product", product)
        page.fill("#id_quantity", quantity)
        staff.choose("Add it")
        staff.reads(f"{product.upper()} {'Tea' if product == 'qtx-tea' else 'Soap'} is on the order.")
    order = PurchaseOrder.objects.get()
    soap = order.lines.get(product__sku="QTX-SOAP")
    tea = line_of(order, shop.tea)
    page.fill(f"[name=line-{soap.pk}-quantity]", "1.5")
    staff.choose("Save")
    staff.reads("is counted in whole numbers")
    expect(page.locator(f"[name=line-{soap.pk}-quantity]")).to_have_value("1.5")
    page.fill(f"[name=line-{soap.pk}-quantity]", "8")
    staff.choose("Save")
    staff.reads("is changed.")
    staff.reads("A manager approves it.")
    assert staff.is_narrow_enough()

    manager = enter("manager")
    manager.go(reverse("admin:inventory_purchaseorder_change", args=[order.pk]))
    manager.page.fill(f"[name=line-{soap.pk}-unit_price]", "1.20")
    manager.choose("Save and approve")
    manager.reads("is approved. It counts as on order now.")
    manager.go(reverse("admin:inventory_product_stock", args=[shop.tea.pk]))
    expect(manager.page.locator("#on-order")).to_contain_text("40 packs")

    # The first part: not all of the tea, and no soap.
    staff.go(reverse("admin:inventory_purchaseorder_change", args=[order.pk]))
    staff.choose("Receive goods")
    expect(page.locator(f"[name=line-{tea.pk}-unit_cost]")).to_have_value("2.5")
    page.fill(f"[name=line-{tea.pk}-quantity]", "25")
    page.fill(f"[name=line-{tea.pk}-lot]", "L1")
    page.fill(f"[name=line-{tea.pk}-expires_on]", "2999-01-31")
    page.fill(f"[name=line-{soap.pk}-quantity]", "0")
    assert staff.is_narrow_enough()
    page.get_by_role("button", name="Book what came").dblclick()
    staff.reads("More is to come.")
    staff.reads("Partly received")
    assert shop.packs == 25

    # The rest, and what else is on the page of a delivery is what was ordered.
    staff.choose("Receive goods")
    expect(page.locator(f"[name=line-{tea.pk}-quantity]")).to_have_value("15")
    page.fill(f"[name=line-{tea.pk}-lot]", "L2")
    staff.choose("Book what came")
    staff.reads("Everything has come.")
    assert staff.is_narrow_enough()

    rows = Batch.objects.order_by("id").values_list("product__sku", "received", "lot", "expires_on", "unit_cost")
    assert list(rows) == [
        ("QTX-TEA", 25, "L1", date(2999, 1, 31), Decimal("2.5")),
        ("QTX-TEA", 15, "L2", None, Decimal("2.5")),
        ("QTX-SOAP", 8, "", None, Decimal("1.2")),
    ]
    assert shop.packs == 40
    assert PurchaseOrder.objects.get().state == "received"
