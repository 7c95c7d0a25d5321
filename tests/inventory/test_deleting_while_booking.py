"""A product goes, or a warehouse changes its mode, while somebody books: one of the two comes first, and nothing is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection

from accounts.errors import Problem
from inventory import ledger
from inventory.catalogue import add_product, delete_product
from inventory.ledger import locking
from inventory.models import Batch, Level, Product, Warehouse
from inventory.reorder import set_reorder
from inventory.warehouses import add_warehouse, edit_warehouse
from tests.build import make_account, make_actor

pytestmark = pytest.mark.django_db(transaction=True)


def both(*verbs: Callable[[], object]) -> list[bool]:
    """Which of the verbs did what they are for, called at the same moment."""
    together = threading.Barrier(len(verbs))

    def one(verb: Callable[[], object]) -> bool:
        try:
            connection.ensure_connection()
            together.wait(150)
            verb()
        except (Problem, ObjectDoesNotExist, IntegrityError):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(one, verbs))


@pytest.mark.parametrize("round_", range(3))
def test_product_goes_or_is_received(round_: int) -> None:
    actor = make_actor(make_account())
    warehouse = add_warehouse(actor, name="Shop", code="S")
    product = add_product(actor, sku="TILE")
    set_reorder(actor, product, warehouse, point=round_, quantity=None)
    deleted, received = both(
        lambda: delete_product(actor, product),
        lambda: ledger.receive(actor, product=product, warehouse=warehouse, unit_kind="units", quantity=1, unit_cost=1),
    )
    assert deleted != received
    assert Product.objects.exists() is Level.objects.exists() is Batch.objects.exists() is received


@pytest.mark.parametrize("round_", range(3))
def test_mode_changes_or_something_is_received(round_: int) -> None:
    actor = make_actor(make_account())
    warehouse = add_warehouse(actor, name="Shop", code="S")
    product = add_product(actor, sku="TILE")
    set_reorder(actor, product, warehouse, point=round_, quantity=None)
    changed, received = both(
        lambda: edit_warehouse(actor, warehouse, mode="mirror"),
        lambda: ledger.receive(actor, product=product, warehouse=warehouse, unit_kind="units", quantity=1, unit_cost=1),
    )
    assert changed != received
    assert (Warehouse.objects.get().mode == "ledger") is Batch.objects.exists() is Level.objects.get().ledger is received


def test_product_that_goes_while_its_level_is_made_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_actor(make_account())
    warehouse = add_warehouse(actor, name="Shop", code="S")
    product = add_product(actor, sku="TILE")
    make = locking.make

    def make_too_late(*arguments: Any) -> None:
        # What another transaction's commit does between the look for the product and the new level.
        make(*arguments)
        Product.objects.filter(pk=product.pk)._raw_delete("default")  # type: ignore[attr-defined]

    monkeypatch.setattr(locking, "make", make_too_late)
    with pytest.raises(Product.DoesNotExist):
        ledger.receive(actor, product=product, warehouse=warehouse, unit_kind="units", quantity=1, unit_cost=1)
    assert not Batch.objects.exists()
    assert not Level.objects.exists()


def test_product_that_goes_with_its_level_before_that_is_locked_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_actor(make_account())
    warehouse = add_warehouse(actor, name="Shop", code="S")
    product = add_product(actor, sku="TILE")
    set_reorder(actor, product, warehouse, point=1, quantity=None)
    by_key = locking._by_key

    def lock_too_late(levels: Any) -> Any:
        # What another transaction's commit does between the look for the levels and their locks.
        Level.objects.all().delete()
        Product.objects.filter(pk=product.pk)._raw_delete("default")  # type: ignore[attr-defined]
        return by_key(levels)

    monkeypatch.setattr(locking, "_by_key", lock_too_late)
    with pytest.raises(Product.DoesNotExist):
        ledger.receive(actor, product=product, warehouse=warehouse, unit_kind="units", quantity=1, unit_cost=1)
    assert not Batch.objects.exists()
