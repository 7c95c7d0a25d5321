from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Account
from marketplaces.models import Shop
from marketplaces.providers.brickowl.client import BrickOwlRemote
from marketplaces.providers.brickowl.provider import PROVIDER
from sync import connections
from tests.build import make_account, make_actor
from tests.marketplaces.brickowl.build import KEY
from tests.sync.wire.server import Server


@pytest.fixture
def owl() -> Iterator[Server]:
    """A Brick Owl that answers as each test writes it down."""
    with Server() as running:
        yield running


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def shop(owl: Server, account: Account) -> Shop:
    made = connections.add(
        make_actor(account), system="brickowl", name="Owl", base_url=f"{owl.url}/v1", settings={}, secrets={"api_key": KEY}
    )
    return Shop.objects.select_related("connection", "account").get(connection=made)


@pytest.fixture
def remote(shop: Shop) -> Iterator[BrickOwlRemote]:
    with PROVIDER.open(shop) as opened:
        yield opened
