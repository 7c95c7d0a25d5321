"""What is to be bought next becomes draft orders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.errors import NotAllowed
from accounts.models import Account
from accounts.roles import Role
from alerts import suggestions
from alerts.errors import NothingToOrder
from alerts.models import Forecast
from inventory.models import Product, PurchaseOrder, PurchaseOrderLine, Vendor, Warehouse
from tests.alerts.forecast.build import ago, make_vendor
from tests.api.build import program_as
from tests.build import make_account, make_actor
from tests.inventory.build import make_warehouse
from tests.inventory.stock import make_product

pytestmark = pytest.mark.django_db

STEPS = [{"name": "Quantity", "value": "45 units", "sum": "1 a day × 45 days to cover = 45."}]


@dataclass
class Shop:
    account: Account
    place: Warehouse
    green: Vendor
    mill: Vendor


def make_forecast(
    shop: Shop, sku: str, vendor: Vendor | None, *, in_days: int | None = 0, quantity: int | str = 45, **values: Any
) -> Product:
    product = make_product(shop.account, sku, unit_kind="units", vendor=vendor)
    today = suggestions.today_of(shop.account)
    given = {
        "warehouse": shop.place,
        "basis": "velocity",
        "daily": Decimal(1),
        "lead_days": 7,
        "lead_from": "settings",
        "reorder_on": None if in_days is None else today + timedelta(days=in_days),
        "explanation": STEPS,
        "changed_at": ago(0),
        **values,
    }
    Forecast.objects.create(account=shop.account, product=product, quantity=quantity, **given)
    return product


@pytest.fixture(scope="module")
def shop(of_module: Callable[[], AbstractContextManager[None]]) -> Iterator[Shop]:
    with of_module():
        account = make_account()
        shop = Shop(account, make_warehouse(account), make_vendor(account), make_vendor(account, "Old Mill"))
        make_forecast(shop, "LATE", shop.green, in_days=-3)
        make_forecast(shop, "SOON", shop.green, in_days=7, quantity="12")
        make_forecast(shop, "LATER", shop.green, in_days=8)
        make_forecast(shop, "FLOUR", shop.mill, in_days=0, quantity="2.5")
        make_forecast(shop, "NOBODY", None)
        make_forecast(shop, "NEVER", shop.mill, in_days=None, quantity=0)
        Product.objects.filter(sku="FLOUR").update(fractional=True)
        yield shop


def skus(rows: Any) -> list[str]:
    return [row.product.sku for row in rows]


def ids(*names: str) -> list[int]:
    return list(Product.objects.filter(sku__in=names).values_list("pk", flat=True))


def test_what_is_due_within_a_week_is_suggested_the_most_urgent_first(shop: Shop) -> None:
    assert skus(suggestions.suggest(shop.account)) == ["LATE", "FLOUR", "NOBODY", "SOON"]
    assert skus(suggestions.suggest(shop.account, ahead_days=8))[-1] == "LATER"
    assert skus(suggestions.suggest(shop.account, vendor=shop.green)) == ["LATE", "SOON"]


def test_each_vendor_gets_one_draft_with_quantities_and_the_sums_behind_them(shop: Shop) -> None:
    found = suggestions.draft_orders(make_actor(shop.account, Role.STAFF), ids("LATE", "SOON", "FLOUR"))
    assert found.sentence == f"3 products are now on {found.drafts[0].order} and {found.drafts[1].order}.".replace(" and ", ", ")
    assert [(draft.order.vendor, draft.order.warehouse) for draft in found.drafts] == [(shop.green, shop.place), (shop.mill, shop.place)]
    lines = {line.product.sku: line for line in PurchaseOrderLine.objects.select_related("product")}
    assert {sku: line.quantity for sku, line in lines.items()} == {"LATE": 45, "SOON": 12, "FLOUR": Decimal("2.5")}
    assert lines["LATE"].basis["steps"] == STEPS
    assert found.left_out == ()


def test_what_is_on_a_draft_is_said_to_be_and_not_put_there_twice(shop: Shop) -> None:
    actor = make_actor(shop.account, Role.STAFF)
    order = suggestions.draft_orders(actor, ids("LATE")).drafts[0].order
    rows = {row.product.sku: row for row in suggestions.suggest(shop.account)}
    assert (rows["LATE"].draft, rows["LATE"].draft_id, rows["SOON"].draft) == (order.number, order.pk, None)
    assert skus(suggestions.open_suggestions(shop.account, vendor=shop.green)) == ["SOON"]
    again = suggestions.draft_orders(actor, ids("LATE", "SOON"))
    assert again.left_out == (f"LATE Product LATE is on {order} already, with 45 units; it stays so.",)
    assert PurchaseOrder.objects.count() == 1
    assert PurchaseOrderLine.objects.count() == 2


def test_what_cannot_be_ordered_is_left_out_in_words(shop: Shop) -> None:
    found = suggestions.draft_orders(make_actor(shop.account), ids("LATE", "NOBODY", "NEVER"))
    assert found.left_out == (
        "NEVER: nothing is to be ordered of it.",
        "NOBODY has no vendor. Say on its page whom it is bought from.",
    )
    assert PurchaseOrderLine.objects.get().product.sku == "LATE"


def test_nothing_at_all_is_refused(shop: Shop) -> None:
    bare = make_product(shop.account, "BARE")
    with pytest.raises(NothingToOrder) as caught:
        suggestions.draft_orders(make_actor(shop.account), [*ids("NEVER"), bare.pk])
    assert str(caught.value) == "Nothing to order. NEVER: nothing is to be ordered of it. 1 of the products has no forecast."
    assert not PurchaseOrder.objects.exists()


def test_another_warehouse_may_be_chosen_but_none_of_another_account(shop: Shop) -> None:
    other = make_warehouse(shop.account, "8RY")
    found = suggestions.draft_orders(make_actor(shop.account), ids("LATE"), warehouse=other)
    assert found.drafts[0].order.warehouse == other
    stranger = make_account("Other")
    with pytest.raises(Warehouse.DoesNotExist):
        suggestions.draft_orders(make_actor(shop.account), ids("LATE"), warehouse=make_warehouse(stranger, "9SZ"))
    with pytest.raises(ValidationError, match="There is no product"):
        suggestions.draft_orders(make_actor(stranger), ids("LATE"))


def test_viewers_may_not(shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        suggestions.draft_orders(make_actor(shop.account, Role.VIEWER), ids("LATE"))


def test_as_many_statements_for_many_products(shop: Shop) -> None:
    def statements(names: list[str]) -> int:
        with CaptureQueriesContext(connection) as caught:
            suggestions.draft_orders(make_actor(shop.account), ids(*names), warehouse=make_warehouse(shop.account, names[0]))
        return len(caught)

    many = [make_forecast(shop, f"MANY{number}", shop.green).sku for number in range(20)]
    assert statements(["LATE"]) == statements(many)


def test_for_programs(shop: Shop) -> None:
    client, stranger = program_as(shop.account, Role.STAFF), program_as(make_account("Other"), Role.OWNER)
    body = client.get("/api/suggestions?limit=1").json()
    assert [row["sku"] for row in body["results"]] == ["LATE"]
    assert [row["sku"] for row in client.get(body["next"]).json()["results"]] == ["FLOUR"]
    assert [row["sku"] for row in client.get("/api/suggestions?ahead=0").json()["results"]] == ["LATE", "FLOUR", "NOBODY"]
    assert client.get("/api/suggestions?ahead=91").status_code == 400
    assert stranger.get("/api/suggestions").json()["results"] == []
    made = client.post("/api/suggestions/draft", {"products": ids("LATE", "NOBODY")}, format="json")
    assert made.status_code == 201
    order = PurchaseOrder.objects.get()
    assert made.json() == {
        "drafts": [
            {"order": order.pk, "number": order.number, "vendor": shop.green.pk, "warehouse": shop.place.pk, "made": True, "lines_added": 1}
        ],
        "left_out": ["NOBODY has no vendor. Say on its page whom it is bought from."],
        "message": f"1 product is now on {order}.",
    }
    assert stranger.post("/api/suggestions/draft", {"products": ids("SOON")}, format="json").status_code == 400
    assert client.post("/api/suggestions/draft", {"products": []}, format="json").status_code == 400
    assert [row["sku"] for row in client.get("/api/suggestions?drafted=true").json()["results"]] == ["LATE"]


def test_forecasts_for_programs(shop: Shop) -> None:
    client = program_as(shop.account, Role.VIEWER)
    (product,) = ids("SOON")
    body = client.get(f"/api/forecasts/{product}").json()
    assert (body["sku"], body["quantity"], body["daily"], body["explanation"], body["draft"]) == ("SOON", 12, 1, STEPS, None)
    assert [row["sku"] for row in client.get("/api/forecasts?sku=soon").json()["results"]] == ["SOON"]
    for nothing in ("nonsense", "9" * 20):
        assert client.get(f"/api/forecasts/{nothing}").status_code == 404
    assert program_as(make_account("Other"), Role.OWNER).get(f"/api/forecasts/{product}").status_code == 404
    with CaptureQueriesContext(connection) as caught:
        client.get("/api/forecasts")
    # The token, and the forecasts.
    assert len(caught) == 2
    with CaptureQueriesContext(connection) as caught:
        client.get("/api/suggestions")
    # The settings besides, and the time.
    assert len(caught) == 4


def test_settings_for_programs(shop: Shop) -> None:
    manager = program_as(shop.account, Role.MANAGER)
    defaults = {"cover_days": 45, "lead_days": 7, "service_percent": 95, "history_days": 180, "ahead_days": 7, "ran_at": None}
    assert manager.get("/api/forecasts/settings").json() == defaults
    assert manager.patch("/api/forecasts/settings", {"cover_days": 30}, format="json").json() == {**defaults, "cover_days": 30}
    assert manager.patch("/api/forecasts/settings", {"lead_days": 366}, format="json").status_code == 400


def test_run_for_programs(shop: Shop) -> None:
    client: APIClient = program_as(shop.account, Role.STAFF)
    assert client.post("/api/forecasts/run").json()["products"] == 0
