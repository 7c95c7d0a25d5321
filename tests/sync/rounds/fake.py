"""Two systems that are no real ones: they have the scopes of an Odoo and of a till, and each scope reads what a test says comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.models import Account
from accounts.roles import Role
from inventory.models import WarehouseMode
from sync import connections, runs, systems
from sync.engine.job import Job
from sync.engine.source import Plan
from sync.models import ACTIVE, Connection, Round, RoundStep, Status, SyncRun, Trigger
from sync.rounds import advancing, starting
from sync.wire.errors import Refused, Unreachable
from sync.wire.verdict import Finding, Verdict
from tests.build import make_account, make_actor
from tests.sync.engine import shelf

CUT = "cut_off"
NEXT: dict[tuple[int, str], list[Callable[[], None]]] = defaultdict(list)
"""What the runs of a connection's scope do while they read, one after the other; nothing more once it is used up."""
READ: list[tuple[str, str]] = []
"""Connection and scope of each run that read, in order."""


def cut_off() -> None:
    raise Unreachable("The connection was cut.", code=CUT)


def refused() -> None:
    raise Refused("The login may not do that.", code="forbidden")


class Source(shelf.ShelfSource):
    """A shelf with one piece for each scope."""

    def plan(self, job: Job) -> Plan:
        READ.append((self.connection.name, self.scope))
        waiting = NEXT[self.connection.pk, self.scope]
        if waiting:
            waiting.pop(0)()
        shelf.put((f"{self.connection.name} {self.scope}", "FG", "Free", ""))
        return super().plan(job)


def _system(key: str, label: str, scopes: dict[str, str], **options: Any) -> systems.System:
    return systems.System(
        key=key,
        label=label,
        settings=(),
        secrets=(),
        scopes={name: systems.Scope(name, f"{name} of {label}", dataset=dataset) for name, dataset in scopes.items()},
        primary_scope=next(iter(scopes)),
        source="tests.sync.rounds.fake.Source",
        test=lambda _connection: Verdict(Finding.OK, "It is there."),
        needs_url=lambda _values: False,
        warehouse_mode=WarehouseMode.MIRROR,
        **options,
    )


class NoDeliveries(Problem):
    """Refused: the connection does not tell of deliveries."""


def _resolve(connection: Connection, scope: str) -> tuple[str, str]:
    if scope == "deliveries" and "with deliveries" not in connection.name:
        raise NoDeliveries("It is not asked for deliveries.")
    return scope, ""


_KNOWN = ("master", "products", "categories", "warehouses")
_MOVED = ("transactional", "purchases", "purchase-returns", "transfers", "manufacturing", "wastage", "deliveries")
ODOO = _system("odoo", "Odoo", {**dict.fromkeys(_KNOWN, "catalogue"), **dict.fromkeys(_MOVED, "moves")}, resolve=_resolve)
TILL = _system("pos", "Till", {"sales": "sales", "today": "sales", "sales-returns": "sales", "branches": "branches"})


@dataclass
class Chain:
    """A business account with some of both."""

    account: Account
    owner: Actor
    connections: dict[str, Connection] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        return make_actor(self.account, role)

    def add(self, system: str, name: str) -> Connection:
        self.connections[name] = connections.add(self.owner, system=system, name=name)
        return self.connections[name]

    def next(self, name: str, scope: str, *does: Callable[[], None]) -> None:
        """What the next runs of this scope do while they read."""
        NEXT[self.connections[name].pk, scope].extend(does)

    def start(self) -> Round:
        return starting.start(self.owner, trigger=Trigger.BUTTON)

    def go(self, found: Round, *, most: int = 60) -> Round:
        """As the workers do: passes and runs, one after the other, until the round is over."""
        for _ in range(most):
            advancing.advance(found.pk)
            for pk in list(SyncRun.objects.filter(status__in=ACTIVE).order_by("pk").values_list("pk", flat=True)):
                runs.execute(pk)
            found.refresh_from_db()
            if not found.is_active:
                return found
        raise AssertionError("The round does not end.")

    def sync(self) -> Round:
        return self.go(self.start())


def steps(found: Round) -> list[tuple[str, str, Status]]:
    """Connection, scope and state of each step, in order."""
    rows = RoundStep.objects.filter(round=found).order_by("seq").values_list("connection__name", "scope", "status")
    return [(name, scope, Status(status)) for name, scope, status in rows]


def make_chain() -> Chain:
    """One Odoo and one till."""
    account = make_account("Corner shop")
    chain = Chain(account, make_actor(account))
    chain.add("odoo", "Odoo")
    chain.add("pos", "Till")
    return chain
