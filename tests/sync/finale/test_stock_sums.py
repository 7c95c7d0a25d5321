"""Many rows of one product and place are added up; what has no row any more is sold out."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Level, Supply, SupplyState
from sandbox.finale.samples import A01, B07
from sync.models import StockRef
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


def test_rows_by_lot_place_and_order_are_summed(account: Account, finale: FinaleStandIn) -> None:
    world = finale.world
    for lot in ("L-1", "L-2", None):
        world.set_stock("TRAY 10/20", 2.5, place=A01, lot=lot)
    world.set_stock("TRAY 10/20", 4, place=B07)
    for quantity in (3, 4):
        world.order_sale("TRAY 10/20", quantity)
    synced(finale_connection(account, finale))
    level = Level.objects.get(product__sku="TRAY 10/20")
    assert (level.units, level.reserved_units, level.on_order_units) == (11.5, 7, 0)
    assert Supply.objects.get(product__sku="TRAY 10/20").available == 4.5


def test_sell_out_is_seen_by_absence_alone(account: Account, finale: FinaleStandIn) -> None:
    finale.world.set_stock("TRAY 10/20", 3)
    connection = finale_connection(account, finale)
    synced(connection)
    assert Supply.objects.get(product__sku="TRAY 10/20").state == SupplyState.FINE
    finale.world.sell_out("TRAY 10/20")
    run = synced(connection, "inventory")
    assert run.counters["removed"] == 1
    assert "TRAY 10/20" not in on_hand()
    assert Supply.objects.get(product__sku="TRAY 10/20").state == SupplyState.OUT
    # The line is kept as gone: what it was is in the log of the run.
    assert StockRef.objects.get(sku="TRAY 10/20").gone_at is not None
