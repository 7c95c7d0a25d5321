"""Ledgers for tests, row by row: for what reads the ledger, and must not depend on what writes it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Account
from inventory.models import Batch, Level, Movement, Product, Warehouse

LONG_AGO = datetime(2026, 1, 2, 9, tzinfo=UTC)


def make_product(account: Account, sku: str = "QTX10", **values: Any) -> Product:
    return Product.objects.create(account=account, sku=sku, sku_key=sku.upper(), name=f"Product {sku}", **values)


def make_ledger(account: Account, code: str = "MAIN", **values: Any) -> Warehouse:
    """A warehouse that keeps a ledger."""
    given = {"opened_at": LONG_AGO, **values}
    return Warehouse.objects.create(account=account, name=f"Warehouse {code}", code=code, mode="ledger", **given)


def make_level(product: Product, warehouse: Warehouse, **values: Any) -> Level:
    given = {"ledger": warehouse.mode == "ledger", "changed_at": LONG_AGO, **values}
    return Level.objects.create(account_id=product.account_id, product=product, warehouse=warehouse, **given)


def make_batch(product: Product, warehouse: Warehouse, received: int | str = 0, unit_kind: str = "packs", **values: Any) -> Batch:
    """A batch of which all is left unless `values` say otherwise; neither movement nor level."""
    given = {"received_at": LONG_AGO, "remaining": Decimal(received), **values}
    return Batch.objects.create(
        account_id=product.account_id, product=product, warehouse=warehouse, unit_kind=unit_kind, received=Decimal(received), **given
    )


def make_movement(
    product: Product,
    warehouse: Warehouse,
    delta: int | str,
    after: int | str,
    *,
    kind: str = "receipt",
    booked_at: datetime = LONG_AGO,
    **values: Any,
) -> Movement:
    """A movement of `delta` packs in both batch and level, after which the counter is `after`. Without a batch unless one is given."""
    given = {"unit_kind": "packs", "cause": "purchase_creation", "actor_label": "Mara", "correlation": uuid.uuid4(), **values}
    return Movement.objects.create(
        account_id=product.account_id,
        product=product,
        warehouse=warehouse,
        kind=kind,
        batch_delta=given.pop("batch_delta", Decimal(delta) if given.get("batch") else 0),
        level_delta=Decimal(delta),
        level_after=Decimal(after),
        happened_at=given.pop("happened_at", booked_at),
        booked_at=booked_at,
        **given,
    )
