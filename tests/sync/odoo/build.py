"""Odoo's stand-in, spoken to over real HTTP, and connections to it.

With the fixtures of conftest.py:

    def test_a_receipt_becomes_a_purchase(account, odoo):
        connection = odoo_connection(account, odoo, version=17, page_rows=200)
        order = odoo.world.buy("Indus Foods", {"RICE-5": 10}, warehouse="CLF")
        odoo.world.receive(order, 7)
        odoo.turn_on("bad_gateway", feeds="stock.move", times=1)

What people do there: sandbox/odoo/{catalogue,stocking,buying}.py; `odoo.world.at("2026-03-02 08:00")` does it at another time. Faults:
sandbox/odoo/faults.py, and sandbox/switches.py for the way an answer travels; `feeds` are models, login and version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from accounts.models import Account
from sandbox.odoo.calls import Asked
from sandbox.odoo.keys import DATABASE, KEY, LOGIN, SECRETS, SETTINGS
from sandbox.odoo.system import Odoo
from sandbox.odoo.world import World
from sandbox.server import Sandbox
from sync import connections
from sync.models import Connection
from tests.build import make_actor

__all__ = ["OdooStandIn", "odoo_connection"]


class OdooStandIn:
    """A handle on the stand-in: its world, its faults, and what it was asked."""

    def __init__(self, sandbox: Sandbox, system: Odoo) -> None:
        self.system = system
        self.url = f"{sandbox.url}/odoo"
        """The base URL of a connection."""

    @property
    def world(self) -> World:
        return self.system.world

    def have(self, world: World) -> World:
        """Be another world from now on, without faults."""
        self.system.have(world)
        return world

    def be(self, version: int) -> None:
        """Answer as that version from now on."""
        if self.world.version != version:
            self.world.upgrade(version)

    def turn_on(self, name: str, **settings: Any) -> None:
        """Turn a fault on. Settings: `times` (else until turned off), `feeds` (kinds of calls), and those that its description names."""
        self.system.board.turn_on(name, settings)

    def turn_off(self, name: str) -> None:
        self.system.board.turn_off(name)

    def clear(self) -> None:
        """All faults off."""
        self.system.board.clear()

    def meanwhile(self, kind: str, number: int, do: Callable[[], object]) -> None:
        """Something that happens there just before the number-th call of that kind from now on, 1 being the next one."""
        self.system.door.meanwhile(kind, number, do)

    def calls(self, kind: str = "") -> int:
        """How many calls came in of that kind, or of all. Kinds: models, login, version, other."""
        counted = self.system.journal.report()["feeds"]
        return counted.get(kind, 0) if kind else sum(counted.values())

    def asked(self, kind: str = "") -> list[Asked]:
        """What was asked of that model, or of all, in order: method, arguments by name, API."""
        return [each for each in self.system.door.asked if kind in ("", each.kind)]

    def json2(self, model: str, method: str, *, key: str = KEY, database: str = DATABASE, **body: Any) -> requests.Response:
        """A plain call of JSON-2."""
        headers = {"Authorization": f"bearer {key}", "X-Odoo-Database": database}
        return requests.post(f"{self.url}/json/2/{model}/{method}", json=body, headers=headers, timeout=60)

    def rpc(self, service: str, method: str, *arguments: Any) -> requests.Response:
        """A plain call of JSON-RPC."""
        params = {"service": service, "method": method, "args": list(arguments)}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        return requests.post(f"{self.url}/jsonrpc", json=body, timeout=60)

    def execute(self, model: str, method: str, *positional: Any, **named: Any) -> Any:
        """The result, or the error, of a method called by JSON-RPC."""
        answer = self.rpc("object", "execute_kw", DATABASE, self.world.user.id, KEY, model, method, list(positional), named).json()
        return answer["error"] if "error" in answer else answer.get("result")

    def log_in(self, *, database: str = DATABASE, login: str = LOGIN, password: str = KEY) -> Any:
        """What a log-in by JSON-RPC answers."""
        return self.rpc("common", "authenticate", database, login, password, {}).json()


def odoo_connection(
    account: Account, odoo: OdooStandIn, /, *, version: int = 19, name: str = "Odoo", secrets: dict[str, str] | None = None, **settings: Any
) -> Connection:
    """A connection of the account to the stand-in, which is that version from now on; `settings` beside database and login."""
    odoo.be(version)
    given = {**SETTINGS, **settings}
    return connections.add(
        make_actor(account), system="odoo", name=name, base_url=odoo.url, settings=given, secrets=secrets or dict(SECRETS)
    )
