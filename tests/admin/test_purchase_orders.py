from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from inventory import purchasing
from inventory.admin import orderpage
from inventory.models import Batch, PurchaseOrder, PurchaseOrderLine, Vendor
from inventory.purchasing import OrderedLine
from tests.admin.bookings import address, entry, hidden, said
from tests.admin.pages import page, queries_of
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_product
from tests.inventory.purchasing.build import fresh, line_of, make_vendor

ORDER = "purchaseorder"


@pytest.fixture
def shop(account: Account) -> Shop:
    shop = Shop(account, purchase_price="2.5")
    make_vendor(account, email="orders@north.example")
    return shop


def drafted(shop: Shop, quantity: Any = 10, **line: Any) -> PurchaseOrder:
    vendor = Vendor.objects.get(account=shop.account, name="North Supply")
    return purchasing.draft(shop.actor, vendor, shop.place, [OrderedLine(shop.tea, quantity, **line)]).order


def do(browser: Client, order: PurchaseOrder, what: str, **values: Any) -> Any:
    return browser.post(reverse(f"admin:inventory_purchaseorder_{what}", args=[order.pk]), values, follow=True)


def of_line(line: PurchaseOrderLine, **values: Any) -> dict[str, Any]:
    return {f"line-{line.pk}-{name}": value for name, value in values.items()}


def test_staff_draft_a_manager_approves_and_goods_come(staff: Client, manager: Client, shop: Shop) -> None:
    vendor = {"vendor": "north supply", "warehouse": shop.place.pk}
    assert "PO-" in said(staff.post(entry(ORDER), vendor, follow=True))
    order = PurchaseOrder.objects.get()
    shown = said(do(staff, order, "line", product="qtx-tea", quantity="10"))
    assert "QTX-TEA Tea is on the order." in shown
    assert "A manager approves it." in shown
    assert "already" in said(do(staff, order, "line", product="qtx-tea", quantity="5"))
    assert do(staff, order, "approve", version=2).status_code == 403
    line = line_of(order, shop.tea)
    seen = staff.get(address(ORDER, order.pk))
    typed = of_line(line, quantity="12", unit_kind="packs", unit_price="2.75", vendor_code="T-9")
    assert "is approved" in said(do(manager, order, "save", version=hidden(seen, "version"), note="Ring twice.", approve="1", **typed))
    order = fresh(order)
    assert (order.state, order.note, line_of(order, shop.tea).quantity) == ("approved", "Ring twice.", 12)
    assert "is marked as sent" in said(do(staff, order, "sent", to="orders@north.example"))
    where = reverse("admin:inventory_purchaseorder_receive", args=[order.pk])
    form = staff.get(where)
    assert f'name="line-{line.pk}-quantity" value="12"' in form.content.decode()
    assert f'name="line-{line.pk}-unit_cost" value="2.75"' in form.content.decode()
    given = {"key": hidden(form, "key"), **of_line(line, quantity="5", unit_cost="2.75", lot="L1", expires_on="2999-01-01")}
    assert "More is to come." in said(staff.post(where, given, follow=True))
    assert "nothing was booked again" in said(staff.post(where, given, follow=True))
    assert (Batch.objects.get().lot, shop.packs) == ("L1", 5)
    shown = said(do(manager, order, "cancel", version=fresh(order).version, why="They have no more."))
    assert "is closed. What came of it stays." in shown
    assert "They have no more." in shown


def test_what_was_typed_stays_where_somebody_was_faster(staff: Client, shop: Shop) -> None:
    order = drafted(shop)
    line = line_of(order, shop.tea)
    purchasing.edit(shop.actor, order, lines={line.pk: {"quantity": 7}})
    typed = of_line(line, quantity="12", unit_kind="packs", unit_price="2.5", vendor_code="")
    answer = do(staff, order, "save", version=1, **typed)
    shown = said(answer)
    assert "Somebody changed this order while you were at it." in shown
    assert "stored: 7 packs at 2.5" in shown
    assert f'name="line-{line.pk}-quantity" value="12"' in answer.content.decode()
    assert line_of(order, shop.tea).quantity == 7
    do(staff, order, "save", version=hidden(answer, "version"), **typed)
    assert line_of(order, shop.tea).quantity == 12


