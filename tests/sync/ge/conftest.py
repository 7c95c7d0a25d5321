from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox, start


@pytest.fixture(scope="module")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start(data=tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """The sandbox on its first day, without a fault; one process for all tests of a module."""
    running_sandbox.control(action="reset")
    return running_sandbox
