"""A warehouse full of stock, made by a few statements whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts.acting import Actor
from accounts.membership import create_account
from accounts.models import Account
from inventory import moment
from inventory.dialect import is_postgres
from inventory.ledger.bulktables import insert, rows, run
from inventory.models import Batch, BatchOrigin, Level, Product, Warehouse, WarehouseMode
from inventory.quantity import to_thousandths

KINDS = ("units", "packs", "pallets")


@dataclass(frozen=True)
class Stock:
    """A warehouse with products numbered from `first` on."""

    account: Account
    owner: Actor
    warehouse: Warehouse
    first: int
    products: int


def fill(name: str, *, products: int, batches: int, each: int, kinds: int = 1) -> Stock:
    """So many products with `batches` batches in all, of `each` pieces and of the first so many unit kinds; a third never expires."""
    account = create_account(name=name)
    opened = timezone.now() - timedelta(days=1000)
    warehouse = Warehouse.objects.create(account=account, name=name, code="MAIN", mode=WarehouseMode.LEDGER, opened_at=opened)
    now = moment.now()
    insert(
        Product,
        {"sku": _text("n"), "sku_key": _text("n"), "name": _text("n")},
        f"FROM {series(products)}",
        account_id=account.pk,
        created_at=now,
        updated_at=now,
    )
    ((first,),) = rows("SELECT MIN(id) FROM inventory_product WHERE account_id = %s", [account.pk])
    kind = " ".join(f"WHEN {number} THEN '{kind}'" for number, kind in enumerate(KINDS))
    insert(
        Batch,
        {
            "product_id": f"{first} + (n %% {products})",
            "unit_kind": f"CASE n / {products} %% {kinds} {kind} END",
            "received": str(to_thousandths(each)),
            "remaining": str(to_thousandths(each)),
            "unit_cost": "1 + n %% 7 * 0.25",
            "expires_at": f"CASE WHEN n %% 3 > 0 THEN {_in_days('30 + n %% 400')} END",
            "received_at": _in_days("-(n %% 90)"),
        },
        f"FROM {series(batches)} ORDER BY n",
        account_id=account.pk,
        warehouse_id=warehouse.pk,
        origin=BatchOrigin.PURCHASE.value,
        created_at=now,
    )
    sums = {each: f"SUM(CASE WHEN unit_kind = '{each}' THEN remaining ELSE 0 END)" for each in KINDS}
    insert(
        Level,
        {"product_id": "product_id", **sums},
        f"FROM inventory_batch WHERE warehouse_id = {warehouse.pk} GROUP BY product_id ORDER BY product_id",
        account_id=account.pk,
        warehouse_id=warehouse.pk,
        ledger=True,
        changed_at=now,
    )
    settle_statistics()
    return Stock(account, Actor.system(account, "Bench"), warehouse, first, products)


def series(number: int) -> str:
    """The numbers from 1 on, as a source of rows with one column `n`."""
    if is_postgres():
        return f"generate_series(1, {number}) AS g(n)"
    return f"(WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {number}) SELECT n FROM g)"


def settle_statistics() -> None:
    """As autovacuum would have done long ago: what is known about the tables is true, and their pages are marked as seen by all."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if is_postgres() else "ANALYZE")


def off(share: int, which: int, by: int = 5) -> int:
    """Let every so-manieth counter be wrong, another lot of them for each `which`; how many are."""
    chosen = f"id %% {share} = {which % share}"
    run(f"UPDATE inventory_level SET units = units + {to_thousandths(by)} WHERE {chosen}")
    ((number,),) = rows(f"SELECT COUNT(*) FROM inventory_level WHERE {chosen}")
    return int(number)


def _text(number: str) -> str:
    return f"'QTX-' || {number}"


def _in_days(days: str) -> str:
    if is_postgres():
        return f"now() + ({days}) * interval '1 day'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', ({days}) || ' days')"
