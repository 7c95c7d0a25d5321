"""Numbers and colours are looked up when they are first needed, kept, and never guessed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplaces.models import ColorMapping, Listing, MappingOrigin, PartFinding, PartMapping, Shop
from marketplaces.providers.brickowl.client import BrickOwlRemote
from marketplaces.providers.brickowl.provider import PROVIDER
from sync.wire.caller import Spending
from sync.wire.errors import RetryLater, WireError
from tests.marketplaces.brickowl.build import error, query_of
from tests.marketplaces.build import make_item
from tests.sync.wire.server import Behaviour, Handler, Server, document, status

pytestmark = pytest.mark.django_db(transaction=True)

NOW = Spending()
LOOKUP, BULK, COLORS = "/v1/catalog/id_lookup", "/v1/catalog/bulk_lookup", "/v1/catalog/color_list"
BLACK = {"38": {"id": "38", "name": "Black", "bl_ids": ["11"], "bl_names": ["Black"]}}


@pytest.fixture(autouse=True)
def colors(owl: Server) -> None:
    owl.on(COLORS, document(BLACK))


def by_type(answers: dict[str, list[str]]) -> Behaviour:
    """Answers a look-up by its id_type."""

    def behave(handler: Handler) -> None:
        asked = query_of(handler.server.owner.seen[-1])
        document({"boids": answers.get(asked.get("id_type", ""), [])})(handler)

    return behave


def asked(owl: Server) -> list[tuple[str, str, str]]:
    return [
        (query["id"], query["type"], query.get("id_type", "")) for query in (query_of(seen) for seen in owl.seen if seen.path == LOOKUP)
    ]


def found(shop: Shop) -> PartMapping:
    return PartMapping.objects.get(shop=shop)


def test_number_is_looked_up_once_and_kept_for_good(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001-38", "900001-92"]}))
    item = make_item(shop.account)
    remote.prepare(item, NOW)
    PartMapping.objects.update(looked_up_at=timezone.now() - timedelta(days=400))
    remote.prepare(item, NOW)
    assert asked(owl) == [("3001", "Part", "bl_item_no")]
    assert (found(shop).finding, found(shop).remote_id, found(shop).remote_type) == ("found", "900001", "Part")


def test_design_is_asked_for_when_the_number_is_not_known(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, by_type({"design_id": ["900002-38"]}))
    remote.prepare(make_item(shop.account), NOW)
    assert [id_type for _, _, id_type in asked(owl)] == ["bl_item_no", "design_id"]
    assert found(shop).remote_id == "900002"


def test_one_of_several_that_bears_the_number_is_taken(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001-38", "900002-38"]}))
    owl.on(
        BULK,
        document(
            {"items": [{"boid": "900001", "name": "A"}, {"boid": "900002", "name": "B", "ids": [{"id": "3001", "type": "bl_item_no"}]}]}
        ),
    )
    remote.prepare(make_item(shop.account), NOW)
    assert (found(shop).finding, found(shop).remote_id, found(shop).remote_name) == ("found", "900002", "B")


def test_several_that_can_not_be_told_apart_are_a_persons_choice(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001-38", "900002-38"]}))
    owl.on(BULK, error(403, {"error": "No"}))
    remote.prepare(make_item(shop.account), NOW)
    assert found(shop).finding == "ambiguous"
    assert [each["id"] for each in found(shop).candidates] == ["900001", "900002"]


def test_other_mould_is_suggested_and_never_taken(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    def behave(handler: Handler) -> None:
        known = query_of(handler.server.owner.seen[-1])["id"] == "3068"
        document({"boids": ["900003-38"] if known else []})(handler)

    owl.on(LOOKUP, behave)
    owl.on(BULK, document([{"boid": "900003", "name": "Tile", "type": "Part"}]))
    item = make_item(shop.account, part_number="3068b")
    remote.prepare(item, NOW)
    assert (found(shop).finding, found(shop).remote_id) == ("missing", "")
    assert found(shop).candidates == [{"id": "900003", "name": "Tile", "type": "Part", "suggested": True}]
    calls = len(owl.seen)
    remote.prepare(item, NOW)
    assert len([seen for seen in owl.seen if seen.path == LOOKUP]) == len([seen for seen in owl.seen[:calls] if seen.path == LOOKUP])
    PartMapping.objects.update(looked_up_at=timezone.now() - timedelta(hours=25))
    remote.prepare(item, NOW)
    assert len(owl.seen) > calls


def test_what_a_person_entered_is_not_looked_up(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    PartMapping.objects.create(
        account=shop.account,
        shop=shop,
        item_type="PART",
        part_number="3001",
        remote_id="900009",
        finding=PartFinding.FOUND,
        origin=MappingOrigin.OVERRIDE,
    )
    remote.prepare(make_item(shop.account), NOW)
    assert asked(owl) == []
    assert found(shop).remote_id == "900009"


def test_what_is_not_sold_there_is_not_looked_up(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    remote.prepare(make_item(shop.account, item_type="BOOK"), NOW)
    assert owl.seen == []


@pytest.mark.parametrize("refused", [error(403, {"error": "This key has no permission for the catalog"}), status(403)])
def test_missing_right_pauses_only_the_catalogue_and_is_asked_for_once(
    owl: Server, remote: BrickOwlRemote, shop: Shop, refused: Behaviour
) -> None:
    owl.on(LOOKUP, refused)
    owl.on(COLORS, refused)
    first, second = make_item(shop.account), make_item(shop.account, part_number="3002")
    for item in (first, second):
        remote.prepare(item, NOW)
    assert len(asked(owl)) == 1
    assert set(PartMapping.objects.values_list("finding", flat=True)) == {"not_asked"}
    assert len([seen for seen in owl.seen if seen.path == COLORS]) == 1
    PartMapping.objects.update(looked_up_at=timezone.now() - timedelta(hours=2))
    owl.on(LOOKUP, document({"boids": ["900001"]}))
    remote.prepare(first, NOW)
    assert PartMapping.objects.get(part_number="3001").finding == "found"


def test_outage_is_no_finding(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, error(429, {"error": "Too many requests"}, Retry_After="90"))
    with pytest.raises(RetryLater):
        remote.prepare(make_item(shop.account), NOW)
    assert not PartMapping.objects.exists()


def test_colours_are_read_once_a_day_and_the_last_good_ones_kept(owl: Server, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001"]}))
    item = make_item(shop.account)

    def prepare() -> int:
        with PROVIDER.open(shop) as opened:
            opened.prepare(item, NOW)
        return len([seen for seen in owl.seen if seen.path == COLORS])

    assert prepare() == 1
    assert prepare() == 1
    ColorMapping.objects.update(looked_up_at=timezone.now() - timedelta(hours=25))
    owl.on(COLORS, document([]))
    assert prepare() == 2
    assert ColorMapping.objects.get(color_id=11).remote_id == "38"
    ColorMapping.objects.update(looked_up_at=timezone.now() - timedelta(hours=25))
    owl.on(COLORS, status(400, b"no"))
    prepare()
    assert ColorMapping.objects.get(color_id=11).remote_id == "38"


def test_colour_that_nobody_knows_is_in_the_list_of_work(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001"]}))
    remote.prepare(make_item(shop.account, color_id=999), NOW)
    # Also where the list has just been read for another colour.
    remote.prepare(make_item(shop.account, color_id=998), NOW)
    with PROVIDER.open(shop) as later:
        later.prepare(make_item(shop.account, color_id=997), NOW)
    assert set(ColorMapping.objects.filter(remote_id="").values_list("color_id", flat=True)) == {997, 998, 999}


def test_outage_of_colours_that_are_needed_is_tried_again(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001"]}))
    owl.on(COLORS, error(429, {"error": "Too many requests"}, Retry_After="90"))
    with pytest.raises(WireError):
        remote.prepare(make_item(shop.account), NOW)
    assert not ColorMapping.objects.exists()


def test_colour_that_a_person_entered_stays(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    ColorMapping.objects.create(account=shop.account, shop=shop, color_id=11, remote_id="77", origin=MappingOrigin.OVERRIDE)
    remote.refresh_colors(NOW)
    assert ColorMapping.objects.get(color_id=11).remote_id == "77"


def test_number_that_is_known_now_makes_its_other_items_due(owl: Server, remote: BrickOwlRemote, shop: Shop) -> None:
    owl.on(LOOKUP, document({"boids": ["900001"]}))
    item, other = make_item(shop.account), make_item(shop.account, color_id=0)
    Listing.objects.update(due_at=None, state="unmapped")
    remote.prepare(item, NOW)
    assert Listing.objects.get(item=other).due_at is not None
