"""Finale's stand-in, spoken to over real HTTP, and connections to it.

With the fixtures of conftest.py:

    def test_stock_is_summed(account, finale):
        connection = finale_connection(account, finale, sales_days=30)
        finale.world.ship("SOIL-25", 3)
        finale.turn_on("cut", feeds="products", size=3)

What people do there: sandbox/finale/world.py. Faults: sandbox/finale/faults.py, and sandbox/switches.py for the way an answer travels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from accounts.models import Account
from sandbox.finale.keys import ACCOUNT, KEY, SECRET, SECRETS
from sandbox.finale.system import Finale
from sandbox.finale.world import World
from sandbox.server import Sandbox
from sync import connections
from sync.models import Connection
from tests.build import make_actor

__all__ = ["FinaleStandIn", "finale_connection"]


class FinaleStandIn:
    """A handle on the stand-in: its world, its faults, and what it was asked."""

    def __init__(self, sandbox: Sandbox, system: Finale) -> None:
        self.system = system
        self.url = f"{sandbox.url}/finale"
        """The base URL of a connection."""

    @property
    def world(self) -> World:
        return self.system.world

    def have(self, world: World) -> World:
        """Be another world from now on, without faults, budgets unspent."""
        self.system.have(world)
        return world

    def limit(self, **limits: int | None) -> None:
        """Other budgets: get_minute, post_minute, collections_hour; None is as many as one likes."""
        self.system.door.budgets.limits.update(limits)

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
        """How many calls came in of that kind, or of all.

        Kinds: products, stock, places, vendors, orders, shipments; of one record product, order, …; graphql.
        """
        counted = self.system.journal.report()["feeds"]
        return counted.get(kind, 0) if kind else sum(counted.values())

    def asked(self, kind: str) -> list[dict[str, Any]]:
        """The filters of the collection reads of that kind, in order; {} for none."""
        return [wanted for feed, wanted in self.system.door.asked if feed == kind]

    def get(self, path: str, *, key: tuple[str, str] | None = (KEY, SECRET), **query: str) -> requests.Response:
        """A plain call: `product/`, `product/100412`. Redirects are not followed."""
        return requests.get(f"{self.url}/{ACCOUNT}/api/{path}", params=query, auth=key, timeout=60, allow_redirects=False)

    def post(self, query: str, **variables: Any) -> requests.Response:
        """A plain GraphQL call."""
        body = {"query": query, "variables": variables}
        return requests.post(f"{self.url}/{ACCOUNT}/api/graphql", json=body, auth=(KEY, SECRET), timeout=60)


def finale_connection(account: Account, finale: FinaleStandIn, /, *, name: str = "Finale", **settings: Any) -> Connection:
    """A connection of the account to the stand-in; `settings` beside the account's name there."""
    given = {"account": ACCOUNT, **settings}
    return connections.add(make_actor(account), system="finale", name=name, base_url=finale.url, settings=given, secrets=SECRETS)
