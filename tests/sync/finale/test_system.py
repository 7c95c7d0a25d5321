from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jobs.cron import check_cron
from sync.models import Connection
from sync.sources.finale.options import SettingsIncomplete, options_of
from sync.sources.finale.strategies import resolve
from sync.sources.finale.system import SYSTEM, account_of
from sync.sources.settings import day_of


@pytest.mark.parametrize(
    "text",
    [
        "exampleco",
        " ExampleCo/ ",
        "/exampleco/api/",
        "exampleco/1",
        "app.finaleinventory.com/exampleco",
        "https://app.finaleinventory.com/exampleco",
        "https://app.finaleinventory.com/exampleco/1",
        "https://app.finaleinventory.com/exampleco/sc2/?purchase&x=/other",
        "https://app.finaleinventory.com//exampleco/api/#top",
    ],
)
def test_account_is_the_first_part_of_whatever_was_copied(text: str) -> None:
    assert account_of(text) == "exampleco"


@pytest.mark.parametrize("text", ["", "  ", "https://app.finaleinventory.com", "app.finaleinventory.com/", "my company", "https://["])
def test_what_names_no_account_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the browser's address line"):
        account_of(text)


@pytest.mark.parametrize("text", ["", "2007", "01/02/2007", "2007-13-01", "0001-01-01"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        day_of(text)


def test_defaults_are_those_of_the_manual() -> None:
    found = options_of(Connection(system="finale", settings={"account": "exampleco"}))
    assert (found.account, found.start) == ("exampleco", datetime(2007, 1, 1, tzinfo=UTC))
    assert (found.window_days, found.cut_rows, found.hard_cut, found.active_days, found.sales_days) == (29, 115_000, 120_000, 365, 90)
    assert (found.stock_shrink_percent, found.catalogue_drop_percent, found.match_sku) == (50, 10, True)
    assert (found.places, found.uncounted, found.lines_on_lists) == (frozenset(), {"TRANSIT"}, "auto")
    assert (found.connect_seconds, found.collection_seconds, found.record_seconds) == (10, 120, 30)


def test_names_of_locations_are_compared_in_capitals() -> None:
    found = options_of(Connection(system="finale", settings={"account": "x", "places": "Main  warehouse, ,east", "uncounted_places": ""}))
    assert (found.places, found.uncounted) == ({"MAIN WAREHOUSE", "EAST"}, frozenset())


def test_connection_without_an_account_can_not_be_used() -> None:
    with pytest.raises(SettingsIncomplete, match="the browser's address line"):
        options_of(Connection(name="Finale", system="finale", settings={}))


def test_scopes_work_on_two_data_sets_whose_widest_come_first() -> None:
    assert {scope: SYSTEM.dataset_of(scope) for scope in SYSTEM.scopes} == {
        "full": "catalogue",
        "active": "catalogue",
        "vendors": "catalogue",
        "inventory": "stock",
        "critical": "stock",
        "orders": "catalogue",
        "smart": "catalogue",
    }
    assert [SYSTEM.widest(dataset) for dataset in ("catalogue", "stock")] == ["full", "inventory"]
    assert SYSTEM.resolve is resolve


def test_schedules_are_those_of_the_brief() -> None:
    specs = SYSTEM.schedules(Connection(pk=7, name="Finale", system="finale"))
    assert {spec.key: spec.cron for spec in specs} == {
        "finale:7:critical": "*/15 * * * *",
        "finale:7:inventory": "0 * * * *",
        "finale:7:smart": "0 */6 * * *",
        "finale:7:active": "0 2 * * *",
        "finale:7:full": "0 3 * * 0",
        "finale:7:vendors": "30 1 * * *",
        "finale:7:orders": "20 * * * *",
    }
    for spec in specs:
        check_cron(spec.cron)
        assert spec.arguments == {"connection": 7, "scope": spec.key.rpartition(":")[2]}
