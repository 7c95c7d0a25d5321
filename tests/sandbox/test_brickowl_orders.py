"""Sales at Brick Owl's stand-in, and the faults that only it has."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from sandbox.brickowl.keys import API_KEY
from sandbox.server import Sandbox
from tests.sandbox.market import OWL_BRICK, BrickOwlCalls


@pytest.fixture
def brickowl(sandbox: Sandbox) -> BrickOwlCalls:
    return BrickOwlCalls(sandbox)


def do(brickowl: BrickOwlCalls, action: str, **given: Any) -> None:
    brickowl.sandbox.control("brickowl", action, **given)


def test_a_sale_lowers_the_lot_and_is_an_order_in_texts(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create(quantity="3")
    do(brickowl, "sell", lot=lot, pieces=3)
    assert brickowl.lot(lot)["qty"] == "0"
    (order,) = brickowl.get("order/list", list_type="store", sort_by="updated").json()
    assert (order["total_quantity"], order["total_lots"], order["status_id"]) == ("3", "1", "2")
    # Three at 0.125 and three for shipping, with two decimals.
    assert order["base_order_total"] == "3.38"
    (line,) = brickowl.get("order/items", order_id=order["order_id"]).json()
    assert (line["lot_id"], line["ordered_quantity"], line["external_lot_ids"]) == (lot, "3", {"other": "ls-7f3c2a"})


def test_a_line_of_a_deleted_lot_has_no_number_of_a_lot(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    do(brickowl, "sell", lot=lot)
    do(brickowl, "delete-lot", lot=lot)
    (line,) = brickowl.get("order/items", order_id=brickowl.get("order/list").json()[0]["order_id"]).json()
    assert (line["lot_id"], line["boid"], line["condition"]) == (None, "900001-38", "New")


def test_orders_grow_are_refunded_and_cancelled(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    do(brickowl, "sell", lot=lot, pieces=3)
    do(brickowl, "grow-order", lot=lot, pieces=2)
    do(brickowl, "refund", pieces=1)
    do(brickowl, "cancel-order")
    (order,) = brickowl.get("order/list").json()
    assert (order["total_quantity"], order["status"]) == ("5", "Cancelled")
    lines = brickowl.get("order/items", order_id=order["order_id"]).json()
    assert [(line["ordered_quantity"], line["refunded_quantity"]) for line in lines] == [("3", "1"), ("2", "0")]
    assert len({line["order_item_id"] for line in lines}) == 2
    assert brickowl.lot(lot)["qty"] == "7"
    with pytest.raises(ValueError, match="has not so many pieces"):
        do(brickowl, "refund", pieces=3)


def test_order_time_means_the_last_change_or_the_making(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    with time_machine.travel(1_772_700_000, tick=False):
        do(brickowl, "sell", lot=lot)
    with time_machine.travel(1_772_703_600, tick=False):
        do(brickowl, "ship-order")
    since = {"sort_by": "updated", "order_time": 1_772_703_000}
    assert len(brickowl.get("order/list", **since).json()) == 1
    assert brickowl.get("order/list", order_time=1_772_703_000).json() == []
    brickowl.switch("order_time_created")
    assert brickowl.get("order/list", **since).json() == []


def test_statuses_only_go_forward_and_never_to_cancelled(brickowl: BrickOwlCalls) -> None:
    do(brickowl, "sell", lot=brickowl.create())
    order = brickowl.get("order/list").json()[0]["order_id"]
    assert brickowl.post("order/set_status", order_id=order, status_id=5).json() == {"status": "success"}
    assert [brickowl.post("order/set_status", order_id=order, status_id=number).status_code for number in (3, 8)] == [400, 400]


def test_a_create_may_be_answered_without_its_number(brickowl: BrickOwlCalls) -> None:
    brickowl.switch("no_lot_id", times=1)
    assert brickowl.post("inventory/create", **OWL_BRICK).json() == {"status": "success"}
    assert len(brickowl.lots()) == 1


@pytest.mark.parametrize(
    ("switch", "status", "body"),
    [
        ("error_in_200", 200, {"error": "Something went wrong on our side"}),
        ("wrong_secret", 401, {"error": "Invalid API key"}),
        ("no_permission", 403, {"error": "This key does not have the right to do this"}),
        ("retiring", 400, {"error": {"status": "This item is scheduled for deletion"}}),
        ("new_field", 400, {"error": {"status": "origin is required"}}),
    ],
)
def test_refusals_by_switch(brickowl: BrickOwlCalls, switch: str, status: int, body: dict[str, Any]) -> None:
    brickowl.switch(switch, times=1)
    answer = brickowl.post("inventory/create", **OWL_BRICK)
    assert (answer.status_code, answer.json(), brickowl.lots()) == (status, body, [])
    assert brickowl.post("inventory/create", **OWL_BRICK).status_code == 200


def test_calls_above_the_limit_are_told_when_to_come_back(brickowl: BrickOwlCalls) -> None:
    do(brickowl, "limit", calls=1)
    answers = [brickowl.get("user/details") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].headers["Retry-After"] == "30"


def test_the_key_is_in_no_journal(brickowl: BrickOwlCalls) -> None:
    brickowl.create()
    brickowl.get("user/details")
    brickowl.batch(("inventory/update", {"lot_id": "1", "absolute_quantity": 1}))
    assert API_KEY not in str(brickowl.sandbox.control("brickowl")) + str(brickowl.sandbox.rows("brickowl", "writes"))
    assert brickowl.sandbox.rows("brickowl", "writes")[0]["body"]["boid"] == "900001"
