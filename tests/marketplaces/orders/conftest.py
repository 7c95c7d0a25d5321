from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplaces import provider
from sync import systems
from tests.jobs.conftest import PATIENCE
from tests.marketplaces.orders import build


@pytest.fixture(autouse=True)
def toy_marketplace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A marketplace in memory that keeps orders stands beside the real ones. Drains run where a test calls them."""
    monkeypatch.setitem(provider._registered, "toy", build.TOY)
    monkeypatch.setitem(systems._registered, "toy", build.TOY.system)
    monkeypatch.setattr("marketplaces.push.requesting.wake", lambda _shops: None)
    monkeypatch.setattr("marketplaces.push.draining.wake", lambda _shops: None)
    # Of several readers at once each has its turn, however slow the machine is.
    monkeypatch.setattr("marketplaces.orders.clock.PATIENCE", PATIENCE)
    yield
    build.TOY.stores.clear()
