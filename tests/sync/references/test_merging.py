"""Two things there may be one product here: merged their stock is one sum, split it is two again."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product
from sync import references
from sync.models import ProductRef
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


def test_merged_products_have_one_stock_and_split_ones_two(account: Account, finale: FinaleStandIn) -> None:
    actor = make_actor(account)
    connection = finale_connection(account, finale)
    synced(connection)
    soil, perlite = (Product.objects.get(sku=sku) for sku in ("SOIL-25", "PERLITE-4CF"))
    references.merge(actor, soil, perlite)
    perlite.refresh_from_db()
    assert (on_hand(), perlite.active) == ({"SOIL-25": 58, "OLD-KIT": 2}, False)
    assert soil.name == "Potting soil 25 l"
    synced(connection)
    perlite.refresh_from_db()
    assert (on_hand(), perlite.active) == ({"SOIL-25": 58, "OLD-KIT": 2}, False)
    finale.world.restock("PERLITE-4CF", 2)
    synced(connection, "inventory")
    assert on_hand()["SOIL-25"] == 60
    ref = references.split(actor, ProductRef.objects.get(sku="PERLITE-4CF"))
    assert ref.product not in (soil, perlite)
    assert on_hand() == {"SOIL-25": 52, "PERLITE-4CF": 8, "OLD-KIT": 2}
    assert Product.objects.get(pk=ref.product_id).levels.get().reorder_point == 24
