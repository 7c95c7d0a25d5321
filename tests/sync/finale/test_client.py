from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Account
from sandbox.finale.keys import KEY, SECRET
from sync.models import CallBudget, Connection
from sync.sources.finale import mapping, probing
from sync.sources.finale.client import Client, client_for
from sync.sources.finale.shipments import ShipmentSaid
from sync.sources.finale.windows import Window
from sync.wire.errors import BadCredentials, BudgetSpent, Refused, RetryLater, TargetRefused, Unreachable, WireError, WrongAnswer
from sync.wire.verdict import Finding
from tests.sync.finale.build import FinaleStandIn, finale_connection
from tests.sync.finale.tables import HOME, SOIL

JANUARY = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 29, 23, 59, 59, tzinfo=UTC)).part

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def connection(account: Account, finale: FinaleStandIn) -> Connection:
    return finale_connection(account, finale)


@pytest.fixture
def client(connection: Connection) -> Client:
    return client_for(connection)


def urls(client: Client, feed: str, part: str = "") -> list[str]:
    with mapping.table(feed, client.fetch(feed, part).body) as found:
        return [row[0] for block in found.blocks() for row in block]


def used(connection: Connection) -> dict[str, int]:
    """Calls that were counted, by budget."""
    rows = CallBudget.objects.filter(connection=connection)
    return {row.name: sum(calls for _, calls in row.spent) for row in rows}


@pytest.mark.parametrize(("feed", "rows"), [("products", 4), ("stock", 7), ("places", 4), ("vendors", 3), ("orders", 3), ("shipments", 4)])
def test_whole_collection_is_fetched(client: Client, feed: str, rows: int) -> None:
    before = datetime.now(UTC)
    found = client.fetch(feed)
    assert found.report["rows"] == rows
    assert (found.transport, found.content_type, found.part) == ("http", "application/json", "")
    assert before <= found.taken_at <= datetime.now(UTC)
    assert len(found.checksum) == 64
    assert found.checksum == client.fetch(feed).checksum


def test_window_brings_what_changed_in_it(client: Client, finale: FinaleStandIn) -> None:
    assert len(urls(client, "products", JANUARY)) == 2
    assert finale.asked("products") == [{"lastUpdatedDate": ["2026-01-01T00:00:00Z", "2026-01-29T23:59:59Z"]}]


@pytest.mark.parametrize(("feed", "newest"), [("orders", "2026-01-20T09:31:12+00:00"), ("shipments", "2026-01-19T15:00:00+00:00")])
def test_report_says_how_far_what_is_read_on_from_there_came(client: Client, feed: str, newest: str) -> None:
    assert client.fetch(feed).report["newest"] == newest


def test_only_purchase_orders_come_in_windows(client: Client, finale: FinaleStandIn) -> None:
    assert urls(client, "orders", JANUARY) == [f"{HOME}/order/PO-1007"]
    assert finale.asked("orders")[0]["orderTypeId"] == ["PURCHASE_ORDER", "PURCHASE_ORDER"]


def test_stock_and_locations_have_no_windows(client: Client, finale: FinaleStandIn) -> None:
    for feed in ("stock", "places", "vendors"):
        with pytest.raises(ValueError, match="dates"):
            client.fetch(feed, JANUARY)
    assert finale.calls() == 0


def test_single_record_holds_the_lines(client: Client, connection: Connection) -> None:
    order = mapping.order(mapping.row_of("orders", client.record(f"{HOME}/order/PO-1007")))
    assert getattr(order, "lines", None) == {SOIL: 100_000}
    shipment = mapping.shipment(mapping.row_of("shipments", client.record(f"{HOME}/shipment/20002")))
    assert isinstance(shipment, ShipmentSaid)
    assert [line.quantity for line in shipment.lines or ()] == [9_000]
    assert used(connection) == {"get_minute": 2, "post_minute": 0, "collections_hour": 0}


def test_url_with_escapes_is_followed_as_it_was_sent(client: Client) -> None:
    assert client.record(f"{HOME}/product/TRAY%2010%2F20")["productId"] == "TRAY 10/20"


@pytest.mark.parametrize(
    "url",
    [
        "/otherco/api/order/PO-1",
        "https://elsewhere.example/exampleco/api/order/PO-1",
        "//elsewhere.example/exampleco/api/order/PO-1",
        f"{HOME}/order/../../../otherco/api/order/1",
        f"{HOME}/order/%2e%2e/%2e%2e/x",
        f"{HOME}/order/PO-1?filter=x",
        "order/PO-1",
        "",
    ],
)
def test_record_outside_of_the_account_is_never_asked_for(client: Client, finale: FinaleStandIn, url: str) -> None:
    with pytest.raises(TargetRefused):
        client.record(url)
    assert finale.calls() == 0


