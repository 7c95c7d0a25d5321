"""Done moves become facts and movements: each once, with what really moved, in the warehouses it concerned."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Account
from inventory import integrity
from inventory.models import Movement, Purchase, Sale, Vendor
from sync import runs
from sync.facts import releasing
from sync.models import Cursor, Kind, ProductRef, SourceFact, Status, Trigger
from tests.build import make_actor
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import connected, facts, levels, movements, synced

pytestmark = pytest.mark.django_db
VERSIONS = pytest.mark.parametrize("version", [16, 17, 18, 19])


def sound(account: Account) -> bool:
    return not integrity.check(make_actor(account)).offenders


def received(odoo: OdooStandIn, quantity: float = 50, place: str = "CLF") -> int:
    """So much rice came; the id of the move."""
    world = odoo.world
    return world.receive(world.buy("Indus Foods", {"RICE-5": quantity}, warehouse=place, price=2000.0))[0].id


@VERSIONS
def test_every_kind_of_move_is_booked_alike_from_every_version(account: Account, odoo: OdooStandIn, version: int) -> None:
    odoo.be(version)
    world = odoo.world
    move = received(odoo)
    world.transfer("RICE-5", 8, "CLF", "CEN")
    world.send_back(move, 5)
    world.manufacture("RICE-1", 20, {"RICE-5": 4}, "CLF")
    world.scrap("RICE-5", 2, "CLF")
    world.deliver("RICE-5", 3, "CLF")
    synced(connected(account, odoo, version=version, deliveries=True))
    assert levels() == {("RICE-5", "Clifton"): 50 - 8 - 5 - 4 - 2 - 3, ("RICE-5", "Central"): 8, ("RICE-1", "Clifton"): 20}
    kinds = sorted(kind for kind, _, state in facts().values() if state == "booked")
    assert kinds == ["consumption", "manufacture", "purchase", "sale", "transfer", "vendor_return", "wastage"]
    for sku, place in levels():
        assert world.on_hand(sku, place) == levels()[sku, place]
    assert sound(account)


def test_receipt_knows_its_vendor_its_cost_and_its_key(account: Account, odoo: OdooStandIn) -> None:
    move = received(odoo, 10)
    synced(connected(account, odoo))
    purchase = Purchase.objects.get()
    assert (purchase.source_key, purchase.batch.received, purchase.batch.unit_cost) == (f"odoo:move:{move}", 10, Decimal(2000))
    assert purchase.vendor == Vendor.objects.get(name="Indus Foods")


@VERSIONS
def test_what_moved_counts_and_not_what_was_asked_for(account: Account, odoo: OdooStandIn, version: int) -> None:
    odoo.be(version)
    world = odoo.world
    world.receive(world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF"), 12)
    world.receive(world.buy("Indus Foods", {"OIL-3": 10}, warehouse="CLF"), 7, back_order=False)
    part = world.buy("Indus Foods", {"TEA-500": 10}, warehouse="CLF")
    world.receive(part, 4)
    connection = connected(account, odoo, version=version)
    synced(connection)
    assert levels() == {("RICE-5", "Clifton"): 12, ("OIL-3", "Clifton"): 7, ("TEA-500", "Clifton"): 4}
    # The rest comes as a move of its own.
    world.receive(part)
    synced(connection, "purchases")
    assert (levels()["TEA-500", "Clifton"], len(facts(product_there="product:404"))) == (10, 2)


@VERSIONS
def test_dozens_are_booked_in_the_products_own_unit(account: Account, odoo: OdooStandIn, version: int) -> None:
    odoo.be(version)
    world = odoo.world
    world.receive(world.buy("Indus Foods", {"EGGS-12": 3}, warehouse="CLF", unit=world.dozen), 2)
    synced(connected(account, odoo, version=version))
    assert levels() == {("EGGS-12", "Clifton"): 24}


def test_corrected_move_books_the_difference_and_never_the_whole_again(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    move = received(odoo, 10)
    synced(connection)
    odoo.world.correct(move, 7)
    run = synced(connection, "purchases")
    changed = run.details["fact"]["changed"]
    assert (changed, levels()["RICE-5", "Clifton"], Purchase.objects.count()) == (1, 7, 1)
    before = movements()
    synced(connection, "purchases")
    assert movements() == before
    assert sound(account)


def test_move_corrected_to_nothing_is_taken_back(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    move = received(odoo, 10)
    synced(connection)
    odoo.world.correct(move, 0)
    synced(connection, "purchases")
    assert (levels(), facts()[f"odoo:move:{move}"][2]) == ({}, "ignored")
    assert sound(account)


def test_moves_that_are_not_done_are_not_booked(account: Account, odoo: OdooStandIn) -> None:
    odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF")
    odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF", confirm=False)
    synced(connected(account, odoo))
    assert (levels(), facts()) == ({}, {})


def test_put_away_within_one_warehouse_moves_nothing(account: Account, odoo: OdooStandIn) -> None:
    move = odoo.world.put_away("RICE-5", 5, "CLF").id
    synced(connected(account, odoo))
    assert (facts()[f"odoo:move:{move}"][2], movements()) == ("ignored", 0)


def test_transfer_by_way_of_transit_is_out_first_and_in_later(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    received(odoo, 20)
    sent, waits = odoo.world.transfer("RICE-5", 6, "CLF", "CEN", via_transit=True, arrives=False)
    synced(connection)
    assert levels() == {("RICE-5", "Clifton"): 14}
    odoo.world.arrive(waits)
    synced(connection, "transfers")
    assert levels() == {("RICE-5", "Clifton"): 14, ("RICE-5", "Central"): 6}
    came = SourceFact.objects.get(external_id=f"odoo:move:{waits.id}")
    assert (came.pair_there, came.place_there, came.state) == (f"odoo:move:{sent.id}", "", "booked")
    assert sound(account)


def test_return_to_the_vendor_is_no_sale_and_no_correction_of_the_receipt(account: Account, odoo: OdooStandIn) -> None:
    move = received(odoo, 10)
    odoo.world.send_back(move, 4)
    synced(connected(account, odoo))
    assert (levels()["RICE-5", "Clifton"], Sale.objects.get().purpose, Purchase.objects.get().batch.received) == (6, "vendor_return", 10)


def test_deliveries_are_booked_only_where_no_till_tells_of_them(account: Account, odoo: OdooStandIn) -> None:
    received(odoo, 10)
    sold = odoo.world.deliver("RICE-5", 3, "CLF")
    odoo.world.take_back(sold, 1)
    connection = connected(account, odoo)
    synced(connection)
    assert levels() == {("RICE-5", "Clifton"): 10}
    connection.settings["deliveries"] = True
    connection.save()
    synced(connection, "deliveries")
    assert levels() == {("RICE-5", "Clifton"): 8}
    assert {kind for kind, _, _ in facts(feed="deliveries").values()} == {"sale", "sale_return"}


def test_stock_counted_in_odoo_is_found_or_lost(account: Account, odoo: OdooStandIn) -> None:
    odoo.world.count("RICE-5", 9, "CLF")
    connection = connected(account, odoo)
    synced(connection)
    assert levels() == {("RICE-5", "Clifton"): 9}
    odoo.world.count("RICE-5", 4, "CLF")
    synced(connection, "adjustments")
    assert levels() == {("RICE-5", "Clifton"): 4}
    assert [kind for kind, _, _ in facts(feed="adjustments").values()] == ["found", "wastage"]


def test_what_happened_before_a_warehouse_was_opened_is_history(account: Account, odoo: OdooStandIn) -> None:
    with odoo.world.at("2026-03-02 08:00"):
        received(odoo, 10)
    connection = connected(account, odoo, book_from="2026-03-10")
    with odoo.world.at("2026-03-12 08:00"):
        received(odoo, 3)
    synced(connection)
    assert (levels(), sorted(state for _, _, state in facts().values())) == ({("RICE-5", "Clifton"): 3}, ["booked", "history"])


def test_move_of_a_product_that_nobody_knows_yet_is_held_and_books_itself_when_it_is_known(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection)
    odoo.world.add_product("NEW", "New", barcode="8964000199999")
    odoo.world.receive(odoo.world.buy("Indus Foods", {"NEW": 5}, warehouse="CLF"))
    run = synced(connection, "transactional")
    assert (run.counters["held"], run.counters["inserted"], run.errors[0]["code"]) == (1, 1, "unmatched_product")
    assert run.message.endswith("1 held (1 product not matched). 2 changes.")
    synced(connection, "products")
    releasing.sweep()
    releasing.book(connection.pk)
    assert levels() == {("NEW", "Clifton"): 5}


def test_move_at_a_location_of_no_warehouse_waits_for_somebody_to_say_whose_it_is(account: Account, odoo: OdooStandIn) -> None:
    world = odoo.world
    place = world.warehouse("CLF").shelves[0]
    world.edit(place, warehouse=None)
    move = world.put_away("RICE-5", 5, "CLF").id
    run = synced(connected(account, odoo))
    assert (run.counters["held"], SourceFact.objects.get(external_id=f"odoo:move:{move}").code) == (1, "unmapped_place")


def test_two_connections_do_not_take_each_others_moves_for_their_own(account: Account, odoo: OdooStandIn) -> None:
    move = received(odoo, 10)
    first, second = connected(account, odoo), connected(account, odoo, name="Second")
    synced(first)
    synced(second)
    assert set(facts()) == {f"odoo:move:{move}", f"odoo@{second.pk}:move:{move}"}


def test_deleted_move_is_taken_back_only_where_that_may_be(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    move = received(odoo, 10)
    synced(connection)
    # Odoo deletes no done move; somebody with a database console does.
    odoo.world.moves.drop(odoo.world.move(move))
    synced(connection, "ids")
    assert levels() == {("RICE-5", "Clifton"): 10}
    connection.settings["moves_deletable"] = True
    connection.save()
    synced(connection, "ids")
    assert (levels(), facts()[f"odoo:move:{move}"][2]) == ({}, "void")
    assert sound(account)


def test_undone_run_takes_its_movements_back(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    received(odoo, 10)
    run = synced(connection)
    undo = runs.undo(make_actor(account), run)
    runs.execute(undo.pk)
    undo.refresh_from_db()
    releasing.book(connection.pk)
    assert (undo.status, levels()) == (Status.SUCCEEDED, {})
    assert Movement.objects.count() > 1
    assert sound(account)


def test_run_that_only_previews_books_nothing_and_moves_no_watermark(account: Account, odoo: OdooStandIn) -> None:
    connection = connected(account, odoo)
    synced(connection, "master")
    received(odoo, 10)
    run = runs.start(make_actor(account), connection, "transactional", kind=Kind.PREVIEW, trigger=Trigger.BUTTON)
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, facts(), Cursor.objects.filter(feed="purchases").exists()) == (Status.SUCCEEDED, {}, False)
    assert ProductRef.objects.count() == 6
