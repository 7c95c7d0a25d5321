"""The largest numbers that can be entered: whatever they add up to can be stored and shown."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.api.shop import about
from tests.inventory.ledger.build import Shop, in_days

pytestmark = pytest.mark.django_db

MOST = 999_999_999_999
DEAREST = "9999999999.9999"
WORTH = "999999999998990"
"""How 999,999,999,999 at 9,999,999,999.9999 begins: as many digits of money as SQLite keeps."""


def test_largest_purchases_are_shown_sold_and_written_off(staff: APIClient, viewer: APIClient, shop: Shop) -> None:
    for days in (3, 4, 5):
        answer = staff.post("/api/purchases", about(shop, MOST, unit_cost=DEAREST, expires_at=in_days(days).isoformat()))
        assert answer.status_code == 201
    assert viewer.get("/api/batches/expiring").json()["results"][0]["value_at_risk"][:15] == WORTH
    assert viewer.get("/api/levels").json()["results"][0]["on_hand"]["packs"] == 3 * MOST
    assert viewer.get("/api/stock/verify").json()["agrees"]
    assert staff.post("/api/sales/preview", about(shop, MOST)).json()["available"] == 3 * MOST
    sold = staff.post("/api/sales", about(shop, MOST, price=DEAREST))
    assert (sold.status_code, sold.json()["cost"][:15]) == (201, WORTH)
    gone = staff.post("/api/write-offs", about(shop, MOST, reason="lost", note="all of it"))
    assert (gone.status_code, gone.json()["cost"][:15]) == (201, WORTH)
    lines = [{"product": shop.tea.pk, "unit_kind": "packs", "counted": 0}]
    counted = staff.post("/api/counts", {"warehouse": shop.place.pk, "lines": lines})
    assert (counted.status_code, counted.json()["value"][:16]) == (201, f"-{WORTH}")


def test_largest_facts_in_bulk(staff: APIClient, shop: Shop) -> None:
    about_it = about(shop, MOST, bought_at=in_days(-1).isoformat(), unit_cost=DEAREST)
    facts = [{**about_it, "source_key": f"p{number}"} for number in range(3)]
    assert staff.post("/api/purchases/bulk", {"facts": facts}).json()["counts"]["booked"] == 3
    sold = {**about(shop, MOST, sold_at=in_days(-1).isoformat(), price=DEAREST), "source_key": "s"}
    assert staff.post("/api/sales/bulk", {"facts": [sold]}).json()["counts"]["booked"] == 1
    assert staff.post("/api/purchases", about(shop, 1, unit_cost="1")).status_code == 201
    assert shop.packs == 2 * MOST + 1
