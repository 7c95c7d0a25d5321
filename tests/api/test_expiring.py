from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Account
from tests.inventory.ledger.build import Shop, in_days, let_expire, make_product

pytestmark = pytest.mark.django_db

PATH = "/api/batches/expiring"


@pytest.fixture
def shop(account: Account) -> Shop:
    return Shop(account, sale_price="4.00")


def test_soonest_first_with_what_each_is_worth(viewer: APIClient, shop: Shop) -> None:
    high = shop.buy(8, cost="2.00", expires_at=in_days(13.5))
    critical = shop.buy(10, cost="2.50", expires_at=in_days(6.5), lot="L1")
    shop.sell(4)
    shop.buy(9, expires_at=in_days(31))
    let_expire(shop.buy(9, expires_at=in_days(3)))
    body = viewer.get(PATH).json()
    first, second = body["results"]
    assert (first["batch"], first["lot"], first["urgency"], first["days_left"]) == (critical.batch_id, "L1", "critical", 7)
    assert (first["remaining"], first["value_at_risk"], first["expected_revenue"], first["percent_sold"]) == (6, "15.00", "24.00", 40.0)
    assert (second["batch"], second["urgency"], second["days_left"], second["value_at_risk"]) == (high.batch_id, "high", 14, "16.00")
    total = {"batches": 2, "value_at_risk": "31.00", "expected_revenue": "56.00", "without_cost": 0, "without_price": 0}
    assert body["summary"]["total"] == total
    assert {name: part["batches"] for name, part in body["summary"].items()} == {"total": 2, "critical": 1, "high": 1, "medium": 0}
    assert (body["next"], body["previous"]) == (None, None)


def test_what_has_no_price_for_its_unit_kind_expects_nothing_that_is_known(viewer: APIClient, shop: Shop) -> None:
    shop.buy(2, "pallets", cost="80", expires_at=in_days(20))
    body = viewer.get(PATH).json()
    assert (body["results"][0]["urgency"], body["results"][0]["expected_revenue"]) == ("medium", None)
    assert body["summary"]["medium"]["without_price"] == 1
    assert body["summary"]["medium"]["value_at_risk"] == "160.00"


def test_filters_narrow_the_summary_too(viewer: APIClient, shop: Shop) -> None:
    shop.buy(1, expires_at=in_days(2))
    other = make_product(shop.account, "OTHER")
    wanted = shop.buy(1, product=other, expires_at=in_days(10))
    for query in (f"product={other.pk}", "sku=other", "urgency=high"):
        body = viewer.get(f"{PATH}?{query}").json()
        assert [row["batch"] for row in body["results"]] == [wanted.batch_id], query
        assert body["summary"]["total"]["batches"] == 1
    assert viewer.get(f"{PATH}?urgency=none").status_code == 400


def test_pages(viewer: APIClient, shop: Shop) -> None:
    made = [shop.buy(1, expires_at=in_days(days)).batch_id for days in (3, 1, 2)]
    first = viewer.get(f"{PATH}?limit=2").json()
    assert [row["batch"] for row in first["results"]] == [made[1], made[2]]
    second = viewer.get(first["next"]).json()
    assert [row["batch"] for row in second["results"]] == [made[0]]
    assert second["summary"]["total"]["batches"] == 3


def test_statements_do_not_grow_with_the_rows(viewer: APIClient, shop: Shop, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for days in range(1, 6):
        shop.buy(1, expires_at=in_days(days))
    viewer.get(PATH)
    # The token, the time, the batches, the summary.
    with django_assert_num_queries(4):
        assert len(viewer.get(PATH).json()["results"]) == 5
