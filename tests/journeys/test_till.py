"""A till tells of sales nobody can place: a branch is assigned, a barcode named, the lines book themselves, and the level says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Account
from accounts.roles import Role
from inventory.models import Product, ProductAlias, Warehouse
from sandbox.till.world import Till
from sync import connections
from sync.models import Connection, WarehouseRef
from tests.build import make_account, make_actor, make_member
from tests.jobs.conftest import Worker
from tests.journeys.conftest import Visitor
from tests.sync.facts.build import product, shop, stock, units

pytestmark = pytest.mark.django_db(transaction=True)

SOAP, LABEL = "4006381333931", "9900000000017"
"""The barcode of the soap, and that of an old label of it which nobody here knows."""


@pytest.fixture
def account(transactional_db: None, live_server: object) -> Account:
    account = make_account("Corner Grocer")
    for role in (Role.STAFF, Role.MANAGER):
        make_member(account, role, role.value)
    return account


@pytest.fixture
def store(account: Account) -> Warehouse:
    return shop(account, "Saddar")


@pytest.fixture
def soap(account: Account, store: Warehouse) -> Product:
    made = product(account, "SOAP", SOAP, name="Soap")
    stock(account, made, store, 40)
    return made


@pytest.fixture
def till(account: Account, tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Yesterday three bills were typed in, in a branch that is new to everybody: four soaps, and two with the old label."""
    files = tmp_path / "till"
    # For this process and for the worker's.
    settings.TILL_FILES = str(files)  # type: ignore[attr-defined]
    monkeypatch.setenv("TILL_FILES", str(files))
    machine = Till(files / "till.sqlite3")
    machine.branch("002", "Saddar")
    noon = datetime.now(UTC).replace(tzinfo=None, hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    machine.sell("002", [(SOAP, 3)], noon, bill="B1")
    machine.sell("002", [(f"{SOAP}  ", 1)], noon, bill="B2")
    machine.sell("002", [(LABEL, 2)], noon, bill="B3")
    connection = connections.add(make_actor(account), system="pos", name="Till", settings={"dialect": "sqlite", "file": "till.sqlite3"})
    connections.set_auto_sync(make_actor(account), connection, False)
    return connection


def test_a_branch_and_a_barcode_are_settled_and_held_lines_book_themselves(
    till: Connection, store: Warehouse, soap: Product, start_worker: Callable[..., Worker], enter: Callable[..., Visitor]
) -> None:
    start_worker().wait_for_beats()
    staff, manager = enter("staff", width=390), enter("manager")

    # What is read is held: nobody has said where the branch is.
    staff.go(reverse("admin:sync_page", args=[till.pk]))
    staff.choose("Sync sales")
    staff.reads("3 lines are read and not booked.")
    assert staff.is_narrow_enough()
    staff.go(reverse("admin:index"))
    staff.reads("3 lines are held: their places have no warehouse.")

    # The branch is assigned on the list of work, and the page follows the lines.
    manager.go(reverse("admin:index"))
    manager.choose("Assign them")
    manager.page.get_by_label("Warehouse for 002").select_option(store.name)
    manager.choose("Assign 002")
    manager.reads("“002” of Till is Shop Saddar here. 3 held lines book themselves now.")
    manager.reads("2 booked, 1 held.")
    assert WarehouseRef.objects.get(external_id="002").warehouse == store
    assert units(soap, store) == 40 - 4

    # The old label becomes a barcode of the soap.
    manager.choose("All that is to be assigned")
    manager.choose("Products 1")
    manager.choose(LABEL)
    manager.page.fill("#id_product", "SOAP")
    manager.choose("It is this product")
    manager.reads(f"Barcode “{LABEL}” is SOAP Soap. 1 held line books itself now.")
    manager.reads("The line is settled: 1 booked.")
    assert ProductAlias.objects.get(key=LABEL).product == soap
    assert units(soap, store) == 40 - 4 - 2

    # The level says why there is so much.
    staff.go(reverse("admin:inventory_product_stock", args=[soap.pk]))
    staff.reads("Moves told by outside systems")
    card = staff.page.locator("section[aria-labelledby=moves-there]")
    expect(card).to_contain_text("Till: Sale B3")
    expect(staff.page.locator("main, #content").first).to_contain_text("Sync of an outside system")
    assert staff.is_narrow_enough()
    card.get_by_role("link", name="Till: Sale B3").click()
    staff.reads("Booked as")
    expect(staff.page.locator("section[aria-labelledby=movements-title]")).to_contain_text("−2 units")
    assert staff.is_narrow_enough()
    staff.go(reverse("admin:sync_sourcefact_work"))
    staff.reads("No line is held: everything that was read is booked.")
