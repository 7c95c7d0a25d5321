"""Stock that has drifted, in plain lines."""

from __future__ import annotations

import hashlib
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account, AuditLog
from inventory import reconcile
from inventory.ledger.counters import Counters, Key
from inventory.models import Batch, Cause, Level, Product, Reconciliation, Warehouse
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import Shop, make_place, make_product


class Store:
    """A ledger with one product in it, and somebody who may do everything."""

    def __init__(self, account: Account | None = None) -> None:
        self.account = account or make_account()
        self.actor: Actor = make_actor(self.account)
        self.place = make_place(self.account)
        self.tea = make_product(self.account)
        self.key = Key(self.tea.pk, self.place.pk)

    def stock(self, packs: Any, product: Product | None = None) -> Batch:
        """One batch, and a level that agrees with it."""
        batch = make_batch(product or self.tea, self.place, packs)
        make_level(product or self.tea, self.place, packs=packs)
        return batch

    def more(self, number: int, packs: Any = 10) -> list[Product]:
        """More products, each with one batch and a level that agrees."""
        products = [make_product(self.account, f"QTX-{count}", name=f"Tea {count}") for count in range(number)]
        for product in products:
            self.stock(packs, product)
        return products

    def level(self, product: Product | None = None) -> Level:
        return Level.objects.get(product=product or self.tea, warehouse=self.place)

    def counters(self, product: Product | None = None) -> Counters:
        level = self.level(product)
        return Counters(level.pallets, level.packs, level.units)


def make_batch(product: Product, place: Warehouse, remaining: Any, kind: str = "packs", **values: Any) -> Batch:
    """A batch of which nothing has been taken."""
    given = {"received": remaining, "remaining": remaining, "received_at": timezone.now(), **values}
    return Batch.objects.create(account_id=place.account_id, product=product, warehouse=place, unit_kind=kind, **given)


def make_level(product: Product, place: Warehouse, **values: Any) -> Level:
    given = {"ledger": place.mode == "ledger", "changed_at": timezone.now(), **values}
    return Level.objects.create(account_id=place.account_id, product=product, warehouse=place, **given)


def off_by(product: Product, place: Warehouse, packs: Any) -> None:
    """Somebody changes the counter behind the application's back."""
    change("UPDATE inventory_level SET packs = packs + %s WHERE product_id = %s AND warehouse_id = %s", packs * 1000, product.pk, place.pk)


def change(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def alter(sql: str) -> None:
    """Change a table of PostgreSQL in the middle of a transaction, which its own checks of references must have left first."""
    change("SET CONSTRAINTS ALL IMMEDIATE")
    change(sql)
    change("SET CONSTRAINTS ALL DEFERRED")


def digest() -> str:
    """Of every row of every table, in whatever order they lie."""
    summed = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed):
            cursor.execute(f'SELECT * FROM "{table}"')
            summed.update(table.encode())
            for row in sorted(map(repr, cursor.fetchall())):
                summed.update(row.encode())
    return summed.hexdigest()


def break_batch(batch: Batch, **figures: int) -> None:
    """Change figures of a batch so that they contradict each other, as nobody can but who gets round the constraint."""
    values = ", ".join(f"{name} = {figure * 1000}" for name, figure in figures.items())
    if connection.vendor == "postgresql":
        alter("ALTER TABLE inventory_batch DROP CONSTRAINT IF EXISTS batch_balances")
        change(f"UPDATE inventory_batch SET {values} WHERE id = %s", batch.pk)
        return
    change("PRAGMA ignore_check_constraints = ON")
    change(f"UPDATE inventory_batch SET {values} WHERE id = %s", batch.pk)
    change("PRAGMA ignore_check_constraints = OFF")


def second_level(level: Level, *, packs: int) -> None:
    """Another level of the same product and warehouse, as a database without the unique index would take it. Undone with the test."""
    if connection.vendor == "postgresql":
        alter("ALTER TABLE inventory_level DROP CONSTRAINT level_once")
    else:
        change("ALTER TABLE inventory_level RENAME TO levels_with_constraint")
        change("CREATE TABLE inventory_level AS SELECT * FROM levels_with_constraint")
    names = [field.column for field in Level._meta.concrete_fields if field.column not in ("id", "packs")]
    columns = ", ".join(names)
    change(f"INSERT INTO inventory_level (id, packs, {columns}) SELECT id + 1, {packs * 1000}, {columns} FROM inventory_level")


def passed(store: Store | Shop, cause: Cause = Cause.SCHEDULED_CRON, **asked: Any) -> Reconciliation:
    """A pass, from its start to its end."""
    run = reconcile.start(store.actor, cause=cause, **asked)
    reconcile.execute(run.pk)
    run.refresh_from_db()
    return run


def ends(run: Reconciliation) -> dict[str, int]:
    """Those figures of a pass that are not zero."""
    return {name: number for name, number in run.counters.items() if isinstance(number, int) and number}


def corrections(store: Store) -> list[dict[str, Any]]:
    """What the audit log says was set right, oldest first."""
    rows = AuditLog.objects.filter(account=store.account, action="AUTO_SYNC_CORRECTION").order_by("pk")
    return [row.after["difference"] for row in rows]
