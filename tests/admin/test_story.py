from __future__ import annotations

from datetime import timedelta

from django.test import Client

from accounts.models import Account
from accounts.roles import Role
from inventory import units
from inventory.models import Warehouse
from tests.admin.pages import page
from tests.api.build import NOON, make_change, make_connection, make_run
from tests.build import make_account, make_actor
from tests.inventory.build import make_unit


def test_page_of_a_unit_tells_what_syncs_and_people_changed_newest_first(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    unit = make_unit(warehouse, "ZZ900101", bucket="STA")
    run = make_run(make_connection(account))
    make_change(run, 1, entity_id=unit.pk, type="item_appeared", field="", old=None, new=None, at=NOON - timedelta(days=1))
    make_change(run, 2, entity_id=unit.pk)
    units.note(make_actor(account, Role.STAFF), unit, "Dent")
    shown = page(viewer, f"/admin/inventory/unit/{unit.pk}/change/")
    told = shown[shown.index("When What Before and after By") :]
    assert told.index("Our notes nothing → became Dent Mara") < told.index("Unit moved ASIS → became STA") < told.index("Unit new")
    assert f"Run {run.pk}" in told


def test_changes_of_another_row_are_not_told(viewer: Client, account: Account, warehouse: Warehouse) -> None:
    unit, other = make_unit(warehouse, "ZZ900101"), make_unit(warehouse, "ZZ900102")
    run = make_run(make_connection(account))
    make_change(run, 1, entity_id=other.pk)
    make_change(run, 2, entity="load", entity_id=unit.pk, type="load_sold")
    make_change(make_run(make_connection(make_account("Else"))), 1, entity_id=unit.pk, type="item_reserved")
    shown = page(viewer, f"/admin/inventory/unit/{unit.pk}/change/")
    assert "No sync has changed it and nobody has written a note on it." in shown
