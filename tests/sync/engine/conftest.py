from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync import systems
from tests.sync.engine import shelf


@pytest.fixture(autouse=True)
def _shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(systems._registered, "shelf", shelf.SYSTEM)
    yield
    shelf.reset()
