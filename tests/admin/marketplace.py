"""Shops of the toy marketplace, with items that stand in them as a push would have left them, for looking at their pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Account
from inventory import items
from inventory.models import Item
from marketplaces import provider
from marketplaces.lots import Wanted
from marketplaces.models import Listing, ListingState, Shop
from sync import systems
from tests.build import make_actor
from tests.marketplaces.push import toy

ITEMS = "/admin/inventory/item/"
LISTINGS = "/admin/marketplaces/listing/"


@pytest.fixture
def toy_marketplace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A marketplace in memory, to connect shops to."""
    monkeypatch.setitem(provider._registered, "toy", toy.TOY)
    monkeypatch.setitem(systems._registered, "toy", toy.TOY.system)
    yield
    toy.TOY.stores.clear()


@pytest.fixture
def shop(toy_marketplace: None, account: Account) -> Shop:
    return make_shop(account, "North Store")


def make_shop(account: Account, name: str) -> Shop:
    return toy.make_shop(account, name)[0]


def make_item(account: Account, number: str = "3001", **fields: Any) -> Item:
    """Twelve black bricks at 0.125."""
    given = {"name": "Brick 2 x 4", "color_id": 11, "quantity_available": 12, "price": "0.125", "location": "A-12", **fields}
    return items.add(make_actor(account), part_number=number, **given)


def stand(item: Item, shop: Shop, state: ListingState, **columns: Any) -> Listing:
    """Let the item stand in the shop as after a push that came to this."""
    Listing.objects.filter(item=item, shop=shop).update(state=state, due_at=None, **columns)
    return listing_of(item, shop)


def told(item: Item, shop: Shop, **columns: Any) -> Listing:
    """Let the shop have been told all of the item, as lot 700."""
    wanted = toy.TOY.wanted(item, shop, {"zero_stock": "delete"})
    assert isinstance(wanted, Wanted)
    values = {"lot_id": "700", "told_quantity": wanted.quantity, "told_price": item.price, "told": wanted.without_quantity()}
    return stand(item, shop, ListingState.SYNCED, **{**values, **columns})


def listing_of(item: Item, shop: Shop) -> Listing:
    return Listing.objects.get(item=item, shop=shop)


def page_of(item: Item, page: str = "change", *more: int) -> str:
    return reverse(f"admin:inventory_item_{page}", args=[item.pk, *more])
