"""Stock of a product that was not read yet becomes a level as soon as the product is read."""

from __future__ import annotations

import pytest

from accounts.models import Account
from sync.models import StockRef
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


def test_stock_waits_for_its_product(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    finale.world.add_product("NEW-1", "Just in")
    finale.world.set_stock("NEW-1", 7)
    synced(connection, "inventory")
    assert StockRef.objects.get(sku="NEW-1").on_hand == 7
    assert "NEW-1" not in on_hand()
    # The list of stock says the same as before: it is the product that is news.
    synced(connection, "active")
    assert on_hand()["NEW-1"] == 7
