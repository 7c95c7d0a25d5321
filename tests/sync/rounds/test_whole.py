"""Everything from both real sources, against their stand-ins: an Odoo over HTTP and a till in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.roles import Role
from inventory import integrity
from inventory.models import Warehouse
from sandbox.till.world import Till
from sync.facts import releasing
from sync.models import Cursor, Round, Status, WarehouseRef
from sync.rounds import nightly
from tests.api.build import program_as
from tests.build import make_account, make_actor
from tests.sync.odoo.build import OdooStandIn
from tests.sync.odoo_source.doing import connected, levels, movements
from tests.sync.pos.build import TODAY, bill, make_connection
from tests.sync.rounds.fake import Chain


@pytest.fixture
def real(db: None, odoo: OdooStandIn, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """An Odoo in which 50 bags came and 8 went on, and a till whose first branch nobody has assigned."""
    settings.TILL_FILES, settings.SYNC_ALL_RETRY_SECONDS = str(tmp_path), (0, 0, 0)
    monkeypatch.setattr("sync.sources.pos.client.Client.today", lambda self: TODAY)
    account: Account = make_account("Corner shop")
    odoo.world.receive(odoo.world.buy("Indus Foods", {"RICE-5": 50}, warehouse="CLF"))
    odoo.world.transfer("RICE-5", 8, "CLF", "CEN")
    till = Till(tmp_path / "till.sqlite3")
    barcode = next(each.barcode for each in odoo.world.products if each.code == "RICE-5")
    bill(till, "B1", (barcode, 3), days=1)
    chain = Chain(account, make_actor(account))
    chain.connections = {"Odoo": connected(account, odoo), "Till": make_connection(account, till.path)}
    return chain


def client_of(chain: Chain, role: Role) -> APIClient:
    return program_as(chain.account, role)


def test_everything_comes_once_and_what_is_held_books_itself_and_a_reset_doubles_nothing(real: Chain, odoo: OdooStandIn) -> None:
    odoo.turn_on("bad_gateway", feeds="res.partner", times=1)
    manager = client_of(real, Role.MANAGER)
    address = manager.post("/api/sync/all")["Location"]
    assert real.go(Round.objects.get()).status == Status.SUCCEEDED
    told = manager.get(address).json()["data"]
    assert (told["successfulSyncs"], told["breakdown"]["held"]) == (5, 1)
    assert [(error["type"], error["code"]) for error in told["errors"]] == [("sales", "unmapped_branch")]
    assert levels() == {("RICE-5", "Clifton"): 42, ("RICE-5", "Central"): 8}

    types = manager.get("/api/sync/status").json()["data"]["types"]
    assert {each["status"] for each in types.values()} == {"success"}
    assert (types["sales"]["held"], types["sales"]["connections"][0]["cursor"]["readTo"]) == (1, "2026-05-19T00:00:00Z")
    assert all(types[key]["connections"][0]["cursor"]["readTo"] for key in ("products", "categories", "purchases", "transfers"))

    WarehouseRef.objects.filter(connection=real.connections["Till"]).update(warehouse=Warehouse.objects.get(name="Clifton"))
    assert "1 held line is tried again." in nightly.recover(real.account)
    releasing.book(real.connections["Till"].pk)
    assert levels()["RICE-5", "Clifton"] == 39

    before = movements()
    for key in ("products", "purchases", "transfers", "sales"):
        assert manager.post(f"/api/sync/reset/{key}").json()["data"]["cursors"] > 0
    assert Cursor.objects.filter(feed__in=("products", "purchases", "sales")).count() == 0
    assert real.sync().status == Status.SUCCEEDED
    assert (levels(), movements()) == ({("RICE-5", "Clifton"): 39, ("RICE-5", "Central"): 8}, before)
    assert not integrity.check(real.owner).offenders
