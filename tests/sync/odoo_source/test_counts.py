"""Counts: what was counted in Odoo where a till sells from the same warehouse, and what a warehouse begins with."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.errors import Problem
from accounts.models import Account
from accounts.roles import Role
from inventory import integrity, ledger
from inventory.models import Count, CountStatus, Product, Warehouse
from sync import stockcounts
from sync.models import Connection, Status, WarehouseRef
from sync.stockcounts import NotCounted
from tests.build import make_actor, make_member
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import connected, facts, levels, sync, synced

pytestmark = pytest.mark.django_db


def till_in(warehouse: Warehouse) -> Connection:
    """A till that sells from the warehouse."""
    till = Connection.objects.create(account=warehouse.account, system="pos", name="Till")
    WarehouseRef.objects.create(
        account=warehouse.account, connection=till, external_id="001", warehouse=warehouse, first_seen_at=timezone.now()
    )
    return till


def counted(count: Count) -> dict[str, tuple[Decimal, Decimal]]:
    """What was known and what was counted, by SKU."""
    return {line.product.sku: (line.system, line.counted) for line in count.lines.select_related("product")}


@pytest.fixture
def connection(account: Account, odoo: OdooStandIn) -> Connection:
    """An Odoo whose shop in Clifton received ten bags of rice, and has a till."""
    made = connected(account, odoo)
    odoo.world.receive(odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF", price=2000.0))
    synced(made)
    till_in(Warehouse.objects.get(name="Clifton"))
    return made


def test_count_in_a_tills_warehouse_is_proposed_with_what_is_there_and_books_nothing(
    account: Account, odoo: OdooStandIn, connection: Connection
) -> None:
    # The till sold three, of which Odoo knows nothing; somebody counted seven on the shelf and entered it in Odoo.
    clifton, rice = Warehouse.objects.get(name="Clifton"), Product.objects.get(sku="RICE-5")
    ledger.sell(make_actor(account), product=rice, warehouse=clifton, quantity=3, unit_kind="units")
    odoo.world.count("RICE-5", 7, "CLF")
    synced(connection, "adjustments")
    count = Count.objects.get()
    assert (count.status, count.opening, counted(count)) == (CountStatus.PENDING, False, {"RICE-5": (Decimal(7), Decimal(7))})
    assert (levels(), [state for _, _, state in facts(feed="adjustments").values()]) == ({("RICE-5", "Clifton"): 7}, ["ignored"])


def test_proposal_comes_once_for_each_move(odoo: OdooStandIn, connection: Connection) -> None:
    odoo.world.count("RICE-5", 7, "CLF")
    synced(connection, "adjustments")
    synced(connection, "transactional")
    connection.cursors.all().delete()
    synced(connection, "transactional")
    assert Count.objects.count() == 1
    odoo.world.count("RICE-5", 6, "CLF")
    synced(connection, "adjustments")
    assert [counted(each)["RICE-5"][1] for each in Count.objects.order_by("id")] == [7, 6]


def test_count_elsewhere_is_booked_as_found_or_lost(odoo: OdooStandIn, connection: Connection) -> None:
    odoo.world.count("TEA-500", 5, "CEN")
    synced(connection, "adjustments")
    assert (Count.objects.count(), levels()["TEA-500", "Central"]) == (0, 5)


def test_what_was_booked_as_found_stays_so_when_a_till_comes(account: Account, odoo: OdooStandIn) -> None:
    made = connected(account, odoo)
    odoo.world.count("RICE-5", 9, "CLF")
    synced(made)
    till_in(Warehouse.objects.get(name="Clifton"))
    synced(made, "adjustments")
    assert (levels(), Count.objects.count()) == ({("RICE-5", "Clifton"): 9}, 0)


def test_product_that_nobody_knows_is_left_out_of_the_proposal_and_named(odoo: OdooStandIn, connection: Connection) -> None:
    odoo.world.add_product("NEW", "New")
    odoo.world.count("NEW", 4, "CLF")
    odoo.world.count("RICE-5", 8, "CLF")
    run = synced(connection, "adjustments")
    assert list(counted(Count.objects.get())) == ["RICE-5"]
    assert any("in no count here: product:" in event.text for event in run.events.filter(level="warning"))


def test_warehouse_is_opened_with_what_odoo_has_in_it(account: Account, odoo: OdooStandIn) -> None:
    world = odoo.world
    with world.at("2026-03-02 08:00"):
        world.receive(world.buy("Indus Foods", {"RICE-5": 10, "OIL-3": 4}, warehouse="CLF", price=2000.0))
        world.scrap("RICE-5", 1, "CLF")
    connection = connected(account, odoo, book_from="")
    synced(connection)
    # All of it happened before the warehouse was made here.
    assert levels() == {}
    clifton = Warehouse.objects.get(name="Clifton")
    proposed = stockcounts.propose(make_actor(account), connection, clifton)
    assert (proposed.count.opening, proposed.left_out) == (True, ())
    assert counted(proposed.count) == {"RICE-5": (Decimal(0), Decimal(9)), "OIL-3": (Decimal(0), Decimal(4))}
    ledger.approve_count(make_actor(account), proposed.count)
    assert levels() == {("RICE-5", "Clifton"): 9, ("OIL-3", "Clifton"): 4}
    # What moves from then on is booked on top of it.
    with world.at(timezone.now() + timedelta(seconds=5)):
        world.transfer("RICE-5", 2, "CLF", "CEN")
    synced(connection, "transfers")
    assert levels()["RICE-5", "Clifton"] == 7
    assert not integrity.check(make_actor(account)).offenders


def test_where_something_is_booked_it_is_an_ordinary_count(account: Account, connection: Connection) -> None:
    proposed = stockcounts.propose(make_actor(account), connection, Warehouse.objects.get(name="Clifton"))
    assert (proposed.count.opening, counted(proposed.count)) == (False, {"RICE-5": (Decimal(10), Decimal(10))})


def test_count_is_proposed_by_command_by_api_and_by_a_button(account: Account, connection: Connection, client: Client) -> None:
    clifton = Warehouse.objects.get(name="Clifton")
    out = StringIO()
    call_command("connection", "count", "Odoo", clifton.code, account=account.slug, stdout=out)
    first = Count.objects.get()
    assert out.getvalue().strip() == f"The count {first.pk} of Clifton waits for approval: 1 line."
    client.force_login(make_member(account, Role.STAFF).user)
    answer = _proposed(client, connection, clifton)
    assert (answer.status_code, answer.json()["left_out"], Count.objects.count()) == (201, [], 2)
    twice = [_proposed(client, connection, clifton, key="k-1").json() for _ in range(2)]
    assert (twice[0] == twice[1], Count.objects.count()) == (True, 3)
    place = WarehouseRef.objects.get(connection=connection, name="Clifton")
    shown: Any = client.post(f"/admin/sync/syncrun/place/{place.pk}/count/")
    assert (shown.status_code, Count.objects.count()) == (302, 4)
    assert f"/{Count.objects.latest('id').pk}/" in shown["Location"]


def _proposed(client: Client, connection: Connection, warehouse: Warehouse, *, key: str = "") -> Any:
    address, body = f"/api/connections/{connection.pk}/count/", {"warehouse": warehouse.pk}
    return client.post(address, body, content_type="application/json", headers={"Idempotency-Key": key})


@pytest.mark.parametrize("fault", [{"name": "renamed_field", "column": "quantity"}, {"name": "no_rights"}, {"name": "login_page"}])
def test_what_keeps_odoo_from_telling_is_said_and_nothing_is_entered(
    account: Account, odoo: OdooStandIn, connection: Connection, fault: dict[str, str]
) -> None:
    odoo.turn_on(**fault, feeds="stock.quant")
    with pytest.raises(Problem) as refused:
        stockcounts.propose(make_actor(account), connection, Warehouse.objects.get(name="Clifton"))
    assert (bool(refused.value.sentence), "Traceback" in refused.value.sentence, Count.objects.count()) == (True, False, 0)


def test_till_tells_no_stock(account: Account, connection: Connection) -> None:
    with pytest.raises(NotCounted):
        stockcounts.propose(make_actor(account), Connection.objects.get(system="pos"), Warehouse.objects.get(name="Clifton"))
    assert sync(connection, "adjustments").status == Status.SUCCEEDED