# Budgets


def test_lists_and_records_count_against_their_budgets(client: Client, connection: Connection) -> None:
    client.fetch("places")
    client.fetch("stock")
    client.fetch("stock", "graphql:1:")
    assert used(connection) == {"get_minute": 2, "post_minute": 1, "collections_hour": 2}


def test_budgets_follow_the_settings(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale, collections_hour=50, reserved_hour=90)
    rows = CallBudget.objects.filter(connection=connection).order_by("name")
    assert list(rows.values_list("name", "window_seconds", "limit", "reserved")) == [
        ("collections_hour", 3_600, 50, 49),
        ("get_minute", 60, 120, 0),
        ("post_minute", 60, 120, 0),
    ]


def test_stock_is_still_read_when_the_catalogue_has_used_up_its_lists(account: Account, finale: FinaleStandIn) -> None:
    client = client_for(finale_connection(account, finale, collections_hour=3, reserved_hour=1))
    client.fetch("products")
    client.fetch("vendors")
    with pytest.raises(BudgetSpent, match="collections_hour"):
        client.fetch("vendors")
    assert client.fetch("stock").report["rows"] == 7
    assert finale.calls("vendors") == 1


def test_our_own_minute_is_waited_for(account: Account, finale: FinaleStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = finale_connection(account, finale, get_minute=2)
    waits: list[float] = []

    def minute_passes(seconds: float) -> None:
        waits.append(seconds)
        CallBudget.objects.filter(connection=connection).update(spent=[])

    monkeypatch.setattr("sync.wire.waiting.sleep", minute_passes)
    client = client_for(connection)
    for _ in range(5):
        client.record(f"{HOME}/order/PO-1007")
    assert len(waits) == 2
    assert all(0 < seconds <= 62 for seconds in waits)


def test_minute_that_never_ends_is_given_up(account: Account, finale: FinaleStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("sync.wire.waiting.sleep", waits.append)
    connection = finale_connection(account, finale, get_minute=1)
    client_for(connection).fetch("places")
    with pytest.raises(BudgetSpent, match="get_minute"):
        client_for(connection).fetch("places")
    assert len(waits) == 3
    with pytest.raises(BudgetSpent, match="get_minute"):
        client_for(connection, guarded=False).fetch("places")
    assert len(waits) == 3


@pytest.mark.parametrize("in_seconds", [True, False])
def test_spent_minute_is_waited_for_whatever_the_unit_of_its_end(client: Client, finale: FinaleStandIn, in_seconds: bool) -> None:
    finale.turn_on("over_budget", times=1, seconds=0)
    if in_seconds:
        finale.turn_on("reset_in_seconds")
    assert client.fetch("places").report["rows"] == 4
    assert finale.calls("places") == 2


@pytest.mark.parametrize("in_seconds", [True, False])
def test_spent_hour_is_another_runs_matter(client: Client, finale: FinaleStandIn, in_seconds: bool) -> None:
    finale.turn_on("over_budget", column="collections_hour", seconds=1_800)
    if in_seconds:
        finale.turn_on("reset_in_seconds")
    with pytest.raises(BudgetSpent, match="as many calls as it allows") as caught:
        client.fetch("places")
    assert abs((caught.value.until - datetime.now(UTC)).total_seconds() - 1_800) < 30
    with pytest.raises(BudgetSpent):
        client.fetch("places")
    assert finale.calls("places") == 1


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "given", "kind", "code", "words"),
    [
        ("wrong_key", {}, BadCredentials, "bad_credentials", "Finale refused the API key (401)."),
        ("no_rights", {}, Refused, "forbidden", "The API key has no right to read Finale's stock (403)."),
        ("login_page", {}, WrongAnswer, "html", "Finale answered with a web page instead of its stock."),
        ("redirect", {}, WrongAnswer, "redirect", "https://login.finale.example/welcome"),
        ("blank", {}, WrongAnswer, "blank", "Finale's answer for stock is blank."),
        ("half_body", {}, WrongAnswer, "half_body", "Finale's answer with the stock broke off in the middle."),
        ("status", {"status": 502}, RetryLater, "server_error", "Finale is down or busy (502)."),
        ("maintenance", {}, RetryLater, "server_error", "Finale is down or busy (503)."),
        ("reset", {}, Unreachable, "cut_off", "Finale can't be reached."),
    ],
)
def test_each_failure_is_named(
    client: Client,
    finale: FinaleStandIn,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    given: dict[str, Any],
    kind: type[WireError],
    code: str,
    words: str,
) -> None:
    monkeypatch.setattr("sync.wire.retry.PAUSES", (0.0, 0.0))
    finale.turn_on(fault, **given)
    with pytest.raises(WireError) as caught:
        client.fetch("stock")
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert words in caught.value.sentence
    for told in (str(caught.value), repr(caught.value), caught.value.hint):
        assert KEY not in told
        assert SECRET not in told


