"""Reorder points here in line with what one connection says of them, by location. Set-based."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection as database

from inventory.dialect import differs, is_postgres, load, quoted
from inventory.ledger.bulktables import insert, instant
from inventory.models import Level, Warehouse, WarehouseMode
from inventory.quantity import to_thousandths
from sync.models import Connection, FieldGroup, ProductRef, ReorderRef
from sync.references.ownership import ahead_of
from sync.references.places import warehouses_of
from sync.references.statements import Some, table_of, temporary

_POINTS = "said_reorder"


def follow(connection: Connection, some: Some, at: datetime) -> int:
    """Let the reorder points and quantities of some products be what is said of each location; how many levels changed.

    What people have set stays. A location that is not spoken of is left as it is; one that is spoken of without a number has none.
    `some` is a condition on references `r`. Within the caller's transaction.
    """
    silent = _silent(connection)
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT r.product_id, r.guidelines FROM {table_of(ProductRef)} r "
            f"WHERE {some.where} AND r.product_id IS NOT NULL AND r.gone_at IS NULL AND r.guidelines NOT IN ('', '[]'){silent} "
            "ORDER BY r.id",
            some.parameters,
        )
        said = cursor.fetchall()
    if not said:
        return 0
    places = warehouses_of(connection)
    wanted: dict[tuple[int, int], tuple[int | None, int | None]] = {}
    for product, text in said:
        for warehouse, (point, quantity) in sums(json.loads(text), places).items():
            wanted.setdefault((product, warehouse), (point, quantity))
    return _write(connection, wanted, at) if wanted else 0


def follow_rules(connection: Connection, some: Some, at: datetime) -> int:
    """The same for a system that tells of each rule by itself; how many levels changed. Two rules of one warehouse are added up.

    Where a product had rules in a warehouse and none is left there, its point is unknown again. `some` is a condition on products'
    references `r`. Within the caller's transaction.
    """
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT r.product_id, t.place_id_there, t.point, t.maximum, t.active, t.gone_at FROM {table_of(ProductRef)} r "
            f"JOIN {table_of(ReorderRef)} t ON t.connection_id = r.connection_id AND t.product_id_there = r.external_id "
            f"WHERE {some.where} AND r.product_id IS NOT NULL AND r.gone_at IS NULL{_silent(connection)} ORDER BY r.id, t.id",
            some.parameters,
        )
        said = cursor.fetchall()
    if not said:
        return 0
    places = warehouses_of(connection)
    wanted: dict[tuple[int, int], tuple[int | None, int | None]] = {}
    for product, place, point, maximum, active, gone in said:
        if place not in places:
            continue
        key = (product, places[place])
        points, quantities = wanted.get(key, (None, None))
        if active and gone is None and point is not None:
            points = (points or 0) + max(point, 0)
            if maximum is not None and maximum > point:
                quantities = (quantities or 0) + maximum - max(point, 0)
        wanted[key] = (points, quantities)
    return _write(connection, wanted, at) if wanted else 0


def _silent(connection: Connection) -> str:
    """A condition on `r`: nobody who has the say before this connection speaks of the product."""
    ahead = ahead_of(connection)[FieldGroup.REORDER]
    if not ahead:
        return ""
    numbers = ", ".join(map(str, ahead))
    return (
        f" AND NOT EXISTS (SELECT 1 FROM {table_of(ProductRef)} o WHERE o.product_id = r.product_id AND o.gone_at IS NULL "
        f"AND o.connection_id IN ({numbers}))"
    )


def sums(guidelines: list[dict[str, Any]], places: Mapping[str, int]) -> dict[int, tuple[int | None, int | None]]:
    """For each warehouse the reorder point and quantity in thousandths, its places added up; None where no place has a number. Pure.

    A quantity of zero is none. Places that do not count are left out.
    """
    found: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for each in guidelines:
        warehouse = places.get(each["place"])
        if warehouse is None:
            continue
        points, quantities = found[warehouse]
        if each["point"] not in (None, ""):
            points.append(max(to_thousandths(each["point"]), 0))
        if each["quantity"] not in (None, "") and to_thousandths(each["quantity"]) > 0:
            quantities.append(to_thousandths(each["quantity"]))
    return {number: (sum(points) if points else None, sum(lots) if lots else None) for number, (points, lots) in found.items()}


def _write(connection: Connection, wanted: Mapping[tuple[int, int], tuple[int | None, int | None]], at: datetime) -> int:
    level = table_of(Level)
    columns = "product_id bigint, warehouse_id bigint, point bigint, quantity bigint, PRIMARY KEY (product_id, warehouse_id)"
    with temporary(_POINTS, columns):
        load(_POINTS, ("product_id", "warehouse_id", "point", "quantity"), [(*key, *numbers) for key, numbers in sorted(wanted.items())])
        insert(
            Level,
            {"product_id": "t.product_id", "warehouse_id": "t.warehouse_id", "ledger": f"(w.mode = '{WarehouseMode.LEDGER}')"},
            f"FROM {quoted(_POINTS)} t JOIN {table_of(Warehouse)} w ON w.id = t.warehouse_id "
            f"WHERE (t.point IS NOT NULL OR t.quantity IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM {level} l "
            "WHERE l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id) "
            "ORDER BY t.product_id, t.warehouse_id ON CONFLICT DO NOTHING",
            account_id=connection.account_id,
            changed_at=at,
        )
        with database.cursor() as cursor:
            if is_postgres():
                # Levels are locked in the order of their keys, as bookings lock them.
                cursor.execute(
                    f"SELECT l.id FROM {level} l JOIN {quoted(_POINTS)} t "
                    "ON l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id "
                    "ORDER BY l.product_id, l.warehouse_id FOR NO KEY UPDATE OF l"
                )
            cursor.execute(
                f"UPDATE {level} AS l SET reorder_point = t.point, reorder_quantity = t.quantity, changed_at = %s FROM {quoted(_POINTS)} t "
                "WHERE l.product_id = t.product_id AND l.warehouse_id = t.warehouse_id AND NOT l.reorder_pinned "
                f"AND ({differs('l.reorder_point', 't.point')} OR {differs('l.reorder_quantity', 't.quantity')})",
                [instant(at)],
            )
            return int(cursor.rowcount)
