from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory.models import Batch, PurchaseOrder, Vendor
from tests.api.shop import ids
from tests.build import make_account
from tests.inventory.ledger.build import Shop, make_product
from tests.inventory.purchasing.build import make_vendor

pytestmark = pytest.mark.django_db

PATH = "/api/purchase-orders"


@pytest.fixture
def north(shop: Shop) -> Vendor:
    return make_vendor(shop.account)


def wanted(shop: Shop, north: Vendor, quantity: Any = 10, **line: Any) -> dict[str, Any]:
    return {"vendor": north.pk, "warehouse": shop.place.pk, "lines": [{"product": shop.tea.pk, "quantity": quantity, **line}]}


def drafted(client: APIClient, shop: Shop, north: Vendor, **line: Any) -> dict[str, Any]:
    body: dict[str, Any] = client.post(PATH, wanted(shop, north, **{"unit_price": "2.50", **line})).json()
    return body


def the_line(client: APIClient, order: int) -> dict[str, Any]:
    (line,) = client.get(f"{PATH}/{order}/lines").json()["results"]
    return dict(line)


def test_from_draft_to_batches(staff: APIClient, manager: APIClient, shop: Shop, north: Vendor) -> None:
    answer = staff.post(PATH, wanted(shop, north, unit_price="2.50"), headers={"Idempotency-Key": "one"})
    order = answer.json()
    assert (answer.status_code, order["state"], order["lines"], order["total"], order["unpriced_lines"]) == (201, "draft", 1, "25.0000", 0)
    assert staff.post(PATH, wanted(shop, north, unit_price="2.50"), headers={"Idempotency-Key": "one"}).json() == order
    again = staff.post(PATH, wanted(shop, north, 99))
    assert (again.status_code, again.json()["warnings"]) == (
        200,
        [f"QTX-TEA Tea is on {order['number']} already, with 10 packs; it stays so."],
    )
    here = f"{PATH}/{order['id']}"
    assert staff.post(f"{here}/receive", {"lines": [{"line": 1, "quantity": 1}]}).json()["code"] == "not_open"
    assert manager.post(f"{here}/approve", {"version": order["version"]}).json()["state"] == "approved"
    assert staff.post(f"{here}/sent", {"to": "orders@north.example"}).json()["state"] == "sent"
    line = the_line(staff, order["id"])
    came = {"lines": [{"line": line["id"], "quantity": 4, "lot": "L1", "expires_on": "2999-01-01"}], "source_key": "van 7"}
    for key in ("two", "two", "three"):
        answer = staff.post(f"{here}/receive", came, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["order"]["state"], shop.packs) == (200, "partly", 4)
        assert answer.json()["repeated"] is (key == "three")
    answer = staff.post(f"{here}/receive", {"lines": [{"line": line["id"], "quantity": 7, "unit_cost": "3"}], "reference": "DN 8"})
    assert answer.json()["order"]["warnings"] == ["QTX-TEA: 1 pack more than was ordered."]
    assert answer.json()["order"]["state"] == "received"
    line = the_line(staff, order["id"])
    assert (line["received"], line["outstanding"], Batch.objects.count(), shop.packs) == (11, 0, 2, 11)
    receipts = staff.get(f"{here}/receipts").json()["results"]
    assert [(row["quantity"], row["sku"], row["purchase"] is not None) for row in receipts] == [(7, "QTX-TEA", True), (4, "QTX-TEA", True)]


