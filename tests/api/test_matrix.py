"""Who may do what, for every address and every method: a new one without a line here makes this red."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.roles import OPERATIONS, Role, allows
from tests.api.addresses import Address, addresses
from tests.api.alertmatrix import ALERTS
from tests.api.build import program
from tests.api.factmatrix import FACTS
from tests.api.finalematrix import FINALE
from tests.api.forecastmatrix import FORECASTS
from tests.api.ledgermatrix import LEDGER
from tests.api.pushmatrix import PUSH
from tests.api.roundmatrix import ROUNDS
from tests.api.supplymatrix import SUPPLY
from tests.api.world import World, make_world
from tests.build import make_account, make_member

pytestmark = pytest.mark.django_db

ANYBODY = "anybody"
MEMBERS = "any member"

MATRIX: dict[str, str] = {
    "GET /api/schema": ANYBODY,
    "GET /api/docs": ANYBODY,
    "GET /api/health": ANYBODY,
    "GET /api/me": MEMBERS,
    "GET /api/members": "member.view",
    "GET /api/members/<pk>": "member.view",
    "POST /api/members": "member.edit",
    "PATCH /api/members/<pk>": "member.edit",
    "GET /api/tokens": "token.view",
    "GET /api/tokens/<pk>": "token.view",
    "POST /api/tokens": "token.edit",
    "POST /api/tokens/<pk>/revoke": "token.edit",
    "GET /api/audit": "audit.view",
    "GET /api/audit/<pk>": "audit.view",
    "GET /api/schedules": "schedule.view",
    "GET /api/schedules/<pk>": "schedule.view",
    "PATCH /api/schedules/<pk>": "schedule.edit",
    "POST /api/schedules/<pk>/run": "schedule.edit",
    "GET /api/systems": "connection.view",
    "GET /api/connections": "connection.view",
    "GET /api/connections/<pk>": "connection.view",
    "POST /api/connections": "connection.edit",
    "PATCH /api/connections/<pk>": "connection.edit",
    "DELETE /api/connections/<pk>": "connection.edit",
    "PATCH /api/connections/<pk>/secrets": "connection.edit",
    "POST /api/connections/<pk>/count": "count.add",
    "POST /api/connections/<pk>/pause": "connection.pause",
    "POST /api/connections/<pk>/resume": "connection.pause",
    "POST /api/connections/<pk>/test": "connection.test",
    "GET /api/feeds": "connection.view",
    "POST /api/feeds/<kind>": "feed.upload",
    "POST /api/feeds/<kind>/confirm": "feed.confirm",
    "POST /api/sync/inventory": "run.start",
    "POST /api/sync/fg": "run.start",
    "POST /api/sync/asis": "run.start",
    "POST /api/sync/sta": "run.start",
    "GET /api/runs": "run.view",
    "GET /api/runs/<pk>": "run.view",
    "GET /api/runs/<run>/events": "run.view",
    "GET /api/runs/<run>/plan": "run.view",
    "POST /api/runs/<pk>/cancel": "run.cancel",
    "POST /api/runs/<pk>/approve": "run.approve",
    "POST /api/runs/<pk>/discard": "run.approve",
    "GET /api/runs/<pk>/undo": "run.undo",
    "POST /api/runs/<pk>/undo": "run.undo",
    "GET /api/changes": "change.view",
    "GET /api/changes/<pk>": "change.view",
    "GET /api/held": "held.view",
    "GET /api/held/<pk>": "held.view",
    "GET /api/unconfirmed": "held.view",
    "GET /api/unconfirmed/<pk>": "held.view",
    "GET /api/status": "run.view",
    "GET /api/units": "unit.view",
    "GET /api/units/<pk>": "unit.view",
    "PATCH /api/units/<pk>": "unit.edit",
    "GET /api/units/<unit>/history": "unit.view",
    "GET /api/loads": "load.view",
    "GET /api/loads/<number>": "load.view",
    "PATCH /api/loads/<number>": "load.edit",
    "POST /api/loads/<number>/sanity-check": "load.edit",
    "GET /api/sessions": "session.view",
    "GET /api/sessions/<pk>": "session.view",
    "PATCH /api/sessions/<pk>": "session.edit",
    "GET /api/sessions/<pk>/scans": "session.view",
    "POST /api/sessions/<pk>/scans": "scan.add",
    "DELETE /api/sessions/<pk>/scans/<scan>": "scan.delete",
    "GET /api/conflicts": "conflict.view",
    "GET /api/conflicts/<pk>": "conflict.view",
    "POST /api/conflicts/<pk>/resolve": "conflict.resolve",
    "GET /api/products": "product.view",
    "GET /api/products/<pk>": "product.view",
    "POST /api/products": "product.add",
    "PATCH /api/products/<pk>": "product.edit",
    "DELETE /api/products/<pk>": "product.delete",
    "POST /api/products/import": "product.import",
    "GET /api/warehouses": "warehouse.view",
    "GET /api/warehouses/<pk>": "warehouse.view",
    "POST /api/warehouses": "warehouse.edit",
    "PATCH /api/warehouses/<pk>": "warehouse.edit",
    **LEDGER,
    **PUSH,
    **FORECASTS,
    **SUPPLY,
    **ALERTS,
    **FINALE,
    **FACTS,
    **ROUNDS,
    "GET /api/categories": "category.view",
    "GET /api/categories/<pk>": "category.view",
    "POST /api/categories": "category.add",
    "PATCH /api/categories/<pk>": "category.edit",
    "DELETE /api/categories/<pk>": "category.edit",
    "GET /api/vendors": "vendor.view",
    "GET /api/vendors/<pk>": "vendor.view",
    "POST /api/vendors": "vendor.add",
    "PATCH /api/vendors/<pk>": "vendor.edit",
    "DELETE /api/vendors/<pk>": "vendor.edit",
    "GET /api/stock/settings": "stock_settings.view",
    "PATCH /api/stock/settings": "stock_settings.edit",
}

NOT_A_ROW = {"kind", "type"}
"""Parts of addresses that name no row of an account."""

ABOUT_ONE = {"GET /api/stock/rebuild"}
"""Addresses that want to be told which row is meant."""

ALSO = {
    "POST /api/shops/<pk>/import-all": "difference.decide",
    "PATCH /api/subscribers/<pk>": "subscription.edit",
    "DELETE /api/subscribers/<pk>": "subscription.edit",
    "POST /api/subscribers/<pk>/test": "subscription.edit",
}
"""Where one operation is not enough: it decides about differences, and makes items; it is somebody else's mail."""

