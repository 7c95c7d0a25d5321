"""What was shipped is demand: added with its sign, replaced when a shipment is read again, taken away when it is cancelled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Account
from inventory.models import Demand
from sandbox.finale.account import stamp
from sandbox.finale.records import STAMP
from sync.models import Connection, Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import sync, synced
from tests.sync.finale.worlds import ago

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    connection = finale_connection(account, finale)
    synced(connection)
    assert not Demand.objects.exists()
    return connection


def sold() -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for sku, quantity in Demand.objects.values_list("product__sku", "quantity"):
        found[sku] = found.get(sku, Decimal(0)) + quantity
    return found


def test_shipped_goods_are_demand_of_their_day_until_they_are_cancelled(connection: Connection, finale: FinaleStandIn) -> None:
    first = finale.world.ship("SOIL-25", 6, on="2026-11-02")
    finale.world.ship("SOIL-25", 45, on="2026-11-03")
    synced(connection, "orders")
    # 45 lay in two places: two lines.
    assert sorted(Demand.objects.values_list("quantity", flat=True)) == [
        6,
        11,
        34,
    ]
    assert sold() == {"SOIL-25": 51}
    assert sorted({str(day) for day in Demand.objects.values_list("day", flat=True)}) == ["2026-11-02", "2026-11-03"]
    finale.world.cancel_shipment(first)
    synced(connection, "orders")
    assert sold() == {"SOIL-25": 45}


def test_corrections_count_with_their_sign(connection: Connection, finale: FinaleStandIn) -> None:
    shipment = finale.world.ship("SOIL-25", 10)
    items = finale.world.there(finale.world.shipments, shipment)["shipmentItemList"]
    changed = [*items, {**items[0], "quantity": -4}]
    finale.world.shipments.put({"shipmentUrl": shipment, STAMP: stamp(finale.world.now()), "shipmentItemList": changed})
    synced(connection, "orders")
    assert sorted(Demand.objects.values_list("quantity", flat=True)) == [-4, 10]


def test_lines_missing_in_lists_are_read_one_by_one_and_only_where_they_matter(connection: Connection, finale: FinaleStandIn) -> None:
    finale.turn_on("no_lines", feeds="shipments")
    for quantity in (1, 2, 3):
        finale.world.ship("SOIL-25", quantity)
    finale.world.cancel_shipment(finale.world.ship("SOIL-25", 4))
    synced(connection, "orders")
    assert sold() == {"SOIL-25": 6}
    assert finale.calls("shipment") == 3


def test_never_asked_for_singly_where_lists_are_said_to_hold_all(connection: Connection, finale: FinaleStandIn) -> None:
    connection.settings = {**connection.settings, "lines_on_lists": "always"}
    connection.save()
    finale.turn_on("no_lines", feeds="shipments")
    finale.world.ship("SOIL-25", 1)
    synced(connection, "orders")
    assert (sold(), finale.calls("shipment")) == ({}, 0)


def test_every_document_is_asked_for_where_lists_are_not_to_be_believed(connection: Connection, finale: FinaleStandIn) -> None:
    connection.settings = {**connection.settings, "lines_on_lists": "never"}
    connection.save()
    finale.world.ship("SOIL-25", 1)
    finale.world.ship("SOIL-25", 2)
    synced(connection, "orders")
    assert (sold(), finale.calls("shipment")) == ({"SOIL-25": 3}, 2)


def test_broken_list_of_shipments_keeps_what_is_known(connection: Connection, finale: FinaleStandIn) -> None:
    finale.world.ship("SOIL-25", 5)
    synced(connection, "orders")
    finale.turn_on("no_anchor", feeds="shipments")
    finale.world.ship("SOIL-25", 7)
    run = sync(connection, "orders")
    assert (run.status, sold()) == (Status.PARTIAL, {"SOIL-25": 5})
    finale.clear()
    synced(connection, "orders")
    assert sold() == {"SOIL-25": 12}


def test_shipments_of_products_that_nobody_knows_yet_are_not_passed_over(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    finale.world.shipments.put({"shipmentUrl": finale.world.ship("SOIL-25", 6), "lastUpdatedDate": ago(5)})
    synced(connection, "orders")
    assert sold() == {}
    synced(connection)
    assert sold() == {"SOIL-25": 6}
