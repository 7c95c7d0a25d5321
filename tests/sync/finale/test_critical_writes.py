"""A critical sync writes the items that are critical and whatever its reading makes critical, and nothing else."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Supply, SupplyState
from sync.models import Connection
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    finale.world.set_stock("TRAY 10/20", 30)
    connection = finale_connection(account, finale)
    synced(connection)
    return connection


def states() -> dict[str, str]:
    return dict(Supply.objects.values_list("product__sku", "state"))


def test_what_is_critical_is_written_and_what_is_fine_is_not(connection: Connection, finale: FinaleStandIn) -> None:
    # Perlite is out of stock by what is reserved; soil and trays are fine.
    assert states() == {"PERLITE-4CF": "out", "SOIL-25": "fine", "TRAY 10/20": "fine"}
    finale.world.restock("PERLITE-4CF", 50)
    finale.world.restock("SOIL-25", 5)
    run = synced(connection, "critical")
    assert on_hand() == {"SOIL-25": 52, "PERLITE-4CF": 56, "TRAY 10/20": 30, "OLD-KIT": 2}
    assert states()["PERLITE-4CF"] == SupplyState.FINE
    assert run.counters["updated"] == 1
    # The next stock sync sees the rest.
    synced(connection, "inventory")
    assert on_hand()["SOIL-25"] == 57


def test_sold_out_item_is_seen_at_once(connection: Connection, finale: FinaleStandIn) -> None:
    finale.world.sell_out("TRAY 10/20")
    before = finale.calls()
    synced(connection, "critical")
    assert finale.calls() == before + 1
    assert states()["TRAY 10/20"] == SupplyState.OUT
    assert "TRAY 10/20" not in on_hand()
    finale.world.restock("TRAY 10/20", 9)
    synced(connection, "critical")
    assert (states()["TRAY 10/20"], on_hand()["TRAY 10/20"]) == (SupplyState.FINE, 9)


def test_product_that_falls_to_its_reorder_point_is_written(connection: Connection, finale: FinaleStandIn) -> None:
    finale.world.restock("PERLITE-4CF", 100)
    synced(connection, "inventory")
    assert states()["PERLITE-4CF"] == SupplyState.FINE
    finale.world.ship("PERLITE-4CF", 73)
    synced(connection, "critical")
    # 106 - 73 - 9 reserved = 24, which is the point.
    assert states()["PERLITE-4CF"] == SupplyState.BELOW
    assert on_hand()["PERLITE-4CF"] == 33
