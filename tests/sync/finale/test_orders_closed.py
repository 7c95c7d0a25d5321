"""A purchase order of ours that was entered in Finale under our number is followed there, and closed by what arrives there."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory import purchasing
from inventory.models import Level, OrderState, Product, PurchaseOrder, Vendor, Warehouse
from inventory.purchasing import OrderedLine
from sync.models import Connection
from tests.build import make_actor
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    connection = finale_connection(account, finale)
    synced(connection)
    return connection


@pytest.fixture
def order(connection: Connection) -> PurchaseOrder:
    actor = make_actor(connection.account)
    place = Warehouse.objects.get(references__connection=connection)
    vendor = Vendor.objects.get(name="Mineral Works")
    lines = [OrderedLine(Product.objects.get(sku="PERLITE-4CF"), 48)]
    return purchasing.approve(actor, purchasing.draft(actor, vendor, place, lines).order)


def on_order() -> int:
    return int(Level.objects.get(product__sku="PERLITE-4CF").on_order_units)


@pytest.mark.parametrize("lines", ["lines", "no_lines"])
def test_order_is_closed_by_its_receipts(connection: Connection, order: PurchaseOrder, finale: FinaleStandIn, lines: str) -> None:
    finale.turn_on(lines, feeds="orders,shipments")
    name = finale.world.buy("Mineral Works", {"PERLITE-4CF": 48}, reference=f"our {order.number}")
    synced(connection, "orders")
    order.refresh_from_db()
    assert (order.upstream.rpartition("/")[2], order.state) == (name, OrderState.APPROVED)
    synced(connection, "inventory")
    assert on_order() == 48
    finale.world.receive(name, 20)
    synced(connection, "orders")
    order.refresh_from_db()
    assert order.state == OrderState.PARTLY
    finale.world.receive(name)
    synced(connection, "orders")
    synced(connection, "inventory")
    order.refresh_from_db()
    assert (order.state, on_order(), on_hand()["PERLITE-4CF"]) == (OrderState.RECEIVED, 0, 54)
    version = order.version
    synced(connection, "orders")
    order.refresh_from_db()
    assert order.version == version


def test_draft_over_there_is_not_on_order_and_a_cancelled_one_is_cancelled(
    connection: Connection, order: PurchaseOrder, finale: FinaleStandIn
) -> None:
    name = finale.world.buy("Mineral Works", {"PERLITE-4CF": 48}, reference=order.number, commit=False)
    synced(connection, "orders")
    order.refresh_from_db()
    assert (order.upstream_at, order.state) == (None, OrderState.APPROVED)
    finale.world.commit(name)
    synced(connection, "orders")
    order.refresh_from_db()
    assert order.upstream_at is not None
    finale.world.cancel_order(name)
    synced(connection, "orders")
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
