"""Reading from Odoo of every version, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.odoo.keys import DATABASE, KEY, LOGIN
from sync.feedproblem import FeedProblem
from sync.sources.odoo import mapping
from sync.sources.odoo.client import Client
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.pages import MODELS, Asked, Fetched, Page
from sync.sources.odoo.versions import FIELDS, Version
from sync.wire.errors import Refused
from tests.sync.odoo.asking import client_of, unbudgeted  # noqa: F401
from tests.sync.odoo.build import OdooStandIn

pytestmark = pytest.mark.usefixtures("unbudgeted")

VERSIONS = pytest.mark.parametrize("version", [16, 17, 18, 19])
FACTS = Facts("odoo", UTC)


def read(client: Client, feed: str, since: datetime | None = None) -> list[Page]:
    """All pages of a feed."""
    found: list[Page] = []
    after = 0
    while True:
        fetched: Fetched = client.page(feed, Asked(since, after).part)
        found.append(Page.read(fetched.body))
        if not fetched.report["full"]:
            return found
        after = fetched.report["last_id"]


def names(client: Client, feed: str, since: datetime | None = None) -> list[str]:
    return [row["name"] for page in read(client, feed, since) for row in page.rows]


@pytest.mark.parametrize(("version", "api"), [(16, "jsonrpc"), (17, "jsonrpc"), (18, "jsonrpc"), (19, "json2")])
def test_api_and_version_are_found_out_without_a_call_of_json2(odoo: OdooStandIn, version: int, api: str) -> None:
    client = client_of(odoo, version)
    assert (client.api, client.version) == (api, Version(version))
    assert [each.api for each in odoo.asked()] == []


def test_log_in_and_fields_are_asked_for_once(odoo: OdooStandIn) -> None:
    client = client_of(odoo, 17)
    for _ in range(3):
        client.search_read("product.category", [], limit=10)
    assert [(each.kind, each.method) for each in odoo.asked()] == [
        ("login", "authenticate"),
        ("product.category", "fields_get"),
        *[("product.category", "search_read")] * 3,
    ]


def test_json2_needs_no_log_in_and_json_rpc_is_spoken_with_19_where_it_is_set(odoo: OdooStandIn) -> None:
    assert client_of(odoo, 19, login="").count("stock.warehouse", []) == 2
    assert odoo.calls("login") == 0
    client = client_of(odoo, 19, api="jsonrpc")
    assert (client.count("stock.warehouse", []), client.api, odoo.calls("login")) == (2, "jsonrpc", 1)


@VERSIONS
def test_every_field_that_is_asked_for_is_there(odoo: OdooStandIn, version: int) -> None:
    client = client_of(odoo, version)
    for model in FIELDS:
        assert set(client.known(model)) <= client.fields(model)


@VERSIONS
def test_every_feed_can_be_read_whole_and_from_a_moment_on(odoo: OdooStandIn, version: int) -> None:
    client = client_of(odoo, version, products_filter="all")
    for feed in MODELS:
        whole, recent = read(client, feed), read(client, feed, datetime(2030, 1, 1, tzinfo=UTC))
        assert whole[0].version == Version(version)
        assert not sum(len(page.rows) for page in recent) or feed in ("vendors", "picking_types")


@VERSIONS
def test_storable_products_are_told_apart_in_every_version(odoo: OdooStandIn, version: int) -> None:
    assert len(names(client_of(odoo, version), "products")) == 6
    assert len(names(client_of(odoo, version, products_filter="all"), "products")) == 8


@VERSIONS
def test_ties_of_one_transaction_are_read_once_each(odoo: OdooStandIn, version: int) -> None:
    with odoo.world.transaction():
        for number in range(450):
            odoo.world.add_product(f"TIE-{number}", f"Tie {number}", category="Rice")
    client = client_of(odoo, version, page_rows=200)
    found = read(client, "products", datetime(2026, 3, 1, tzinfo=UTC))
    assert [len(page.rows) for page in found] == [200, 200, 56]
    assert len({row["id"] for page in found for row in page.rows}) == 456


def test_row_that_changes_while_pages_are_read_is_not_lost(odoo: OdooStandIn) -> None:
    with odoo.world.transaction():
        for number in range(250):
            odoo.world.add_product(f"P-{number}", f"P {number}", category="Rice")
    ahead, behind = (odoo.world.product(code) for code in ("P-240", "RICE-5"))
    odoo.meanwhile(
        "product.product", 3, lambda: (odoo.world.edit_product(ahead, barcode="771"), odoo.world.edit_product(behind, barcode="772"))
    )
    client = client_of(odoo, page_rows=200)
    first, second = read(client, "products")
    assert {row["id"]: row["barcode"] for row in second.rows}[ahead.id] == "771"
    assert {row["id"]: row["barcode"] for row in first.rows}[behind.id] != "772"
    assert first.newest is not None
    after = read(client, "products", first.newest)
    assert behind.id in {row["id"] for page in after for row in page.rows}


@VERSIONS
def test_a_window_begins_with_its_first_second(odoo: OdooStandIn, version: int) -> None:
    stamp = datetime(2026, 3, 1, 4, 10, 40, tzinfo=UTC)
    client = client_of(odoo, version)
    assert len(names(client, "categories", stamp)) == 4
    assert names(client, "categories", stamp + timedelta(seconds=1)) == []


@VERSIONS
def test_archived_records_are_read_and_say_so(odoo: OdooStandIn, version: int) -> None:
    odoo.world.archive("SOAP")
    rows = [row for page in read(client_of(odoo, version), "products") for row in page.rows]
    assert {row["default_code"]: row["active"] for row in rows}["SOAP"] is False


def test_change_of_a_template_reaches_its_product_in_16_too(odoo: OdooStandIn) -> None:
    client = client_of(odoo, 16)
    with odoo.world.at("2026-03-02 08:00"):
        odoo.world.edit_template("SOAP", name="Soap flakes")
    assert names(client, "products", datetime(2026, 3, 2, tzinfo=UTC)) == ["Soap flakes"]


@VERSIONS
def test_confirmed_order_is_read_with_all_its_lines(odoo: OdooStandIn, version: int) -> None:
    with odoo.world.at("2026-03-02 08:00"):
        order = odoo.world.buy("Indus Foods", {"RICE-5": 10, "SOAP": 4}, warehouse="CLF", confirm=False)
        odoo.world.add_note(order, "By the side door")
    with odoo.world.at("2026-03-03 08:00"):
        odoo.world.confirm(order)
    client = client_of(odoo, version)
    (page,) = read(client, "orders", datetime(2026, 3, 3, tzinfo=UTC))
    types = mapping.warehouses_of_types(read(client, "picking_types")[0].rows)
    said = mapping.order(page.rows[0], list(page.lines.values()), types, FACTS)
    assert isinstance(said, mapping.OrderSaid)
    clifton = next(row["id"] for row in read(client, "warehouses")[0].rows if row["code"] == "CLF")
    assert (said.status, said.place_id_there, sorted(said.lines.values())) == ("purchase", f"warehouse:{clifton}", [4_000, 10_000])
    assert [fact.quantity for fact in mapping.ordered_lines(page.rows[0], list(page.lines.values()), types, FACTS)] == [10_000, 4_000]


@VERSIONS
def test_receipt_is_what_came_with_the_order_s_price_and_vendor(odoo: OdooStandIn, version: int) -> None:
    order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF", price=2010.5)
    odoo.world.receive(order, 12)
    client = client_of(odoo, version)
    (page,) = read(client, "purchases")
    (fact,) = mapping.moves(page, FACTS)
    vendor = next(row["id"] for row in read(client, "vendors")[0].rows if row["name"] == "Indus Foods")
    assert (fact.kind, fact.quantity, fact.vendor_there, fact.said_problem) == ("purchase", 12_000, f"partner:{vendor}", "")
    assert fact.unit_cost == "2010.5"
    assert fact.place_there == ""
    assert fact.external_id == f"odoo:move:{page.rows[0]['id']}"


@VERSIONS
def test_each_kind_of_move_comes_with_its_own_feed(odoo: OdooStandIn, version: int) -> None:
    world = odoo.world
    order = world.buy("Indus Foods", {"RICE-5": 50}, warehouse="CEN")
    (receipt,) = world.receive(order)
    world.send_back(receipt, 1)
    world.transfer("RICE-5", 2, "CEN", "CLF")
    world.put_away("RICE-5", 3, "CEN")
    world.manufacture("RICE-1", 5, {"RICE-5": 1}, "CEN")
    world.scrap("RICE-5", 4, "CEN")
    world.count("RICE-5", 10, "CEN")
    world.deliver("RICE-5", 5, "CEN")
    client = client_of(odoo, version)
    found = {
        feed: sorted((fact.feed, str(fact.kind), fact.quantity) for page in read(client, feed) for fact in mapping.moves(page, FACTS))
        for feed in ("purchases", "vendor_returns", "transfers", "manufacturing", "wastage", "adjustments", "deliveries")
    }
    assert found == {
        "purchases": [("purchases", "purchase", 50_000)],
        "vendor_returns": [("vendor_returns", "vendor_return", 1_000)],
        "transfers": [("transfers", "transfer", 2_000), ("transfers", "transfer", 3_000)],
        "manufacturing": [("manufacturing", "consumption", 1_000), ("manufacturing", "manufacture", 5_000)],
        "wastage": [("wastage", "wastage", 4_000)],
        "adjustments": [("adjustments", "wastage", 32_000)],
        "deliveries": [("deliveries", "sale", 5_000)],
    }


def test_ids_and_counts_hold_archived_ones(odoo: OdooStandIn) -> None:
    client = client_of(odoo)
    before = client.ids_of("products")
    odoo.world.archive("SOAP")
    assert client.ids_of("products") == before
    assert client.ids_of("products", after_id=before[2], limit=2) == before[3:5]
    assert client.count("product.product", client.domain("products")) == 6


def test_company_and_language_go_with_every_search(odoo: OdooStandIn) -> None:
    client_of(odoo, company="1", language="ur_PK").page("warehouses")
    contexts = [each.arguments.get("context") for each in odoo.asked("stock.warehouse") if each.method == "search_read"]
    assert contexts == [{"active_test": False, "lang": "ur_PK", "allowed_company_ids": [1]}]


def test_page_is_kept_as_the_same_bytes_whenever_it_is_read(odoo: OdooStandIn) -> None:
    client = client_of(odoo)
    before = datetime.now(UTC)
    first, again = client.page("products"), client.page("products", "/0")
    assert (first.body, first.checksum) == (again.body, again.checksum)
    assert first.report == {
        "rows": 6,
        "last_id": Page.read(first.body).rows[-1]["id"],
        "newest": "2026-03-01T04:10:40+00:00",
        "full": False,
    }
    assert (first.transport, first.content_type) == ("json2", "application/json")
    assert before <= first.taken_at <= datetime.now(UTC)


def test_no_key_or_login_is_kept_with_a_page(odoo: OdooStandIn) -> None:
    for version in (18, 19):
        body = client_of(odoo, version).page("vendors").body.decode()
        assert not any(secret in body for secret in (KEY, LOGIN, DATABASE))


def test_pages_that_do_not_get_on_are_not_believed(odoo: OdooStandIn) -> None:
    client = client_of(odoo)
    for fault in ("shuffled", "twice"):
        odoo.turn_on(fault, feeds="product.product", times=1)
        with pytest.raises(FeedProblem, match="don't get on"):
            client.page("products")


def test_language_that_is_not_installed_there_is_named(odoo: OdooStandIn) -> None:
    for version in (17, 19):
        with pytest.raises(Refused, match="the language that is set"):
            client_of(odoo, version, language="tlh").page("products")
