"""Addresses and forms of the marketplaces' pages that nobody would write by hand: never an error of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Account
from inventory.models import Item
from marketplaces.models import Shop
from tests.admin.marketplace import ITEMS, LISTINGS, make_item, page_of, shop, toy_marketplace
from tests.admin.pages import text_of
from tests.admin.test_item_page import save

__all__ = ["shop", "toy_marketplace"]


@pytest.mark.parametrize("before", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-13-01T00:00:00Z", "x"])
def test_history_before_no_time_is_all_of_it(viewer: Client, account: Account, shop: Shop, before: str) -> None:
    assert "Made" in text_of(viewer.get(f"{page_of(make_item(account))}?before={quote(before)}"))


def test_tier_of_endless_many_pieces_is_refused_in_words(manager: Client, account: Account, shop: Shop) -> None:
    item = make_item(account)
    assert "is no quantity with a price" in text_of(save(manager, item, tiers="9" * 5000 + ": 0.1"))
    assert Item.objects.get().tiers is None


@pytest.mark.parametrize("number", ["9" * 20, "x"])
def test_warehouse_that_nobody_can_have_is_refused_in_words(manager: Client, account: Account, shop: Shop, number: str) -> None:
    given = {"product": "x", "warehouses": [number], "unit_kind": "units", "pack": "1", "buffer": "0", "minimum": "0", "share": "100"}
    response = manager.post(page_of(make_item(account), "link"), given)
    assert (response.status_code, f"“{number}” is not a valid value" in text_of(response)) == (200, True)


@pytest.mark.parametrize("number", ["9" * 25, "x", "²"])
@pytest.mark.parametrize("address", [ITEMS, LISTINGS])
def test_tick_that_is_no_row_chooses_nothing(manager: Client, account: Account, shop: Shop, address: str, number: str) -> None:
    make_item(account)
    given = {"action": "push_now", "_selected_action": [number]}
    assert "Items must be selected" in text_of(manager.post(address, given, follow=True))
