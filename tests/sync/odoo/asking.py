"""Clients of the stand-in, or of a scripted server, that need no database: without budgets and breaker."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.odoo.keys import SECRETS, SETTINGS
from sync.models import Connection
from sync.secrets import Secrets
from sync.sources.odoo import client as module
from sync.sources.odoo.client import Client, client_for
from tests.sync.odoo.build import OdooStandIn


class Nobody:
    """A budget that is never used up, and a breaker that never opens."""

    def __init__(self, _connection: int | None) -> None:
        pass

    def spend(self, **_spending: Any) -> None:
        pass

    def block(self, _seconds: float, **_spending: Any) -> None:
        pass

    def enter(self) -> None:
        pass

    def record(self, _outcome: Any) -> None:
        pass


@pytest.fixture
def unbudgeted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ConnectionBudget", Nobody)
    monkeypatch.setattr(module, "ConnectionBreaker", Nobody)


def connection_to(url: str, *, secrets: dict[str, str] | None = None, **settings: Any) -> Connection:
    """A connection that is not stored."""
    stored = Secrets(SECRETS if secrets is None else secrets)
    return Connection(pk=7, name="Odoo", system="odoo", base_url=url, settings={**SETTINGS, **settings}, secrets=stored)


def client_of(odoo: OdooStandIn, version: int = 19, *, secrets: dict[str, str] | None = None, **settings: Any) -> Client:
    """A client of the stand-in, which is that version from now on."""
    odoo.be(version)
    return client_for(connection_to(odoo.url, secrets=secrets, **settings))
