"""The proof itself can fail: it finds each kind of damage that is done behind the ledger's back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F

from inventory.models import Allocation, Batch, Level, Movement, Sale
from tests.inventory.ledger.build import Shop
from tests.inventory.ledger.proof import prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.buy(10)
    shop.sell(4)
    prove(shop.account)
    return shop


def test_counter_that_was_changed_is_found(shop: Shop) -> None:
    Level.objects.update(packs=Decimal(7))
    with pytest.raises(AssertionError):
        prove(shop.account)


def test_batch_without_its_movement_is_found(shop: Shop) -> None:
    Batch.objects.update(received=F("received") + 1, written_off=F("written_off") + 1)
    with pytest.raises(AssertionError):
        prove(shop.account)


def test_sale_without_its_allocation_is_found(shop: Shop) -> None:
    Allocation.objects.all().delete()
    with pytest.raises(AssertionError):
        prove(shop.account)


def test_sale_of_another_quantity_is_found(shop: Shop) -> None:
    Sale.objects.update(quantity=Decimal(5))
    with pytest.raises(AssertionError):
        prove(shop.account)


def test_movement_without_audit_is_found(shop: Shop) -> None:
    movement = Movement.objects.latest("id")
    movement.pk, movement.correlation = None, "00000000-0000-4000-8000-000000000000"
    movement.kind, movement.level_delta, movement.batch_delta, movement.batch = "correction", Decimal(0), Decimal(0), None
    movement.save(force_insert=True)
    with pytest.raises(AssertionError):
        prove(shop.account)


def test_sale_that_is_short_beside_stock_is_found(shop: Shop) -> None:
    Sale.objects.update(quantity=F("quantity") + 1, shortfall=1)
    with pytest.raises(AssertionError, match="Sale"):
        prove(shop.account)
