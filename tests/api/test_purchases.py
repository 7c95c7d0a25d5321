from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory import ledger
from inventory.models import Batch, Purchase, Vendor
from tests.api.shop import about, ids
from tests.inventory.ledger.build import Shop, in_days, make_product

pytestmark = pytest.mark.django_db


def test_staff_books_a_purchase(staff: APIClient, shop: Shop) -> None:
    vendor = Vendor.objects.create(account=shop.account, name="North Supply", name_key="NORTH SUPPLY")
    answer = staff.post("/api/purchases", about(shop, 12, unit_cost="2.50", lot="L1", vendor=vendor.pk, reference="R7", note="early"))
    body = answer.json()
    purchase = Purchase.objects.get()
    assert (answer.status_code, body["id"], body["batch"]) == (201, purchase.pk, purchase.batch_id)
    assert (body["quantity"], body["remaining"], body["unit_cost"], body["unit_kind"]) == (12, 12, "2.5000", "packs")
    assert (body["sku"], body["warehouse_code"], body["vendor"], body["lot"]) == ("QTX-TEA", "MAIN", vendor.pk, "L1")
    assert (body["status"], body["warnings"], body["settled"]) == ("booked", [], 0)
    assert shop.packs == 12


def test_same_key_books_once(staff: APIClient, shop: Shop) -> None:
    headers = {"Idempotency-Key": "one"}
    first = staff.post("/api/purchases", about(shop, unit_cost="1"), headers=headers)
    again = staff.post("/api/purchases", about(shop, unit_cost="1"), headers=headers)
    assert (again.status_code, again.json(), shop.packs) == (201, first.json(), 10)
    other = staff.post("/api/purchases", about(shop, 11, unit_cost="1"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_same_source_key_books_once(staff: APIClient, shop: Shop) -> None:
    first = staff.post("/api/purchases", about(shop, unit_cost="1", source_key="till:7")).json()
    again = staff.post("/api/purchases", about(shop, unit_cost="1", source_key="till:7")).json()
    assert (again["id"], Purchase.objects.count(), shop.packs) == (first["id"], 1, 10)


def test_what_expires_soon_and_a_lot_that_came_before_are_booked_with_a_warning(staff: APIClient, shop: Shop) -> None:
    shop.buy(5, lot="L1")
    soon = (timezone.now() + timedelta(days=9, hours=1)).isoformat()
    body = staff.post("/api/purchases", about(shop, unit_cost="1", lot="L1", expires_at=soon)).json()
    assert body["warnings"][0] == "This expires within 10 days."
    assert body["warnings"][1].startswith("Lot L1 of QTX-TEA Tea came in before")


def test_what_has_expired_is_refused(staff: APIClient, shop: Shop) -> None:
    answer = staff.post("/api/purchases", about(shop, unit_cost="1", expires_on="2020-05-01"))
    assert (answer.status_code, answer.json()["code"]) == (400, "EXPIRED_PRODUCT")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit_cost": "0"}, "unit_cost"),
        ({"unit_cost": None}, "unit_cost"),
        ({"unit_cost": "0.001"}, "unit_cost"),
        ({"unit_cost": "-1"}, "unit_cost"),
        ({"unit_cost": "cheap"}, "unit_cost"),
        ({"free_goods": True}, "unit_cost"),
        ({"unit_kind": "boxes"}, "unit_kind"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"expires_on": "9999-12-31"}, "expires_on"),
        ({"expires_on": "2999-01-01", "expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
        ({"bought_at": "2999-01-01T00:00:00Z"}, "bought_at"),
        ({"vendor": 999}, "vendor"),
        ({"lot": "x" * 81}, "lot"),
        ({"expires": "2999-01-01"}, "expires"),
    ],
)
def test_wrong_field_is_named(staff: APIClient, shop: Shop, change: dict[str, Any], field: str) -> None:
    answer = staff.post("/api/purchases", about(shop, **{"unit_cost": "1", **change}))
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (400, [field])
    assert not Batch.objects.exists()


def test_free_goods_cost_nothing(staff: APIClient, shop: Shop) -> None:
    body = staff.post("/api/purchases", about(shop, free_goods=True)).json()
    assert (body["unit_cost"], body["free_goods"]) == ("0.0000", True)


def test_receipt_settles_what_was_short(staff: APIClient, shop: Shop) -> None:
    shop.buy(3)
    sale = shop.sell(3)
    # As a bulk of facts from a till leaves it.
    type(sale).objects.filter(pk=sale.pk).update(quantity=5, shortfall=2)
    body = staff.post("/api/purchases", about(shop, 10, unit_cost="1")).json()
    assert (body["settled"], body["remaining"], shop.packs) == (2, 8, 8)


def test_manager_corrects_a_purchase(manager: APIClient, shop: Shop) -> None:
    bought = shop.buy(10, lot="L1")
    shop.sell(4)
    body = manager.patch(f"/api/purchases/{bought.pk}", {"quantity": 6, "unit_cost": "3", "lot": "", "note": "two broken"}).json()
    assert (body["quantity"], body["remaining"], body["unit_cost"], body["lot"], body["note"]) == (6, 2, "3.0000", "", "two broken")
    assert shop.packs == 2
    less = manager.patch(f"/api/purchases/{bought.pk}", {"quantity": 3})
    assert (less.status_code, less.json()["code"], less.json()["details"]) == (409, "QUANTITY_BELOW_SOLD", {"used": 4, "asked": 3})
    kind = manager.patch(f"/api/purchases/{bought.pk}", {"unit_kind": "units"})
    assert (kind.status_code, kind.json()["code"]) == (409, "BATCH_IN_USE")


def test_what_a_purchase_is_of_can_not_be_changed(manager: APIClient, shop: Shop) -> None:
    answer = manager.patch(f"/api/purchases/{shop.buy(10).pk}", {"product": shop.tea.pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["product"])


def test_unused_purchase_is_voided_once(manager: APIClient, shop: Shop) -> None:
    bought = shop.buy(10)
    answer = manager.delete(f"/api/purchases/{bought.pk}")
    assert (answer.status_code, answer.json()["status"], answer.json()["remaining"], shop.packs) == (200, "voided", 0, 0)
    again = manager.delete(f"/api/purchases/{bought.pk}")
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


def test_used_purchase_is_kept_and_its_sales_are_named(manager: APIClient, shop: Shop) -> None:
    bought = shop.buy(10)
    sale = shop.sell(4)
    answer = manager.delete(f"/api/purchases/{bought.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "BATCH_IN_USE")
    assert answer.json()["details"] == {"sales": [{"sale": sale.pk, "purpose": "sale", "quantity": 4}], "remaining": 6}
    assert shop.packs == 6
    rest = manager.post(f"/api/purchases/{bought.pk}/void-rest")
    assert (rest.status_code, rest.json()["remaining"], shop.packs) == (200, 0, 0)


@pytest.mark.parametrize("query", ["sku=qtx-tea", "unit_kind=packs", "status=booked", "lot=l1", "reference=R1", "source_key=k1"])
def test_filters(viewer: APIClient, shop: Shop, query: str) -> None:
    wanted = shop.buy(10, lot="L1", reference="R1", source_key="k1")
    ledger.void_purchase(shop.actor, shop.buy(5, "units", product=make_product(shop.account, "OTHER")))
    assert ids(viewer, f"/api/purchases?{query}") == [wanted.pk]
    assert ids(viewer, f"/api/purchases?product={shop.tea.pk}&warehouse={shop.place.pk}&batch={wanted.batch_id}") == [wanted.pk]


def test_filter_by_time(viewer: APIClient, shop: Shop) -> None:
    early, late = shop.buy(1, bought_at=in_days(-5)), shop.buy(1)
    between = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (ids(viewer, f"/api/purchases?to={between}"), ids(viewer, f"/api/purchases?from={between}")) == ([early.pk], [late.pk])


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        shop.buy(1)
    viewer.get("/api/purchases")
    with django_assert_num_queries(2):
        assert len(viewer.get("/api/purchases").json()["results"]) == 5


def test_first_day_of_the_calendar_where_it_has_no_time_in_utc(manager: APIClient, shop: Shop) -> None:
    type(shop.account).objects.update(time_zone="Asia/Tokyo")
    shop.allow(expiry_ends="start")
    bought = shop.buy(10)
    answer = manager.patch(f"/api/purchases/{bought.pk}", {"expires_on": "0001-01-01"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["expires_on"])
