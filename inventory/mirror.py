"""Levels that follow an outside system: its last word is written, and a movement says what changed (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from accounts.acting import Actor
from accounts.models import Account
from inventory import moment
from inventory.dialect import is_postgres, quoted
from inventory.ledger.booking import booking
from inventory.ledger.bulktables import insert, instant, rows, run
from inventory.ledger.counters import Counters, Key
from inventory.models import Cause, Level, Movement, MovementKind, Product, Unit, UnitKind, Warehouse, WarehouseMode
from inventory.quantity import from_thousandths
from inventory.signals import levels_changed

RESERVED = "reserved"
"""The availability, in small letters, of units that are promised to somebody."""


_NONE = Counters()


@dataclass(frozen=True)
class Snapshot:
    """What an outside system says of one level: what is there, and how much of that is reserved."""

    on_hand: Counters
    reserved: Counters = _NONE


def set_levels(actor: Actor, snapshots: Mapping[Key, Snapshot], *, correlation: uuid.UUID | None = None) -> int:
    """Let levels of mirror warehouses be what an outside system says; how many changed. What is so already is not written.

    Raises ValueError for a warehouse that keeps a ledger, DoesNotExist for what is not the account's.
    """
    if not snapshots:
        return 0
    with booking(actor, snapshots, Cause.SOURCE_SYNC, correlation=correlation, by_hand=False) as booked:
        changed = 0
        for key, snapshot in snapshots.items():
            if booked.levels[key].ledger:
                raise ValueError(f"{booked.warehouses[key.warehouse_id]} keeps a ledger; no snapshot may be written to it.")
            changed += booked.snapshot(key, snapshot.on_hand, snapshot.reserved)
    return changed


def follow_rows(actor: Actor, table: str, *, correlation: uuid.UUID) -> list[Key]:
    """Let levels of mirror warehouses be what a temporary table says; the keys of those that changed, in their order.

    The table's columns are product_id, warehouse_id, and on_hand, reserved and on_order in thousandths of units. Several rows of one key
    are added up; a null leaves what is stored. On hand may be negative; less than nothing reserved is nothing reserved. A level that would
    hold nothing is not made. What is so already is not written. Six statements however many rows, four where nothing changes, besides
    what receivers of levels_changed do.

    Raises ValueError for a warehouse that keeps a ledger, DoesNotExist for what is not the account's.
    """
    said = f"({_SAID.format(table=quoted(table))}) t"
    joined = f"{said} JOIN {quoted(Level._meta.db_table)} l ON l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id"
    _check(actor, table)
    with transaction.atomic(savepoint=False):
        now = moment.now()
        insert(
            Level,
            {"product_id": "t.product_id", "warehouse_id": "t.warehouse_id"},
            f"FROM {said} LEFT JOIN {quoted(Level._meta.db_table)} l ON l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id "
            "WHERE l.id IS NULL AND (t.on_hand <> 0 OR t.reserved <> 0 OR t.on_order <> 0) "
            "ORDER BY t.product_id, t.warehouse_id ON CONFLICT DO NOTHING",
            account_id=actor.account.pk,
            ledger=False,
            changed_at=now,
        )
        # Locked as bookings lock: in the order of keys. What differs now differs until the end of the transaction.
        hold = " FOR NO KEY UPDATE OF l" if is_postgres() else ""
        keys = f"SELECT l.product_id, l.warehouse_id FROM {joined} WHERE {_DIFFERS} ORDER BY l.product_id, l.warehouse_id{hold}"
        changed = [Key(*pair) for pair in rows(keys)]
        if not changed:
            return []
        insert(
            Movement,
            {
                "product_id": "t.product_id",
                "warehouse_id": "t.warehouse_id",
                "level_delta": "t.on_hand - l.units",
                "level_after": "t.on_hand",
            },
            f"FROM {joined} WHERE l.units <> t.on_hand ORDER BY t.product_id, t.warehouse_id",
            account_id=actor.account.pk,
            unit_kind=UnitKind.UNITS,
            kind=MovementKind.SNAPSHOT,
            cause=Cause.SOURCE_SYNC,
            happened_at=now,
            booked_at=now,
            actor_id=actor.user.pk if actor.user else None,
            actor_label=actor.label[:200],
            correlation=correlation,
        )
        level = quoted(Level._meta.db_table)
        sets = ", ".join(f"{column} = COALESCE(t.{name}, {level}.{column})" for name, column in _COLUMNS.items())
        run(
            f"UPDATE {level} SET {sets}, changed_at = %s FROM {said} "
            f"WHERE {level}.product_id = t.product_id AND {level}.warehouse_id = t.warehouse_id AND {_DIFFERS.replace('l.', f'{level}.')}",
            [instant(now)],
        )
        levels_changed.send(
            sender=Level,
            account_id=actor.account.pk,
            keys=[tuple(key) for key in changed],
            cause=Cause.SOURCE_SYNC.value,
            correlation=correlation,
        )
    return changed


def follow_units(account: Account, *, actor: Actor | None = None, correlation: uuid.UUID | None = None) -> int:
    """Let the levels of mirror warehouses that hold units be the sums of these; how many changed.

    A unit counts for its product where it is on hand and in one of the warehouse's buckets that count; with the availability Reserved it
    counts as reserved, too. One statement finds what differs: usually nothing, which is then all there is to it.
    """
    found = _differing(account)
    if not found:
        return 0
    return set_levels(actor or Actor.system(account, "Levels from units"), found, correlation=correlation)


def on_units_changed(*, account_id: int, cause: str, correlation: uuid.UUID, **_signal: Any) -> None:
    """Receiver of units_changed: levels follow in the transaction of whatever changed the units."""
    account = Account(pk=account_id)
    follow_units(account, actor=Actor.system(account, cause), correlation=correlation)


_COLUMNS = {"on_hand": "units", "reserved": "reserved_units", "on_order": "on_order_units"}

_SAID = """
    SELECT product_id, warehouse_id, CAST(SUM(on_hand) AS bigint) AS on_hand,
           CAST(CASE WHEN SUM(reserved) < 0 THEN 0 ELSE SUM(reserved) END AS bigint) AS reserved, CAST(SUM(on_order) AS bigint) AS on_order
    FROM {table} GROUP BY product_id, warehouse_id
