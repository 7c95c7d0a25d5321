"""Connections over the API: what goes in, what comes out, and what never does."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.acting import Actor
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.models import Warehouse
from sync import connections
from sync.models import CallBudget, Connection, SyncRun
from sync.wire.verdict import Finding, Verdict
from tests.build import make_account, make_actor, make_member, make_token
from tests.sync.connections.conftest import HTTP, URL

LIST = "/api/connections"


@pytest.fixture
def program(owner: Actor) -> APIClient:
    return program_as(owner, Role.OWNER)


def program_as(owner: Actor, role: Role) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {make_token(make_member(owner.account, role, role.value))}")
    return client


def page(row: Connection) -> str:
    return f"{LIST}/{row.pk}"


def test_connection_is_made_with_its_secrets_which_are_answered_by_name(program: APIClient) -> None:
    answer = program.post(LIST, {"system": "ge", "name": "GE", "base_url": URL, "settings": HTTP, "secrets": {"token": "hunter2-value"}})

    assert answer.status_code == 201
    body = answer.json()
    assert (body["name"], body["secrets"], body["state"]) == ("GE", ["token"], "not tested")
    assert body["settings"]["org"] == "7QX"
    assert body["settings"]["shrink_percent"] == 50
    assert body["warehouse"] == Warehouse.objects.get().pk
    assert body["breaker"] == {"state": "closed", "sentence": "Calls go out."}
    assert dict(Connection.objects.get().secrets) == {"token": "hunter2-value"}


def test_mistakes_are_answered_by_field(program: APIClient) -> None:
    answer = program.post(LIST, {"system": "ge", "name": "GE", "settings": {"transport": "http"}, "secrets": {"tokn": "hunter2-value"}})

    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "settings.org": ["The setting “org” (organisation) is missing."],
        "secrets": ["GE Appliances has no secret of that name. There are: token, cookies."],
    }


@pytest.mark.parametrize(
    "body",
    [
        r'{"system": "ge", "name": "\ud800", "settings": {"org": "7QX"}}',
        r'{"system": "ge", "name": "a\u0000b", "settings": {"org": "7QX"}}',
        r'{"system": "ge", "name": "GE", "settings": {"org": "7QX", "\ud800": 1}}',
        r'{"system": "ge", "name": "GE", "settings": {"org": "\ud800"}}',
        r'{"system": "ge", "name": "GE", "settings": {"org": "7QX"}, "secrets": {"\ud800": "x"}}',
        r'{"system": "ge", "name": "GE", "settings": {"org": "7QX"}, "secrets": {"token": "\ud800"}}',
        r'{"system": "ge", "name": "GE", "settings": {"org": "7QX"}, "base_url": "http://\ud800"}',
        r'{"system": "ge", "name": "GE", "settings": [], "secrets": 5}',
        r'{"system": "\ud800", "name": "GE"}',
    ],
)
def test_whatever_no_database_or_answer_can_hold_is_refused(program: APIClient, body: str) -> None:
    assert program.post(LIST, body, content_type="application/json").status_code == 400


def test_unknown_system_is_answered_with_those_there_are(program: APIClient) -> None:
    answer = program.post(LIST, {"system": "fax", "name": "Fax"})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_system")


def test_edit_takes_only_what_is_given_and_null_for_a_default(program: APIClient, connection: Connection) -> None:
    program.patch(page(connection), {"settings": {"shrink_rows": 40}})

    answer = program.patch(page(connection), {"name": "GE north", "settings": {"shrink_rows": None}})

    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["settings"]["shrink_rows"]) == ("GE north", 25)


def test_secrets_are_stored_and_taken_away(program: APIClient, connection: Connection) -> None:
    stored = program.patch(f"{page(connection)}/secrets", {"cookies": "a=1"})
    taken = program.patch(f"{page(connection)}/secrets", {"token": None})

    assert (stored.json()["secrets"], taken.json()["secrets"]) == (["cookies", "token"], ["cookies"])


@pytest.mark.parametrize("body", [["token"], {"token": ["x"]}, {"token": ""}, {"token": {"a": "b"}}])
def test_secrets_of_another_shape_are_refused(program: APIClient, connection: Connection, body: object) -> None:
    assert program.patch(f"{page(connection)}/secrets", body).status_code == 400

    connection.refresh_from_db()
    assert dict(connection.secrets) == {"token": "first-value"}


def test_no_answer_log_or_audit_row_holds_a_secret(
    program: APIClient, connection: Connection, answers: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    answers(lambda _connection: Verdict(Finding.BAD_SECRET, "The login was refused."))
    caplog.set_level(logging.DEBUG)

    said = [
        program.post(LIST, {"system": "ge", "name": "B", "settings": {"org": "7QX"}, "secrets": {"token": "second-value"}}),
        program.post(LIST, {"system": "ge", "name": "B", "settings": {"org": "?"}, "secrets": {"token": "t-value", "x": "t-value"}}),
        program.patch(f"{page(connection)}/secrets", {"token": "fourth-value"}),
        program.patch(f"{page(connection)}/secrets", {"token": "fifth-value\n\nx"}),
        program.post(f"{page(connection)}/test"),
        program.get(page(connection)),
        program.get(LIST),
        program.get("/api/audit"),
    ]

    everything = "".join(answer.content.decode() for answer in said) + caplog.text + repr(list(AuditLog.objects.values()))
    assert "The login was refused." in everything
    assert "-value" not in everything


def test_test_answers_the_finding_and_keeps_it(program: APIClient, connection: Connection, answers: Callable) -> None:
    answers(lambda _connection: Verdict(Finding.UNREACHABLE, "No connection.", "Check the address."))

    answer = program.post(f"{page(connection)}/test")

    assert (answer.status_code, answer.json()) == (
        200,
        {"ok": False, "finding": "unreachable", "sentence": "No connection.", "hint": "Check the address."},
    )
    body = program.get(page(connection)).json()
    assert (body["state"], body["state_sentence"]) == ("test failed", "No connection. Check the address.")
    assert body["last_test"]["finding"] == "unreachable"


def test_pause_and_resume_answer_the_new_state(program: APIClient, connection: Connection) -> None:
    assert program.post(f"{page(connection)}/pause").json()["state"] == "paused"
    assert program.post(f"{page(connection)}/resume").json()["state"] == "not tested"


def test_unused_connection_is_removed(program: APIClient, connection: Connection) -> None:
    assert program.delete(page(connection)).status_code == 204
    assert not Connection.objects.exists()


def test_connection_with_runs_is_refused(program: APIClient, connection: Connection) -> None:
    SyncRun.objects.create(account=connection.account, connection=connection, dataset="stock", scope="inventory", trigger="button")

    answer = program.delete(page(connection))

    assert (answer.status_code, answer.json()["code"]) == (409, "connection_in_use")
    assert answer.json()["message"] == "“GE” has 1 run, whose history would be lost with it."


def test_budgets_say_what_is_left(program: APIClient, connection: Connection) -> None:
    CallBudget.objects.create(account=connection.account, connection=connection, name="minute", window_seconds=60, limit=30, reserved=10)

    budget = program.get(page(connection)).json()["budgets"][0]

    assert (budget["name"], budget["used"], budget["left"], budget["left_urgent"]) == ("minute", 0, 20, 30)


CALLS = {
    ("get", LIST): Role.VIEWER,
    ("get", "/api/systems"): Role.VIEWER,
    ("get", "{page}"): Role.VIEWER,
    ("post", "{page}/test"): Role.STAFF,
    ("post", "{page}/pause"): Role.MANAGER,
    ("post", "{page}/resume"): Role.MANAGER,
    ("patch", "{page}"): Role.OWNER,
    ("patch", "{page}/secrets"): Role.OWNER,
    ("delete", "{page}"): Role.OWNER,
    ("post", LIST): Role.OWNER,
}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_call_is_for_its_role_and_those_above(owner: Actor, connection: Connection, answers: Callable, call: tuple[str, str]) -> None:
    answers(lambda _connection: Verdict(Finding.OK, "Fine."))
    method, address = call
    refused = []
    for role in Role:
        answer = getattr(program_as(owner, role), method)(address.format(page=page(connection)), {}, format="json")
        refused += [role] if answer.status_code == 403 else []

    assert refused == list(Role)[: list(Role).index(CALLS[call])]


@pytest.mark.parametrize("call", [call for call in CALLS if "{page}" in call[1]], ids=" ".join)
def test_connection_of_another_account_is_not_there(connection: Connection, call: tuple[str, str]) -> None:
    stranger = program_as(make_actor(make_account("Elsewhere")), Role.OWNER)
    method, address = call

    assert getattr(stranger, method)(address.format(page=page(connection)), {}, format="json").status_code == 404
    assert Connection.objects.filter(pk=connection.pk, paused_at=None).exists()


def test_warehouse_of_another_account_is_as_wrong_as_none(program: APIClient) -> None:
    foreign = Warehouse.objects.create(account=make_account("Elsewhere"), name="Foreign", code="f")

    answer = program.post(LIST, {"system": "ge", "name": "GE", "settings": {"org": "7QX"}, "warehouse": foreign.pk})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["warehouse"])


def test_list_takes_as_many_statements_for_ten_as_for_one(owner: Actor, program: APIClient, connection: Connection) -> None:
    def statements() -> int:
        program.get(LIST)
        with CaptureQueriesContext(database) as seen:
            assert program.get(LIST).status_code == 200
        return len(seen)

    one = statements()
    for number in range(9):
        connections.add(owner, system="ge", name=f"GE {number}", settings={"org": "7QX"})

    assert statements() == one


def test_systems_say_what_can_be_set(program: APIClient) -> None:
    ge = next(system for system in program.get("/api/systems").json() if system["key"] == "ge")

    transport = next(setting for setting in ge["settings"] if setting["name"] == "transport")
    assert transport["choices"] == ["upload", "folder", "http", "dms"]
    assert [(secret["name"], secret["when"]) for secret in ge["secrets"]] == [
        ("token", {"transport": ["http"]}),
        ("cookies", {"transport": ["dms"]}),
    ]
    assert [scope["key"] for scope in ge["scopes"]] == ["inventory", "fg", "asis", "sta"]
