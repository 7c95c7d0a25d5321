"""Shops of the toy marketplace, with items that were pushed to them, for looking at their pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import Account
from inventory import items
from inventory.models import Item
from marketplaces.models import Listing, ListingState, Shop
from tests.build import make_actor


def make_item(account: Account, number: str = "3001", **fields: Any) -> Item:
    """Twelve black bricks at 0.125."""
    given = {"name": "Brick 2 x 4", "color_id": 11, "quantity_available": 12, "price": "0.125", "location": "A-12", **fields}
    return items.add(make_actor(account), part_number=number, **given)


def stand(item: Item, shop: Shop, state: ListingState, **columns: Any) -> Listing:
    """Let the item stand in the shop as it would after a push that came to this."""
    Listing.objects.filter(item=item, shop=shop).update(state=state, due_at=None, **columns)
    return Listing.objects.get(item=item, shop=shop)


def page_of(item: Item, page: str = "change") -> str:
    return reverse(f"admin:inventory_item_{page}", args=[item.pk])


ITEMS = "/admin/inventory/item/"
