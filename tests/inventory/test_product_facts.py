"""Packing, prices, category and vendor of products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.acting import Actor
from accounts.models import AuditLog
from accounts.roles import Role
from inventory.catalogue import add_product, delete_product, edit_product
from inventory.categories import add_category
from inventory.errors import InUse
from inventory.models import Batch, Level, Movement, Product, Warehouse
from inventory.vendors import add_vendor
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> Actor:
    return make_actor(make_account(), Role.MANAGER)


@pytest.fixture
def product(manager: Actor) -> Product:
    return add_product(manager, sku="TILE", packs_per_pallet=48, units_per_pack=Decimal(12))


@pytest.fixture
def warehouse(manager: Actor) -> Warehouse:
    return Warehouse.objects.create(account=manager.account, name="Main", code="M", mode="ledger", opened_at=timezone.now())


def make_level(product: Product, warehouse: Warehouse, **counters: Any) -> Level:
    return Level.objects.create(
        account=product.account, product=product, warehouse=warehouse, ledger=True, changed_at=timezone.now(), **counters
    )


def make_batch(product: Product, warehouse: Warehouse, **values: Any) -> Batch:
    given = {"unit_kind": "packs", "received": 5, "remaining": 5, "received_at": timezone.now(), **values}
    return Batch.objects.create(account=product.account, product=product, warehouse=warehouse, **given)


def test_all_that_is_known_is_kept_and_audited(manager: Actor) -> None:
    category, vendor = add_category(manager, name="Floors"), add_vendor(manager, name="North")
    made = add_product(
        manager,
        sku="TILE",
        category=category,
        vendor=vendor,
        unit_kind="packs",
        packs_per_pallet=48,
        units_per_pack=12,
        lead_time_days=9,
        purchase_price=Decimal("10.5000"),
        sale_price="19.9999",
        batch_managed=False,
    )
    stored = Product.objects.get()
    assert (made.pk, stored.category, stored.vendor, stored.unit_kind) == (stored.pk, category, vendor, "packs")
    assert (stored.packs_per_pallet, stored.units_per_pack, stored.lead_time_days) == (Decimal(48), Decimal(12), 9)
    assert (stored.purchase_price, stored.sale_price, stored.batch_managed) == (Decimal("10.5"), Decimal("19.9999"), False)
    after = AuditLog.objects.get(entity="Product").after
    assert {name: after[name] for name in ("category", "category_name", "vendor_name", "packs_per_pallet", "purchase_price")} == {
        "category": category.pk,
        "category_name": "Floors",
        "vendor_name": "North",
        "packs_per_pallet": "48",
        "purchase_price": "10.5",
    }


def test_a_change_tells_only_what_differs(manager: Actor, product: Product) -> None:
    edit_product(manager, product, sale_price=Decimal(5), packs_per_pallet=48)
    edit_product(manager, product, sale_price="5.0", lead_time_days=None)
    entry = AuditLog.objects.get(action="CHANGE")
    assert (entry.before, entry.after) == ({"sale_price": None}, {"sale_price": "5"})


def test_unknown_again(manager: Actor, product: Product) -> None:
    edit_product(manager, product, packs_per_pallet=None, units_per_pack="")
    product.refresh_from_db()
    assert (product.packs_per_pallet, product.units_per_pack) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("packs_per_pallet", value) for value in (0, -1, Decimal("2.5"), 1_000_001, "many", Decimal("NaN"))),
        *(("units_per_pack", value) for value in (0, -1, Decimal("2.5"), Decimal("0.0001"), 1_000_001)),
        *(("purchase_price", value) for value in (-1, Decimal("1.00001"), Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 10)),
        *(("sale_price", value) for value in (Decimal("-0.0001"), "cheap")),
        *(("lead_time_days", value) for value in (-1, 3651, "soon")),
        ("unit_kind", "boxes"),
        ("unit_kind", ""),
    ],
)
def test_wrong_number_is_refused_at_its_field(manager: Actor, product: Product, field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        edit_product(manager, product, **{field: value})
    assert list(caught.value.message_dict) == [field]


def test_a_pack_of_what_is_counted_in_fractions_may_hold_a_fraction(manager: Actor) -> None:
    rope = add_product(manager, sku="ROPE", fractional=True, units_per_pack=Decimal("0.25"))
    with pytest.raises(ValidationError, match="not counted in fractions"):
        edit_product(manager, rope, fractional=False)


def test_category_and_vendor_of_another_account_are_none(manager: Actor, product: Product) -> None:
    stranger = make_actor(make_account("8QX"))
    with pytest.raises(ValidationError) as caught:
        edit_product(manager, product, category=add_category(stranger, name="x"), vendor=add_vendor(stranger, name="y"))
    assert caught.value.message_dict == {"category": ["There is no such category."], "vendor": ["There is no such vendor."]}


def test_packing_of_batches_stays_as_it_was_received(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    make_batch(product, warehouse, packs_per_pallet=48, units_per_pack=12)
    edit_product(manager, product, packs_per_pallet=60, units_per_pack=None)
    batch = Batch.objects.get()
    assert (batch.packs_per_pallet, batch.units_per_pack) == (Decimal(48), Decimal(12))


def test_levels_that_show_nothing_go_with_the_product(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    make_level(product, warehouse, reorder_point=5)
    delete_product(manager, product)
    assert not Product.objects.exists()
    assert not Level.objects.exists()


@pytest.mark.parametrize("counter", ["pallets", "packs", "units", "reserved_units"])
def test_product_with_stock_stays(manager: Actor, product: Product, warehouse: Warehouse, counter: str) -> None:
    make_level(product, warehouse, **{counter: Decimal("0.001")})
    with pytest.raises(InUse, match="TILE has 1 level with stock"):
        delete_product(manager, product)
    assert Level.objects.exists()


def test_product_that_was_ever_booked_stays(manager: Actor, product: Product, warehouse: Warehouse) -> None:
    make_level(product, warehouse)
    batch = make_batch(product, warehouse, remaining=0, sold=5)
    now = timezone.now()
    Movement.objects.create(
        account=product.account,
        product=product,
        warehouse=warehouse,
        batch=batch,
        unit_kind="packs",
        kind="sale",
        level_after=0,
        cause="sale_creation",
        happened_at=now,
        booked_at=now,
        actor_label="Mara",
        correlation="12345678123456781234567812345678",
    )
    with pytest.raises(InUse, match="TILE has 1 batch and 1 movement") as caught:
        delete_product(manager, product)
    assert (caught.value.status, caught.value.code, caught.value.details) == (409, "in_use", {"batches": 1, "movements": 1})
    assert (Product.objects.count(), Level.objects.count()) == (1, 1)
