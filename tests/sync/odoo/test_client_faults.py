"""What the client makes of answers that are none: each failure is named by what happens next, and tells nobody's secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.odoo.keys import DATABASE, KEY, LOGIN
from sync.feedproblem import FeedProblem
from sync.sources.odoo.client import client_for
from sync.wire.errors import BadCredentials, BudgetSpent, Refused, RetryLater, Unreachable, WireError, WrongAnswer
from tests.sync.odoo.asking import Nobody, client_of, connection_to, unbudgeted  # noqa: F401
from tests.sync.odoo.build import OdooStandIn
from tests.sync.wire.server import Behaviour, Server, document, half_body, page, reset, status

pytestmark = pytest.mark.usefixtures("unbudgeted")

MODEL = "product.category"
TRACE = f'Traceback (most recent call last):\n  File "/opt/odoo/x.py"\npsycopg2: {DATABASE} {LOGIN} {KEY}\n' * 60
"""Longer than the beginning of a body that a small limit would show."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        running.on("/web/version", document({"version": "19.0", "version_info": [19, 0, 0, "final", 0, ""]}))
        yield running


def told(failing: Callable[[], object], kind: type[Exception]) -> Any:
    """The error, checked to hold nothing that it must not."""
    with pytest.raises(kind) as caught:
        failing()
    error: Any = caught.value
    said = f"{error.sentence} {error.hint} {error!r} {getattr(error, 'body', b'')!r}"
    for secret in (DATABASE, LOGIN, KEY, "127.0.0.1", "Traceback", "http://"):
        assert secret not in said
    return error


