"""A list of stock that can't be proved to be complete sets nothing to zero."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account
from inventory.models import Level, Supply
from sync.models import Connection, FeedState, Status
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.doing import code_of, on_hand, sync, synced

pytestmark = pytest.mark.django_db

BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "short column": ("short_column", {}, "short_column"),
    "short reserved": ("short_column", {"column": "quantityReserved"}, "short_column"),
    "renamed field": ("renamed_column", {"column": "quantityOnHand"}, "no_column"),
    "missing place": ("missing_column", {"column": "facilityUrl"}, "no_column"),
    "no anchor": ("no_anchor", {}, "no_anchor"),
    "web page with 200": ("login_page", {}, "html"),
    "blank": ("blank", {}, "blank"),
    "half a body": ("half_body", {}, "half_body"),
    "redirect": ("redirect", {}, "redirect"),
    "no right": ("no_rights", {}, "forbidden"),
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between tries nothing is waited for."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    connection = finale_connection(account, finale)
    synced(connection)
    return connection


def kept() -> list[object]:
    """Levels, supply and the measure of the next list."""
    levels, supply = Level.objects.order_by("pk").values(), Supply.objects.order_by("pk").values()
    return [*levels, *supply, FeedState.objects.get(feed="stock").rows]


@pytest.mark.parametrize("fault", sorted(BROKEN))
def test_unusable_list_changes_nothing(connection: Connection, finale: FinaleStandIn, fault: str) -> None:
    switch, settings, code = BROKEN[fault]
    before = kept()
    finale.world.restock("TRAY 10/20", 5)
    finale.turn_on(switch, feeds="stock", **settings)
    run = sync(connection, "inventory")
    assert (run.status, run.changes_logged) == (Status.FAILED, 0)
    assert code_of(run, "stock") == code, run.message
    assert kept() == before


@pytest.mark.parametrize(("switch", "settings"), [("shrunken", {"size": 30}), ("empty", {}), ("cut", {"size": 3})])
def test_shrunken_list_writes_what_came_and_zeroes_nothing(
    connection: Connection, finale: FinaleStandIn, switch: str, settings: dict[str, Any]
) -> None:
    finale.turn_on(switch, feeds="stock", **settings)
    run = sync(connection, "inventory")
    assert (run.status, code_of(run, "stock")) == (Status.PARTIAL, "shrunken"), run.message
    assert run.counters["removed"] == 0
    assert {"PERLITE-4CF", "OLD-KIT"} <= on_hand().keys()
    # It is no measure for the next one.
    assert FeedState.objects.get(feed="stock").rows == 7


def test_list_as_long_as_answers_get_is_not_summed(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale)
    synced(connection)
    connection.settings = {**connection.settings, "cut_rows": 7, "hard_cut": 7}
    connection.save()
    finale.turn_on("error_in_200", feeds="graphql")
    run = sync(connection, "inventory")
    assert (run.status, code_of(run, "stock")) == (Status.PARTIAL, "cut")
    assert on_hand() == {"SOIL-25": 52, "PERLITE-4CF": 6, "OLD-KIT": 2}


def test_a_short_list_proves_nothing_where_no_list_was_ever_proved(connection: Connection, finale: FinaleStandIn) -> None:
    stock = on_hand()
    FeedState.objects.filter(feed="stock").delete()
    finale.turn_on("empty", feeds="stock")
    run = sync(connection, "inventory")
    assert (run.status, code_of(run, "stock"), on_hand()) == (Status.PARTIAL, "shrunken", stock)
