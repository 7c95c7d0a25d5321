"""What people see of forecasts and suggestions, and what they may do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from alerts import forecasting
from alerts.models import Forecast, ForecastSettings
from inventory.models import Product, PurchaseOrder, PurchaseOrderLine, Vendor, Warehouse
from jobs import lease
from tests.admin.pages import page, queries_of, text_of
from tests.alerts.forecast.build import ago, make_stocked, make_vendor, sell, stand
from tests.build import make_account, make_member
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_movement, make_product

pytestmark = pytest.mark.django_db

LIST = "/admin/alerts/forecast/"


@dataclass
class Shop:
    account: Account
    place: Warehouse
    vendor: Vendor
    soil: Product
    late: Product


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease.Hold, "_beat", lambda self: None)


@pytest.fixture(scope="module")
def shop(of_module: Callable[[], AbstractContextManager[None]]) -> Iterator[Shop]:
    with of_module():
        account = make_account()
        place, vendor = make_warehouse(account), make_vendor(account, lead_time_days=14)
        soil = make_stocked(account, place, "SOIL-25", 52, vendor=vendor)
        sell(soil, place, dict.fromkeys(range(2, 181, 2), 1))
        late = make_stocked(account, place, "LATE-1", 30, vendor=vendor)
        sell(late, place, {days: 1 for days in range(1, 91) if not 6 <= days <= 25})
        make_movement(late, place, -30, 0, kind="snapshot", unit_kind="units", booked_at=ago(26))
        make_movement(late, place, 4, 4, kind="snapshot", unit_kind="units", booked_at=ago(5))
        late.levels.update(units=4)
        make_stocked(account, place, "IDLE", 8, vendor=vendor)
        make_product(account, "BARE", unit_kind="units")
        stand(account)
        forecasting.run(account)
        yield Shop(account, place, vendor, soil, late)


def browser(account: Account, role: Role) -> Client:
    client = Client()
    client.force_login(make_member(account, role, role.value).user)
    return client


def stock_page(product: Product) -> str:
    return f"/admin/inventory/level/product/{product.pk}/"


def test_product_page_argues_its_case(shop: Shop) -> None:
    response = browser(shop.account, Role.VIEWER).get(stock_page(shop.soil))
    told = text_of(response)
    assert "Order 23 units in 83 days, on" in told
    assert "Based on sales" in told
    assert "52 units available ÷ 0.5 a day = 104 whole days." in told
    assert "45 sold in 90 days, by day; 0.5 expected in a day." in told
    assert "Put it on a draft order" not in told
    assert response.content.decode().count('class="ls-chart-bar"') == 45


def test_days_without_stock_are_marked(shop: Shop) -> None:
    viewer = browser(shop.account, Role.VIEWER)
    response = viewer.get(stock_page(shop.late))
    assert response.content.decode().count('class="ls-chart-out"') == 1
    assert "20 days of the last 90 without stock are left out." in text_of(response)
    assert "by week; 20 days without stock" in page(viewer, f"{stock_page(shop.late)}?demand=182")


def test_what_has_no_forecast_says_why(shop: Shop) -> None:
    bare = Product.objects.get(sku="BARE")
    assert "Nothing of it is there, was sold or is wanted." in page(browser(shop.account, Role.VIEWER), stock_page(bare))
    Product.objects.filter(pk=bare.pk).update(reorder_excluded=True)
    assert "set to be never reordered" in page(browser(shop.account, Role.STAFF), stock_page(bare))


def test_one_product_is_put_on_a_draft_from_its_page(shop: Shop) -> None:
    staff = browser(shop.account, Role.STAFF)
    answer = staff.post(f"{LIST}draft/", {"product": shop.soil.pk, "next": stock_page(shop.soil)})
    order = PurchaseOrder.objects.get()
    assert answer.headers["Location"] == f"/admin/inventory/purchaseorder/{order.pk}/change/"
    assert PurchaseOrderLine.objects.get().quantity == 23
    assert f"On draft {order}" in page(staff, stock_page(shop.soil))


def test_vendor_page_makes_drafts_of_what_is_ticked(shop: Shop) -> None:
    staff = browser(shop.account, Role.STAFF)
    address = f"/admin/inventory/vendor/{shop.vendor.pk}/change/"
    told = page(staff, address)
    assert "To be ordered of Green Traders within 7 days" in told
    assert "LATE-1" in told
    assert "SOIL-25" not in told
    staff.post(f"{LIST}draft/", {"product": [shop.late.pk], "next": address})
    assert PurchaseOrderLine.objects.get().product == shop.late
    assert "Make draft orders" not in page(staff, address)
    assert "Make draft orders" not in page(browser(shop.account, Role.VIEWER), address)


@pytest.mark.parametrize(("given", "said"), [({}, "Nothing was ticked."), ({"product": "0"}, "There is no product 0")])
def test_what_cannot_be_drafted_is_said(shop: Shop, given: dict[str, str], said: str) -> None:
    answer = browser(shop.account, Role.STAFF).post(f"{LIST}draft/", {**given, "next": "https://elsewhere.example/"}, follow=True)
    assert answer.redirect_chain[0][0] == LIST
    assert said in text_of(answer)


def test_only_who_may_drafts_and_runs_and_only_by_posting(shop: Shop) -> None:
    viewer, staff = browser(shop.account, Role.VIEWER), browser(shop.account, Role.STAFF)
    for verb in ("draft", "run"):
        assert viewer.post(f"{LIST}{verb}/", {"product": shop.soil.pk}).status_code == 403
        assert staff.get(f"{LIST}{verb}/").status_code == 405
    assert "4 products looked at" in text_of(staff.post(f"{LIST}run/", follow=True))
    assert not PurchaseOrder.objects.exists()


def test_list_begins_with_what_is_to_be_ordered(shop: Shop) -> None:
    viewer = browser(shop.account, Role.VIEWER)
    told = page(viewer, LIST)
    assert "LATE-1" in told
    assert "SOIL-25" not in told
    assert "SOIL-25" in page(viewer, f"{LIST}?list=all")
    assert "IDLE" in page(viewer, f"{LIST}?list=idle")
    assert "SOIL-25" in page(viewer, f"{LIST}?q=soil")


def test_list_takes_as_many_statements_for_more_rows(shop: Shop) -> None:
    viewer = browser(shop.account, Role.VIEWER)
    few = queries_of(viewer, f"{LIST}?list=all")
    for number in range(10):
        product = make_product(shop.account, f"MORE{number}", unit_kind="units", vendor=shop.vendor)
        Forecast.objects.create(
            account=shop.account, product=product, basis="unknown", lead_days=7, lead_from="settings", changed_at=ago(0)
        )
    assert queries_of(viewer, f"{LIST}?list=all") == few


def test_list_action_puts_rows_on_drafts(shop: Shop) -> None:
    rows = Forecast.objects.filter(product__in=(shop.soil, shop.late)).values_list("pk", flat=True)
    sent = {"action": "put_on_drafts", "_selected_action": list(rows)}
    browser(shop.account, Role.STAFF).post(f"{LIST}?list=all", sent)
    assert PurchaseOrderLine.objects.count() == 2


def test_a_forecast_is_the_page_of_its_product(shop: Shop) -> None:
    row = Forecast.objects.get(product=shop.soil)
    answer = browser(shop.account, Role.VIEWER).get(f"{LIST}{row.pk}/change/")
    assert answer.headers["Location"] == f"{stock_page(shop.soil)}#forecast"


def test_another_account_sees_nothing_of_it(shop: Shop) -> None:
    other = make_account("Other")
    stranger = browser(other, Role.OWNER)
    assert "SOIL-25" not in page(stranger, f"{LIST}?list=all")
    row = Forecast.objects.get(product=shop.soil)
    assert stranger.get(f"{LIST}{row.pk}/change/").status_code == 404
    stranger.post(f"{LIST}draft/", {"product": shop.soil.pk})
    assert not PurchaseOrder.objects.exists()


def test_settings_page(shop: Shop) -> None:
    address = "/admin/alerts/forecastsettings/"
    manager = browser(shop.account, Role.MANAGER)
    assert "Days that an order is to last." in page(manager, address)
    sent = {"cover_days": "60", "service_percent": "95", "lead_days": "7", "ahead_days": "7", "history_days": "180"}
    assert "The forecast settings are saved." in text_of(manager.post(address, sent, follow=True))
    assert ForecastSettings.objects.get().cover_days == 60
    assert "Give a number from 1 to 365." in text_of(manager.post(address, {**sent, "cover_days": "0"}))
    assert "Days that an order is to last." in page(browser(shop.account, Role.VIEWER), address)
