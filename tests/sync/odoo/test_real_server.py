"""What has to be true of every Odoo, asked of the stand-in as two versions, and of a real server where ODOO_TEST_… name one (docs/odoo.md).

Nothing is written there. ODOO_TEST_URL, ODOO_TEST_DATABASE, ODOO_TEST_LOGIN and ODOO_TEST_KEY are what a connection has.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from sandbox.odoo.database import real_now
from sandbox.odoo.demo import demo
from sandbox.odoo.world import World
from sync.facts.said import FactSaid
from sync.feedproblem import FeedProblem
from sync.models import FactKind
from sync.sources.odoo import mapping
from sync.sources.odoo.client import Client, client_for
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.pages import MODELS, MOVE_FEEDS, Asked, Page
from sync.sources.odoo.versions import FIELDS
from sync.wire.errors import BadCredentials, WireError
from tests.sync.odoo.asking import connection_to, unbudgeted  # noqa: F401
from tests.sync.odoo.build import OdooStandIn

pytestmark = pytest.mark.usefixtures("unbudgeted")

VERSIONS = ("17", "19")
REAL = [*VERSIONS, "real"] if "ODOO_TEST_URL" in os.environ else list(VERSIONS)
LEAST = 200
"""The smallest page that a connection can ask for."""


@dataclass(frozen=True)
class Server:
    """An Odoo. `client` is one of it with other settings or another key."""

    client: Callable[..., Client]


def told(name: str) -> str:
    return os.environ.get(f"ODOO_TEST_{name}", "")


@pytest.fixture(scope="module")
def worlds() -> dict[str, World]:
    """The demo, as these versions."""
    return {version: demo(real_now(), int(version)) for version in VERSIONS}


@pytest.fixture(params=REAL)
def server(request: pytest.FixtureRequest, odoo: OdooStandIn, worlds: dict[str, World], settings: Any) -> Server:
    def client(*, key: str | None = None, **changed: Any) -> Client:
        if request.param == "real":
            known = {"database": told("DATABASE"), "login": told("LOGIN")}
            return client_for(connection_to(told("URL"), secrets={"key": key or told("KEY")}, **{"page_rows": LEAST, **known, **changed}))
        return client_for(connection_to(odoo.url, secrets={"key": key} if key else None, **{"page_rows": LEAST, **changed}))

    if request.param == "real":
        settings.ALLOWED_TARGETS = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    else:
        odoo.have(worlds[request.param])
    return Server(client)


def read(client: Client, feed: str, since: datetime | None = None) -> list[Page]:
    found: list[Page] = []
    after = 0
    while True:
        fetched = client.page(feed, Asked(since, after).part)
        found.append(Page.read(fetched.body))
        if not fetched.report["full"]:
            return found
        after = fetched.report["last_id"]


def test_all_fields_that_are_needed_are_there(server: Server) -> None:
    client = server.client()
    assert {model: client.known(model)[0] for model in FIELDS} == dict.fromkeys(FIELDS, "id")


def test_pages_by_id_bring_every_record_once(server: Server) -> None:
    client = server.client(deliveries=True, products_filter="all")
    for feed, model in MODELS.items():
        ids = [row["id"] for page in read(client, feed) for row in page.rows]
        assert len(ids) == len(set(ids)) == client.count(model, client.domain(feed)), feed


def test_a_window_begins_with_the_second_it_names(server: Server) -> None:
    client = server.client()
    newest = max(stamp for page in read(client, "products") if (stamp := page.newest) is not None)
    assert any(page.rows for page in read(client, "products", newest))
    assert not any(page.rows for page in read(client, "products", newest + timedelta(seconds=1)))


def test_every_done_move_is_of_one_feed_and_says_what_it_is(server: Server) -> None:
    client, facts = server.client(), Facts("odoo", UTC)
    said: list[FactSaid] = [fact for feed in MOVE_FEEDS for page in read(client, feed) for fact in mapping.moves(page, facts)]
    assert len({fact.external_id for fact in said}) == len(said)
    assert {fact.kind for fact in said} <= set(FactKind.values)
    assert all(fact.happened_at and fact.product_there for fact in said)
    assert all(fact.quantity and fact.quantity > 0 for fact in said if not fact.said_problem)


def test_a_wrong_key_is_said_to_be_one(server: Server) -> None:
    with pytest.raises(BadCredentials):
        server.client(key="0" * 40).count("product.product", [])


def test_a_wrong_database_is_no_trouble_that_passes(server: Server) -> None:
    with pytest.raises((FeedProblem, WireError)) as refused:
        server.client(database="no-such-database").count("product.product", [])
    assert "no-such-database" not in str(refused.value)
    assert not getattr(refused.value, "after", None)


def test_an_unknown_field_is_named(server: Server) -> None:
    with pytest.raises((FeedProblem, WireError), match="no_such_field"):
        server.client().search_read("product.product", [], ["no_such_field"], limit=1)
