from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.roles import Role
from inventory.ledger.counters import Counters
from inventory.models import Allocation, CustomerReturn, Movement, Sale
from tests.admin.bookings import Filled, address, entry, hidden, said
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_place


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account)


def filled(browser: Client, shop: Shop, **values: object) -> Filled:
    return Filled(browser, "sale", **{"product": "QTX-TEA", "warehouse": shop.place.pk, "quantity": 35, **values})


def test_batches_are_shown_before_anything_is_booked(staff: Client, shop: Shop) -> None:
    day = timezone.localdate() + timedelta(days=60)
    shop.buy(10, lot="FIRST", expires_on=day, cost="1")
    shop.buy(20, lot="SECOND", expires_on=day + timedelta(days=60), cost="2")
    shop.buy(30, lot="LAST", cost="3")
    form = filled(staff, shop, price="4")
    shown = said(form.show())
    assert "35 packs of QTX-TEA Tea from Shop MAIN, out of 3 batches." in shown
    assert shown.index("FIRST") < shown.index("SECOND") < shown.index("LAST")
    assert "Cost of goods 65.00 Price of all 140.00 Margin 75.00 (54%)" in shown
    assert "LAST – −5 packs 25 15.00 25 packs" in shown
    assert not Sale.objects.exists()
    assert not Movement.objects.filter(kind="sale").exists()
    assert shop.packs == 60
    booked = said(form.book())
    sale = Sale.objects.get()
    assert f"Sale {sale.pk} is booked: 35 packs of QTX-TEA Tea, out of 3 batches." in booked
    assert shop.packs == 25


def test_reload_and_double_click_book_once(staff: Client, shop: Shop) -> None:
    shop.buy(100)
    form = filled(staff, shop)
    form.show()
    form.book()
    assert "was booked with this form before; nothing was booked again" in said(form.book())
    # The browser's back button leads to the form: showing it again says the same.
    assert "was booked with this form before" in said(form.show())
    assert Sale.objects.count() == 1
    assert shop.packs == 65


def test_what_would_be_taken_is_shown_again_when_stock_has_changed_since(staff: Client, shop: Shop) -> None:
    shop.buy(40, lot="OLD")
    form = filled(staff, shop)
    form.show()
    shop.buy(40, lot="SOONER", expires_on=timezone.localdate() + timedelta(days=90))
    again = form.book()
    assert "This is not what was shown before" in said(again)
    assert "SOONER" in said(again)
    assert not Sale.objects.exists()
    form.shown = again
    form.book()
    assert [each.batch.lot for each in Allocation.objects.select_related("batch")] == ["SOONER"]


def test_another_quantity_than_was_shown_is_shown_again(staff: Client, shop: Shop) -> None:
    shop.buy(40)
    form = filled(staff, shop)
    form.show()
    assert "This is not what was shown before" in said(form.book(quantity=36))
    assert not Sale.objects.exists()


def test_too_little_is_said_at_the_quantity_with_what_there_is(staff: Client, shop: Shop) -> None:
    shop.buy(10)
    shop.buy(2, "pallets")
    shop.buy(50, warehouse=make_place(shop.account, "BACK"))
    answer = filled(staff, shop, note="Keep me").show()
    assert "Only 10 packs of QTX-TEA Tea are in Shop MAIN; 35 were asked for." in said(answer)
    assert "Shop BACK 0 50 0" in said(answer)
    assert "Shop MAIN 2 10 0" in said(answer)
    assert 'id="id_quantity_error"' in answer.content.decode()
    assert 'value="Keep me"' in answer.content.decode()
    assert hidden(answer, "shown") == ""


def test_pallets_that_would_be_opened_are_shown(staff: Client, account: Account) -> None:
    shop = Shop(account, packs_per_pallet=40)
    shop.allow(open_pallets=True)
    shop.buy(2, "pallets", cost="80")
    form = filled(staff, shop, quantity=10, unit_kind="packs")
    shown = said(form.show())
    assert "would be opened into 40 packs." in shown
    assert "A new batch" in shown
    form.book()
    assert shop.level() == Counters(Decimal(1), Decimal(30))


def test_pallets_are_opened_by_hand_once(staff: Client, viewer: Client, account: Account) -> None:
    shop = Shop(account, packs_per_pallet=40)
    shop.buy(2, "pallets", cost="80")
    page_of_opening = reverse("admin:inventory_open_packs")
    assert f"{page_of_opening}?product={shop.tea.pk}" in filled(staff, shop).show().content.decode()
    assert viewer.get(page_of_opening).status_code == 403
    form = Filled(staff, "sale", product="qtx-tea", warehouse=shop.place.pk, unit_kind="pallets", quantity=1)
    form.address = page_of_opening
    assert "1 pallet would be opened into 40 packs." in said(form.show())
    assert shop.level() == Counters(Decimal(2))
    assert "1 pallet opened into 40 packs." in said(form.book())
    assert "That was done before." in said(form.book())
    assert shop.level() == Counters(Decimal(1), Decimal(40))
    many = Filled(staff, "sale", product="qtx-tea", warehouse=shop.place.pk, unit_kind="pallets", quantity=9)
    many.address = page_of_opening
    assert "Fewer than 9 pallets" in said(many.show())