def test_a_refused_save_keeps_everything_as_it_was_typed(staff: Client, shop: Shop) -> None:
    order = drafted(shop)
    line = line_of(order, shop.tea)
    answer = do(
        staff, order, "save", version=1, note="x", **of_line(line, quantity="1.5", unit_kind="packs", unit_price="-1", vendor_code="<b>")
    )
    assert "QTX-TEA" in said(answer)
    assert "whole numbers" in said(answer)
    body = answer.content.decode()
    assert 'value="1.5"' in body
    assert "&lt;b&gt;" in body
    assert (fresh(order).version, fresh(order).note) == (1, "")
    assert "is changed" in said(do(staff, order, "save", version=1, **of_line(line, remove="1")))
    assert not order.lines.exists()


def test_receiving_says_which_line_is_wrong_and_books_nothing(staff: Client, shop: Shop) -> None:
    order = purchasing.approve(shop.actor, drafted(shop))
    line = line_of(order, shop.tea)
    where = reverse("admin:inventory_purchaseorder_receive", args=[order.pk])
    for wrong, sentence in (
        ({"quantity": "1.5", "unit_cost": "2"}, "QTX-TEA, quantity"),
        ({"quantity": "1", "unit_cost": "2", "expires_on": "someday"}, "QTX-TEA, expiry day"),
        ({"quantity": "1", "unit_cost": "2", "expires_on": "2020-01-01"}, "expired on 2020-01-01"),
        ({"quantity": "0", "unit_cost": "2"}, "Enter between 1 and"),
    ):
        shown = said(staff.post(where, {"key": "x", **of_line(line, **wrong)}))
        assert sentence in shown
        assert "Nothing was booked" in shown
    assert not Batch.objects.exists()


def test_list_by_state_and_product(staff: Client, shop: Shop) -> None:
    first = purchasing.approve(shop.actor, drafted(shop))
    second = drafted(shop, unit_price=None)
    purchasing.edit(shop.actor, first, expected_on=timezone.now().date() - timedelta(days=2))
    shown = page(staff, address(ORDER))
    assert "Not closed 2" in shown
    assert "Overdue 1" in shown
    assert "1 without a price" in shown
    assert "0 of 1 came" in shown
    late = page(staff, f"{address(ORDER)}?state=overdue")
    assert first.number in late
    assert second.number not in late
    purchasing.cancel(shop.actor, second)
    assert second.number not in page(staff, address(ORDER))
    assert second.number in page(staff, f"{address(ORDER)}?q=qtx-tea")
    assert second.number not in page(staff, f"{address(ORDER)}?q=cake")


def test_what_is_on_order_stands_with_the_product_and_the_vendor(staff: Client, shop: Shop) -> None:
    order = purchasing.approve(shop.actor, drafted(shop))
    shown = page(staff, reverse("admin:inventory_product_stock", args=[shop.tea.pk]))
    assert f"{order.number} Approved North Supply" in shown
    assert "10 packs 10 packs" in shown
    assert f"{order.number}" in page(staff, address("vendor", order.vendor_id))
    assert "0 of 1" in page(staff, address("vendor", order.vendor_id))


def test_papers(viewer: Client, shop: Shop) -> None:
    order = drafted(shop)
    for kind, media in (("csv", "text/csv"), ("text", "text/plain"), ("print", "text/html")):
        answer = viewer.get(reverse(f"admin:inventory_purchaseorder_{kind}", args=[order.pk]))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{media}; charset=utf-8")
        assert order.number in answer.content.decode()


