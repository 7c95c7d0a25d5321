"""Faults that both marketplaces share, shown at one: whether the work was done is what matters."""

from __future__ import annotations

import pytest
import requests

from sandbox.server import Sandbox
from tests.jobs.conftest import wait_until
from tests.sandbox.market import BRICK, BrickLinkCalls


@pytest.fixture
def bricklink(sandbox: Sandbox) -> BrickLinkCalls:
    return BrickLinkCalls(sandbox)


@pytest.mark.parametrize(
    ("switch", "status", "kind", "done"),
    [
        ("html", 200, "text/html; charset=utf-8", 0),
        ("maintenance", 503, "text/html; charset=utf-8", 0),
        ("empty", 200, "application/json", 0),
        ("throttled_plain", 429, "text/plain; charset=utf-8", 0),
        ("status", 500, "text/plain; charset=utf-8", 0),
        ("500_after", 500, "text/plain; charset=utf-8", 1),
        ("empty_after", 200, "application/json", 1),
        ("html_after", 200, "text/html; charset=utf-8", 1),
    ],
)
def test_before_or_after_the_work_once(bricklink: BrickLinkCalls, switch: str, status: int, kind: str, done: int) -> None:
    bricklink.switch(switch, times=1)
    answer = bricklink.send("POST", "/inventories", BRICK)
    assert (answer.status_code, answer.headers["Content-Type"], len(bricklink.lots())) == (status, kind, done)
    assert "Retry-After" not in answer.headers
    assert bricklink.code("POST", "/inventories", BRICK)[0] == 201


def test_after_faults_leave_reading_calls_alone(bricklink: BrickLinkCalls) -> None:
    bricklink.switch("500_after", times=1)
    assert bricklink.code("GET", "/inventories")[0] == 200
    assert bricklink.send("POST", "/inventories", BRICK).status_code == 500


def test_an_answer_held_back_comes_too_late_for_a_lot_that_was_made(bricklink: BrickLinkCalls) -> None:
    bricklink.switch("timeout_after", seconds=30, times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        bricklink.send("POST", "/inventories", BRICK, timeout=0.3)
    wait_until("what was sent has been done", bricklink.lots)
    assert len(bricklink.lots()) == 1


def test_a_connection_dropped_after_the_work(bricklink: BrickLinkCalls) -> None:
    bricklink.switch("reset_after", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        bricklink.send("POST", "/inventories", BRICK)
    assert len(bricklink.lots()) == 1


def test_a_delete_may_be_answered_with_no_body(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    bricklink.switch("empty_after", feeds=["delete"])
    assert bricklink.send("DELETE", f"/inventories/{lot}").content == b""
    assert bricklink.lots() == []


def test_a_sale_before_an_update_is_in_its_answer_one_after_it_is_not(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    bricklink.switch("sale_before", size=2, times=1)
    assert bricklink.data("PUT", f"/inventories/{lot}", {"quantity": "-1", "description": ""})["quantity"] == 9
    bricklink.switch("sale_after", times=1)
    assert bricklink.data("PUT", f"/inventories/{lot}", {"quantity": "-1", "description": ""})["quantity"] == 8
    assert [row["quantity"] for row in bricklink.lots()] == [7]
    assert [order["total_count"] for order in bricklink.data("GET", "/orders")] == [2, 1]


def test_somebody_else_changes_or_deletes_the_lot_just_before(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    bricklink.switch("quantity_changed", size=-4, times=1)
    assert bricklink.data("PUT", f"/inventories/{lot}", {"quantity": "+1", "description": ""})["quantity"] == 9
    bricklink.switch("lot_deleted", times=1)
    assert bricklink.code("PUT", f"/inventories/{lot}", {"quantity": "+1", "description": ""})[0] == 404
    assert bricklink.lots() == []


def test_writes_are_kept_with_their_bodies_and_whether_they_were_done(bricklink: BrickLinkCalls) -> None:
    lot = bricklink.create()
    bricklink.switch("500_after", times=1)
    bricklink.send("PUT", f"/inventories/{lot}", {"quantity": "-1", "description": ""})
    bricklink.code("PUT", f"/inventories/{lot}", {"quantity": "-1"})
    bricklink.switch("status", times=1)
    bricklink.send("DELETE", f"/inventories/{lot}")
    writes = bricklink.sandbox.rows("bricklink", "writes")
    assert [(row["kind"], row["lot"], row["done"]) for row in writes] == [
        ("create", str(lot), True),
        ("update", str(lot), True),
        ("update", str(lot), False),
    ]
    assert writes[1]["body"] == {"quantity": "-1", "description": ""}
    # A call that never got to the work is counted with the others.
    assert bricklink.sandbox.control("bricklink")["feeds"] == {"create": 1, "update": 2, "delete": 1}