def test_viewers_sell_nothing_and_staff_neither_edit_nor_cancel(viewer: Client, staff: Client, shop: Shop) -> None:
    shop.buy(40)
    sale = shop.sell(10)
    assert viewer.get(entry("sale")).status_code == 403
    assert viewer.post(entry("sale"), {}).status_code == 403
    assert "10 packs of QTX-TEA Tea" in page(viewer, address("sale", sale.pk))
    for place in (address("sale", sale.pk, act="cancel"), f"/admin/inventory/sale/{sale.pk}/edit/"):
        assert staff.get(place).status_code == 403
        assert staff.post(place).status_code == 403


def test_other_accounts_find_nothing(browser_as: Callable[[Role], Client], shop: Shop) -> None:
    other = Shop(make_account("Other"))
    other.buy(10)
    theirs = other.sell(5)
    owner = browser_as(Role.OWNER)
    for found in (address("sale", theirs.pk), address("sale", theirs.pk, act="cancel"), f"/admin/inventory/sale/{theirs.pk}/edit/"):
        assert owner.get(found).status_code == 404
    assert owner.post(address("sale", theirs.pk, act="cancel")).status_code == 404
    form = Filled(owner, "customerreturn", sale=theirs.pk, quantity=1, warehouse=shop.place.pk)
    assert f"There is no sale {theirs.pk}." in said(form.show())


def test_cancelling_shows_where_the_stock_goes(manager: Client, shop: Shop) -> None:
    first = shop.buy(10, expires_at=in_days(100))
    shop.buy(20)
    sale = shop.sell(15)
    let_expire(first)
    cancel = address("sale", sale.pk, act="cancel")
    assert "+10 packs 10" in page(manager, cancel)
    assert Sale.objects.get().status == "booked"
    done = said(manager.post(cancel, follow=True))
    assert f"Sale {sale.pk} is cancelled." in done
    assert "has expired meanwhile" in done
    assert "was cancelled before" in said(manager.post(cancel, follow=True))
    assert shop.packs == 20


def test_sale_is_edited(manager: Client, shop: Shop) -> None:
    shop.buy(40)
    sale = shop.sell(10, price="4")
    edit = f"/admin/inventory/sale/{sale.pk}/edit/"
    assert f"Sale {sale.pk} is changed." in said(manager.post(edit, {"quantity": "12", "price": "", "reference": "B-1"}, follow=True))
    stored = Sale.objects.get()
    assert (stored.quantity, stored.price, stored.reference) == (12, None, "B-1")
    refused = manager.post(edit, {"quantity": "50", "price": "5", "reference": "B-2"})
    assert "Only 28 more packs are there" in said(refused)
    assert 'value="B-2"' in refused.content.decode()
    assert shop.packs == 28


def test_shortfall_is_told_in_words(viewer: Client, shop: Shop) -> None:
    shop.buy(10)
    sale = shop.sell(10)
    Sale.objects.filter(pk=sale.pk).update(quantity=13, shortfall=3)
    assert "3 packs of it were not in stock as far as known." in page(viewer, address("sale", sale.pk))
    assert "3 packs short" in page(viewer, f"{address('sale')}?state=short")


def test_a_part_is_taken_back(staff: Client, shop: Shop) -> None:
    shop.buy(40)
    sale = shop.sell(10)
    assert f"{entry('customerreturn')}?sale={sale.pk}" in staff.get(address("sale", sale.pk)).content.decode()
    form = Filled(staff, "customerreturn", sale=sale.pk, quantity=4, note="Dented")
    shown = said(form.show())
    assert f"Of Sale {sale.pk} (10 packs) 6 packs then stay with the customer." in shown
    assert "Sale taken back" in shown
    booked = said(form.book())
    back = CustomerReturn.objects.get()
    assert f"Return {back.pk} is booked: 4 packs of QTX-TEA Tea." in booked
    assert shop.packs == 34
    shown = page(staff, address("sale", sale.pk))
    assert "Dented" in shown
    assert "Sale taken back" in shown
    assert "At most 6 packs" in said(Filled(staff, "customerreturn", sale=sale.pk, quantity=9).show())
    assert "Enter this, or the sale." in said(Filled(staff, "customerreturn", quantity=1, warehouse=shop.place.pk).show())


def test_goods_without_a_sale_come_into_a_batch_of_their_own(staff: Client, shop: Shop) -> None:
    form = Filled(staff, "customerreturn", product="QTX-TEA", warehouse=shop.place.pk, quantity=2)
    assert "A new batch" in said(form.show())
    assert "is booked: 2 packs" in said(form.book())
    assert shop.packs == 2


def test_lists_ask_the_same_for_many_rows(viewer: Client, shop: Shop) -> None:
    shop.buy(100)
    shop.sell(1, reference="BILL-1")
    few = queries_of(viewer, address("sale"))
    for _ in range(3):
        shop.sell(1)
    assert queries_of(viewer, address("sale")) == few
    assert "BILL-1" in page(viewer, f"{address('sale')}?q=bill-1")
