"""The list of critical items: what is on it, what it says, and what is done from it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from inventory import supply
from inventory.models import Product, PurchaseOrder, Supply, SupplySettings
from sync.models import FeedState
from tests.admin.pages import text_of
from tests.alerts.critical.world import Shop
from tests.build import make_account
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_level, make_product

LIST = "/admin/inventory/supply/"


def shown(browser: Client, query: str = "") -> list[str]:
    """The SKUs on the list, in its order."""
    answer = browser.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return [row.product.sku for row in answer.context["cl"].result_list]


def test_critical_ones_first_and_each_on_one_list(viewer: Client, shop: Shop) -> None:
    assert shown(viewer) == ["SOIL", "POT"]
    assert shown(viewer, "?list=out") == ["SOIL"]
    assert shown(viewer, "?list=below") == ["POT"]
    assert shown(viewer, "?list=soon") == ["SEED"]
    assert shown(viewer, "?list=overstocked") == ["LAMP"]
    assert shown(viewer, "?list=all") == ["SOIL", "POT", "SEED", "ROPE", "LAMP"]
    chips = viewer.get(LIST).context["cl"].chips
    assert [chip.count for chip in chips] == [2, 1, 1, 1, 1, 5]


def test_row_says_what_there_is_and_argues_what_to_order(viewer: Client, shop: Shop) -> None:
    shop.forecast(shop.soil)
    text = text_of(viewer.get(f"{LIST}?list=out"))
    for said in (
        "SOIL",
        "Product SOIL",
        "Out of stock",
        "0 units",
        "reorder point 20",
        "0 days",
        "4 a day",
        "Sales of the last 30 and 90 days",
        "Rising +12 %",
        "180 units",
        "today",
        "45 days × 4 a day = 180.",
        "Green Traders",
        "9 days to arrive",
        "2 h ago",
    ):
        assert said in text, said
    below = text_of(viewer.get(f"{LIST}?list=below"))
    assert "5 units" in below
    assert "3 on order" in below
    assert "Not known yet" in below
    assert "3 days" in text_of(viewer.get(f"{LIST}?list=soon"))


def test_search_goes_through_all_products(viewer: Client, shop: Shop) -> None:
    assert shown(viewer, "?q=rope") == ["ROPE"]
    assert shown(viewer, "?q=product s") == ["SOIL", "SEED"]


def test_filters(viewer: Client, shop: Shop) -> None:
    other = make_warehouse(shop.account, "STORE")
    make_level(shop.pot, other)
    Product.objects.filter(pk=shop.soil.pk).update(vendor=None)
    assert shown(viewer, f"?warehouse={other.pk}") == ["POT"]
    assert shown(viewer, f"?product__vendor__id__exact={shop.vendor.pk}") == ["POT"]
    assert shown(viewer, "?list=all&level=low") == ["POT"]
    assert shown(viewer, "?list=all&level=overstocked") == ["LAMP"]
    assert shown(viewer, "?older=1") == ["SOIL", "POT"]
    assert shown(viewer, "?older=6") == []
    FeedState.objects.update(valid_at=timezone.now() - timedelta(hours=7))
    assert shown(viewer, "?older=6") == ["SOIL", "POT"]
    assert shown(viewer, "?warehouse=x") == []


def test_number_is_as_old_as_its_oldest_warehouse(viewer: Client, shop: Shop) -> None:
    make_level(shop.soil, make_warehouse(shop.account, "STORE"))
    assert "not known" in text_of(viewer.get(f"{LIST}?list=out"))
    make_product(shop.account, "NEW")
    supply.refresh(shop.account.pk)
    assert "in no warehouse" in text_of(viewer.get(f"{LIST}?q=NEW"))


def test_of_other_accounts_nothing_is_shown(viewer: Client, account: Account) -> None:
    Shop(make_account("Other Traders"))
    assert shown(viewer, "?list=all") == []


def test_chosen_ones_go_onto_drafts_of_their_vendors(staff: Client, shop: Shop) -> None:
    shop.forecast(shop.soil)
    shop.forecast(shop.pot, 0, reorder_on=None)
    rows = {row.product.sku: row.pk for row in staff.get(LIST).context["cl"].result_list}
    data = {"action": "put_on_drafts", "_selected_action": [rows["SOIL"], rows["POT"]]}
    answer = staff.post(LIST, data, follow=True)
    order = PurchaseOrder.objects.get()
    assert [(line.product.sku, line.quantity) for line in order.lines.all()] == [("SOIL", 180)]
    text = text_of(answer)
    assert f"1 product is now on {order.number}" in text
    assert "POT: nothing is to be ordered of it." in text
    assert f"on {order.number}" in text_of(staff.get(f"{LIST}?list=out"))


def test_nothing_to_order_is_said(staff: Client, shop: Shop) -> None:
    row = staff.get(LIST).context["cl"].result_list[0]
    answer = staff.post(LIST, {"action": "put_on_drafts", "_selected_action": [row.pk]}, follow=True)
    assert "Nothing to order." in text_of(answer)
    assert not PurchaseOrder.objects.exists()


def test_viewers_have_no_action(viewer: Client, shop: Shop) -> None:
    assert "put_on_drafts" not in viewer.get(LIST).content.decode()


def test_export_has_all_of_the_list_as_it_is_filtered(viewer: Client, shop: Shop) -> None:
    Product.objects.filter(pk=shop.soil.pk).update(name="=cmd()")
    shop.forecast(shop.soil)
    answer: Any = viewer.get(f"{LIST}export/?list=critical")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [line["SKU"] for line in lines] == ["SOIL", "POT"]
    first = lines[0]
    assert (first["Name"], first["State"], first["Available"], first["To order"], first["Vendor"]) == (
        "'=cmd()",
        "Out of stock",
        "0",
        "180",
        "Green Traders",
    )
    assert lines[1]["On order"] == "3"


def test_as_many_statements_for_many_rows_as_for_one(viewer: Client, shop: Shop, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(40) as few:
        viewer.get(f"{LIST}?list=out")
    for number in range(20):
        shop.forecast(make_product(shop.account, f"X{number}", vendor=shop.vendor))
    supply.refresh(shop.account.pk)
    with django_assert_max_num_queries(len(few)):
        assert len(shown(viewer, "?list=out")) == 21


@pytest.mark.parametrize("address", [LIST, f"{LIST}export/"])
def test_strangers_are_sent_away(address: str, db: None) -> None:
    assert Client().get(address).status_code == 302


def test_manager_says_what_is_too_much(manager: Client, viewer: Client, shop: Shop) -> None:
    row = Supply.objects.get(product=shop.rope)
    page = f"{LIST}{row.pk}/change/"
    assert page in manager.get(f"{LIST}?q=ROPE").content.decode()
    assert "The maximum of ROPE Product ROPE is saved." in text_of(manager.post(page, {"maximum": "60"}, follow=True))
    row.refresh_from_db()
    assert (row.maximum, row.level) == (60, "overstocked")
    assert "maximum 60" in text_of(viewer.get(f"{LIST}?q=ROPE"))
    assert "Enter a quantity of at least zero" in text_of(manager.post(page, {"maximum": "-1"}))
    assert viewer.post(page, {"maximum": "5"}).status_code == 403


def test_settings_page(manager: Client, viewer: Client, shop: Shop) -> None:
    page = "/admin/inventory/supplysettings/"
    assert 'name="critical_days" value="7"' in manager.get(page).content.decode()
    form = {"critical_days": "10", "low_days": "30", "overstocked_days": "180", "overstocked_percent": "80", "never_stocked": "on"}
    assert "All products are judged anew within a minute." in text_of(manager.post(page, form, follow=True))
    assert SupplySettings.objects.get().critical_days == 10
    assert "Give at least 10" in text_of(manager.post(page, {**form, "low_days": "3"}))
    assert viewer.post(page, form).status_code == 403
    assert "About to run out within" in text_of(viewer.get(page))


def test_first_screen_counts_them(viewer: Client, shop: Shop) -> None:
    text = text_of(viewer.get("/admin/"))
    assert "1 product is out of stock." in text
    assert "1 product is at or below its reorder point." in text
