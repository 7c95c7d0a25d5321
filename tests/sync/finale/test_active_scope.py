"""An active sync reads what was changed within its days, and what it does not read is never called out of stock."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product, Supply, SupplyState
from sync.models import ProductRef
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced
from tests.sync.finale.worlds import ago

pytestmark = pytest.mark.django_db


def test_long_unmodified_products_stay_as_they_are(account: Account, finale: FinaleStandIn) -> None:
    world = finale.world
    world.edit_product("PERLITE-4CF", lastUpdatedDate=ago(20))
    connection = finale_connection(account, finale, active_days=60)
    synced(connection)
    world.edit_product("SOIL-25", internalName="Not read", lastUpdatedDate=ago(100))
    world.edit_product("PERLITE-4CF", internalName="Perlite", lastUpdatedDate=ago(1))
    world.restock("SOIL-25", 8)
    run = synced(connection, "active")
    assert not ProductRef.objects.exclude(gone_at=None).exists()
    assert dict(Product.objects.values_list("sku", "name"))["SOIL-25"] == "Potting soil 25 l"
    assert dict(Product.objects.values_list("sku", "name"))["PERLITE-4CF"] == "Perlite"
    # A sale does not touch its product: stock is of all of them.
    assert on_hand()["SOIL-25"] == 60
    assert Supply.objects.get(product__sku="SOIL-25").state == SupplyState.FINE
    assert (run.counters["removed"], {} in finale.asked("products")[1:]) == (0, False)


def test_product_that_was_switched_off_is_no_critical_item(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    assert Supply.objects.get(product__sku="TRAY 10/20").state == SupplyState.OUT
    finale.world.set_active("TRAY 10/20", False)
    run = synced(connection, "active")
    assert not Product.objects.get(sku="TRAY 10/20").active
    assert not Supply.objects.filter(product__sku__in=("TRAY 10/20", "OLD-KIT")).exists()
    assert run.stats["criticalItems"] == 1
