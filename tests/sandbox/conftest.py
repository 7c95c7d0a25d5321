from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox, start


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with start(data=tmp_path) as running:
        yield running
