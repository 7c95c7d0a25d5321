"""Purchases into whose batch a customer brought something back."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.inventory.ledger.build import Shop
from tests.inventory.ledger.test_changing_purchases import brought_back

pytestmark = pytest.mark.django_db


def test_list_and_detail_show_what_was_bought(viewer: APIClient, shop: Shop) -> None:
    bought = brought_back(shop, 2)
    other = shop.buy(3)
    listed = viewer.get("/api/purchases").json()["results"]
    assert {each["id"]: (each["quantity"], each["remaining"]) for each in listed} == {bought.pk: (10, 2), other.pk: (3, 3)}
    assert viewer.get(f"/api/purchases/{bought.pk}").json()["quantity"] == 10


def test_the_quantity_that_is_shown_may_be_sent_back(manager: APIClient, shop: Shop) -> None:
    bought = brought_back(shop, 2)
    answer = manager.patch(f"/api/purchases/{bought.pk}", {"quantity": 10}, format="json")
    assert (answer.status_code, answer.json()["quantity"], shop.packs) == (200, 10, 2)
