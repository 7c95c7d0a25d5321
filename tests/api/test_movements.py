from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory import ledger
from inventory.models import Movement
from tests.api.shop import ids
from tests.inventory.ledger.build import Shop, make_place

pytestmark = pytest.mark.django_db


def test_movement_says_what_it_belongs_to(viewer: APIClient, shop: Shop) -> None:
    bought = shop.buy(10)
    sale = shop.sell(4, reference="T7")
    newest, oldest = viewer.get("/api/movements").json()["results"]
    assert (newest["kind"], newest["batch_delta"], newest["level_delta"], newest["level_after"]) == ("sale", -4, -4, 6)
    assert (newest["cause"], newest["actor"], newest["batch"], newest["sku"]) == ("sale_creation", "Mara", bought.batch_id, "QTX-TEA")
    assert newest["document"] == {"kind": "sale", "id": sale.pk, "label": f"Sale {sale.pk}, T7"}
    assert newest["correlation"] == str(sale.correlation)
    assert (oldest["kind"], oldest["document"]["kind"], oldest["document"]["id"]) == ("receipt", "purchase", bought.pk)
    assert viewer.get(f"/api/movements/{newest['id']}").json() == newest


def test_filters(viewer: APIClient, shop: Shop) -> None:
    bought = shop.buy(10)
    sale = shop.sell(4)
    other = shop.buy(5, "units")
    receipt, sold, units = Movement.objects.order_by("id").values_list("pk", flat=True)
    given = {
        "unit_kind=units": [units],
        "kind=sale": [sold],
        "cause=purchase_creation": [units, receipt],
        f"batch={bought.batch_id}": [sold, receipt],
        f"correlation={sale.correlation}": [sold],
        f"document=sale:{sale.pk}": [sold],
        f"document=purchase:{other.pk}": [units],
        "from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z": [],
        f"product={shop.tea.pk}&warehouse={shop.place.pk}&sku=qtx-tea": [units, sold, receipt],
    }
    for query, found in given.items():
        assert ids(viewer, f"/api/movements?{query}") == found, query


@pytest.mark.parametrize(
    "query", ["document=sale", "document=bill:1", "document=sale:x", f"document=sale:{'9' * 19}", "correlation=1", "kind=x"]
)
def test_filter_that_is_none_is_refused(viewer: APIClient, query: str) -> None:
    answer = viewer.get(f"/api/movements?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """One for each kind of document among them, beside the token and the movements."""
    second = make_place(shop.account, "SECOND")
    for _ in range(4):
        shop.buy(10)
        sale = shop.sell(4)
        ledger.take_back(shop.actor, sale=sale, quantity=1)
        ledger.write_off(shop.actor, product=shop.tea, warehouse=shop.place, unit_kind="packs", quantity=1, reason="lost", note="x")
        ledger.transfer(shop.actor, product=shop.tea, source=shop.place, target=second, unit_kind="packs", quantity=1)
    viewer.get("/api/movements")
    there = Movement.objects.count()
    with django_assert_num_queries(6):
        assert len(viewer.get("/api/movements").json()["results"]) == there > 20
