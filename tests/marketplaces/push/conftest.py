from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from marketplaces import orders, provider
from sync import systems
from tests.marketplaces.push import toy


@pytest.fixture(autouse=True)
def toy_marketplace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toy marketplace stands beside the real ones; its sales are imported by the toy's own few lines."""
    monkeypatch.setitem(provider._registered, "toy", toy.TOY)
    monkeypatch.setitem(systems._registered, "toy", toy.TOY.system)
    monkeypatch.setattr(orders, "import_now", toy.import_sales, raising=False)
    monkeypatch.setattr("marketplaces.push.settling.UNCLEAR_PAUSES", (0, 0, 0))
    monkeypatch.setattr("marketplaces.push.draining.PATIENCE_SECONDS", 0)
    # A pause ends when a test says so, not because the machine was slow for two seconds.
    monkeypatch.setattr(settings, "PUSH_PAUSE_PERCENT", 10_000)
    monkeypatch.setattr("marketplaces.push.requesting.wake", lambda _shops: None)
    monkeypatch.setattr("marketplaces.push.draining.wake", lambda _shops: None)
    yield
    toy.TOY.stores.clear()
