"""Levels that follow an outside system: its last word is written, and a movement says what changed (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.acting import Actor
from accounts.models import Account
from inventory.dialect import quoted
from inventory.ledger.booking import booking
from inventory.ledger.counters import Counters, Key
from inventory.models import Cause, Level, Unit, UnitKind, Warehouse, WarehouseMode
from inventory.quantity import from_thousandths

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
