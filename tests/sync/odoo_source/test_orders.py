"""Purchase orders: kept with their lines, told to our own orders, and booked where what is ordered counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Account
from inventory import integrity
from inventory.models import OrderState, Product, PurchaseOrder, PurchaseOrderLine, Vendor, Warehouse
from sync import runs
from sync.models import Connection, OrderRef, SourceFact, Status, SyncRun, WarehouseRef
from tests.build import make_actor
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import connected, facts, levels, movements, sync, synced, work

pytestmark = pytest.mark.django_db
VERSIONS = pytest.mark.parametrize("version", [16, 17, 18, 19])


def lines(number: str = "P00001") -> dict[str, int]:
    return OrderRef.objects.values_list("lines", flat=True).get(number=number)


def ordering(connection: Connection, mode: str) -> None:
    connection.settings["purchases_mode"] = mode
    connection.save()


def test_order_is_kept_with_its_lines_and_without_its_notes(account: Account, odoo: OdooStandIn) -> None:
    order = odoo.world.buy("Indus Foods", [("RICE-5", 10), ("RICE-5", 2), ("TEA-500", 4)], warehouse="CLF")
    odoo.world.add_note(order, "Ring twice")
    odoo.world.add_note(order, "Dry goods", section=True)
    synced(connected(account, odoo), "purchases")
    ref = OrderRef.objects.get()
    assert (ref.number, ref.status, ref.place_id_there) == ("P00001", "purchase", f"warehouse:{odoo.world.warehouse('CLF').id}")
    assert ref.lines == {"product:401": 12_000, "product:404": 4_000}


@VERSIONS
def test_confirmed_order_comes_though_no_line_of_it_changed(account: Account, odoo: OdooStandIn, version: int) -> None:
    connection = connected(account, odoo, version=version, purchases_mode="ordered")
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF", confirm=False)
    synced(connection)
    assert (facts(), levels()) == ({}, {})
    written = order.lines[0].written
    odoo.world.confirm(order)
    assert (order.lines[0].written == written) is (version == 19)
    synced(connection, "purchases")
    assert (levels(), list(facts())) == ({("RICE-5", "Clifton"): 10}, [f"odoo:line:{order.lines[0].id}"])


def test_line_that_was_deleted_leaves_the_order_and_is_taken_back(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, purchases_mode="ordered")
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10, "TEA-500": 4}, warehouse="CLF")
    synced(connection)
    assert levels() == {("RICE-5", "Clifton"): 10, ("TEA-500", "Clifton"): 4}
    odoo.world.delete_line(order.lines[1])
    odoo.world.edit_line(order.lines[0], 11)
    synced(connection, "purchases")
    assert (levels(), lines()) == ({("RICE-5", "Clifton"): 11}, {"product:401": 11_000})
    assert not integrity.check(make_actor(account)).offenders


def test_cancelled_order_takes_back_what_was_booked_as_ordered(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, purchases_mode="ordered")
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF")
    synced(connection)
    odoo.world.cancel(order)
    synced(connection, "purchases")
    assert (levels(), OrderRef.objects.get().status) == ({}, "cancel")


def test_ordered_purchases_leave_receipts_alone(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, purchases_mode="ordered")
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF")
    odoo.world.receive(order, 7)
    synced(connection)
    assert (levels(), len(facts())) == ({("RICE-5", "Clifton"): 10}, 1)


def test_deleted_order_is_gone_after_the_look_at_all_numbers(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo, purchases_mode="ordered")
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF")
    synced(connection)
    odoo.world.cancel(order)
    odoo.world.delete_order(order)
    synced(connection, "ids")
    assert (OrderRef.objects.get().gone_at is None, levels()) == (False, {})


def test_other_way_of_booking_purchases_waits_for_a_person_and_then_replaces_them(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF")
    odoo.world.receive(order, 7)
    synced(connection)
    ordering(connection, "ordered")
    run = sync(connection, "purchases")
    assert (run.status, levels()) == (Status.NEEDS_REVIEW, {("RICE-5", "Clifton"): 7})
    runs.approve(make_actor(account), run)
    assert (work(run).status, levels()) == (Status.SUCCEEDED, {("RICE-5", "Clifton"): 10})
    before = movements()
    synced(connection, "transactional")
    assert movements() == before
    # And back: what was received is read again from its beginning.
    ordering(connection, "receipts")
    run = sync(connection, "transactional")
    assert run.status == Status.NEEDS_REVIEW
    runs.approve(make_actor(account), run)
    assert (work(run).status, levels()) == (Status.SUCCEEDED, {("RICE-5", "Clifton"): 7})
    assert {key.split(":")[1] for key, (_, _, state) in facts().items() if state == "booked"} == {"move"}
    assert not integrity.check(make_actor(account)).offenders


def test_our_own_order_for_a_warehouse_that_follows_odoo_is_seen_there_and_received(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    mirror = Warehouse.objects.create(account=account, name="Clifton as Odoo has it", code="mirror", mode="mirror")
    WarehouseRef.objects.filter(name="Clifton").update(warehouse=mirror)
    ours = PurchaseOrder.objects.create(
        account=account, number="PO-2026-0007", vendor=Vendor.objects.get(name="Indus Foods"), warehouse=mirror, state=OrderState.SENT
    )
    rice = Product.objects.get(sku="RICE-5")
    line = PurchaseOrderLine.objects.create(account=account, order=ours, product=rice, quantity=Decimal(10))
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF", reference="Your PO-2026-0007")
    synced(connection, "purchases")
    ours.refresh_from_db()
    assert (ours.upstream, ours.upstream_at is None) == (f"odoo:{connection.pk}:order:{order.id}", False)
    odoo.world.receive(order, 4)
    synced(connection, "purchases")
    line.refresh_from_db()
    ours.refresh_from_db()
    assert (line.received, ours.state) == (4, OrderState.PARTLY)
    # In a warehouse that follows an outside system receipts are history.
    assert (SourceFact.objects.get().state, levels()) == ("history", {})
    assert SyncRun.objects.latest("id").status == Status.SUCCEEDED
