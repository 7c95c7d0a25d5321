"""Purposes in the API: lists keep them apart, facts in bulk name them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from inventory.ledger import TransferFact, transfer_many
from inventory.models import Purchase, Sale
from tests.api.shop import about
from tests.inventory.ledger.build import Shop, make_place

pytestmark = pytest.mark.django_db


def keys(browser: APIClient, path: str) -> set[str | None]:
    return {row["source_key"] for row in browser.get(path).json()["results"]}


def told(browser: APIClient, kind: str, moment: str, shop: Shop, *facts: tuple[str, int, str]) -> list[str]:
    at = {moment: timezone.now().isoformat()}
    bodies: list[dict[str, Any]] = [about(shop, quantity, source_key=key, purpose=purpose, **at) for key, quantity, purpose in facts]
    return [each["result"] for each in browser.post(f"/api/{kind}/bulk", {"facts": bodies}).json()["facts"]]


def test_facts_name_their_purpose_and_lists_keep_them_apart(staff: APIClient, viewer: APIClient, shop: Shop) -> None:
    bought = shop.buy(20)
    sales = told(staff, "sales", "sold_at", shop, ("s", 5, "sale"), ("w", 3, "wastage"), ("t", 1, "transfer"))
    assert sales == ["booked", "booked", "refused"]
    receipts = told(staff, "purchases", "bought_at", shop, ("f", 2, "found"), ("r", 1, "sale_return"), ("t", 1, "transfer"))
    assert receipts == ["booked", "booked", "refused"]
    assert keys(viewer, "/api/sales") == {"s"}
    assert keys(viewer, "/api/sales?purpose=wastage") == {"w"}
    assert keys(viewer, "/api/sales?purpose=all") == keys(viewer, f"/api/sales?batch={bought.batch_id}") == {"s", "w"}
    assert keys(viewer, "/api/sales?source_key=w") == {"w"}
    assert keys(viewer, "/api/purchases") == {None}
    assert keys(viewer, "/api/purchases?purpose=all") == {None, "f", "r"}
    wasted = viewer.get(f"/api/sales/{Sale.objects.get(source_key='w').pk}").json()
    assert (wasted["purpose"], wasted["batches_used"]) == ("wastage", 1)
    batch = viewer.get(f"/api/batches/{bought.batch_id}").json()
    assert (batch["sold"], batch["issued"]) == (8, {"sale": 5, "wastage": 3})
    assert [each["purpose"] for each in batch["allocations"]] == ["wastage", "sale"]


def test_a_transfer_from_outside_is_seen_from_both_sides(viewer: APIClient, manager: APIClient, shop: Shop) -> None:
    shop.buy(5)
    store = make_place(shop.account, "STORE")
    about = {"product_id": shop.tea.pk, "unit_kind": "packs", "from_id": shop.place.pk, "to_id": store.pk}
    transfer_many(shop.actor, [TransferFact(source_key="m", quantity=2, moved_at=timezone.now(), **about)])
    sent, arrived = Sale.objects.get(source_key="m:out"), Purchase.objects.get(purpose="transfer")
    shown = viewer.get(f"/api/purchases/{arrived.pk}").json()
    assert (shown["purpose"], shown["transfer_key"], shown["sent"]) == ("transfer", "m", sent.pk)
    for path in (f"/api/purchases/{arrived.pk}", f"/api/sales/{sent.pk}"):
        answer = manager.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "told_outside")
