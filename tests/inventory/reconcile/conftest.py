from __future__ import annotations

import pytest

from tests.inventory.reconcile.build import Store


@pytest.fixture
def store(db: None) -> Store:
    return Store()