OPERATED = sorted(line for line, operation in MATRIX.items() if operation in OPERATIONS)
KNOWN_TO_MEMBERS = sorted(line for line, operation in MATRIX.items() if operation != ANYBODY)
LISTS = [line for line in OPERATED if line.startswith("GET ") and "<" not in line]
OF_A_ROW = sorted(line for line in KNOWN_TO_MEMBERS if set(re.findall(r"<(\w+)>", line)) - NOT_A_ROW)


@pytest.fixture(scope="module")
def world(of_module: Callable[[], AbstractContextManager[None]]) -> World:
    with of_module():
        return make_world(make_account())


@pytest.fixture(scope="module")
def members(world: World, of_module: Callable[[], AbstractContextManager[None]]) -> dict[Role, APIClient]:
    """A program of a member of each role."""
    with of_module():
        return {role: program(make_member(world.account, role, role.value)) for role in Role}


def ask(client: APIClient, line: str, world: World) -> int:
    """The status of the answer to the request that `line` is, about a row of `world`."""
    method, path = line.split(" ")
    return int(client.generic(method, world.address(path), data="{}", content_type="application/json").status_code)


def test_every_address_has_its_line_and_every_line_its_address() -> None:
    assert sorted(str(address) for address in addresses()) == sorted(MATRIX)


def test_the_addresses_are_read_to_the_last_segment() -> None:
    assert {Address("POST", "/api/schedules/<pk>/run"), Address("GET", "/api/health")} <= set(addresses())


@pytest.mark.once
@pytest.mark.parametrize("line", OPERATED)
def test_each_role_is_let_in_where_the_matrix_says_and_refused_elsewhere(line: str, members: dict[Role, APIClient], world: World) -> None:
    for role, client in members.items():
        status = ask(client, line, world)
        if allows(role, MATRIX[line]):
            assert status not in (401, 403, 500), (role, status)
        else:
            assert status == 403, (role, status)


@pytest.mark.once
@pytest.mark.parametrize("line", OPERATED)
def test_a_token_needs_this_scope_and_no_other(line: str, world: World) -> None:
    owner = make_member(world.account, Role.OWNER, "other-owner")
    operation = MATRIX[line]
    others = tuple(each for each in OPERATIONS if each != operation)
    assert ask(program(owner, scopes=others), line, world) == 403
    needed = (operation, ALSO[line]) if line in ALSO else (operation,)
    assert ask(program(owner, scopes=needed), line, world) not in (401, 403, 500)


# What is refused changes nothing, so all addresses are asked about one world.


def test_nobody_gets_in_without_a_token(world: World) -> None:
    client = APIClient()
    assert {line: status for line in KNOWN_TO_MEMBERS if (status := ask(client, line, world)) != 401} == {}


def test_a_user_without_a_business_account_is_refused(world: World) -> None:
    lonely = make_member(make_account("Left"), Role.OWNER, "lonely")
    client = APIClient()
    client.force_login(lonely.user)
    lonely.delete()
    assert {line: status for line in KNOWN_TO_MEMBERS if (status := ask(client, line, world)) != 403} == {}


def test_a_row_of_another_account_does_not_exist(world: World) -> None:
    stranger = program(make_member(make_account("Other"), Role.OWNER, "stranger"))
    assert {line: status for line in OF_A_ROW if (status := ask(stranger, line, world)) != 404} == {}


def test_lists_of_another_account_name_nothing_of_this_one(world: World) -> None:
    stranger = program(make_member(make_account("Other"), Role.OWNER, "stranger"))
    for line in LISTS:
        answer = stranger.get(line.removeprefix("GET "))
        assert answer.status_code == (400 if line in ABOUT_ONE else 200), line
        assert [mark for mark in world.marks if mark in answer.content.decode()] == [], line


@pytest.mark.parametrize("line", sorted(line for line, operation in MATRIX.items() if operation == ANYBODY))
def test_what_is_open_to_anybody_is_open(line: str, client: Client) -> None:
    assert client.get(line.removeprefix("GET ")).status_code in (200, 301, 503)
