"""What BrickLink is as a marketplace: settings, mappings kept for a shop, and the test of a connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inventory.models import Item
from marketplaces.lots import Refusal, Wanted
from marketplaces.models import ColorMapping, Listing, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.provider import PROVIDERS
from sync import connections
from sync.systems import values_of
from sync.wire.verdict import Finding
from tests.build import make_actor
from tests.marketplaces.bricklink.build import PATH, envelope, make_shop
from tests.sync.wire.server import Behaviour, Server, closed_port, page, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def shop(server: Server) -> Shop:
    return make_shop(server)


def make_item(shop: Shop, **fields: Any) -> Item:
    given = {"part_number": "3001", "color_id": 11, "price": "0.125", "quantity_available": 3, **fields}
    item = Item.objects.create(account=shop.account, **given)
    item.refresh_from_db()
    return item


def wanted(shop: Shop, item: Item) -> Wanted | Refusal:
    return PROVIDERS["bricklink"].wanted(item, shop, values_of(shop.connection))


def color(shop: Shop, color_id: int, remote_id: str) -> None:
    ColorMapping.objects.create(account=shop.account, shop=shop, color_id=color_id, remote_id=remote_id)


def test_new_connection_is_at_brick_link_and_fills_no_warehouse(shop: Shop) -> None:
    made = connections.add(make_actor(shop.account), system="bricklink", name="South")
    assert (made.base_url, made.warehouse) == ("https://api.bricklink.com/api/store/v1", None)


def test_as_long_as_no_colours_are_known_every_colour_is_taken(shop: Shop) -> None:
    found = wanted(shop, make_item(shop, color_id=999))
    assert isinstance(found, Wanted)
    assert found.identity["color"] == 999


def test_colour_that_brick_link_does_not_have_is_refused_before_anything_is_sent(shop: Shop) -> None:
    color(shop, 11, "11")
    color(shop, 900, "")
    assert isinstance(wanted(shop, make_item(shop)), Wanted)
    assert isinstance(wanted(shop, make_item(shop, color_id=0)), Wanted)
    for unknown in (900, 999):
        refused = wanted(shop, make_item(shop, color_id=unknown))
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.state) == ("unknown_color", "unmapped")


def test_what_a_person_entered_is_taken_instead(shop: Shop) -> None:
    color(shop, 11, "11")
    color(shop, 999, "85")
    entered = {"remote_id": "3001old", "finding": PartFinding.FOUND, "origin": MappingOrigin.OVERRIDE}
    PartMapping.objects.create(account=shop.account, shop=shop, item_type="PART", part_number="3001", **entered)
    found = wanted(shop, make_item(shop, color_id=999))
    assert isinstance(found, Wanted)
    assert (found.identity["number"], found.identity["color"]) == ("3001old", 85)


def test_lot_that_is_there_keeps_its_number_as_it_is_written_there(shop: Shop) -> None:
    item = make_item(shop, part_number="973PB1")
    Listing.objects.filter(item=item).update(lot_id="5", told={"identity": {"number": "973pb1"}})
    found = wanted(shop, item)
    assert isinstance(found, Wanted)
    assert found.identity["number"] == "973pb1"


def test_page_of_a_lot() -> None:
    assert PROVIDERS["bricklink"].link("5", "3001") == "https://www.bricklink.com/inventory_detail.asp?invID=5"
    assert PROVIDERS["bricklink"].link("", "3001") == ""


@pytest.mark.parametrize(
    ("colors", "lots", "finding", "words"),
    [
        (envelope(200, []), envelope(200, []), Finding.OK, "BrickLink answers and the login is good."),
        (envelope(401, {}, description="SIGNATURE_INVALID"), None, Finding.BAD_SECRET, "does not accept the four secrets"),
        (envelope(401, {}, description="TOKEN_IP_MISMATCHED: 203.0.113.9"), None, Finding.WRONG_ADDRESS, "203.0.113.9"),
        (envelope(200, []), envelope(403, {}, message="PERMISSION_DENIED"), Finding.WRONG_ACCOUNT, "does not let this account do that"),
        (status(400), None, Finding.NOT_WHAT_IT_CLAIMS, "refused the call"),
        (envelope(429, {}), None, Finding.UNREACHABLE, "fewer calls"),
        (page(), None, Finding.NOT_WHAT_IT_CLAIMS, "web page"),
    ],
)
def test_connection_test_tells_what_is_wrong(
    server: Server, shop: Shop, colors: Behaviour, lots: Behaviour | None, finding: Finding, words: str
) -> None:
    server.on(f"{PATH}/colors", colors)
    if lots is not None:
        server.on(f"{PATH}/inventories", lots)
    found = connections.test(make_actor(shop.account), shop.connection)
    assert (found.finding, words in found.sentence) == (finding, True)


def test_connection_test_says_that_the_service_is_down(shop: Shop) -> None:
    with closed_port() as port:
        connections.edit(make_actor(shop.account), shop.connection, base_url=f"http://127.0.0.1:{port}{PATH}")
        found = connections.test(make_actor(shop.account), shop.connection)
    assert (found.finding, found.sentence.startswith("No connection to")) == (Finding.UNREACHABLE, True)
