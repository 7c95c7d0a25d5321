"""The test of a connection says whose the key is and which right it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from marketplaces.models import Shop
from sync import connections
from tests.build import make_actor
from tests.marketplaces.brickowl.build import error
from tests.sync.wire.server import Server, document, status

pytestmark = pytest.mark.django_db(transaction=True)

DETAILS = {"username": "demo", "has_store": "1", "store_details": {"name": "Demo & Sons", "base_currency": "EUR"}}


def well(owl: Server, **other: Any) -> None:
    answers = {"user/details": DETAILS, "inventory/list": [], "order/list": [], "catalog/id_lookup": {"boids": ["900001-38"]}}
    for path, answer in answers.items():
        owl.on(f"/v1/{path}", other.get(path.replace("/", "_"), document(answer)))


def tried(shop: Shop) -> Any:
    return connections.test(make_actor(shop.account), shop.connection)


def test_good_key_tells_the_store_and_its_currency(owl: Server, shop: Shop) -> None:
    well(owl)
    found = tried(shop)
    assert found.ok
    assert "Demo & Sons" in found.sentence
    version = shop.rules_version
    shop.refresh_from_db()
    assert (shop.store_name, shop.currency, shop.rules_version) == ("Demo & Sons", "EUR", version + 1)


@pytest.mark.parametrize(("path", "right"), [("inventory_list", "view the inventory"), ("order_list", "view orders")])
def test_right_that_is_missing_is_named(owl: Server, shop: Shop, path: str, right: str) -> None:
    well(owl, **{path: error(403, {"error": "Not allowed"})})
    found = tried(shop)
    assert not found.ok
    assert right in found.sentence


def test_catalogue_can_be_done_without(owl: Server, shop: Shop) -> None:
    well(owl, catalog_id_lookup=error(403, {"error": "Not allowed"}))
    found = tried(shop)
    assert found.ok
    assert "catalogue" in found.hint


def test_wrong_key_and_buyers_key(owl: Server, shop: Shop) -> None:
    well(owl, user_details=error(401, {"error": "Invalid API key"}))
    assert tried(shop).finding == "bad secret"
    well(owl, user_details=document({"username": "buyer", "has_store": "0"}))
    assert tried(shop).finding == "wrong account"
    well(owl, user_details=status(404))
    assert tried(shop).finding == "wrong account"