def test_two_who_change_it_at_once(staff: APIClient, manager: APIClient, shop: Shop, north: Vendor) -> None:
    order = drafted(staff, shop, north)
    here, line = f"{PATH}/{order['id']}", the_line(staff, order["id"])
    change = {"note": "Ring twice.", "lines": [{"line": line["id"], "quantity": 12}]}
    answer = staff.patch(here, change, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"], answer.json()["total"]) == (200, '"2"', "30.0000")
    for late in (
        staff.patch(here, {"note": "Mine."}, headers={"If-Match": '"1"'}),
        staff.patch(f"{here}/lines/{line['id']}", {"quantity": 1, "version": 1}),
        staff.delete(f"{here}/lines/{line['id']}", headers={"If-Match": '"1"'}),
        manager.post(f"{here}/approve", {"version": 1}),
        manager.post(f"{here}/cancel", {"version": 1}),
    ):
        assert (late.status_code, late.json()["code"], late.json()["details"]) == (409, "changed_meanwhile", {"version": 2})
    assert the_line(staff, order["id"])["quantity"] == 12


def test_lines_are_added_changed_and_removed(staff: APIClient, shop: Shop, north: Vendor) -> None:
    order = drafted(staff, shop, north)
    lines = f"{PATH}/{order['id']}/lines"
    cake = make_product(shop.account, "QTX-CAKE")
    answer = staff.post(lines, {"lines": [{"product": cake.pk, "quantity": 3}]})
    (added,) = answer.json()
    assert (answer.status_code, added["sku"], added["unit_price"], added["outstanding"]) == (201, "QTX-CAKE", None, 3)
    twice = staff.post(lines, {"lines": [{"product": cake.pk, "quantity": 3}]})
    assert (twice.status_code, twice.json()["code"], twice.json()["details"]) == (409, "already_on_order", {"lines": [added["id"]]})
    changed = staff.patch(f"{lines}/{added['id']}", {"quantity": 4, "vendor_code": "C-1"}).json()
    assert (changed["quantity"], changed["vendor_code"]) == (4, "C-1")
    assert staff.delete(f"{lines}/{added['id']}").status_code == 204
    assert staff.delete(f"{lines}/{added['id']}").status_code == 404
    theirs = Shop(make_account("Other"))
    answer = staff.post(lines, {"lines": [{"product": theirs.tea.pk, "quantity": 3}]})
    assert (answer.status_code, list(answer.json()["errors"]["lines"][0])) == (400, ["product"])


@pytest.mark.parametrize("change", [{"quantity": 0}, {"quantity": "x"}, {"unit_price": "-1"}, {"unit_kind": "boxes"}, {"colour": "red"}])
def test_what_a_line_can_not_be_is_refused(staff: APIClient, shop: Shop, north: Vendor, change: dict[str, Any]) -> None:
    order = drafted(staff, shop, north)
    assert staff.patch(f"{PATH}/{order['id']}/lines/{the_line(staff, order['id'])['id']}", change).status_code == 400
    assert staff.post(PATH, wanted(shop, north, **{"quantity": 1, **change})).status_code == 400
    assert the_line(staff, order["id"])["quantity"] == 10


def test_filters(staff: APIClient, manager: APIClient, shop: Shop, north: Vendor) -> None:
    first = drafted(staff, shop, north)["id"]
    manager.post(f"{PATH}/{first}/approve")
    second = drafted(staff, shop, north)["id"]
    yesterday = timezone.now().date() - timedelta(days=1)
    assert ids(staff, f"{PATH}?overdue=true") == []
    staff.patch(f"{PATH}/{first}", {"expected_on": str(yesterday)})
    assert ids(staff, PATH) == [second, first]
    for query in ("state=approved", "open=true", "overdue=true", f"expected_before={timezone.now().date()}"):
        assert ids(staff, f"{PATH}?{query}") == [first], query
    for query in ("state=draft", "open=false", "overdue=false", f"number={PurchaseOrder.objects.get(pk=second).number.lower()}"):
        assert ids(staff, f"{PATH}?{query}") == [second], query
    for query in (f"vendor={north.pk}", f"warehouse={shop.place.pk}", f"product={shop.tea.pk}"):
        assert ids(staff, f"{PATH}?{query}") == [second, first], query
    assert ids(staff, f"{PATH}?product={shop.tea.pk + 1}") == []


def test_export(viewer: APIClient, staff: APIClient, shop: Shop, north: Vendor) -> None:
    order = drafted(staff, shop, north, vendor_code="=HYPERLINK(1)")
    answer = viewer.get(f"{PATH}/{order['id']}/export")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{order["number"]}.csv"'
    assert ",'=HYPERLINK(1),10,packs,2.5000,25.00," in answer.content.decode()
    assert "10 packs at 2.50 = 25.00" in viewer.get(f"{PATH}/{order['id']}/export?as=text").content.decode()
    assert viewer.get(f"{PATH}/{order['id']}/export?as=html").headers["Content-Type"] == "text/html; charset=utf-8"
    assert viewer.get(f"{PATH}/{order['id']}/export?as=pdf").json()["errors"] == {"as": ["Use csv, text, html."]}


def test_a_list_needs_as_many_queries_as_one_row(
    staff: APIClient, shop: Shop, north: Vendor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        drafted(staff, shop, make_vendor(shop.account, f"Vendor {number}"))
        if number in (0, 4):
            with django_assert_num_queries(2):
                assert len(ids(staff, PATH)) == number + 1


def test_lines_of_another_account_are_refused_in_words(manager: APIClient, shop: Shop, north: Vendor) -> None:
    other = Shop(make_account("Other"))
    theirs = PurchaseOrder.objects.create(account=other.account, number="PO-1", vendor=make_vendor(other.account), warehouse=other.place)
    line = theirs.lines.create(account=other.account, product=other.tea, quantity=1, unit_kind="packs").pk
    here = f"{PATH}/{drafted(manager, shop, north)['id']}"
    answers = [manager.patch(here, {"lines": [{"line": line, "quantity": 9}]}), manager.patch(here, {"remove": [line]})]
    manager.post(f"{here}/approve")
    answers.append(manager.post(f"{here}/receive", {"lines": [{"line": line, "quantity": 1}]}))
    for answer in answers:
        assert (answer.status_code, answer.json()["errors"]["lines"][0][:13]) == (400, "There is no l")
    assert theirs.lines.get().quantity == 1


def test_a_delivery_before_the_calendar_of_the_account_is_refused(manager: APIClient, shop: Shop, north: Vendor) -> None:
    shop.account.time_zone = "America/New_York"
    shop.account.save()
    shop.place.mode = "mirror"
    shop.place.save()
    order = drafted(manager, shop, north)["id"]
    manager.post(f"{PATH}/{order}/approve")
    came = {"lines": [{"line": the_line(manager, order)["id"], "quantity": 1}], "received_at": "0001-01-01T00:00:00Z"}
    answer = manager.post(f"{PATH}/{order}/receive", came)
    assert (answer.status_code, answer.json()["errors"]["received_at"]) == (400, ["This time is beyond the calendar."])
