from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from accounts.acting import Actor
from sync import connections, systems
from sync.models import Connection
from sync.wire.verdict import Verdict
from tests.build import make_account, make_actor

URL = "https://stock.example.com/ge"
HTTP = {"transport": "http", "org": "7QX"}

Test = Callable[[Connection], Verdict]


@pytest.fixture
def owner(db: None) -> Actor:
    return make_actor(make_account())


@pytest.fixture
def connection(owner: Actor) -> Connection:
    return connections.add(owner, system="ge", name="GE", base_url=URL, settings=HTTP, secrets={"token": "first-value"})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Test], None]:
    """Lets a test say what testing a GE connection finds."""

    def set_answer(test: Test) -> None:
        monkeypatch.setitem(systems._registered, "ge", replace(systems.system("ge"), test=test))

    return set_answer
