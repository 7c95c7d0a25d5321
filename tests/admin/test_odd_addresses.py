"""Addresses with numbers and times that nothing can have: pages, and no errors of the server."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from tests.inventory.ledger.build import Shop

pytestmark = pytest.mark.django_db

ENDLESS = "9" * 5000
ENTRIES = ("purchase", "sale", "writeoff", "transfer", "customerreturn")


@pytest.fixture
def shop(account: Account) -> Shop:
    account.time_zone = "Asia/Tokyo"
    account.save()
    return Shop(account)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"])
def test_moment_beyond_the_calendar(viewer: Client, shop: Shop, at: str) -> None:
    assert viewer.get(reverse("admin:inventory_product_stock", args=[shop.tea.pk]), {"at": at}).status_code == 200


@pytest.mark.parametrize("model", ENTRIES)
@pytest.mark.parametrize("name", ["product", "sale", "warehouse"])
def test_form_for_a_row_that_is_none(staff: Client, shop: Shop, model: str, name: str) -> None:
    assert staff.get(reverse(f"admin:inventory_{model}_add"), {name: ENDLESS}).status_code == 200


@pytest.mark.parametrize("after", [f"{ENDLESS}-1", "9" * 20 + "-1", "1-2-3", "²-²"])
def test_verify_after_no_level(viewer: Client, shop: Shop, after: str) -> None:
    assert viewer.get(reverse("admin:inventory_verify"), {"after": after}).status_code == 200


def test_reorder_point_for_no_warehouse(manager: Client, shop: Shop) -> None:
    assert manager.post(reverse("admin:inventory_product_reorder", args=[shop.tea.pk]), {"warehouse": ENDLESS}).status_code == 404
