"""What goes over the wire to Brick Owl, and what comes of its answers."""

from __future__ import annotations

import json
import logging
import traceback
from typing import Any

import pytest
from django.utils import timezone

from marketplaces.errors import LotNotThere, ShopRefused
from marketplaces.lots import Wanted
from marketplaces.models import ColorMapping, Listing, Lot, PartFinding, PartMapping, Shop
from marketplaces.providers.brickowl.batch import Outcome
from marketplaces.providers.brickowl.client import BrickOwlRemote
from marketplaces.providers.brickowl.provider import PROVIDER
from sync.models import CallBudget
from sync.wire.budget import forecast
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, BudgetSpent, Refused, RetryLater, WireError, WrongAnswer
from tests.marketplaces.brickowl.build import KEY, LISTED, empty, error, form_of, query_of
from tests.marketplaces.build import make_item
from tests.sync.wire.server import Server, document, page, reset, status

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

NOW = Spending()
SUCCESS = {"status": "success"}
LIST, CREATE, UPDATE, DELETE, BATCH = (
    f"/v1/{path}" for path in ("inventory/list", "inventory/create", "inventory/update", "inventory/delete", "bulk/batch")
)
BRICKS = Wanted({"boid": "900001", "color": "38"}, 12, {"price": "0.125", "condition": "new", "hidden": False, "notes": "Clean"})


def update(remote: BrickOwlRemote, **given: Any) -> None:
    asked = {"difference": 0, "absolute": None, "fields": {}, "present": {}, "spending": NOW, **given}
    remote.update("55500123", **asked)


