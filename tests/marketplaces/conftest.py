from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.models import Account
from marketplaces.models import Shop
from sandbox.server import Sandbox, start
from tests.build import make_account
from tests.marketplaces.build import StandIn, connect_bricklink, connect_brickowl


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """The stand-ins on a free port of the loopback address, with empty stores."""
    with start(data=tmp_path) as running:
        yield running


@pytest.fixture
def bricklink(sandbox: Sandbox) -> StandIn:
    return StandIn(sandbox, "bricklink")


@pytest.fixture
def brickowl(sandbox: Sandbox) -> StandIn:
    return StandIn(sandbox, "brickowl")


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def bricklink_shop(sandbox: Sandbox, account: Account) -> Shop:
    return connect_bricklink(sandbox, account)


@pytest.fixture
def brickowl_shop(sandbox: Sandbox, account: Account) -> Shop:
    return connect_brickowl(sandbox, account)
