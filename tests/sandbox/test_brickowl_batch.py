"""The batch call of Brick Owl's stand-in, with the quirks that clients have met."""

from __future__ import annotations

import json

import pytest

from sandbox.server import Sandbox
from tests.sandbox.market import BrickOwlCalls


@pytest.fixture
def brickowl(sandbox: Sandbox) -> BrickOwlCalls:
    return BrickOwlCalls(sandbox)


def test_each_entry_is_done_and_answered_by_itself(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    answer = brickowl.batch(
        ("inventory/update", {"lot_id": lot, "absolute_quantity": 9}), ("inventory/update", {"lot_id": "1", "absolute_quantity": 0})
    )
    assert answer.json() == [{"status": "success"}, {"errors": ["Lot not found"]}]
    assert brickowl.lot(lot)["qty"] == "9"


def test_the_other_form_has_status_codes(brickowl: BrickOwlCalls) -> None:
    brickowl.switch("batch_responses")
    brickowl.switch("capital")
    answer = brickowl.batch(("inventory/update", {"lot_id": brickowl.create(), "absolute_quantity": 9}))
    assert answer.json() == {"responses": [{"endpoint": "inventory/update", "status_code": 200, "body": {"status": "Success"}}]}


@pytest.mark.parametrize(
    "sent",
    [
        "no json",
        "[]",
        json.dumps([{"endpoint": "inventory/update", "request_method": "POST", "params": [{}]}]),
        json.dumps({"requests": [{"endpoint": "inventory/update", "request_method": "POST", "params": {"lot_id": "1"}}]}),
        json.dumps({"requests": []}),
        json.dumps({"requests": [{"endpoint": "inventory/update", "request_method": "POST", "params": [{"lot_id": "1"}]}] * 51}),
    ],
)
def test_what_is_no_wrapped_list_of_one_to_fifty_is_refused(brickowl: BrickOwlCalls, sent: str) -> None:
    assert brickowl.post("bulk/batch", requests=sent).status_code == 400


def test_entries_with_more_than_a_quantity_may_be_dropped_in_silence(brickowl: BrickOwlCalls) -> None:
    one, other = brickowl.create(), brickowl.create()
    brickowl.switch("batch_quantity_only")
    answer = brickowl.batch(
        ("inventory/update", {"lot_id": one, "absolute_quantity": 9, "price": "1"}),
        ("inventory/update", {"lot_id": other, "absolute_quantity": 9}),
    )
    assert answer.json() == [{"status": "success"}, {"status": "success"}]
    assert (brickowl.lot(one)["qty"], brickowl.lot(one)["base_price"], brickowl.lot(other)["qty"]) == ("12", "0.125", "9")


def test_fewer_answers_than_questions_for_work_that_was_done(brickowl: BrickOwlCalls) -> None:
    lots = [brickowl.create() for _ in range(3)]
    brickowl.switch("batch_short", size=2)
    answer = brickowl.batch(*(("inventory/update", {"lot_id": lot, "absolute_quantity": 1}) for lot in lots))
    assert answer.json() == [{"status": "success"}]
    assert [brickowl.lot(lot)["qty"] for lot in lots] == ["1", "1", "1"]


def test_more_than_a_hundred_batches_a_minute_are_throttled(brickowl: BrickOwlCalls) -> None:
    lot = brickowl.create()
    answers = [brickowl.batch(("inventory/update", {"lot_id": lot, "absolute_quantity": n})) for n in range(101)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert answers[-1].headers["Retry-After"] == "30"
    assert brickowl.lot(lot)["qty"] == "99"
