from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from sync import systems
from tests.sync.engine import shelf
from tests.sync.odoo.conftest import odoo, odoo_server
from tests.sync.rounds import fake

__all__ = ["odoo", "odoo_server"]


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    monkeypatch.setitem(systems._registered, "odoo", fake.ODOO)
    monkeypatch.setitem(systems._registered, "pos", fake.TILL)
    settings.SYNC_ALL_RETRY_SECONDS = (0, 0, 0)
    yield
    shelf.reset()
    fake.NEXT.clear()
    fake.READ.clear()


@pytest.fixture
def chain(db: None, fakes: None) -> fake.Chain:
    return fake.make_chain()