"""
"""What a table says of each key; null where it says nothing."""

_DIFFERS = "(" + " OR ".join(f"l.{column} <> t.{name}" for name, column in _COLUMNS.items()) + ")"


def _check(actor: Actor, table: str) -> None:
    product, warehouse = (quoted(model._meta.db_table) for model in (Product, Warehouse))
    found = rows(
        f"""
        SELECT t.product_id, p.id, t.warehouse_id, w.id, w.mode, w.name FROM {quoted(table)} t
        LEFT JOIN {product} p ON p.id = t.product_id AND p.account_id = %s
        LEFT JOIN {warehouse} w ON w.id = t.warehouse_id AND w.account_id = %s
        WHERE p.id IS NULL OR w.id IS NULL OR w.mode <> %s LIMIT 1
        """,
        [actor.account.pk, actor.account.pk, WarehouseMode.MIRROR],
    )
    for product_id, known_product, warehouse_id, known_warehouse, _mode, name in found:
        if known_product is None:
            raise Product.DoesNotExist(f"There is no product {product_id} in this business account.")
        if known_warehouse is None:
            raise Warehouse.DoesNotExist(f"There is no warehouse {warehouse_id} in this business account.")
        raise ValueError(f"{name} keeps a ledger; no snapshot may be written to it.")


def _differing(account: Account) -> dict[Key, Snapshot]:
    unit, level, warehouse = (quoted(model._meta.db_table) for model in (Unit, Level, Warehouse))
    statement = f"""
        SELECT product_id, warehouse_id, SUM(here), SUM(promised)
        FROM (
            SELECT u.product_id, u.warehouse_id, u.quantity AS here,
                   CASE WHEN lower(u.status) = %s THEN u.quantity ELSE 0 END AS promised, 0 AS units, 0 AS reserved
            FROM {unit} u JOIN {warehouse} w ON w.id = u.warehouse_id
            WHERE u.account_id = %s AND w.mode = %s AND u.gone_at IS NULL AND u.product_id IS NOT NULL
              AND ',' || replace(w.level_buckets, ' ', '') || ',' LIKE '%%,' || u.bucket || ',%%'
            UNION ALL
            SELECT l.product_id, l.warehouse_id, 0, 0, l.units, l.reserved_units
            FROM {level} l JOIN {warehouse} w ON w.id = l.warehouse_id
            WHERE l.account_id = %s AND w.mode = %s AND EXISTS (SELECT 1 FROM {unit} u WHERE u.warehouse_id = l.warehouse_id)
        ) AS both_sides
        GROUP BY product_id, warehouse_id
        HAVING SUM(here) <> SUM(units) OR SUM(promised) <> SUM(reserved)
        ORDER BY product_id, warehouse_id
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [RESERVED, account.pk, WarehouseMode.MIRROR, account.pk, WarehouseMode.MIRROR])
        return {Key(product, place): Snapshot(_units(here), _units(promised)) for product, place, here, promised in cursor.fetchall()}


def _units(thousandths: Any) -> Counters:
    return Counters().moved(UnitKind.UNITS, from_thousandths(int(thousandths)))
