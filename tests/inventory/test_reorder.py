from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.catalogue import add_product
from inventory.models import Level, Product, Warehouse
from inventory.reorder import set_reorder
from inventory.warehouses import add_warehouse
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


@pytest.fixture
def warehouse(manager: Actor) -> Warehouse:
    return add_warehouse(manager, name="Shop", code="S")


@pytest.fixture
def product(manager: Actor) -> Product:
    return add_product(manager, sku="TILE")


def test_level_that_was_not_there_shows_nothing(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    level = set_reorder(manager, product, warehouse, point=5, quantity=Decimal(20))
    stored = Level.objects.get()
    assert (stored.pk, stored.ledger, stored.account) == (level.pk, True, manager.account)
    assert (stored.pallets, stored.packs, stored.units) == (0, 0, 0)
    assert (stored.reorder_point, stored.reorder_quantity) == (Decimal(5), Decimal(20))
    entry = AuditLog.objects.get(entity="WarehouseInventory")
    assert entry.entity_id == str(level.pk)
    assert entry.after == {"product": "TILE", "warehouse": "Shop", "reorder_point": "5", "reorder_quantity": "20"}


def test_level_keeps_its_counters(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    set_reorder(manager, product, warehouse, point=5, quantity=None)
    Level.objects.update(units=7)
    set_reorder(manager, product, warehouse, point=None, quantity=3)
    level = Level.objects.get()
    assert (level.units, level.reorder_point, level.reorder_quantity) == (Decimal(7), None, Decimal(3))


def test_the_same_again_writes_nothing(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    for _ in range(2):
        set_reorder(manager, product, warehouse, point=0, quantity=None)
    assert AuditLog.objects.filter(entity="WarehouseInventory").count() == 1


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"point": -1}, "point"),
        ({"point": Decimal("0.5")}, "point"),
        ({"point": "many"}, "point"),
        ({"point": Decimal("NaN")}, "point"),
        ({"quantity": -1}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": Decimal(10) ** 12}, "quantity"),
    ],
)
def test_wrong_number_is_refused_at_its_name(
    manager: Actor, product: Product, warehouse: Warehouse, values: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        set_reorder(manager, product, warehouse, **{"point": None, "quantity": None, **values})
    assert list(caught.value.message_dict) == [named]
    assert not Level.objects.exists()


def test_fractions_of_what_is_counted_so(manager: Actor, warehouse: Warehouse) -> None:
    rope = add_product(manager, sku="ROPE", fractional=True)
    assert set_reorder(manager, rope, warehouse, point=Decimal("2.5"), quantity=None).reorder_point == Decimal("2.5")


def test_roles_and_accounts(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    with pytest.raises(NotAllowed):
        set_reorder(make_actor(manager.account, Role.STAFF), product, warehouse, point=1, quantity=1)
    stranger = make_actor(make_account("8QX"))
    with pytest.raises(Product.DoesNotExist):
        set_reorder(stranger, product, warehouse, point=1, quantity=1)
    with pytest.raises(Warehouse.DoesNotExist):
        set_reorder(manager, product, add_warehouse(stranger, name="x", code="x"), point=1, quantity=1)
