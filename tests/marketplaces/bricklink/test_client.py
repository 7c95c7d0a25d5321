"""The line to a store, over real HTTP to a server that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Item
from marketplaces.errors import LotNotThere, ShopRefused
from marketplaces.lots import Created
from marketplaces.models import ColorMapping, Listing, PartFinding, PartMapping, Shop
from marketplaces.provider import PROVIDERS, Remote
from sync.models import CallBudget
from sync.models.breaker import Breaker, BreakerState
from sync.wire.caller import Spending
from sync.wire.errors import BadCredentials, BreakerOpen, BudgetSpent, RetryLater, Unreachable, WireError, WrongAnswer
from tests.marketplaces.bricklink.build import LOT, PATH, TOKEN, envelope, lot_of, make_brick, make_shop
from tests.marketplaces.bricklink.test_reading import LINE, ORDER
from tests.sync.wire.server import Behaviour, Server, body, closed_port, document, page, reset, status

LOTS, ONE = f"{PATH}/inventories", f"{PATH}/inventories/700000123"
NOW = Spending()
BRICK = lot_of(make_brick(location="A-12"))

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def shop(server: Server) -> Shop:
    return make_shop(server)


@pytest.fixture
def remote(shop: Shop) -> Iterator[Remote]:
    with PROVIDERS["bricklink"].open(shop) as line:
        yield line


def update(remote: Remote, difference: int = -3, **fields: Any) -> Any:
    present = {"notes": "As it was", "hidden": False}
    return remote.update("700000123", difference=difference, absolute=None, fields=fields, present=present, spending=NOW)


def sent(server: Server, number: int = -1) -> Any:
    return json.loads(server.seen[number].body)


def test_lot_is_made_and_its_id_comes_back(server: Server, remote: Remote) -> None:
    server.on(LOTS, envelope(201, LOT))
    made = remote.create(BRICK, TOKEN, NOW)
    assert isinstance(made, Created)
    assert (made.lot_id, made.fields) == ("700000123", {"price", "hidden", "notes", "location"})
    assert made.seen is not None
    assert made.seen.quantity == 12
    assert server.seen[0].headers["Content-Type"] == "application/json"
    assert sent(server)["remarks"] == "A-12 #k7f3c2mq"


def test_bug_3_update_sends_the_mapped_body(server: Server, remote: Remote) -> None:
    server.on(ONE, envelope(200, {**LOT, "quantity": 9}))
    assert update(remote, price="0.140").quantity == 9
    assert server.seen[0].method == "PUT"
    assert sent(server) == {"quantity": "-3", "unit_price": "0.1400", "description": "As it was"}


def test_bug_15_emptied_notes_are_sent(server: Server, remote: Remote) -> None:
    server.on(ONE, envelope(200, LOT))
    update(remote, 0, notes="")
    assert sent(server) == {"description": ""}


def test_location_is_sent_with_the_mark_of_the_item(server: Server, shop: Shop, remote: Remote) -> None:
    item = Item.objects.create(account=shop.account, part_number="3001", token=TOKEN)
    Listing.objects.filter(shop=shop, item=item).update(lot_id="700000123", told_quantity=12)
    server.on(ONE, envelope(200, LOT))
    update(remote, 0, location="B-1")
    assert sent(server)["remarks"] == "B-1 #k7f3c2mq"


def test_public_text_that_was_never_seen_is_read_before_it_is_repeated(server: Server, remote: Remote) -> None:
    server.on(ONE, envelope(200, LOT))
    remote.update("700000123", difference=-1, absolute=None, fields={}, present={}, spending=NOW)
    assert [seen.method for seen in server.seen] == ["GET", "PUT"]
    assert sent(server) == {"quantity": "-1", "description": "Seller's best"}


def test_public_text_that_is_the_sellers_is_repeated_as_it_was_seen_last(server: Server) -> None:
    shop = make_shop(server, send_notes=False)
    item = Item.objects.create(account=shop.account, part_number="3001", token=TOKEN)
    Listing.objects.filter(item=item).update(lot_id="700000123", seen={"fields": {"notes": "Changed at the shop"}})
    server.on(ONE, envelope(200, LOT))
    with PROVIDERS["bricklink"].open(shop) as line:
        update(line)
    assert sent(server)["description"] == "Changed at the shop"


@pytest.mark.parametrize("answer", [envelope(204), envelope(204, {}), body(b"", ""), status(204)])
def test_delete_is_done_with_or_without_a_word(server: Server, remote: Remote, answer: Behaviour) -> None:
    server.on(ONE, answer)
    remote.delete("700000123", NOW)
    assert [seen.method for seen in server.seen] == ["DELETE"]


def test_lot_that_is_gone_is_said_to_be(server: Server, remote: Remote) -> None:
    server.on(ONE, envelope(404, {}, description="Inventory 700000123 not found", message="RESOURCE_NOT_FOUND"))
    assert remote.read("700000123", NOW) is None
    with pytest.raises(LotNotThere, match="Inventory 700000123 not found"):
        update(remote)
    with pytest.raises(LotNotThere):
        remote.delete("700000123", NOW)


def test_unknown_number_is_a_refusal_with_brick_links_words_and_work_for_somebody(server: Server, shop: Shop, remote: Remote) -> None:
    item = Item.objects.create(account=shop.account, part_number="30x01", color_id=11, token=TOKEN)
    server.on(LOTS, envelope(404, {}, description="PART 30x01 not found", http=404), envelope(201, LOT))
    with pytest.raises(ShopRefused) as caught:
        remote.create(BRICK, TOKEN, NOW)
    assert (caught.value.code, caught.value.may_have_acted) == ("unknown_part", False)
    assert caught.value.sentence == "BrickLink's catalogue does not know this number. It says: “PART 30x01 not found”."
    assert PartMapping.objects.get(shop=shop, part_number=item.part_number).finding == PartFinding.MISSING
    remote.create(BRICK, TOKEN, NOW)
    assert not PartMapping.objects.exists()


@pytest.mark.parametrize(
    ("answer", "kind", "acted"),
    [
        (envelope(500, {}), RetryLater, True),
        (envelope(500, {}, http=500), RetryLater, True),
        (status(502), RetryLater, True),
        (page(), WrongAnswer, True),
        (status(404, b"<html>gateway</html>"), WrongAnswer, True),
        (body(b"", "application/json"), WrongAnswer, True),
        (document({"hello": 1}), WrongAnswer, True),
        (envelope(201, {}), WrongAnswer, True),
        (envelope(201, {"inventory_id": -5}), WrongAnswer, True),
        (reset, Unreachable, True),
        (envelope(400, {}), ShopRefused, False),
        (envelope(429, {}), RetryLater, False),
        (status(429), RetryLater, False),
    ],
)
def test_bug_14_create_is_sent_once_and_says_whether_it_may_have_been_done(
    server: Server, remote: Remote, answer: Behaviour, kind: type[WireError], acted: bool
) -> None:
    server.on(LOTS, answer)
    with pytest.raises(kind) as caught:
        remote.create(BRICK, TOKEN, NOW)
    assert caught.value.may_have_acted is acted
    assert len(server.seen) == 1


def test_connection_that_was_never_made_has_done_nothing(server: Server, shop: Shop) -> None:
    with closed_port() as port:
        shop.connection.base_url = f"http://127.0.0.1:{port}{PATH}"
        with PROVIDERS["bricklink"].open(shop) as line, pytest.raises(Unreachable) as caught:
            line.create(BRICK, TOKEN, NOW)
    assert caught.value.may_have_acted is False


@pytest.mark.parametrize(
    ("answer", "after"), [(envelope(429, {}), 60), (envelope(429, {}, http=429, Retry_After="7"), 7), (status(429, Retry_After="9"), 9)]
)
def test_bug_9_too_many_calls_hold_back_all_calls_and_wait_for_nobody(
    server: Server, shop: Shop, remote: Remote, answer: Behaviour, after: int
) -> None:
    server.on(LOTS, answer)
    with pytest.raises(RetryLater) as caught:
        list(remote.lots(NOW))
    assert (caught.value.code, caught.value.after, len(server.seen)) == ("too_many_calls", after, 1)
    with pytest.raises(BudgetSpent) as held:
        update(remote)
    assert held.value.until > timezone.now() + timedelta(seconds=after - 5)
    assert len(server.seen) == 1


def test_bug_9_used_up_day_answers_at_once_with_the_moment_it_goes_on(server: Server, shop: Shop, remote: Remote) -> None:
    budget = CallBudget.objects.get(connection=shop.connection)
    assert (budget.name, budget.window_seconds, budget.limit, budget.reserved) == ("day", 86_400, 5_000, 200)
    CallBudget.objects.update(limit=2, reserved=1)
    server.on(ONE, envelope(200, LOT))
    update(remote)
    with pytest.raises(BudgetSpent) as held:
        update(remote)
    assert held.value.until > timezone.now() + timedelta(hours=23)
    remote.update("700000123", difference=-1, absolute=None, fields={}, present={"notes": ""}, spending=Spending(urgent=True))
    assert len(server.seen) == 2


def test_bug_8_errors_inside_good_answers_open_the_breaker_and_refusals_do_not(server: Server, shop: Shop, remote: Remote) -> None:
    server.on(ONE, envelope(400, {}))
    for _ in range(6):
        with pytest.raises(ShopRefused):
            update(remote)
    assert Breaker.objects.get().state == BreakerState.CLOSED
    server.on(ONE, envelope(500, {}))
    for _ in range(6):
        with pytest.raises(RetryLater):
            update(remote)
    assert Breaker.objects.get().state == BreakerState.OPEN
    with pytest.raises(BreakerOpen):
        update(remote)


@pytest.mark.parametrize("description", ["SIGNATURE_INVALID", "TOKEN_IP_MISMATCHED: 203.0.113.9"])
def test_refused_login_stops_all_calls_at_once(server: Server, remote: Remote, description: str) -> None:
    server.on(ONE, envelope(401, {}, description=description))
    with pytest.raises(BadCredentials):
        update(remote)
    with pytest.raises(BreakerOpen) as stopped:
        update(remote)
    assert stopped.value.until is None
    assert len(server.seen) == 1


@pytest.mark.parametrize("description", ["NONCE_USED", "TIMESTAMP_REFUSED"])
def test_write_whose_nonce_was_refused_is_signed_anew_and_sent_once_more(server: Server, remote: Remote, description: str) -> None:
    server.on(LOTS, envelope(401, {}, description=description), envelope(201, LOT))
    assert remote.create(BRICK, TOKEN, NOW).lot_id == "700000123"
    first, second = (seen.headers["Authorization"] for seen in server.seen)
    assert first != second
    assert server.seen[0].body == server.seen[1].body


def test_time_that_is_refused_twice_is_a_matter_for_a_person(server: Server, remote: Remote) -> None:
    server.on(LOTS, envelope(401, {}, description="TIMESTAMP_REFUSED"))
    with pytest.raises(BadCredentials) as caught:
        remote.create(BRICK, TOKEN, NOW)
    assert (caught.value.code, caught.value.may_have_acted, len(server.seen)) == ("clock", False, 2)


def test_missing_secret_is_named_before_anything_is_sent(server: Server, shop: Shop) -> None:
    shop.connection.secrets = shop.connection.secrets.changed({"token_secret": None})
    with pytest.raises(BadCredentials, match="The token secret of “North” is missing"), PROVIDERS["bricklink"].open(shop):
        raise AssertionError("never opened")


def test_lost_lot_is_found_by_its_mark(server: Server, remote: Remote) -> None:
    server.on(LOTS, envelope(200, [{**LOT, "inventory_id": 5, "remarks": "B-9 #abcd2345"}, {**LOT, "inventory_id": 6, "quantity": 3}]))
    found = remote.find(BRICK, TOKEN, datetime(2026, 3, 9, tzinfo=UTC), NOW)
    assert [lot.lot_id for lot in found] == ["6"]
    assert server.seen[0].query == "item_type=part&color_id=11&status=Y%2CS%2CB%2CC%2CN%2CR"


def test_lost_lot_without_a_mark_is_found_by_what_it_is_and_when_it_was_made(server: Server, remote: Remote) -> None:
    since = datetime(2026, 3, 4, 5, 8, tzinfo=UTC)
    rows = [
        {"inventory_id": 1, "remarks": "A-12"},
        {"inventory_id": 2, "remarks": "A-12", "date_created": "2026-03-04T05:05:59.000Z"},
        {"inventory_id": 3, "remarks": "A-13"},
        {"inventory_id": 4, "remarks": "A-12", "unit_price": "0.1260"},
        {"inventory_id": 5, "remarks": "A-12", "new_or_used": "U"},
        {"inventory_id": 6, "remarks": "A-12 #abcd2345"},
        {"inventory_id": 7, "remarks": "A-12", "item": {"no": "3002", "type": "PART"}},
    ]
    server.on(LOTS, envelope(200, [{**LOT, **row} for row in rows]))
    assert [lot.lot_id for lot in remote.find(BRICK, TOKEN, since, NOW)] == ["1"]


def test_all_lots_are_one_call_and_stockrooms_are_among_them(server: Server, remote: Remote) -> None:
    server.on(LOTS, envelope(200, [LOT, {**LOT, "inventory_id": 2}]))
    assert [lot.lot_id for lot in remote.lots(NOW)] == ["700000123", "2"]
    assert [seen.query for seen in server.seen] == ["status=Y%2CS%2CB%2CC%2CN%2CR"]


def test_orders_are_one_call_and_after_a_long_silence_filed_ones_are_looked_through_too(server: Server, remote: Remote) -> None:
    changed = timezone.now() - timedelta(hours=2)
    stamp = changed.isoformat()
    filed = [{**ORDER, "order_id": 8, "date_status_changed": stamp}, {**ORDER, "order_id": 9}]
    server.on(f"{PATH}/orders", envelope(200, [ORDER]), envelope(200, [ORDER]), envelope(200, filed))
    assert [order.order_id for order in remote.orders(timezone.now(), NOW)] == ["31000001"]
    assert [order.order_id for order in remote.orders(changed - timedelta(minutes=1), NOW)] == ["31000001", "8"]
    assert [seen.query for seen in server.seen] == [
        "direction=in&status=-purged",
        "direction=in&status=-purged",
        "direction=in&status=-purged&filed=true",
    ]


def test_lines_of_an_order_are_read(server: Server, remote: Remote) -> None:
    server.on(f"{PATH}/orders/31000001/items", envelope(200, [[LINE], [LINE]]))
    assert [(line.key, line.quantity) for line in remote.order_lines("31000001", NOW)] == [("700000123@0.110", 6)]


def test_colours_are_read_once_a_day(server: Server, shop: Shop, remote: Remote) -> None:
    server.on(f"{PATH}/colors", envelope(200, [{"color_id": 11, "color_name": "Black"}, {"color_id": "5", "color_name": "Red"}]))
    item = Item.objects.create(account=shop.account, part_number="3001", color_id=11, price="0.125", quantity_available=1)
    remote.prepare(item, NOW)
    with PROVIDERS["bricklink"].open(shop) as later:
        later.prepare(item, NOW)
    assert len(server.seen) == 1
    assert list(ColorMapping.objects.values_list("color_id", "name")) == [(5, "Red"), (11, "Black")]
    ColorMapping.objects.update(looked_up_at=timezone.now() - timedelta(days=2))
    server.on(f"{PATH}/colors", page())
    with PROVIDERS["bricklink"].open(shop) as later:
        later.prepare(item, NOW)
    assert ColorMapping.objects.count() == 2
