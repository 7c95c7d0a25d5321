from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from inventory import levels
from inventory.ledger.counters import Counters
from inventory.models import Level, Product, Warehouse
from tests.build import make_account
from tests.inventory.stock import LONG_AGO, make_batch, make_ledger, make_level, make_product

pytestmark = pytest.mark.django_db

NOW = LONG_AGO + timedelta(days=30)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def product(account: Account) -> Product:
    return make_product(account, unit_kind="packs")


@pytest.fixture
def warehouse(account: Account) -> Warehouse:
    return make_ledger(account)


def test_what_has_expired_is_not_shown_although_it_is_not_booked_yet(product: Product, warehouse: Warehouse) -> None:
    make_batch(product, warehouse, 10, expires_at=YESTERDAY)
    make_batch(product, warehouse, 20, expires_at=TOMORROW)
    level = make_level(product, warehouse, packs=30, reserved_packs=4)
    (shown,) = levels.present([level], NOW)
    assert shown.on_hand == Counters(packs=Decimal(20))
    assert shown.expired == Counters(packs=Decimal(10))
    assert shown.available == Counters(packs=Decimal(16))


def test_goods_that_expire_at_this_moment_have_expired(product: Product, warehouse: Warehouse) -> None:
    make_batch(product, warehouse, 10, expires_at=NOW)
    (shown,) = levels.present([make_level(product, warehouse, packs=10)], NOW)
    assert shown.on_hand.packs == 0


def test_what_was_booked_as_expired_is_not_taken_off_again(product: Product, warehouse: Warehouse) -> None:
    make_batch(product, warehouse, 10, expires_at=YESTERDAY, expiry_booked_at=NOW)
    (shown,) = levels.present([make_level(product, warehouse, packs=5)], NOW)
    assert (shown.on_hand.packs, shown.expired.packs) == (5, 0)


def test_a_mirror_is_shown_as_the_outside_system_says(account: Account, product: Product) -> None:
    mirror = Warehouse.objects.create(account=account, name="Mirror", code="M", mode="mirror")
    (shown,) = levels.present([make_level(product, mirror, units=-3, reserved_units=2)], NOW)
    assert shown.available.units == -5


def test_quarantine_says_why(product: Product, warehouse: Warehouse) -> None:
    level = make_level(product, warehouse, quarantined_at=NOW, quarantine_reason="Batch 7 does not add up.")
    (shown,) = levels.present([level], NOW)
    assert shown.quarantine == "Batch 7 does not add up."
    assert list(levels.quarantined(Level.objects.all())) == [level]


def test_many_levels_take_as_many_statements_as_one(account: Account, warehouse: Warehouse) -> None:
    for number in range(5):
        each = make_product(account, f"SKU-{number}")
        make_batch(each, warehouse, 3, expires_at=YESTERDAY)
        make_level(each, warehouse, packs=3)
    found = list(Level.objects.all())
    with CaptureQueriesContext(connection) as many:
        assert [shown.on_hand.packs for shown in levels.present(found)] == [0] * 5
    assert len(many) == 2


def test_a_level_at_its_reorder_point_is_below_and_one_without_stock_is_out(account: Account, warehouse: Warehouse) -> None:
    def level(sku: str, packs: int, **values: object) -> Level:
        return make_level(make_product(account, sku, unit_kind="packs"), warehouse, packs=packs, reorder_point=10, **values)

    enough, at_point, reserved = level("A", 11), level("B", 10), level("C", 14, reserved_packs=4)
    expiring, empty = level("D", 25), level("E", 0)
    make_batch(expiring.product, warehouse, 20, expires_at=YESTERDAY)
    other_kind = make_level(make_product(account, "F", unit_kind="units"), warehouse, packs=100, reorder_point=10)
    rows = Level.objects.order_by("product__sku")
    assert list(levels.below_reorder_point(rows, NOW)) == [at_point, reserved, expiring]
    assert list(levels.out_of_stock(rows, NOW)) == [empty, other_kind]
    assert enough not in levels.below_reorder_point(rows, NOW)


def test_figures_to_sort_by_are_those_of_the_products_own_kind(product: Product, warehouse: Warehouse) -> None:
    make_batch(product, warehouse, 4, expires_at=YESTERDAY)
    make_batch(product, warehouse, 100, "units", expires_at=YESTERDAY)
    make_level(product, warehouse, packs=9, units=100, reserved_packs=2)
    row = levels.with_stock(Level.objects.all(), NOW).get()
    assert (row.stock_on_hand, row.stock_available) == (5, 3)


def test_a_product_out_of_use_is_in_neither_list(account: Account, warehouse: Warehouse) -> None:
    make_level(make_product(account, "A", active=False), warehouse, reorder_point=10)
    assert not levels.out_of_stock(Level.objects.all(), NOW)
    assert not levels.below_reorder_point(Level.objects.all(), NOW)
