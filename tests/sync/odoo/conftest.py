from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Account
from sandbox.odoo.system import Odoo
from sandbox.odoo.world import World
from sandbox.server import Sandbox, Server
from tests.build import make_account
from tests.sync.odoo.build import OdooStandIn


@pytest.fixture(scope="session")
def odoo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OdooStandIn]:
    """One stand-in for all tests of a process."""
    system = Odoo(tmp_path_factory.mktemp("odoo"))
    with Sandbox(Server(0, {"odoo": system})) as running:
        yield OdooStandIn(running, system)


@pytest.fixture
def odoo(odoo_server: OdooStandIn) -> OdooStandIn:
    """Odoo 19 with eight products and two warehouses, without moves and faults; what a test does to it is gone afterwards."""
    odoo_server.have(World.small())
    return odoo_server


@pytest.fixture
def account(db: None) -> Account:
    return make_account()