def test_b1_write_is_a_form_with_the_key_in_it_and_no_header_of_authority(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(CREATE, document({"status": "success", "lot_id": 55500123}))
    made = remote.create(BRICKS, "7f3c2a99", NOW)
    (seen,) = owl.seen
    assert form_of(seen) == {
        "key": KEY,
        "boid": "900001",
        "color_id": "38",
        "quantity": "12",
        "price": "0.125",
        "condition": "new",
        "external_id": "ls-7f3c2a99",
    }
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not seen.query
    assert "Authorization" not in seen.headers
    assert (made.lot_id, made.fields) == ("55500123", {"price", "condition", "hidden"})


def test_b2_path_keeps_its_v1_and_a_read_has_the_key_in_the_query(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(LIST, document([]))
    assert remote.read("55500123", NOW) is None
    (seen,) = owl.seen
    assert seen.path == "/v1/inventory/list"
    assert query_of(seen)["key"] == KEY
    assert not seen.body


@pytest.mark.parametrize("answer", [document(SUCCESS), document({"status": "Success"}), empty(), empty(204)])
def test_b5_change_that_is_answered_with_a_word_or_nothing_is_done(owl: Server, remote: BrickOwlRemote, answer: Any) -> None:
    owl.on(UPDATE, answer)
    update(remote, difference=-3, fields={"price": "0.140", "notes": ""})
    assert form_of(owl.seen[0]) == {
        "key": KEY,
        "lot_id": "55500123",
        "relative_quantity": "-3",
        "price": "0.140",
        "public_note": "",
    }


def test_b6_lots_that_are_hidden_or_sold_out_are_asked_for_too(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    ColorMapping.objects.create(account=shop.account, shop=shop, color_id=11, remote_id="38")
    owl.on(LIST, document([{**LISTED, "qty": "0", "for_sale": "0"}]))
    lot = remote.read("55500123", NOW)
    assert lot is not None
    assert (lot.quantity, lot.fields["hidden"], lot.color_id) == (0, True, 11)
    remote.find(BRICKS, "7f3c2a99", timezone.now(), NOW)
    assert [each.lot_id for each in remote.lots(NOW)] == ["55500123"]
    assert [query_of(seen)["active_only"] for seen in owl.seen] == ["0", "0", "0"]


def test_no_change_is_no_call(owl: Server, remote: BrickOwlRemote) -> None:
    update(remote)
    assert owl.seen == []


@pytest.mark.parametrize(
    "answer", [empty(), document({"status": "success"}), document({"status": "queued", "lot_id": "1"}), page(), reset, status(500)]
)
def test_create_that_is_not_answered_plainly_is_unknown(owl: Server, remote: BrickOwlRemote, answer: Any) -> None:
    owl.on(CREATE, answer)
    with pytest.raises(WireError) as raised:
        remote.create(BRICKS, "7f3c2a99", NOW)
    assert raised.value.may_have_acted
    assert len(owl.seen) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (error(401, {"error": "Invalid API key"}), BadCredentials, "bad_key"),
        (document({"error": "Invalid API key"}), BadCredentials, "bad_key"),
        (error(403, {"error": "No right"}), ShopRefused, "forbidden_function"),
        (status(403), ShopRefused, "forbidden_function"),
        (error(400, {"errors": ["Invalid BOID"]}), ShopRefused, "unknown_part"),
        (error(429, {"error": "Too many requests"}), RetryLater, "too_many_calls"),
        (status(404, b"<h1>Page not found</h1>"), Refused, "not_found"),
    ],
)
def test_create_that_is_refused_was_not_done(owl: Server, remote: BrickOwlRemote, answer: Any, kind: type, code: str) -> None:
    owl.on(CREATE, answer)
    with pytest.raises(kind) as raised:
        remote.create(BRICKS, "7f3c2a99", NOW)
    assert raised.value.code == code
    assert not raised.value.may_have_acted
    assert len(owl.seen) == 1


def test_pause_that_brick_owl_asks_for_is_kept_and_a_minute_without_one(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(UPDATE, error(429, {"error": "Too many requests"}, Retry_After="7"))
    with pytest.raises(RetryLater) as raised:
        update(remote, difference=1)
    assert raised.value.after == 7
    with pytest.raises(BudgetSpent):
        update(remote, difference=1)
    CallBudget.objects.update(blocked_until=None)
    owl.on(UPDATE, error(429, {"error": "Too many requests"}))
    with pytest.raises(RetryLater) as raised:
        update(remote, difference=1)
    assert raised.value.after == 60


def test_lot_that_is_gone_is_told_from_a_refusal(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(UPDATE, error(400, {"error": "Lot not found"}))
    owl.on(DELETE, error(404, {"errors": ["Lot not found"]}))
    with pytest.raises(LotNotThere):
        update(remote, difference=1)
    with pytest.raises(LotNotThere):
        remote.delete("55500123", NOW)


def test_thing_that_is_being_retired_goes_to_the_list_of_work(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    mapping = PartMapping.objects.create(
        account=shop.account, shop=shop, item_type="PART", part_number="3001", remote_id="900001", finding=PartFinding.FOUND
    )
    owl.on(CREATE, error(400, {"error": "This item is scheduled for deletion"}))
    with pytest.raises(ShopRefused):
        remote.create(BRICKS, "7f3c2a99", NOW)
    mapping.refresh_from_db()
    assert mapping.finding == PartFinding.RETIRING


def test_adopted_lot_gets_our_mark_with_its_next_change(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    item = make_item(shop.account)
    listing = Listing.objects.get(shop=shop, item=item)
    Lot.objects.create(account=shop.account, shop=shop, lot_id="55500123", listing=listing, origin="adopted", since=timezone.now())
    owl.on(UPDATE, document(SUCCESS))
    update(remote, difference=1)
    assert form_of(owl.seen[0])["update_external_id_1"] == f"ls-{item.token}"


def test_created_lot_is_found_by_our_mark(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(LIST, document([LISTED]), document([]), document([{**LISTED, "external_lot_ids": []}]), document([LISTED, LISTED]))
    found = [
        [lot.lot_id for lot in remote.find(BRICKS, token, timezone.now(), NOW)] for token in ("7f3c2a99", "7f3c2a99", "7f3c2a99", "other")
    ]
    assert found == [["55500123"], [], ["55500123"], []]
    assert query_of(owl.seen[0])["external_id_1"] == "ls-7f3c2a99"


def test_batch_is_fifty_to_a_call_and_read_back(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    ColorMapping.objects.create(account=shop.account, shop=shop, color_id=11, remote_id="38")
    asked = {str(number): number for number in range(1, 61)}
    # One says it was done and was not, one is not answered and was, one is gone.
    owl.on(BATCH, document([SUCCESS] * 50), document({"responses": [{"status_code": 200, "body": {"status": "Success"}}] * 9}))
    shown = [{**LISTED, "lot_id": number, "qty": str(quantity)} for number, quantity in asked.items() if number != "2"]
    shown[0]["qty"] = "99"
    owl.on(LIST, document(shown))
    found = remote.batch_quantities(asked, NOW)
    assert {number: written.outcome for number, written in found.items() if written.outcome is not Outcome.DONE} == {
        "1": Outcome.UNKNOWN,
        "2": Outcome.NOT_THERE,
    }
    calls = [json.loads(form_of(seen)["requests"])["requests"] for seen in owl.seen if seen.path == BATCH]
    assert [len(call) for call in calls] == [50, 10]
    assert calls[0][0] == {
        "endpoint": "inventory/update",
        "request_method": "POST",
        "params": [{"lot_id": "1", "absolute_quantity": 1}],
    }
    assert {each.name: each.used for each in forecast(shop.connection_id)} == {"minute": 3, "bulk minute": 2}


def test_batch_that_fails_half_way_leaves_the_rest_unsent(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    ColorMapping.objects.create(account=shop.account, shop=shop, color_id=11, remote_id="38")
    owl.on(BATCH, status(500))
    owl.on(LIST, document([{**LISTED, "lot_id": "1", "qty": "1"}, {**LISTED, "lot_id": "2", "qty": "7"}]))
    found = remote.batch_quantities({"1": 1, "2": 2, **{f"9{number}": 5 for number in range(50)}}, NOW)
    assert (found["1"].outcome, found["2"].outcome, found["949"].outcome) == (Outcome.DONE, Outcome.UNKNOWN, Outcome.NOT_SENT)


def test_batch_that_was_not_sent_says_so(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(BATCH, error(400, {"error": "Invalid JSON in requests"}))
    with pytest.raises(ShopRefused):
        remote.batch_quantities({"1": 1}, NOW)


def test_orders_are_those_of_the_store_by_when_they_changed(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on("/v1/order/list", document([{"order_id": "8800001", "order_date": "1772704800", "status_id": "2"}]))
    (order,) = remote.orders(None, NOW)
    assert order.order_id == "8800001"
    remote.orders(order.ordered_at, NOW)
    assert "order_time" not in query_of(owl.seen[0])
    asked = {name: value for name, value in query_of(owl.seen[1]).items() if name != "key"}
    assert asked == {"list_type": "store", "sort_by": "updated", "limit": "5000", "order_time": "1772704800"}


def test_missing_key_is_said_before_anything_is_sent(owl: Server, shop: Shop) -> None:
    shop.connection.secrets = {}
    with pytest.raises(BadCredentials, match="missing"), PROVIDER.open(shop):
        pass
    assert owl.seen == []


def test_budgets_come_with_the_shop(shop: Shop) -> None:
    rows = CallBudget.objects.filter(connection=shop.connection).order_by("name")
    assert list(rows.values_list("name", "window_seconds", "limit", "reserved")) == [("bulk minute", 60, 100, 0), ("minute", 60, 240, 24)]


@pytest.mark.parametrize(
    "answer",
    [
        document([LISTED]),
        status(404),
        error(401, {"error": f"Invalid API key {KEY}"}),
        error(400, {"error": {"status": f"{KEY} is not good"}}),
        document({"error": f"No, {KEY}"}),
        document({"status": KEY}),
        page(f"<html>{KEY}"),
        reset,
    ],
)
def test_key_is_in_no_log_and_in_no_error(owl: Server, remote: BrickOwlRemote, caplog: pytest.LogCaptureFixture, answer: Any) -> None:
    caplog.set_level(logging.DEBUG)
    owl.on(LIST, answer)
    owl.on(UPDATE, answer)
    told = []
    for call in (lambda: remote.read("1", NOW), lambda: update(remote, difference=1)):
        try:
            call()
        except WireError as raised:
            told += [raised.sentence, raised.hint, repr(raised), str(raised), "".join(traceback.format_exception(raised))]
    # A key that is refused without doubt is not sent again.
    assert owl.seen
    assert "inventory/list" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in "".join(told)


def test_answer_in_words_that_nobody_knows_is_unknown(owl: Server, remote: BrickOwlRemote) -> None:
    owl.on(UPDATE, document(["what"]))
    with pytest.raises(WrongAnswer) as raised:
        update(remote, difference=1)
    assert raised.value.may_have_acted
