from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.cron import check_cron
from sync import configuration
from sync.models import Connection
from sync.sources.odoo.options import SettingsIncomplete, options_of
from sync.sources.odoo.pages import MODELS
from sync.sources.odoo.system import FEEDS, SYSTEM, DeliveriesOff, company_of, database_of, language_of


def odoo(**settings: object) -> Connection:
    return Connection(pk=7, name="Odoo", system="odoo", settings={"database": "freshmart", **settings})


def test_defaults_are_those_of_the_manual() -> None:
    found = options_of(odoo())
    assert (found.database, found.login, found.api, found.company, found.language) == ("freshmart", "", "auto", None, "en_US")
    assert (found.match_sku, found.storable_only, found.ordered, found.deliveries, found.moves_deletable) == (
        True,
        True,
        False,
        False,
        False,
    )
    assert (found.page_rows, found.overlap, found.connect_seconds, found.read_seconds) == (500, timedelta(minutes=10), 10, 60)
    assert found.uncounted == frozenset()


def test_settings_are_read_as_they_are_meant() -> None:
    found = options_of(odoo(company="3", purchases_mode="ordered", products_filter="all", uncounted_places="quarantine,  By  door,"))
    assert (found.company, found.ordered, found.storable_only) == (3, True, False)
    assert found.uncounted == {"QUARANTINE", "BY DOOR"}


@pytest.mark.parametrize("settings", [{"database": ""}, {"database": "no such/name"}, {"company": "first"}, {"language": "English"}])
def test_connection_with_a_setting_that_makes_no_sense_can_not_be_used(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsIncomplete, match="must be"):
        options_of(odoo(**settings))


@pytest.mark.parametrize("text", ["", "-x", "a b", "a/b", "x" * 64, "a\nb"])
def test_what_is_no_database_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name"):
        database_of(text)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "one", "²"])
def test_what_is_no_company_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        company_of(text)


def test_names_are_trimmed() -> None:
    assert (database_of(" shop-1 "), company_of(" 07 "), language_of(" es_419 ")) == ("shop-1", "7", "es_419")


def test_pages_have_from_200_to_1000_rows() -> None:
    for rows in (199, 1_001):
        with pytest.raises(configuration.Mistakes, match="from 200 to 1,000"):
            configuration.checked_settings(SYSTEM, {"database": "x", "page_rows": rows}, None)  # type: ignore[arg-type]


def test_scopes_work_on_two_data_sets_whose_widest_come_first() -> None:
    assert {scope: SYSTEM.dataset_of(scope) for scope in SYSTEM.scopes} == {
        **dict.fromkeys(("master", "products", "categories", "warehouses", "vendors", "reorder", "ids"), "catalogue"),
        **dict.fromkeys(
            (
                "transactional",
                "purchases",
                "purchase-returns",
                "transfers",
                "manufacturing",
                "wastage",
                "adjustments",
                "deliveries",
            ),
            "moves",
        ),
    }
    assert [SYSTEM.widest(dataset) for dataset in ("catalogue", "moves")] == ["master", "transactional"]


def test_schedules_are_those_of_the_brief() -> None:
    specs = {spec.key: (spec.cron, spec.arguments["scope"]) for spec in SYSTEM.schedules(odoo())}
    assert specs == {
        "odoo:7:master": ("0 0 * * *", "master"),
        "odoo:7:transactional": ("0 1 * * *", "transactional"),
        "odoo:7:recent": ("*/30 * * * *", "transactional"),
        "odoo:7:ids": ("30 3 * * *", "ids"),
        "odoo:7:news": ("25,55 * * * *", "master"),
    }
    for cron, _ in specs.values():
        check_cron(cron)


def test_deliveries_are_only_read_where_they_are_switched_on() -> None:
    assert SYSTEM.resolve is not None
    assert SYSTEM.resolve(odoo(deliveries=True), "deliveries") == ("deliveries", "")
    assert SYSTEM.resolve(odoo(), "purchases") == ("purchases", "")
    with pytest.raises(DeliveriesOff, match="not asked for deliveries"):
        SYSTEM.resolve(odoo(), "deliveries")


def test_every_feed_has_a_label_and_a_model() -> None:
    assert set(FEEDS) == set(MODELS)


def test_every_call_counts_against_the_minute() -> None:
    assert SYSTEM.budgets is not None
    assert SYSTEM.budgets(SYSTEM.complete({"calls_minute": 60})) == (("calls_minute", 60, 60, 0),)
