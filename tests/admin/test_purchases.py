from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, AuditLog
from accounts.roles import Role
from inventory.models import Movement, ProductAlias, Purchase, Vendor, Warehouse
from tests.admin.bookings import Filled, address, entry, said
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_place, make_product
from tests.inventory.ledger.test_changing_purchases import brought_back


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def filled(browser: Client, shop: Shop, **values: object) -> Filled:
    given = {"product": "qtx-tea", "warehouse": shop.place.pk, "unit_kind": "", "quantity": 40, "unit_cost": "2.5", **values}
    return Filled(browser, "purchase", **given)


def test_staff_enter_a_purchase_and_see_what_came_of_it(staff: Client, shop: Shop) -> None:
    Vendor.objects.create(account=shop.account, name="Tea Traders", name_key="TEA TRADERS")
    soon = timezone.localdate() + timedelta(days=5)
    shown = said(filled(staff, shop, lot="L1", expires_on=soon, vendor="tea  traders", reference="INV-7").book())
    purchase = Purchase.objects.select_related("batch", "vendor").get()
    assert f"Purchase {purchase.pk} is booked: 40 packs of QTX-TEA Tea." in shown
    assert "This expires within 6 days." in shown
    assert "INV-7" in shown
    assert "= 40" in shown
    assert purchase.vendor is not None
    assert shop.packs == 40
    again = said(filled(staff, shop, lot="L1").book())
    assert f"Lot L1 of QTX-TEA Tea came in before, as batch {purchase.batch_id}." in again


def test_a_form_that_is_sent_again_is_booked_once(staff: Client, shop: Shop) -> None:
    form = filled(staff, shop)
    form.book()
    again = said(form.book(quantity=50))
    assert f"Purchase {Purchase.objects.get().pk} was booked with this form before; nothing was booked again." in again
    assert shop.packs == 40


def test_what_is_refused_stands_at_its_field_and_nothing_is_lost(staff: Client, shop: Shop) -> None:
    yesterday = timezone.localdate() - timedelta(days=2)
    answer = filled(staff, shop, expires_on=yesterday, note="A note").book()
    assert "These goods expired on" in said(answer)
    content = answer.content.decode()
    assert 'id="id_expires_on_error"' in content
    assert 'value="A note"' in content
    assert 'value="2.5"' in content
    assert "Enter what one costs" in said(filled(staff, shop, unit_cost="").book())
    assert "No vendor is called “Nobody”." in said(filled(staff, shop, vendor="Nobody").book())
    assert "Enter a quantity above zero" in said(filled(staff, shop, quantity=0).book())
    assert not Purchase.objects.exists()


def test_product_is_found_by_barcode_and_asked_for_where_several_are_meant(staff: Client, shop: Shop) -> None:
    ProductAlias.objects.create(account=shop.account, product=shop.tea, kind="barcode", text="4000-1", key="40001")
    filled(staff, shop, product="40001").book()
    assert Purchase.objects.get().batch.product == shop.tea
    other = make_product(shop.account, "QTX-SOAP", name="Soap")
    ProductAlias.objects.create(account=shop.account, product=other, kind="barcode", text="4000-1", key="40001")
    form = filled(staff, shop, product="4000-1")
    assert "“4000-1” is on 2 products. Choose the one you mean." in said(form.book())
    form.book(product_id=other.pk)
    assert Purchase.objects.filter(batch__product=other).count() == 1
    assert "Choose one of these, or type another." in said(filled(staff, shop, product="soa").book())
    assert "No product has the SKU, barcode, model or name “zzz”." in said(filled(staff, shop, product="zzz").book())


def test_only_warehouses_that_are_kept_here_are_offered(staff: Client, shop: Shop, foreign: Warehouse) -> None:
    second = make_place(shop.account, "BACK")
    content = staff.get(entry("purchase")).content.decode()
    assert "Shop BACK" in content
    assert "8QX" not in content
    filled(staff, shop, warehouse=second.pk).book()
    # The one that was booked in last is offered first.
    assert f'<option value="{second.pk}" selected>' in staff.get(entry("purchase")).content.decode()
    assert "Select a valid choice" in said(filled(staff, shop, warehouse=foreign.pk).book())


def test_viewers_look_and_enter_nothing(viewer: Client, shop: Shop) -> None:
    purchase = shop.buy(40)
    assert "40 packs of QTX-TEA Tea" in page(viewer, address("purchase", purchase.pk))
    assert viewer.get(entry("purchase")).status_code == 403
    assert viewer.post(entry("purchase"), {}).status_code == 403


def test_staff_neither_edit_nor_void(staff: Client, shop: Shop) -> None:
    purchase = shop.buy(40)
    assert "Void …" not in page(staff, address("purchase", purchase.pk))
    for act in ("void", "void-rest"):
        assert staff.get(address("purchase", purchase.pk, act=act)).status_code == 403
        assert staff.post(address("purchase", purchase.pk, act=act)).status_code == 403
    assert staff.get(f"/admin/inventory/purchase/{purchase.pk}/edit/").status_code == 403


