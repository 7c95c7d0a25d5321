"""More products changed in one second than an answer holds: exact through GraphQL, and without it a named partial that removes nothing."""

from __future__ import annotations

import pytest

from accounts.models import Account
from inventory.models import Product
from sync.models import Connection, ProductRef, Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import code_of, on_hand, sync, synced
from tests.sync.finale.worlds import START, young

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    finale.have(young(3, burst=9, stocked=(1,)))
    # Down to the second takes more windows than a minute has calls: else the test would wait for the next one.
    finale.limit(get_minute=None, collections_hour=None)
    return finale_connection(account, finale, cut_rows=9, hard_cut=9, start=START, get_minute=10_000, collections_hour=10_000)


def cut(finale: FinaleStandIn) -> None:
    finale.turn_on("cut", feeds="products", size=9)


def test_burst_ends_exactly_right_through_graphql(connection: Connection, finale: FinaleStandIn) -> None:
    cut(finale)
    synced(connection)
    assert finale.calls("graphql") == 1
    assert sorted(Product.objects.filter(sku__startswith="BURST").values_list("sku", "name", "purchase_price", "active")) == [
        (f"BURST-{number}", f"Import {number}", number, True) for number in range(1, 10)
    ]
    assert Product.objects.count() == 4 + 3 + 9
    # What only the windows know stays: GraphQL was asked besides.
    assert Product.objects.get(sku="PERLITE-4CF").levels.get().reorder_point == 24
    finale.world.remove_product("ART-2")
    run = synced(connection)
    assert list(ProductRef.objects.exclude(gone_at=None).values_list("sku", flat=True)) == ["ART-2"]
    # Products and stock lines; none of the burst seems to be changed.
    assert (run.counters["updated"], run.counters["removed"]) == (0, 1)


def test_burst_without_graphql_is_a_named_partial_and_removes_nothing(connection: Connection, finale: FinaleStandIn) -> None:
    synced(connection)
    cut(finale)
    finale.turn_on("error_in_200", feeds="graphql")
    finale.world.remove_product("ART-1")
    finale.world.edit_product("ART-2", internalName="Renamed")
    run = sync(connection)
    assert (run.status, code_of(run, "products")) == (Status.PARTIAL, "one_second_too_full")
    assert "in the second after" in run.message
    assert not ProductRef.objects.exclude(gone_at=None).exists()
    assert Product.objects.get(sku="ART-1").active
    # What could be read is used, and the stock, which is not cut, is believed.
    assert Product.objects.get(sku="ART-2").name == "Renamed"
    assert "ART-1" not in on_hand()
