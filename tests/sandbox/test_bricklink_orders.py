"""Sales at BrickLink's stand-in: what is sold is gone at once, and orders grow, ship and are cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.market import BrickLinkCalls


@pytest.fixture
def bricklink(sandbox: Sandbox) -> BrickLinkCalls:
    return BrickLinkCalls(sandbox)


def do(bricklink: BrickLinkCalls, action: str, **given: Any) -> None:
    bricklink.sandbox.control("bricklink", action, **given)


def test_a_sale_lowers_the_lot_and_is_an_order(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    do(bricklink, "sell", lot=lot, pieces=3)
    assert bricklink.data("GET", f"/inventories/{lot}")["quantity"] == 9
    (order,) = bricklink.data("GET", "/orders?direction=in&status=-purged")
    assert (order["status"], order["total_count"], order["unique_count"]) == ("PENDING", 3, 1)
    # Three at 0.125, and three for shipping.
    assert (order["cost"]["subtotal"], order["cost"]["grand_total"]) == ("0.3750", "3.3750")
    assert [[line["quantity"] for line in batch] for batch in bricklink.data("GET", f"/orders/{order['order_id']}/items")] == [[3]]


def test_selling_the_last_piece_removes_the_lot_and_not_the_order(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create(quantity=2)
    do(bricklink, "sell", lot=lot, pieces=2)
    assert bricklink.code("GET", f"/inventories/{lot}")[0] == 404
    assert bricklink.data("GET", "/orders")[0]["total_count"] == 2


def test_more_than_there_is_can_not_be_sold(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create(quantity=2)
    with pytest.raises(ValueError, match=f"Lot {lot} has 2 pieces, not 3"):
        do(bricklink, "sell", lot=lot, pieces=3)
    assert bricklink.data("GET", "/orders") == []


def test_an_order_that_grows_has_another_batch_and_another_status(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    do(bricklink, "sell", lot=lot, pieces=3)
    before = bricklink.data("GET", "/orders")[0]
    do(bricklink, "grow-order", lot=lot, pieces=2)
    after = bricklink.data("GET", "/orders")[0]
    assert (after["status"], after["total_count"]) == ("UPDATED", 5)
    assert after["date_status_changed"] >= before["date_status_changed"]
    batches = bricklink.data("GET", f"/orders/{after['order_id']}/items")
    assert [[line["quantity"] for line in batch] for batch in batches] == [[3], [2]]


def test_lines_come_in_another_order_each_time(bricklink: BrickLinkCalls) -> None:
    lots = [(bricklink.create(), 1), (bricklink.create(), 2), (bricklink.create(), 3)]
    market: Any = bricklink.sandbox.systems["bricklink"]
    order = market.sell_several(lots)
    readings = [[line["quantity"] for line in bricklink.data("GET", f"/orders/{order}/items")[0]] for _ in range(3)]
    assert readings == [[1, 2, 3], [2, 3, 1], [3, 1, 2]]


@pytest.mark.parametrize(("restock", "left"), [("", 9), ("yes", 12)])
def test_a_cancelled_order_puts_pieces_back_only_where_that_is_asked_for(bricklink: BrickLinkCalls, restock: str, left: int) -> None:
    lot = bricklink.create()
    do(bricklink, "sell", lot=lot, pieces=3)
    do(bricklink, "cancel-order", restock=restock)
    assert bricklink.data("GET", "/orders")[0]["status"] == "CANCELLED"
    assert bricklink.data("GET", "/orders?status=-cancelled") == []
    assert bricklink.data("GET", f"/inventories/{lot}")["quantity"] == left


def test_items_of_a_purged_order_can_not_be_read(bricklink: BrickLinkCalls) -> None:
    do(bricklink, "sell", lot=bricklink.create(), pieces=1)
    do(bricklink, "order-status", status="purged")
    order = bricklink.data("GET", "/orders")[0]["order_id"]
    assert bricklink.code("GET", f"/orders/{order}/items")[0] == 404


def test_events_are_told_once(bricklink: BrickLinkCalls) -> None:
    do(bricklink, "sell", lot=bricklink.create(), pieces=1)
    order = bricklink.data("GET", "/orders")[0]["order_id"]
    assert [(row["event_type"], row["resource_id"]) for row in bricklink.data("GET", "/notifications")] == [("Order", order)]
    assert bricklink.data("GET", "/notifications") == []


def test_lots_are_edited_added_and_deleted_on_the_site(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    do(bricklink, "edit-lot", lot=lot, price="0.3", quantity=5, notes="cheap")
    shown = bricklink.data("GET", f"/inventories/{lot}")
    assert (shown["unit_price"], shown["quantity"], shown["description"], shown["remarks"]) == ("0.3000", 5, "cheap", "A-12")
    do(bricklink, "add-lot", number="3003", color=5, quantity=4)
    do(bricklink, "delete-lot", lot=lot)
    assert [(row["item"]["no"], row["quantity"]) for row in bricklink.data("GET", "/inventories")] == [("3003", 4)]
    assert [row["kind"] for row in bricklink.sandbox.rows("bricklink", "writes")] == ["create"]


def test_a_store_is_filled_with_lots_in_numbered_places(bricklink: BrickLinkCalls) -> None:
    do(bricklink, "fill", lots=3, number="qx0001", quantity=5, place="C-")
    found = bricklink.data("GET", "/inventories")
    assert [(lot["item"]["no"], lot["quantity"], lot["remarks"]) for lot in found] == [
        ("qx0001", 5, "C-1"),
        ("qx0001", 5, "C-2"),
        ("qx0001", 5, "C-3"),
    ]
