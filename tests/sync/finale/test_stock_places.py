"""Stock in places that do not count is shown and in no level; what counts is decided by people, at once and for good."""

from __future__ import annotations

import pytest
from django.db import connection as connection_of_tests
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from inventory.models import Supply
from sandbox.finale.samples import TRANSIT
from sync import references
from sync.models import StockRef, WarehouseRef
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


def test_transit_counts_only_when_somebody_says_so(account: Account, finale: FinaleStandIn) -> None:
    finale.world.set_stock("TRAY 10/20", 8, place=TRANSIT)
    connection = finale_connection(account, finale)
    synced(connection)
    assert StockRef.objects.get(sku="TRAY 10/20").on_hand == 8
    assert "TRAY 10/20" not in on_hand()
    transit = WarehouseRef.objects.get(external_id=TRANSIT)
    references.set_counts(make_actor(account), transit, True)
    assert on_hand()["TRAY 10/20"] == 8
    synced(connection)
    assert on_hand()["TRAY 10/20"] == 8
    assert Supply.objects.get(product__sku="TRAY 10/20").available == 8
    references.set_counts(make_actor(account), transit, False)
    assert "TRAY 10/20" not in on_hand()


def test_place_that_is_excluded_later_takes_its_stock_out(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    connection.settings = {**connection.settings, "uncounted_places": "Transit, B-07"}
    connection.save()
    synced(connection)
    assert on_hand() == {"SOIL-25": 40, "PERLITE-4CF": 6}


def test_new_location_is_a_warehouse_of_its_own(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    shop = finale.world.add_place("Shop")
    finale.world.set_stock("SOIL-25", 3, place=finale.world.add_place("Shelf", shop))
    synced(connection)
    ref = WarehouseRef.objects.get(external_id=shop)
    assert ref.warehouse is not None
    assert {level.product.sku: level.units for level in ref.warehouse.levels.select_related("product")} == {"SOIL-25": 3}
    assert on_hand()["SOIL-25"] == 55


@pytest.mark.skipif(connection_of_tests.vendor == "sqlite", reason="only PostgreSQL locks rows")
def test_levels_are_locked_in_one_order_before_points_and_stock_are_written(account: Account, finale: FinaleStandIn) -> None:
    """A chunk of stock holds some of them at the same moment, and goes through them by product and warehouse, too."""
    synced(finale_connection(account, finale))
    place = WarehouseRef.objects.exclude(warehouse=None).earliest("id")
    with CaptureQueriesContext(connection_of_tests) as queries:
        references.set_counts(make_actor(account), place, not place.counts)
    about = [row["sql"] for row in queries.captured_queries if '"inventory_level"' in row["sql"]]
    assert about[0].endswith("ORDER BY l.product_id, l.warehouse_id FOR NO KEY UPDATE OF l")
