"""How far orders and shipments were read: further with every run, empty windows included, and never past what could not be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Account
from inventory.models import Demand
from sync.models import Connection, Cursor, Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import code_of, sync, synced
from tests.sync.finale.worlds import ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    return finale_connection(account, finale)


def test_cursor_moves_though_nothing_happened(connection: Connection, finale: FinaleStandIn) -> None:
    synced(connection, "orders")
    Cursor.objects.filter(feed__in=("orders", "shipments")).update(read_to=timezone.now() - timedelta(days=70))
    before = len(finale.asked("shipments"))
    run = synced(connection, "orders")
    assert len(finale.asked("shipments")) - before == 3
    assert set(Cursor.objects.filter(feed__in=("orders", "shipments")).values_list("read_to", flat=True)) == {
        run.started_at.replace(microsecond=0)  # type: ignore[union-attr]
    }
    before = len(finale.asked("shipments"))
    synced(connection, "orders")
    # Ten minutes back, because clocks differ: one window.
    assert len(finale.asked("shipments")) - before == 1


def test_cursor_stays_before_a_second_that_is_too_full(connection: Connection, finale: FinaleStandIn) -> None:
    synced(connection)
    world, same = finale.world, ago(5)
    for quantity in range(1, 6):
        world.shipments.put({"shipmentUrl": world.ship("SOIL-25", quantity), "lastUpdatedDate": same})
    world.shipments.put({"shipmentUrl": world.ship("SOIL-25", 10), "lastUpdatedDate": ago(3)})
    Cursor.objects.filter(feed="shipments").update(read_to=timezone.now() - timedelta(days=9))
    connection.settings = {**connection.settings, "cut_rows": 4, "hard_cut": 4}
    connection.save()
    finale.turn_on("cut", feeds="shipments", size=4)
    run = sync(connection, "orders")
    assert (run.status, code_of(run, "shipments")) == (Status.PARTIAL, "one_second_too_full")
    assert list(Demand.objects.values_list("quantity", flat=True)) == [10]
    assert Cursor.objects.get(feed="shipments").read_to <= timezone.now() - timedelta(days=4, hours=23)
    # When Finale gives the whole of it, nothing was passed over.
    finale.clear()
    connection.settings = {**connection.settings, "cut_rows": 100, "hard_cut": 100}
    connection.save()
    synced(connection, "orders")
    assert sum(Demand.objects.values_list("quantity", flat=True)) == 25
