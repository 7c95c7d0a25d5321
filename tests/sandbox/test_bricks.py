"""The demo account's items, entered over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.models import Item
from sandbox.bricks import ITEMS, LINKED, Bricks, add_on_site
from sandbox.children import Broken
from sandbox.server import Sandbox
from sandbox.shop import Shop
from tests.build import make_account, make_member, make_token

pytestmark = pytest.mark.django_db(transaction=True)


def test_items_are_made_once_and_two_follow_the_ledger(live_server: Any) -> None:
    token = make_token(make_member(make_account()))
    Shop(live_server.url, token).fill()
    for _ in range(2):
        Bricks(live_server.url, token).fill()
    assert Item.objects.count() == len(ITEMS) + len(LINKED)
    # 400 bought, 20 kept back; and half of 250.
    linked = Item.objects.filter(product__isnull=False).order_by("pk").values_list("product__sku", "quantity_available")
    assert list(linked) == [("QTS-BRICK24", 380), ("QTS-PLATE24", 125)]
    assert Item.objects.filter(price=None).count() == 1


def test_without_the_shop_it_is_said_what_is_missing(live_server: Any) -> None:
    token = make_token(make_member(make_account()))
    with pytest.raises(Broken, match="The demo shop was not filled"):
        Bricks(live_server.url, token).fill()


def test_a_lot_is_added_on_the_site(sandbox: Sandbox) -> None:
    add_on_site(sandbox.url)
    assert [(lot["item"]["no"], lot["quantity"]) for lot in sandbox.rows("bricklink", "lots")] == [("3010", 8)]