def test_half_a_body_is_tried_again(client: Client, finale: FinaleStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.wire.retry.PAUSES", (0.0, 0.0))
    finale.turn_on("half_body", times=2)
    assert client.fetch("stock").report["rows"] == 7


def test_range_that_is_too_wide_is_named(client: Client) -> None:
    wide = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=45))
    with pytest.raises(Refused, match="refused the range of dates for products") as caught:
        client.fetch("products", wide.part)
    assert caught.value.code == "range_refused"


def test_missing_secret_is_named_before_anything_is_sent(connection: Connection, finale: FinaleStandIn) -> None:
    connection.secrets = connection.secrets.changed({"secret": None})
    with pytest.raises(BadCredentials, match="The API secret of “Finale” is missing"):
        client_for(connection).fetch("stock")
    assert finale.calls() == 0


# The connection test


def test_test_reads_stock_and_not_only_the_log_in(connection: Connection, finale: FinaleStandIn) -> None:
    found = probing.test(connection)
    assert (found.finding, found.sentence) == (Finding.OK, "Finale answers; the account “exampleco” has 7 rows of stock.")
    assert (finale.calls("stock"), finale.calls()) == (1, 1)


def test_account_may_be_given_as_the_whole_address(account: Account, finale: FinaleStandIn) -> None:
    connection = finale_connection(account, finale, account="https://app.finaleinventory.com/ExampleCo/sc2/?x=1")
    assert connection.settings["account"] == "exampleco"
    assert probing.test(connection).ok


@pytest.mark.parametrize(
    ("fault", "given", "finding", "words"),
    [
        ("wrong_key", {}, Finding.BAD_SECRET, "Finale refused the API key"),
        ("no_rights", {}, Finding.BAD_SECRET, "has no right to read Finale's stock"),
        ("maintenance", {}, Finding.UNREACHABLE, "Finale is down or busy (503)"),
        ("login_page", {}, Finding.NOT_WHAT_IT_CLAIMS, "a web page instead of its stock"),
        ("redirect", {}, Finding.NOT_WHAT_IT_CLAIMS, "a redirect"),
        ("short_column", {}, Finding.NOT_WHAT_IT_CLAIMS, "“quantityOnHand” has 6 entries for 7 rows"),
        ("renamed_column", {}, Finding.NOT_WHAT_IT_CLAIMS, "has no “quantityOnHand” any more"),
        ("no_anchor", {}, Finding.NOT_WHAT_IT_CLAIMS, "has no “productUrl”"),
        ("empty", {"feeds": "stock"}, Finding.OK, "has 4 locations and no stock at all"),
        ("empty", {}, Finding.WRONG_ACCOUNT, "shows neither stock nor locations"),
    ],
)
def test_verdicts(
    connection: Connection,
    finale: FinaleStandIn,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    given: dict[str, Any],
    finding: Finding,
    words: str,
) -> None:
    monkeypatch.setattr("sync.wire.retry.PAUSES", (0.0, 0.0))
    finale.turn_on(fault, **given)
    found = probing.test(connection)
    assert (found.finding, words in found.sentence) == (finding, True), found


def test_wrong_account_is_not_taken_for_a_wrong_key(account: Account, finale: FinaleStandIn) -> None:
    found = probing.test(finale_connection(account, finale, account="exampleko"))
    assert (found.finding, found.sentence) == (Finding.WRONG_ACCOUNT, "Finale has no stock for an account “exampleko” (404).")


# GraphQL


def test_pages_of_graphql_are_kept_as_they_came(client: Client) -> None:
    found = client.fetch("products", "graphql:1:")
    assert (found.transport, found.report["rows"], found.report["cursor"]) == ("graphql", 4, "")
    assert len(json.loads(found.body)["data"]["productViewConnection"]["edges"]) == 4


@pytest.mark.parametrize(("fault", "given"), [("error_in_200", {}), ("removed_field", {"column": "stockOnOrder"})])
def test_errors_with_status_200_are_failures(client: Client, finale: FinaleStandIn, fault: str, given: dict[str, Any]) -> None:
    finale.turn_on(fault, **given)
    with pytest.raises(WrongAnswer, match="refused the question") as caught:
        client.fetch("stock", "graphql:1:")
    assert caught.value.code == "graphql_errors"