def test_other_accounts_find_nothing(browser_as: Callable[[Role], Client], shop: Shop, account: Account) -> None:
    theirs = Shop(make_account("Other")).buy(10)
    owner = browser_as(Role.OWNER)
    edit = f"/admin/inventory/purchase/{theirs.pk}/edit/"
    for found in (address("purchase", theirs.pk), address("purchase", theirs.pk, act="void"), edit):
        assert owner.get(found).status_code == 404
    assert owner.post(address("purchase", theirs.pk, act="void")).status_code == 404
    assert "QTX-TEA" not in page(owner, address("purchase"))


def test_manager_edits_a_purchase(manager: Client, shop: Shop) -> None:
    purchase = shop.buy(40)
    shop.sell(10)
    edit = f"/admin/inventory/purchase/{purchase.pk}/edit/"
    given = {"quantity": "50", "unit_kind": "packs", "unit_cost": "3", "lot": "L9", "reference": "R"}
    assert f"Purchase {purchase.pk} is changed." in said(manager.post(edit, given, follow=True))
    assert shop.packs == 40
    refused = manager.post(edit, {**given, "quantity": "5"}, follow=True)
    assert "10 of batch" in said(refused)
    assert 'id="id_quantity_error"' in refused.content.decode()
    assert 'value="5"' in refused.content.decode()
    assert "Nothing was changed." in said(manager.post(edit, given, follow=True))


def test_manager_sees_what_a_void_will_do_and_does_it(manager: Client, shop: Shop) -> None:
    purchase = shop.buy(40)
    void = address("purchase", purchase.pk, act="void")
    shown = page(manager, void)
    assert "Receipt voided" in shown
    assert "−40 packs 0" in shown
    assert shop.packs == 40
    assert not Movement.objects.filter(kind="receipt_void").exists()
    assert f"Purchase {purchase.pk} is voided." in said(manager.post(void, follow=True))
    assert shop.packs == 0
    assert "was voided before" in said(manager.post(void, follow=True))
    assert AuditLog.objects.filter(entity="Purchase", action="DELETE").count() == 1


def test_purchase_in_use_names_its_sales_and_offers_to_void_the_rest(manager: Client, shop: Shop) -> None:
    purchase = shop.buy(40)
    sale = shop.sell(10)
    answer = manager.get(address("purchase", purchase.pk, act="void"))
    assert f'href="{address("sale", sale.pk)}"' in answer.content.decode()
    rest = address("purchase", purchase.pk, act="void-rest")
    assert rest in answer.content.decode()
    assert "−30 packs" in page(manager, rest)
    assert "What was left of" in said(manager.post(rest, follow=True))
    assert shop.packs == 0


def test_list_finds_by_product_lot_and_number_in_constant_queries(viewer: Client, shop: Shop) -> None:
    purchase = shop.buy(40, lot="LOT-A")
    few = queries_of(viewer, address("purchase"))
    soap = make_product(shop.account, "QTX-SOAP", name="Soap")
    for _ in range(3):
        shop.buy(5, product=soap)
    assert queries_of(viewer, address("purchase")) == few
    listed = address("purchase")
    assert "LOT-A" in page(viewer, f"{listed}?q=lot-a")
    assert "LOT-A" not in page(viewer, f"{listed}?q=soap")
    assert "LOT-A" in page(viewer, f"{listed}?q={purchase.pk}")
    vendor = Vendor.objects.create(account=shop.account, name="V", name_key="V")
    assert "LOT-A" not in page(viewer, f"{listed}?vendor__id__exact={vendor.pk}")
    assert "LOT-A" in page(viewer, f"{listed}?batch__warehouse__id__exact={shop.place.pk}")


def test_what_came_back_from_a_customer_was_not_bought(manager: Client, shop: Shop) -> None:
    bought = brought_back(shop, 2)
    assert "10 packs 2 left" in page(manager, address("purchase"))
    assert "10 packs of QTX-TEA" in page(manager, address("purchase", bought.pk))
    form = manager.get(f"/admin/inventory/purchase/{bought.pk}/edit/").context["form"]
    assert form.initial["quantity"] == 10


def test_suggestions_are_the_accounts_own(viewer: Client, shop: Shop) -> None:
    shop.buy(40)
    Shop(make_account("Other"), name="Theirs")
    found = viewer.get("/admin/inventory/purchase/products/?q=qtx").json()
    assert [option["value"] for option in found["options"]] == ["QTX-TEA"]
    exact = viewer.get("/admin/inventory/purchase/products/?q=qtx-tea").json()["exact"]
    assert exact["unit_kind"] == "packs"
    assert "there are 40 packs in Shop MAIN" in exact["sentence"]
    assert viewer.get("/admin/inventory/purchase/vendors/?q=").json()["options"] == []