def failed(name: str, message: str, code: int) -> Behaviour:
    """An error of JSON-2 with a long traceback."""
    body = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": TRACE}
    return lambda handler: handler.say(code, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("behaviour", "kind", "code", "calls"),
    [
        (failed("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401), BadCredentials, "bad_credentials", 1),
        (failed("odoo.exceptions.AccessError", f"You, {LOGIN}, may not", 403), Refused, "forbidden", 1),
        (failed("werkzeug.exceptions.NotFound", "the model 'product.category' does not exist", 404), Refused, "no_model", 1),
        (failed("werkzeug.exceptions.UnprocessableEntity", "missing a required argument", 422), Refused, "bad_question", 1),
        (failed("werkzeug.exceptions.BadRequest", "could not parse", 400), Refused, "bad_question", 1),
        (failed("builtins.ValueError", "Invalid field 'path' on 'product.category'", 500), Refused, "no_field", 1),
        (failed("builtins.ValueError", "time data 'x' does not match", 500), Refused, "bad_question", 1),
        (failed("builtins.TypeError", "unexpected keyword", 500), Refused, "bad_question", 1),
        (failed("odoo.exceptions.UserError", f"No {DATABASE}", 500), Refused, "bad_question", 1),
        (failed("psycopg2.errors.SerializationFailure", "could not serialize", 500), RetryLater, "server_error", 3),
        (page(), WrongAnswer, "html", 1),
        (status(404, b"<!doctype html><title>404 Not Found</title>"), Refused, "no_database", 1),
        (status(415, b"<!doctype html><title>415</title>"), Refused, "refused", 1),
        (lambda handler: handler.say(500, b"<!doctype html>", "text/html"), RetryLater, "server_error", 3),
        (status(502, b"<html>Bad Gateway"), RetryLater, "server_error", 3),
        (failed("werkzeug.exceptions.ServiceUnavailable", "upgrading", 503), RetryLater, "server_error", 3),
        (status(302, Location="http://127.0.0.1/web/database/selector"), WrongAnswer, "redirect", 1),
        (half_body(b'[{"id": 1}'), WrongAnswer, "half_body", 3),
        (reset, Unreachable, "cut_off", 3),
        (lambda handler: handler.say(200, b"", "application/json"), WrongAnswer, "not_json", 1),
        (lambda handler: handler.say(200, b"[1, 2", "application/json"), WrongAnswer, "not_json", 1),
        (document({"rows": []}), WrongAnswer, "json_shape", 1),
        (document(None), WrongAnswer, "json_shape", 1),
    ],
)
def test_json2_failure_is_named_by_what_happens_next(
    server: Server, behaviour: Behaviour, kind: type[WireError], code: str, calls: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.on(f"/json/2/{MODEL}/search_read", behaviour)
    client = client_for(connection_to(server.url))
    with caplog.at_level(logging.DEBUG):
        error = told(lambda: client.search_read(MODEL, [], ["id"], limit=10), kind)
    assert error.code == code
    assert len([each for each in server.seen if each.path.startswith("/json/2/")]) == calls
    assert not any(secret in caplog.text for secret in (KEY, LOGIN, DATABASE, "Traceback"))


def test_json2_sends_key_and_database_in_headers_and_nothing_of_them_elsewhere(server: Server) -> None:
    server.on(f"/json/2/{MODEL}/search_read", document([]))
    client_for(connection_to(server.url)).search_read(MODEL, [], ["id"], limit=10)
    asked = server.seen[-1]
    assert (asked.headers["Authorization"], asked.headers["X-Odoo-Database"]) == (f"Bearer {KEY}", DATABASE)
    assert (asked.headers["Content-Type"], asked.query) == ("application/json", "")
    assert json.loads(asked.body) == {
        "domain": [["id", ">", 0]],
        "fields": ["id"],
        "order": "id",
        "limit": 10,
        "context": {"active_test": False, "lang": "en_US"},
    }


def rpc_error(name: str, message: str, code: int = 200) -> Behaviour:
    data = {"name": name, "message": message, "arguments": [], "context": {}, "debug": TRACE}
    return document({"jsonrpc": "2.0", "id": 2, "error": {"code": code, "message": "Odoo Server Error", "data": data}})


VERSION = document({"jsonrpc": "2.0", "id": 2, "result": {"server_version": "17.0"}})
LOGGED_IN = document({"jsonrpc": "2.0", "id": 1, "result": 9})


@pytest.mark.parametrize(
    ("behaviour", "kind", "code", "calls"),
    [
        (rpc_error("odoo.exceptions.AccessDenied", "Access Denied"), BadCredentials, "bad_credentials", 1),
        (rpc_error("odoo.exceptions.AccessError", f"You, {LOGIN}"), Refused, "forbidden", 1),
        (rpc_error("odoo.exceptions.UserError", "Object product.category doesn't exist"), Refused, "no_model", 1),
        (rpc_error("builtins.ValueError", "Invalid field 'path' on 'product.category'", 0), Refused, "no_field", 1),
        (rpc_error("odoo.exceptions.UserError", "Invalid language code: tlh"), Refused, "no_language", 1),
        (rpc_error("builtins.KeyError", "'x'"), Refused, "bad_question", 1),
        (rpc_error("psycopg2.OperationalError", f'FATAL:  database "{DATABASE}" does not exist\n'), Refused, "no_database", 1),
        (rpc_error("psycopg2.OperationalError", "server closed the connection"), RetryLater, "server_error", 3),
        (document({"jsonrpc": "2.0", "id": 2, "error": {"code": 100, "message": "?"}}), Refused, "unexplained", 1),
        (document({"jsonrpc": "2.0", "id": 2}), WrongAnswer, "json_shape", 1),
        (document({"jsonrpc": "2.0", "id": 2, "result": False}), WrongAnswer, "json_shape", 1),
        (status(400, b"Invalid JSON data"), Refused, "refused", 1),
        (page(), WrongAnswer, "html", 1),
    ],
)
def test_json_rpc_failure_is_found_in_an_answer_of_200(
    server: Server, behaviour: Behaviour, kind: type[WireError], code: str, calls: int
) -> None:
    server.on("/jsonrpc", VERSION, LOGGED_IN, behaviour)
    client = client_for(connection_to(server.url, api="jsonrpc"))
    assert told(lambda: client.search_read(MODEL, [], ["id"], limit=10), kind).code == code
    assert len(server.seen) == 2 + calls


def test_log_in_answered_with_false_is_a_wrong_login(server: Server) -> None:
    server.on("/jsonrpc", VERSION, document({"jsonrpc": "2.0", "id": 1, "result": False}))
    error = told(lambda: client_for(connection_to(server.url, api="jsonrpc")).fields(MODEL), BadCredentials)
    assert (error.code, error.certain) == ("bad_login", True)
    assert "no user with the login and the key" in error.sentence


def test_wrong_database_is_told_at_the_log_in(odoo: OdooStandIn) -> None:
    assert told(lambda: client_of(odoo, 17, database="elsewhere").fields(MODEL), Refused).code == "no_database"
    assert told(lambda: client_of(odoo, 19, database="elsewhere").fields(MODEL), Refused).code == "no_database"


@pytest.mark.parametrize("version", [17, 18])
def test_json2_that_is_not_there_is_said_and_not_called(odoo: OdooStandIn, version: int) -> None:
    error = told(lambda: client_of(odoo, version, api="json2").fields(MODEL), Refused)
    assert (error.code, odoo.asked()) == ("no_json2", [])


def test_missing_login_is_asked_for_only_where_it_is_needed(odoo: OdooStandIn) -> None:
    error = told(lambda: client_of(odoo, 18, login="").fields(MODEL), BadCredentials)
    assert (error.code, "Odoo 18" in error.sentence) == ("missing_login", True)


def test_missing_key_is_named_before_anything_is_sent(odoo: OdooStandIn) -> None:
    assert told(lambda: client_of(odoo, secrets={}).fields(MODEL), BadCredentials).code == "missing_secret"
    assert odoo.calls() == 0


@pytest.mark.parametrize("version", [17, 19])
def test_expired_key_is_certain(odoo: OdooStandIn, version: int) -> None:
    odoo.turn_on("expired_key")
    assert told(lambda: client_of(odoo, version).fields(MODEL), BadCredentials).certain


def test_field_that_went_with_the_version_says_what_stands_in_its_place(server: Server) -> None:
    server.on(
        "/json/2/purchase.order.line/search_read", failed("builtins.ValueError", "Invalid field purchase.order.line.product_uom", 500)
    )
    error = told(lambda: client_for(connection_to(server.url)).search_read("purchase.order.line", [], ["product_uom"], limit=1), Refused)
    assert error.sentence == (
        "Odoo has no field “product_uom” of its lines of purchase orders (purchase.order.line). "
        "It went with Odoo 19; “product_uom_id” stands in its place."
    )


def test_needed_field_that_is_not_there_is_named(server: Server) -> None:
    server.on("/json/2/stock.move/fields_get", document({"id": {"type": "integer"}, "state": {"type": "selection"}}))
    error = told(lambda: client_for(connection_to(server.url)).page("purchases"), FeedProblem)
    assert (error.code, error.sentence) == ("no_field", "Odoo has no field “date” of its stock moves (stock.move). This is Odoo 19.")


def test_too_many_calls_park_the_run_until_they_fit(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("sync.wire.waiting.sleep", waits.append)
    server.on(f"/json/2/{MODEL}/search_read", status(429, Retry_After="600"))
    error = told(lambda: client_for(connection_to(server.url)).search_read(MODEL, [], ["id"], limit=10), BudgetSpent)
    assert (waits, error.until is not None) == ([], True)


def test_own_minute_is_waited_for_and_then_given_up(odoo: OdooStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("sync.wire.waiting.sleep", waits.append)
    client = client_of(odoo)
    spent: list[float] = [30, 40]

    def spend(_budget: Nobody, **_spending: Any) -> None:
        if spent:
            raise BudgetSpent("The minute is used up.", until=datetime.now(UTC) + timedelta(seconds=spent.pop()))

    monkeypatch.setattr(Nobody, "spend", spend)
    assert client.count("stock.warehouse", []) == 2
    assert [round(seconds) for seconds in waits] == [40, 30]
    spent[:] = [30, 30, 30, 30]
    told(lambda: client.count("stock.warehouse", []), BudgetSpent)
    assert len(waits) == 5
    spent[:] = [70]
    told(lambda: client.count("stock.warehouse", []), BudgetSpent)
    assert len(waits) == 5


def test_timeout_in_the_middle_of_paging_is_tried_again(odoo: OdooStandIn) -> None:
    client = client_of(odoo)
    client.page("products")
    odoo.turn_on("reset", feeds="product.product", times=2)
    assert client.page("products").report["rows"] == 6
