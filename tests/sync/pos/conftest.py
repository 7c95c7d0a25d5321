from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings

from accounts.models import Account
from inventory.models import Product, Warehouse
from sandbox.till.world import Till
from sync.models import Connection
from sync.sources.pos.client import Client
from tests.build import make_account
from tests.sync.facts.build import product, shop
from tests.sync.pos.build import SOAP, TEA, TODAY, make_connection


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def till(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Till:
    """An empty till whose day is TODAY."""
    monkeypatch.setattr(django_settings, "TILL_FILES", str(tmp_path))
    monkeypatch.setattr(Client, "today", lambda self: TODAY)
    return Till(tmp_path / "till.sqlite3")


@pytest.fixture
def store(account: Account) -> Warehouse:
    return shop(account)


@pytest.fixture
def soap(account: Account) -> Product:
    return product(account, "SOAP", SOAP)


@pytest.fixture
def tea(account: Account) -> Product:
    return product(account, "TEA", TEA)


@pytest.fixture
def connection(account: Account, till: Till, store: Warehouse, soap: Product, tea: Product) -> Connection:
    """Branches 001 and 002 are counters of one shop."""
    return make_connection(account, till.path, ("001", store), ("002", store))
