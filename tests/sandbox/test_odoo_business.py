"""What people do at Odoo: which rows it changes, and which times of a last change move with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.odoo.days import pass_day
from sandbox.odoo.demo import demo
from sandbox.odoo.generated import generated, touch
from sandbox.odoo.records import Move, Row
from sandbox.odoo.world import INSTALLED, World
from sandbox.server import Sandbox, start
from sandbox.system import ActionError
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo.conftest import odoo, odoo_server

__all__ = ["odoo", "odoo_server"]

LATER = datetime(2026, 3, 2, 8)


def world_at(version: int = 19) -> World:
    """A small world whose clock stands still a day after it was installed."""
    return World.small(version, now=lambda: LATER)


def moved(rows: Iterable[Row]) -> list[bool]:
    """Which of them were written since."""
    return [row.written != INSTALLED for row in rows]


def shape(move: Move) -> tuple[str, float, float]:
    return move.state, move.demand, move.done


def between(move: Move) -> tuple[str, str]:
    return move.origin.usage, move.to.usage


def test_more_than_was_ordered_leaves_the_demand_as_it_was(odoo: OdooStandIn) -> None:
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10, "OIL-3": 10}, warehouse="CLF", price=12.5)
    odoo.world.receive(order, {"RICE-5": 12, "OIL-3": 7}, back_order=False)
    rows = odoo.execute(
        "stock.move", "search_read", [["state", "=", "done"]], fields=["product_qty", "quantity", "purchase_line_id"], order="id"
    )
    assert [(row["product_qty"], row["quantity"]) for row in rows] == [(10.0, 12.0), (10.0, 7.0)]
    lines = odoo.execute("purchase.order.line", "search_read", [["order_id", "=", order.id]], fields=["qty_received"], order="id")
    assert [row["qty_received"] for row in lines] == [12.0, 7.0]
    head = odoo.execute("purchase.order", "read", [order.id], ["receipt_status", "state", "order_line"])[0]
    assert head == {"id": order.id, "receipt_status": "full", "state": "purchase", "order_line": [row["id"] for row in lines]}


def test_a_back_order_is_a_new_move_for_the_rest() -> None:
    world = world_at()
    order = world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CEN")
    (first,) = world.receive(order, 4)
    assert [shape(move) for move in world.moves] == [("done", 4.0, 4.0), ("assigned", 6.0, 0.0)]
    (rest,) = world.receive(order)
    assert rest.id > first.id
    assert (order.lines[0].received, world.on_hand("RICE-5", "CEN")) == (10.0, 10.0)
    with pytest.raises(ActionError, match="Nothing of"):
        world.receive(order)


def test_dozens_are_counted_in_pieces(odoo: OdooStandIn) -> None:
    world = odoo.world
    world.receive(world.buy("Indus Foods", {"SOAP": 2}, unit=world.dozen))
    row = odoo.execute("stock.move", "search_read", [], fields=["product_uom_qty", "product_qty", "quantity", "product_uom"])[0]
    assert [row[name] for name in ("product_uom_qty", "product_qty", "quantity", "product_uom")] == [2.0, 24.0, 2.0, [2, "Dozens"]]
    assert world.on_hand("SOAP") == 24
    assert odoo.execute("purchase.order.line", "search_read", [], fields=["product_uom_qty"])[0]["product_uom_qty"] == 24.0


def test_a_return_names_what_it_returns_and_lowers_what_was_received() -> None:
    world = world_at()
    (came,) = world.receive(world.buy("Indus Foods", {"RICE-5": 10}))
    back = world.send_back(came, 3)
    kept = world.send_back(came, 2, refund=False)
    assert between(back) == ("internal", "supplier")
    assert back.line is not None
    assert (back.returned, back.line, back.line.received, world.on_hand("RICE-5")) == (came, came.line, 7.0, 5.0)
    assert back.picking is not None
    assert back.picking.returns is came.picking
    assert not kept.to_refund


@pytest.mark.parametrize(("version", "lines_move"), [(16, True), (17, True), (18, True), (19, False)])
def test_confirming_moves_the_time_of_the_order_and_of_its_lines_up_to_18(version: int, lines_move: bool) -> None:
    world = World.small(version, now=lambda: INSTALLED)
    order = world.buy("Indus Foods", {"RICE-5": 10}, confirm=False)
    world.now = lambda: LATER
    world.confirm(order)
    assert (moved([order]), moved(order.lines)) == ([True], [lines_move])
    world.lock_order(order)
    world.cancel(world.buy("Indus Foods", {"RICE-5": 1}))


@pytest.mark.parametrize(("version", "state", "line_state"), [(18, "done", "done"), (19, "purchase", "purchase")])
def test_a_locked_order_is_done_up_to_18(odoo: OdooStandIn, version: int, state: str, line_state: str) -> None:
    odoo.be(version)
    odoo.world.lock_order(odoo.world.buy("Indus Foods", {"RICE-5": 1}))
    assert odoo.execute("purchase.order", "search_read", [], fields=["state"])[0]["state"] == state
    assert odoo.execute("purchase.order.line", "search_read", [], fields=["state"])[0]["state"] == line_state


def test_a_line_that_is_deleted_moves_the_time_of_its_order_alone() -> None:
    world = World.small(now=lambda: INSTALLED)
    order = world.buy("Indus Foods", {"RICE-5": 10, "OIL-3": 4})
    note = world.add_note(order, "Handle with care")
    world.now = lambda: LATER
    world.delete_line(order.lines[1])
    assert (moved([order]), moved(order.lines)) == ([True], [False, False])
    assert [(line.display, line.product is None) for line in order.lines] == [("", False), ("line_note", True)]
    assert [move.product.code for move in world.moves] == ["RICE-5"]
    assert world.lines.get(note.id) is note


@pytest.mark.parametrize(("version", "variant_moves"), [(16, False), (17, True), (19, True)])
def test_a_template_moves_the_time_of_its_variants_from_17_on(version: int, variant_moves: bool) -> None:
    world = world_at(version)
    world.edit_template("RICE-5", name="Best Rice 5 kg")
    rice = world.product("RICE-5")
    assert (moved([rice.template]), moved([rice])) == ([True], [variant_moves])
    assert rice.display_name == "[RICE-5] Best Rice 5 kg"


def test_other_changes_leave_the_product_alone() -> None:
    world = world_at()
    world.set_point("RICE-5", "CEN", 30, 90)
    world.edit_category("Grocery", name="Food")
    world.edit(world.piece, name="Pieces")
    assert moved(world.products) == [False] * 8
    assert [row.complete_name for row in world.categories if row.written == LATER] == ["Food / Rice", "Food", "Food / Cooking oil"]
    older = world_at(18)
    older.edit_category("Grocery", name="Food")
    assert [row.name for row in older.categories if row.written == LATER] == ["Food"]
    world.set_cost("RICE-5", 9)
    assert moved([world.product("RICE-5")]) == [True]


def test_a_done_move_that_is_corrected_keeps_its_date() -> None:
    world = world_at()
    (came,) = world.receive(world.buy("Indus Foods", {"RICE-5": 10}))
    world.now = lambda: LATER + timedelta(days=3)
    world.correct(came, 8)
    assert (came.date, came.written, came.done, came.demand) == (LATER, LATER + timedelta(days=3), 8, 10)
    assert (world.on_hand("RICE-5"), came.state) == (8.0, "done")
    with pytest.raises(ActionError, match="can't be deleted"):
        world.delete_move(came)


def test_a_move_may_be_dated_a_second_after_its_transaction() -> None:
    world = World.small(now=lambda: datetime(2026, 3, 2, 8, 0, 5, 812345))
    move = world.count("SOAP", 4, "CEN")
    assert move is not None
    assert (move.written, move.date) == (datetime(2026, 3, 2, 8, 0, 5, 812345), datetime(2026, 3, 2, 8, 0, 6))


def test_moves_of_every_kind_are_told_apart_by_where_they_go() -> None:
    world = world_at()
    world.receive(world.buy("Indus Foods", {"RICE-5": 50, "TEA-500": 50}, warehouse="CEN"))
    (direct,) = world.transfer("RICE-5", 5, "CEN", "CLF")
    out, into = world.transfer("RICE-5", 4, "CEN", "CLF", via_transit=True, arrives=False)
    assert [between(direct), between(out), between(into)] == [("internal", "internal"), ("internal", "transit"), ("transit", "internal")]
    assert (out.after, into.before, into.state, world.on_hand("RICE-5", "CLF")) == ((into,), (out,), "assigned", 5.0)
    world.arrive(into)
    assert world.on_hand("RICE-5", "CLF") == 9
    made = world.manufacture("EGGS-12", 2, {"TEA-500": 6}, "CEN")
    assert [between(move) for move in (*made.raw, *made.finished)] == [("internal", "production"), ("production", "internal")]
    assert (made.raw[0].consumed_for, made.finished[0].production) == (made, made)
    sent = world.deliver("RICE-5", 3, "CEN")
    assert between(world.take_back(sent, 1)) == ("customer", "internal")
    lost, found = world.count("TEA-500", 40, "CEN"), world.count("TEA-500", 41, "CEN")
    assert lost is not None
    assert found is not None
    assert [(between(move), move.is_inventory) for move in (lost, found)] == [
        (("internal", "inventory"), True),
        (("inventory", "internal"), True),
    ]
    assert world.count("TEA-500", 41, "CEN") is None
    assert (world.on_hand("RICE-5"), world.on_hand("TEA-500"), world.on_hand("EGGS-12")) == (48.0, 41.0, 2.0)


@pytest.mark.parametrize(
    ("version", "place"), [(16, "Virtual Locations/Scrap"), (18, "Virtual Locations/Scrap"), (19, "Inventory adjustment")]
)
def test_scrap_goes_to_the_loss_location_from_19_on(version: int, place: str) -> None:
    world = world_at(version)
    world.scrap("SOAP", 2, "CEN")
    (move,) = world.moves
    assert (move.to.complete_name, move.to.usage, move.is_inventory, world.on_hand("SOAP")) == (place, "inventory", False, -2.0)


def test_receipts_in_two_steps_wait_at_the_entrance() -> None:
    world = world_at()
    depot = world.add_warehouse("Depot", "DEP", two_steps=True)
    (came,) = world.receive(world.buy("Indus Foods", {"SOAP": 6}, warehouse="DEP"))
    moved_on = world.put_away("SOAP", 6, "DEP")
    assert [came.to, moved_on.origin, moved_on.to] == [depot.input, depot.input, depot.shelves[0]]
    assert {place.warehouse for place in (came.to, moved_on.to)} == {depot}
    assert world.on_hand("SOAP", "DEP") == 6


def test_a_late_transaction_appears_behind_what_was_written_after_it(odoo: OdooStandIn) -> None:
    world = odoo.world
    slow = world.begin()
    world.reserve(slow, world.moves)
    world.count("RICE-5", 5, "CEN")
    asked: dict[str, Any] = {"fields": ["product_id", "write_date"], "order": "id"}
    (seen,) = odoo.execute("stock.move", "search_read", [], **asked)
    with world.finish(slow):
        world.count("OIL-3", 7, "CEN")
    first, second = odoo.execute("stock.move", "search_read", [], **asked)
    assert second == seen
    assert (first["id"] < second["id"], first["write_date"] <= second["write_date"]) == (True, True)
    assert world.moves.get(first["id"]) is not None
    assert next(row.written for row in world.moves) == slow.at


def test_barcodes_are_unique_among_products_that_are_not_archived() -> None:
    world = world_at()
    with pytest.raises(ActionError, match="8964000100017 is that of"):
        world.add_product("COPY", "Copy", barcode="8964000100017")
    world.archive("RICE-5")
    world.add_product("COPY", "Copy", barcode="8964000100017")
    with pytest.raises(ActionError, match="8964000100017 is that of"):
        world.archive("RICE-5", back=True)


@pytest.mark.parametrize(("version", "category"), [(18, "All"), (19, None)])
def test_a_product_may_be_without_a_category_from_19_on(version: int, category: str | None) -> None:
    made = world_at(version).add_product("CANDLE", "Candle")
    assert (made.template.category.name if made.template.category else None) == category


def test_only_what_was_never_used_can_be_deleted() -> None:
    world = world_at()
    world.count("SOAP", 1, "CEN")
    with pytest.raises(ActionError, match="archive it"):
        world.delete_product("SOAP")
    world.delete_product("OIL-3")
    assert [row.code for row in world.products if row.id in (403, 404)] == ["TEA-500"]
    order = world.buy("Indus Foods", {"RICE-5": 1})
    with pytest.raises(ActionError, match="Cancel"):
        world.delete_order(order)
    world.cancel(order)
    world.delete_order(order)
    assert (len(world.orders), len(world.lines), len(world.moves)) == (0, 0, 1)


def test_stock_is_what_the_moves_say_in_the_demo_and_a_day_later() -> None:
    world = demo(datetime(2026, 3, 2, 8))
    for _ in range(2):
        said: dict[tuple[str, str], float] = {}
        for move in world.moves:
            if move.state == "done":
                amount = move.done * move.unit.size / move.product.template.unit.size
                for place, change in ((move.origin, -amount), (move.to, amount)):
                    key = move.product.code, place.complete_name
                    said[key] = said.get(key, 0.0) + change
        kept = {(row.product.code, row.location.complete_name): row.quantity for row in world.quants}
        assert kept.keys() == said.keys()
        assert all(abs(said[key] - quantity) < 1e-6 for key, quantity in kept.items())
        pass_day(world)
    usages = {between(move) for move in world.moves if move.state == "done"}
    assert len(usages) == 11


@pytest.mark.parametrize("began", [datetime(2026, 3, 2, 2, 16), datetime(2026, 3, 2)])
def test_nothing_in_the_demo_is_yet_to_come(began: datetime) -> None:
    world = demo(began)
    assert max(row.written for table in (world.moves, world.orders, world.products) for row in table) <= began


def test_a_generated_database_is_always_the_same_and_can_be_touched() -> None:
    one, other = generated(20, 200, orders=2), generated(20, 200, orders=2)
    kept = [[(move.product.code, move.done, between(move)) for move in world.moves] for world in (one, other)]
    assert kept[0] == kept[1]
    assert (len(one.products), len(one.moves), len(one.lines), len({move.written for move in one.moves})) == (20, 200, 20, 10)
    before = {move.id: move.done for move in one.moves}
    count = touch(one, 0.1)
    assert 5 <= count == sum(move.done == before[move.id] + 1 for move in one.moves) <= 40


def test_people_act_on_the_control_page_and_a_restart_remembers(sandbox: Sandbox, tmp_path: Any) -> None:
    first = sandbox.control("odoo")
    assert (first["version"], first["products"], first["warehouses"]) == (19, 42, 3)
    sandbox.control("odoo", "add-product", code="CANDLE", name="Candle", barcode="8964000109998", category="Household")
    sandbox.control("odoo", "buy", vendor="Harbour Trading", lines="CANDLE = 30; SOAP = 12", warehouse="SAD")
    name = sandbox.rows("odoo", "purchase.order")[-1]["name"]
    sandbox.control("odoo", "receive", order=name, quantity=20, back_order="no")
    sandbox.control("odoo", "late", product="CANDLE", counted=3, warehouse="CLF", seconds=90)
    sandbox.control("odoo", "version", version=17)
    with pytest.raises(ValueError, match="There is no product “PEAR”"):
        sandbox.control("odoo", "buy", vendor="Harbour Trading", lines="PEAR = 1", warehouse="SAD")
    with pytest.raises(ValueError, match="has no “speed”"):
        sandbox.control("odoo", "next-day", speed=1)
    kept = sandbox.rows("odoo", "stock.move")
    assert [row["quantity"] for row in kept[-3:]] == [20.0, 20.0, 3.0]
    sandbox.stop()
    with start(data=tmp_path) as second:
        assert second.rows("odoo", "stock.move") == kept
        assert second.control("odoo", "reset")["version"] == 19
