"""A product that is no more in Finale is gone and switched off here, and never deleted; when it is back, so it is here."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product
from sync.models import ProductRef
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


def test_removed_product_is_gone_and_inactive_and_comes_back(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    tray = Product.objects.get(sku="TRAY 10/20")
    url = finale.world.url("TRAY 10/20")
    finale.world.remove_product("PERLITE-4CF")
    finale.world.remove_product("TRAY 10/20")
    run = synced(connection)
    tray.refresh_from_db()
    assert (tray.active, ProductRef.objects.get(external_id=url).gone_at is not None) == (False, True)
    assert run.counters["removed"] == 2 + 1
    assert "PERLITE-4CF" not in on_hand()
    finale.world.add_product("TRAY 10/20", "Seed tray", url=url)
    synced(connection)
    tray.refresh_from_db()
    assert (tray.active, tray.name, ProductRef.objects.get(external_id=url).gone_at) == (True, "Seed tray", None)
    assert Product.objects.count() == 4
