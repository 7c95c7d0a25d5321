"""Connections of a system that has nothing to sync: no warehouse follows them, and what is about syncs leaves them out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.acting import Actor
from inventory.models import Item, Warehouse
from marketplaces.models import Listing, Shop
from sync import clock, connections, runs, systems
from sync.models import Connection, SyncRun, Trigger
from sync.wire.verdict import Finding, Verdict
from tests.build import make_member
from tests.inventory.build import make_warehouse

FAX = systems.System(
    key="fax",
    label="Fax",
    settings=(systems.Setting("number", "Number"),),
    secrets=(),
    test=lambda _connection: Verdict(Finding.OK, "It beeps."),
    warehouse_mode=None,
    default_url="https://fax.example.com/api",
)


@pytest.fixture
def fax(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setitem(systems._registered, "fax", FAX)
    return connections.add(owner, system="fax", name="Fax")


@pytest.fixture
def browser(owner: Actor) -> Client:
    client = Client()
    client.force_login(make_member(owner.account).user)
    return client


def test_it_gets_no_warehouse_and_is_where_it_is_for_everybody(fax: Connection) -> None:
    assert (fax.warehouse, fax.base_url) == (None, "https://fax.example.com/api")
    assert not Warehouse.objects.exists()


def test_another_address_may_be_given_but_no_warehouse(owner: Actor, fax: Connection) -> None:
    assert connections.edit(owner, fax, base_url="http://127.0.0.1:8001/fax").base_url == "http://127.0.0.1:8001/fax"
    with pytest.raises(ValidationError) as refused:
        connections.edit(owner, fax, warehouse=make_warehouse(owner.account))
    assert refused.value.message_dict == {"warehouse": ["Fax fills no warehouse. Leave it empty."]}


def test_it_can_not_be_synced(owner: Actor, fax: Connection) -> None:
    with pytest.raises(runs.UnknownScope) as refused:
        runs.start(owner, fax, "inventory", trigger=Trigger.BUTTON)
    assert refused.value.sentence == "There is no “inventory” to sync here. Fax is not synced."


def test_clock_starts_nothing_for_it(fax: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Connection] = []
    monkeypatch.setattr(clock, "schedules_of", asked.append)
    clock.sweep()
    assert asked == []
    assert not SyncRun.objects.exists()


def test_pages_about_syncs_leave_it_out(browser: Client, fax: Connection) -> None:
    assert browser.get(f"/admin/sync/syncrun/connection/{fax.pk}/").status_code == 404
    overview = browser.get("/admin/")
    assert (overview.status_code, overview.context["cards"]) == (200, [])
    assert browser.get("/api/status").json()["connections"] == []


def test_its_own_page_has_its_settings_and_neither_warehouse_nor_sync(browser: Client, fax: Connection) -> None:
    shown = browser.get(f"/admin/sync/connection/{fax.pk}/change/").content.decode()
    assert "fax_number" in shown
    assert 'name="warehouse"' not in shown
    assert "Sync this connection" not in shown
    fresh = browser.get("/admin/sync/connection/add/?system=fax").content.decode()
    assert 'value="https://fax.example.com/api"' in fresh


def test_programs_are_told_where_it_is(browser: Client, fax: Connection) -> None:
    told = {system["key"]: system for system in browser.get("/api/systems").json()}
    assert (told["fax"]["scopes"], told["fax"]["default_url"]) == ([], "https://fax.example.com/api")
    assert told["ge"]["default_url"] == ""


def test_shop_without_listings_goes_with_its_connection_and_one_with_them_stays(owner: Actor, fax: Connection) -> None:
    shop = Shop.objects.create(account=owner.account, connection=fax)
    Item.objects.create(account=owner.account, part_number="3001")
    assert Listing.objects.get().shop == shop
    with pytest.raises(connections.ConnectionInUse) as refused:
        connections.remove(owner, fax)
    assert refused.value.sentence == "“Fax” has listings, whose history would be lost with it."
    Listing.objects.all().delete()
    connections.remove(owner, fax)
    assert not Connection.objects.filter(system="fax").exists()


def test_systems_that_are_synced_are_those_with_something_to_sync(fax: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(systems._registered, "telex", replace(FAX, key="telex", scopes={"all": systems.Scope("all", "all")}))
    assert {"fax"} & set(systems.synced()) == set()
    assert {"ge", "telex"} <= set(systems.synced())
