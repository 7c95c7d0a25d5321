from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Account
from sandbox.finale.budgets import LIMITS
from sandbox.finale.system import Finale
from sandbox.finale.world import World
from sandbox.server import Sandbox, Server
from sync.sources.finale.client import Client
from tests.build import make_account
from tests.sync.finale.build import FinaleStandIn


@pytest.fixture(scope="session")
def finale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FinaleStandIn]:
    """One stand-in for all tests of a process."""
    system = Finale(tmp_path_factory.mktemp("finale"))
    with Sandbox(Server(0, {"finale": system})) as running:
        yield FinaleStandIn(running, system)


@pytest.fixture
def finale(finale_server: FinaleStandIn) -> FinaleStandIn:
    """Finale with four products, without a fault; what a test does to it is gone afterwards."""
    finale_server.have(World.exampleco())
    finale_server.limit(**LIMITS)
    return finale_server


@pytest.fixture(autouse=True)
def _one_call_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of several threads would not see what a test has not committed."""
    monkeypatch.setattr(Client, "in_parallel", False)


@pytest.fixture
def account(db: None) -> Account:
    return make_account()