def test_mail_is_offered_and_why_a_quantity_was_suggested(staff: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(orderpage, "mailers", [lambda _actor, order, to: sent.append(to) or f"{order} is on its way."])
    monkeypatch.setattr("inventory.admin.purchaseorders.mailers", orderpage.mailers)
    why = {"from": "forecast", "quantity": "10", "steps": [{"name": "A day", "value": "0.5 packs", "sum": "45 packs in 90 days"}]}
    order = drafted(shop, basis=why)
    assert "Suggested: 10 A day: 0.5 packs 45 packs in 90 days" in page(staff, address(ORDER, order.pk))
    purchasing.approve(shop.actor, order)
    assert "Send by e-mail" in page(staff, address(ORDER, order.pk))
    assert f"{order.number} is on its way." in said(do(staff, order, "sent", to="a@north.example", mail="1"))
    assert (sent, fresh(order).state) == (["a@north.example"], "approved")


def test_roles_and_accounts(viewer: Client, staff: Client, shop: Shop) -> None:
    other = Shop(make_account("Other"))
    make_vendor(other.account)
    order, theirs = drafted(shop), drafted(other)
    for what in ("save", "line", "approve", "cancel", "sent", "receive"):
        assert do(viewer, order, what).status_code == 403, what
        assert do(staff, theirs, what).status_code == (403 if what in ("approve", "cancel") else 404), what
    assert viewer.get(entry(ORDER)).status_code == 403
    assert staff.get(address(ORDER, theirs.pk)).status_code == 404
    assert page(viewer, address(ORDER, order.pk))


def test_lists_and_pages_need_as_many_queries_for_many_rows(staff: Client, shop: Shop) -> None:
    order = drafted(shop)
    before = queries_of(staff, address(ORDER)), queries_of(staff, address(ORDER, order.pk))
    products = [make_product(shop.account, f"QTX-{number}") for number in range(20)]
    purchasing.add_lines(shop.actor, order, [OrderedLine(product, 1) for product in products])
    for number in range(3):
        purchasing.draft(shop.actor, make_vendor(shop.account, f"Vendor {number}"), shop.place, [OrderedLine(shop.tea, 1)])
    assert (queries_of(staff, address(ORDER)), queries_of(staff, address(ORDER, order.pk))) == before


def test_one_line_comes_in_two_lots_by_one_form(staff: Client, shop: Shop) -> None:
    order = purchasing.approve(shop.actor, drafted(shop))
    line = line_of(order, shop.tea)
    where = reverse("admin:inventory_purchaseorder_receive", args=[order.pk])
    first = of_line(line, quantity="6", unit_cost="2.5", lot="L1", expires_on="2999-01-01")
    asked = staff.post(where, {"key": "x", **first, "another": line.pk})
    body = asked.content.decode()
    assert f'name="line-{line.pk}-lot" value="L1"' in body
    assert f'name="line-{line.pk}.2-quantity" value=""' in body
    assert not Batch.objects.exists()
    second = {f"line-{line.pk}.2-{name}": value for name, value in {"quantity": "4", "unit_cost": "2", "lot": "L2"}.items()}
    assert "Everything has come." in said(staff.post(where, {"key": "x", **first, **second}, follow=True))
    assert list(Batch.objects.order_by("lot").values_list("lot", "received")) == [("L1", 6), ("L2", 4)]


def test_an_approved_order_goes_back_to_draft_and_expects_what_the_vendor_takes(manager: Client, staff: Client, shop: Shop) -> None:
    Vendor.objects.update(lead_time_days=9)
    order = purchasing.approve(shop.actor, drafted(shop))
    assert "Back to draft" not in page(staff, address(ORDER, order.pk))
    assert do(staff, order, "take_back", version=order.version).status_code == 403
    PurchaseOrder.objects.update(expected_on=None)
    answer = do(manager, order, "take_back", version=order.version)
    assert "is a draft again" in said(answer)
    day = timezone.localdate() + timedelta(days=9)
    assert f'value="{day.isoformat()}"' in answer.content.decode()
    start = page(staff, f"{entry(ORDER)}?vendor={order.vendor_id}")
    assert f'value="{day.isoformat()}"' in staff.get(f"{entry(ORDER)}?vendor={order.vendor_id}").content.decode(), start
