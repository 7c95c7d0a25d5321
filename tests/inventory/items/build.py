"""Items of a shop, in plain lines."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from inventory import items
from inventory.models import Item, ItemChange
from inventory.signals import items_changed
from tests.inventory.ledger.build import Shop


def make_item(shop: Shop, **fields: Any) -> Item:
    """Twelve black bricks at 0.125."""
    given = {"part_number": "3001", "color_id": 11, "quantity_available": 12, "price": "0.125", **fields}
    return items.add(shop.actor, **given)


def make_linked(shop: Shop, **rules: Any) -> Item:
    """An item that offers what the shop has of its tea, in packs."""
    item = items.add(shop.actor, part_number="3001", price="2.5")
    return items.link(shop.actor, item, shop.tea, [shop.place], **rules)


def now(item: Item) -> Item:
    """As it is stored."""
    return Item.objects.get(pk=item.pk)


def available(item: Item) -> int:
    return now(item).quantity_available


def last(item: Item) -> ItemChange:
    """What happened to it last."""
    found = item.history.first()
    assert found is not None
    return found


@contextmanager
def heard() -> Iterator[list[dict[str, Any]]]:
    """What items_changed tells while the block runs."""
    news: list[dict[str, Any]] = []

    def listen(*, account_id: int, item_ids: list[int], cause: str, correlation: uuid.UUID, **_signal: Any) -> None:
        news.append({"account": account_id, "items": item_ids, "cause": cause, "correlation": correlation})

    items_changed.connect(listen)
    try:
        yield news
    finally:
        items_changed.disconnect(listen)
