"""A run of Finale's taken back: products, levels and points are as they were, but for what was booked since."""

from __future__ import annotations

import pytest

from accounts.acting import Actor
from accounts.models import Account
from accounts.roles import Role
from inventory import ledger
from inventory.catalogue import edit_product
from inventory.models import Level, Product
from sync import runs
from sync.models import Connection, ProductRef, Status, SyncRun
from tests.build import make_actor, make_member
from tests.inventory.ledger.build import make_place
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import on_hand, synced, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    connection = finale_connection(account, finale)
    synced(connection)
    return connection


@pytest.fixture
def run(connection: Connection, finale: FinaleStandIn) -> SyncRun:
    """A day later: something new, renamed, gone, sold and reordered."""
    world = finale.world
    world.add_product("NEW-1", "New")
    world.set_stock("NEW-1", 5)
    world.edit_product("PERLITE-4CF", internalName="Renamed", cost=12, reorderGuidelineList=[])
    world.remove_product("OLD-KIT")
    world.ship("SOIL-25", 30)
    return synced(connection)


def test_products_and_levels_go_back(connection: Connection, run: SyncRun, finale: FinaleStandIn) -> None:
    assert on_hand() == {"SOIL-25": 22, "PERLITE-4CF": 6, "NEW-1": 5}
    undo = work(runs.undo(make_actor(connection.account), run))
    assert undo.status == Status.SUCCEEDED, undo.message
    assert on_hand() == {"SOIL-25": 52, "PERLITE-4CF": 6, "OLD-KIT": 2}
    perlite = Product.objects.get(sku="PERLITE-4CF")
    assert (perlite.name, str(perlite.purchase_price)) == ("Perlite 4 cu ft", "11.2000")
    assert not Product.objects.get(sku="NEW-1").active
    assert sorted(ProductRef.objects.exclude(gone_at=None).values_list("sku", flat=True)) == ["NEW-1"]
    # The next sync believes Finale again.
    synced(connection)
    assert on_hand() == {"SOIL-25": 22, "PERLITE-4CF": 6, "NEW-1": 5}
    assert Product.objects.get(sku="PERLITE-4CF").name == "Renamed"


def test_what_people_have_set_since_stays(connection: Connection, run: SyncRun) -> None:
    member = make_member(connection.account)
    actor = Actor(connection.account, member.user, Role(member.role), "Mara")
    edit_product(actor, Product.objects.get(sku="PERLITE-4CF"), name="Ours")
    work(runs.undo(actor, run))
    assert Product.objects.get(sku="PERLITE-4CF").name == "Ours"
    assert Level.objects.get(product__sku="SOIL-25").units == 52


def test_new_product_that_was_booked_since_is_refused(connection: Connection, run: SyncRun) -> None:
    actor, place = make_actor(connection.account), make_place(connection.account)
    ledger.receive(actor, product=Product.objects.get(sku="NEW-1"), warehouse=place, unit_kind="units", quantity=4, unit_cost="1")
    plan = runs.preview_undo(make_actor(connection.account), run)
    assert [(step.label.split()[0], step.reason) for step in plan.refused] == [("NEW-1", "Stock of the product was booked here.")]
    undo = work(runs.undo(make_actor(connection.account), run))
    assert undo.status == Status.SUCCEEDED, undo.message
    assert Product.objects.get(sku="NEW-1").active
    assert ProductRef.objects.get(sku="NEW-1").gone_at is None


def test_too_big_a_run_is_refused(connection: Connection, run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(changes_logged=20_001)
    with pytest.raises(runs.NotUndoable, match="20,001 changes; more than 20,000 can't be taken back at once"):
        runs.undo(make_actor(connection.account), run)
    assert not SyncRun.objects.filter(undo_of=run).exists()
