from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.errors import InUse, NameTaken
from inventory.models import Batch, Count, DirtyKey, Level, Product, Warehouse
from inventory.warehouses import add_warehouse, edit_warehouse
from tests.build import make_account, make_actor
from tests.inventory.build import make_unit

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


@pytest.fixture
def ledger(manager: Actor) -> Warehouse:
    return add_warehouse(manager, name="Shop", code="S", mode="ledger")


@pytest.fixture
def mirror(manager: Actor) -> Warehouse:
    return add_warehouse(manager, name="Depot", code="D", mode="mirror")


@pytest.fixture
def product(manager: Actor) -> Product:
    return Product.objects.create(account=manager.account, sku="TILE", sku_key="TILE")


def make_level(warehouse: Warehouse, product: Product, **values: Any) -> Level:
    ledger = warehouse.mode == "ledger"
    return Level.objects.create(account=product.account, product=product, warehouse=warehouse, ledger=ledger, changed_at=NEW_YEAR, **values)


def make_batch(warehouse: Warehouse, product: Product) -> Batch:
    return Batch.objects.create(account=product.account, product=product, warehouse=warehouse, unit_kind="units", received_at=NEW_YEAR)


def test_ledger_is_open_from_now_on(ledger: Warehouse) -> None:
    ledger.refresh_from_db()
    assert (ledger.name, ledger.code, ledger.mode, ledger.active) == ("Shop", "S", "ledger", True)
    assert ledger.opened_at is not None
    assert abs(ledger.opened_at - timezone.now()) < timedelta(minutes=1)
    entry = AuditLog.objects.get(entity="Warehouse")
    assert (entry.action, entry.after["code"], entry.after["mode"]) == ("ADD", "S", "ledger")


def test_opening_may_be_said(manager: Actor) -> None:
    assert add_warehouse(manager, name="Old", code="O", opened_at=NEW_YEAR).opened_at == NEW_YEAR


def test_mirror_has_no_opening(manager: Actor, mirror: Warehouse) -> None:
    assert (mirror.opened_at, mirror.level_buckets) == (None, "FG,ASIS")
    with pytest.raises(ValidationError, match="Only a warehouse whose stock is kept here"):
        edit_warehouse(manager, mirror, opened_at=NEW_YEAR)


def test_code_is_there_once_in_whatever_case(manager: Actor, ledger: Warehouse) -> None:
    with pytest.raises(NameTaken, match="The warehouse Shop has the code S"):
        add_warehouse(manager, name="Other", code=" s ")
    assert add_warehouse(make_actor(make_account("8QX")), name="Shop", code="S").pk


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": " "}, "name"),
        ({"name": "N" * 201}, "name"),
        ({"name": "N\x00"}, "name"),
        ({"code": ""}, "code"),
        ({"code": "C" * 41}, "code"),
        ({"mode": "both"}, "mode"),
        ({"level_buckets": "FG,XX"}, "level_buckets"),
        ({"opened_at": datetime(1, 1, 1, tzinfo=UTC)}, "opened_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_field_is_named(manager: Actor, fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        add_warehouse(manager, **{"name": "Shop", "code": "S", **fields})
    assert list(caught.value.message_dict) == [named]
    assert not Warehouse.objects.exists()


@pytest.mark.parametrize(("given", "kept"), [("sta, fg,FG", "FG,STA"), ("", ""), (" , ", ""), ("ASIS", "ASIS")])
def test_buckets_are_kept_in_their_order(manager: Actor, mirror: Warehouse, given: str, kept: str) -> None:
    assert edit_warehouse(manager, mirror, level_buckets=given).level_buckets == kept


def test_levels_follow_the_buckets_that_count(manager: Actor, mirror: Warehouse, product: Product) -> None:
    for number, bucket in enumerate(("FG", "ASIS", "ASIS", "STA")):
        make_unit(mirror, f"ZZ90010{number}", bucket=bucket, product=product)
    edit_warehouse(manager, mirror, level_buckets="FG,STA")
    assert Level.objects.get().units == 2
    edit_warehouse(manager, mirror, level_buckets="")
    assert Level.objects.get().units == 0


def test_edit_writes_and_audits_what_differs(manager: Actor, ledger: Warehouse) -> None:
    edit_warehouse(manager, ledger, name=" Main shop ", active=False)
    edit_warehouse(manager, ledger, name="Main shop", mode="ledger", opened_at=ledger.opened_at)
    entry = AuditLog.objects.get(entity="Warehouse", action="CHANGE")
    assert (entry.before, entry.after) == ({"name": "Shop", "active": True}, {"name": "Main shop", "active": False})


def test_mode_changes_while_nothing_is_there(manager: Actor, mirror: Warehouse, product: Product) -> None:
    level = make_level(mirror, product)
    DirtyKey.objects.create(account=product.account, product=product, warehouse=mirror, noted_at=NEW_YEAR)
    changed = edit_warehouse(manager, mirror, mode="ledger")
    assert changed.opened_at is not None
    level.refresh_from_db()
    assert level.ledger is True
    back = edit_warehouse(manager, mirror, mode="mirror")
    assert (back.mode, back.opened_at) == ("mirror", None)
    level.refresh_from_db()
    assert level.ledger is False


def test_mode_stays_where_stock_is(manager: Actor, mirror: Warehouse, product: Product) -> None:
    make_level(mirror, product, units=3)
    make_unit(mirror, "ZZ900101")
    with pytest.raises(InUse, match="Depot has 1 level with stock and 1 unit, so its mode stays") as caught:
        edit_warehouse(manager, mirror, mode="ledger", name="Kept here")
    assert caught.value.details == {"levels": 1, "units": 1}
    mirror.refresh_from_db()
    assert (mirror.mode, mirror.name) == ("mirror", "Depot")


def test_mode_stays_where_something_happened(manager: Actor, ledger: Warehouse, product: Product) -> None:
    make_batch(ledger, product)
    with pytest.raises(InUse, match="Shop has 1 batch"):
        edit_warehouse(manager, ledger, mode="mirror")


def test_opening_moves_until_something_is_booked(manager: Actor, ledger: Warehouse, product: Product) -> None:
    make_level(ledger, product)
    assert edit_warehouse(manager, ledger, opened_at=NEW_YEAR).opened_at == NEW_YEAR
    count = Count.objects.create(account=manager.account, warehouse=ledger, counted_at=NEW_YEAR)
    with pytest.raises(InUse, match="Shop has 1 count, so the time of its opening stays"):
        edit_warehouse(manager, ledger, opened_at=NEW_YEAR - timedelta(days=1))
    count.delete()
    make_batch(ledger, product)
    with pytest.raises(InUse, match="1 batch"):
        edit_warehouse(manager, ledger, opened_at=None)
    edit_warehouse(manager, ledger, opened_at=NEW_YEAR, name="Still editable")


def test_roles_and_accounts(manager: Actor, ledger: Warehouse) -> None:
    staff, stranger = make_actor(manager.account, Role.STAFF), make_actor(make_account("8QX"))
    refused: list[Callable[[], object]] = [
        lambda: add_warehouse(staff, name="x", code="x"),
        lambda: edit_warehouse(staff, ledger, name="x"),
    ]
    for verb in refused:
        with pytest.raises(NotAllowed):
            verb()
    with pytest.raises(Warehouse.DoesNotExist):
        edit_warehouse(stranger, ledger, mode="mirror")
