from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import NotAllowed
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.catalogue import add_alias, add_product, delete_product, edit_product, remove_alias
from inventory.errors import AliasTaken, InUse, SkuTaken
from inventory.models import Level, Product, ProductAlias, Unit, Warehouse
from inventory.warehouses import edit_warehouse
from tests.build import make_account, make_actor
from tests.inventory.build import make_unit, make_warehouse

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


@pytest.fixture
def warehouse(manager: Actor) -> Warehouse:
    """Two units, of the models QTX10FRIDGE and QTX20."""
    warehouse = make_warehouse(manager.account)
    make_unit(warehouse, "ZZ900101", "QTX10FRIDGE")
    make_unit(warehouse, "ZZ900102", "QTX20")
    return warehouse


def links() -> dict[str, str | None]:
    return dict(Unit.objects.order_by("serial").values_list("model", "product__sku"))


def names(product: Product) -> list[tuple[str, str]]:
    return list(product.aliases.order_by("kind", "key").values_list("kind", "text"))


def test_product_with_its_names(manager: Actor, warehouse: Warehouse) -> None:
    product = add_product(
        manager, sku=" Fridge-10 ", name="Fridge", product_type="Refrigerator", models=["qtx10 fridge", "QTX11"], barcodes=["0 12345"]
    )
    product.refresh_from_db()
    assert (product.sku, product.sku_key, product.model_key, product.name) == ("Fridge-10", "FRIDGE-10", "FRIDGE10", "Fridge")
    assert names(product) == [("barcode", "0 12345"), ("model", "qtx10 fridge"), ("model", "QTX11")]
    assert links() == {"QTX10FRIDGE": "Fridge-10", "QTX20": None}
    entry = AuditLog.objects.get(entity="Product")
    assert (entry.action, entry.after["models"], entry.after["sku"]) == ("ADD", ["qtx10 fridge", "QTX11"], "Fridge-10")


def test_sku_is_taken_in_whatever_case(manager: Actor) -> None:
    add_product(manager, sku="fridge", name="A fridge")
    with pytest.raises(SkuTaken, match="There is already a product with the SKU fridge: A fridge"):
        add_product(manager, sku="FRIDGE")
    other = add_product(manager, sku="RANGE")
    with pytest.raises(SkuTaken):
        edit_product(manager, other, sku="Fridge ")
    assert add_product(make_actor(make_account("8QX")), sku="FRIDGE").pk


