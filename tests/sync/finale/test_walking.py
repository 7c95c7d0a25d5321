"""A catalogue that is longer than an answer, walked over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account
from sandbox.finale.generated import BURST_AT
from sandbox.finale.world import World
from sync.sources.finale import graphql, mapping
from sync.sources.finale.client import Client, client_for
from sync.sources.finale.said import ProductSaid
from sync.sources.finale.windows import Window, step
from tests.sync.finale.build import FinaleStandIn, finale_connection

CUT = 40
BURST = BURST_AT.replace(tzinfo=UTC)
START, UNTIL = BURST - timedelta(days=40), BURST + timedelta(days=40)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(account: Account, finale: FinaleStandIn) -> Client:
    """To an account of 300 products, of which 60 were changed in one second; its answers end after 40 rows."""
    finale.have(World.generated(300, burst=60, shipments=0, orders=0))
    finale.limit(get_minute=None, collections_hour=None)
    finale.turn_on("cut", size=CUT)
    return client_for(finale_connection(account, finale, get_minute=9_999, collections_hour=9_999))


def said(client: Client, part: str) -> list[ProductSaid]:
    with mapping.table("products", client.fetch("products", part).body) as found:
        rows = [mapping.product(row, 0, found.absent) for block in found.blocks() for row in block]
    return [row for row in rows if isinstance(row, ProductSaid)]


def test_windows_bring_all_but_the_full_second_and_pages_bring_the_rest(client: Client, finale: FinaleStandIn) -> None:
    changed = {
        each["productUrl"]: datetime.fromisoformat(each["lastUpdatedDate"]).replace(tzinfo=UTC) for each in finale.world.products.all()
    }
    wanted = {url for url, at in changed.items() if START <= at <= UNTIL}
    assert len(said(client, "")) == CUT
    answers: dict[Window, int] = {}
    found: set[str] = set()
    while not (now := step(START, UNTIL, answers, width_days=29, cut=CUT)).done:
        for window in now.read:
            rows = said(client, window.part)
            answers[window] = len(rows)
            found |= {row.external_id for row in rows} if len(rows) < CUT else set()
    assert all(window.start <= BURST <= window.end for window in now.stuck)
    assert len(now.stuck) in (1, 2)
    assert wanted - found == {url for url, at in changed.items() if at == BURST}
    assert len(wanted - found) == 60 < len(wanted)
    page = graphql.page_of("products", client.fetch("products", graphql.part_of(1, "")).body)
    assert {row.external_id for row in graphql.products(page) if isinstance(row, ProductSaid)} == set(changed)
