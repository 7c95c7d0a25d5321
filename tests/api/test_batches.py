from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from inventory import ledger
from inventory.models import Batch, Movement
from tests.api.shop import ids
from tests.inventory.ledger.build import Shop, in_days, let_expire

pytestmark = pytest.mark.django_db


def test_batch_with_its_sales_and_where_its_movements_are(viewer: APIClient, shop: Shop) -> None:
    bought = shop.buy(10, cost="2.50", lot="L1")
    sale, cancelled = shop.sell(4), shop.sell(1)
    ledger.cancel_sale(shop.actor, cancelled)
    body = viewer.get(f"/api/batches/{bought.batch_id}").json()
    assert (body["received"], body["sold"], body["remaining"], body["state"], body["origin"]) == (10, 4, 6, "ACTIVE", "purchase")
    assert (body["unit_cost"], body["lot"], body["purchase"], body["sku"]) == ("2.5000", "L1", bought.pk, "QTX-TEA")
    told = [(each["sale"], each["quantity"], each["released"], each["status"]) for each in body["allocations"]]
    assert told == [(cancelled.pk, 1, 1, "cancelled"), (sale.pk, 4, 0, "booked")]
    assert ids(viewer, body["movements"]) == list(Movement.objects.order_by("-id").values_list("pk", flat=True))


def test_batch_is_expired_from_the_instant(viewer: APIClient, shop: Shop) -> None:
    bought = shop.buy(10, expires_at=in_days(5))
    let_expire(bought)
    assert Batch.objects.get().state == "ACTIVE"
    assert viewer.get(f"/api/batches/{bought.batch_id}").json()["state"] == "EXPIRED"
    assert ids(viewer, "/api/batches?state=EXPIRED") == ids(viewer, "/api/batches?expired=true") == [bought.batch_id]
    assert ids(viewer, "/api/batches?state=ACTIVE") == ids(viewer, "/api/batches?expired=false") == []


def test_filters(viewer: APIClient, shop: Shop) -> None:
    undated = shop.buy(1, "units", lot="U").batch_id
    sold_out = shop.buy(2, expires_at=in_days(3), lot="L1")
    shop.sell(2)
    soon = shop.buy(3, expires_at=in_days(4)).batch_id
    later = shop.buy(3, expires_at=in_days(40)).batch_id
    assert ids(viewer, "/api/batches?lot=l1") == ids(viewer, "/api/batches?state=DEPLETED") == [sold_out.batch_id]
    assert ids(viewer, "/api/batches?unit_kind=units") == [undated]
    assert ids(viewer, "/api/batches?state=ACTIVE") == [later, soon, undated]
    assert ids(viewer, "/api/batches?expiring_within=5") == [soon]
    assert ids(viewer, "/api/batches?expiring_within=40.5") == [later, soon]
    assert ids(viewer, f"/api/batches?product={shop.tea.pk}&warehouse={shop.place.pk}&origin=purchase&expired=false")[0] == later
    assert ids(viewer, "/api/batches?origin=opened") == []


@pytest.mark.parametrize("query", ["expiring_within=-1", "expiring_within=36501", "expiring_within=nan", "state=OLD", "product=0"])
def test_filter_that_is_none_is_refused(viewer: APIClient, query: str) -> None:
    answer = viewer.get(f"/api/batches?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        shop.buy(1)
    viewer.get("/api/batches")
    # The token, the time, the batches.
    with django_assert_num_queries(3):
        assert len(viewer.get("/api/batches").json()["results"]) == 5