def test_model_belongs_to_one_product_and_a_barcode_to_many(manager: Actor) -> None:
    add_product(manager, sku="FRIDGE", models=["QTX10"], barcodes=["012345"])
    with pytest.raises(AliasTaken, match="The model qtx-10 belongs to the product FRIDGE"):
        add_product(manager, sku="RANGE", models=["qtx-10"])
    assert not Product.objects.filter(sku="RANGE").exists()
    add_product(manager, sku="RANGE", barcodes=["012345"])


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"sku": " \u200b"}, "sku"),
        ({"sku": "A\x00B"}, "sku"),
        ({"sku": "S" * 81}, "sku"),
        ({"sku": "A", "name": "N" * 301}, "name"),
        ({"sku": "A", "name": "N\x00"}, "name"),
        ({"sku": "A", "models": ["--"]}, "models"),
        ({"sku": "A", "models": ["M" * 81]}, "models"),
        ({"sku": "A", "barcodes": ["1\x002"]}, "barcodes"),
    ],
)
def test_wrong_field_is_named(manager: Actor, fields: dict[str, str], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        add_product(manager, **fields)  # type: ignore[arg-type]
    assert named in caught.value.message_dict
    assert not Product.objects.exists()


def test_edit_writes_and_audits_what_differs(manager: Actor, warehouse: Warehouse) -> None:
    product = add_product(manager, sku="FRIDGE", name="Fridge", models=["QTX10FRIDGE"])
    edit_product(manager, product, name="Big fridge", models=["QTX10FRIDGE"])
    edit_product(manager, product, name="Big fridge")
    entry = AuditLog.objects.get(entity="Product", action="CHANGE")
    assert (entry.before, entry.after) == ({"name": "Fridge"}, {"name": "Big fridge"})


def test_models_that_come_and_go_move_units(manager: Actor, warehouse: Warehouse) -> None:
    product = add_product(manager, sku="FRIDGE", models=["QTX10FRIDGE"])
    edit_product(manager, product, models=["QTX20"])
    assert links() == {"QTX10FRIDGE": None, "QTX20": "FRIDGE"}
    edit_product(manager, product, sku="qtx-10-fridge", models=[])
    assert links() == {"QTX10FRIDGE": "qtx-10-fridge", "QTX20": None}


def test_unknown_field_is_refused(manager: Actor) -> None:
    product = add_product(manager, sku="FRIDGE")
    with pytest.raises(ValidationError, match="no such field"):
        edit_product(manager, product, account=2)


def test_alias_is_added_once_and_removed(manager: Actor, warehouse: Warehouse) -> None:
    product = add_product(manager, sku="FRIDGE")
    alias = add_alias(manager, product, "model", " qtx-10-fridge")
    assert add_alias(manager, product, "model", "QTX10FRIDGE") == alias
    assert links()["QTX10FRIDGE"] == "FRIDGE"
    remove_alias(manager, alias)
    remove_alias(manager, alias)
    assert links()["QTX10FRIDGE"] is None
    assert not ProductAlias.objects.exists()
    assert AuditLog.objects.filter(entity="Product", action="CHANGE").count() == 2


def test_alias_of_another_product_is_refused(manager: Actor) -> None:
    add_product(manager, sku="FRIDGE", models=["QTX10"])
    other = add_product(manager, sku="RANGE")
    with pytest.raises(AliasTaken):
        add_alias(manager, other, "model", "QTX10")
    with pytest.raises(ValidationError, match="no kind “colour”"):
        add_alias(manager, other, "colour", "QTX11")


def test_levels_follow_units_that_change_their_product(manager: Actor, warehouse: Warehouse) -> None:
    first = add_product(manager, sku="FIRST", models=["QTX10FRIDGE", "QTX20"])
    second = add_product(manager, sku="SECOND")
    edit_product(manager, first, models=["QTX20"])
    edit_product(manager, second, models=["QTX10FRIDGE"])
    assert dict(Level.objects.values_list("product__sku", "units")) == {"FIRST": Decimal(1), "SECOND": Decimal(1)}


def test_product_whose_units_count_stays(manager: Actor, warehouse: Warehouse) -> None:
    product = add_product(manager, sku="QTX20")
    with pytest.raises(InUse, match="QTX20 has 1 level with stock and 1 movement"):
        delete_product(manager, product)
    assert links()["QTX20"] == "QTX20"


def test_units_of_a_deleted_product_stay(manager: Actor, warehouse: Warehouse) -> None:
    edit_warehouse(manager, warehouse, level_buckets="FG")
    add_product(manager, sku="QTX10FRIDGE")
    aliased = add_product(manager, sku="FRIDGE", models=["QTX10FRIDGE", "QTX20"])
    assert links() == {"QTX10FRIDGE": "FRIDGE", "QTX20": "FRIDGE"}
    delete_product(manager, aliased)
    assert links() == {"QTX10FRIDGE": "QTX10FRIDGE", "QTX20": None}
    assert AuditLog.objects.get(action="DELETE").before["models"] == ["QTX10FRIDGE", "QTX20"]


def test_roles(manager: Actor) -> None:
    product = add_product(make_actor(manager.account, Role.STAFF), sku="FRIDGE", models=["QTX10"])
    staff, viewer = make_actor(manager.account, Role.STAFF), make_actor(manager.account, Role.VIEWER)
    refused: list[Callable[[], object]] = [
        lambda: add_product(viewer, sku="RANGE"),
        lambda: edit_product(staff, product, name="x"),
        lambda: add_alias(staff, product, "model", "x"),
        lambda: remove_alias(staff, product.aliases.get()),
        lambda: delete_product(staff, product),
    ]
    for verb in refused:
        with pytest.raises(NotAllowed):
            verb()


def test_product_of_another_account_does_not_exist(manager: Actor) -> None:
    product = add_product(manager, sku="FRIDGE", models=["QTX10"])
    stranger = make_actor(make_account("8QX"))
    alias = product.aliases.get()
    refused: list[Callable[[], object]] = [
        lambda: edit_product(stranger, product, name="x"),
        lambda: add_alias(stranger, product, "model", "x"),
        lambda: remove_alias(stranger, alias),
        lambda: delete_product(stranger, product),
    ]
    for verb in refused:
        with pytest.raises(Product.DoesNotExist):
            verb()
