"""Levels here in line with the stock that one connection tells of: sums over places, a part at a time. Set-based."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection as database

from accounts.acting import Actor
from inventory.dialect import is_postgres, load, passed, quoted
from inventory.ledger.counters import Key
from inventory.mirror import follow_rows
from inventory.models import Level, WarehouseMode
from sync.models import Connection, ProductRef, StockRef, WarehouseRef
from sync.references.places import warehouses_of
from sync.references.statements import Some, table_of, temporary
from sync.systems import system

WANTED, PLACES = "wanted_level", "counting_place"
_NUMBERS = "product_id bigint, warehouse_id bigint, on_hand bigint, reserved bigint, on_order bigint"


def hold(connection: Connection, some: Some, *, left: Sequence[int] = ()) -> None:
    """Lock the levels that points and stock of these references may change, all of them in the order in which all lock them.

    For who writes both: the second writer would else lock levels before those of the first. SQLite has one writer anyhow. Within the
    caller's transaction.
    """
    if not is_postgres():
        return
    warehouses = {*warehouses_of(connection).values(), *left}
    numbers = ", ".join(str(int(number)) for number in sorted(warehouses)) or "0"
    known = f"SELECT r.product_id FROM {table_of(ProductRef)} r WHERE {some.where} AND r.product_id IS NOT NULL"
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table_of(Level)} l WHERE l.warehouse_id IN ({numbers}) AND l.product_id IN ({known}) "
            "ORDER BY l.product_id, l.warehouse_id FOR NO KEY UPDATE OF l",
            some.parameters,
        )


def follow(connection: Connection, some: Some, *, correlation: uuid.UUID, left: Sequence[int] = ()) -> list[Key]:
    """Bring the levels of some products in line with all that is said of their stock; the keys of those that changed.

    `some` is a condition on the products' references `r`. A product without stock has none: its levels in the connection's warehouses, and
    in those it has `left`, are zero then. Within the caller's transaction.
    """
    known = f"SELECT r.product_id FROM {table_of(ProductRef)} r WHERE {some.where} AND r.product_id IS NOT NULL"
    return _follow(connection, known, list(some.parameters), correlation, left)


def follow_products(connection: Connection, products: Sequence[int], *, correlation: uuid.UUID) -> list[Key]:
    """The same for products by their own ids, whether the connection still speaks of them or not."""
    return _follow(connection, ", ".join(str(int(number)) for number in products) or "0", [], correlation, ())


def _follow(connection: Connection, known: str, parameters: list[Any], correlation: uuid.UUID, left: Sequence[int]) -> list[Key]:
    if not system(connection.system).tells_stock:
        # One that tells of what moves, and not of what is there, has no word in levels.
        return []
    places = warehouses_of(connection)
    # What a ledger has is never what an outside system says of it.
    followed = WarehouseRef.objects.filter(connection=connection, warehouse__mode=WarehouseMode.MIRROR).values_list(
        "warehouse_id", flat=True
    )
    with (
        temporary(PLACES, "place varchar(300) PRIMARY KEY, warehouse_id bigint"),
        temporary(WANTED, f"{_NUMBERS}, PRIMARY KEY (product_id, warehouse_id)"),
    ):
        load(PLACES, ("place", "warehouse_id"), sorted(places.items()))
        _fill(connection, known, parameters, {*followed, *left})
        return follow_rows(Actor.system(connection.account, connection.name), WANTED, correlation=correlation)


def _fill(connection: Connection, known: str, parameters: list[Any], warehouses: Iterable[int]) -> None:
    ref, stock, level = table_of(ProductRef), table_of(StockRef), table_of(Level)
    numbers = ", ".join(str(int(number)) for number in sorted(warehouses)) or "0"
    with database.cursor() as cursor:
        # All that the connection calls this product: two things there may be one here. SQLite joins in the order written when the word is
        # CROSS; left to itself it begins with all that the connection has, for each chunk again.
        cursor.execute(
            f"INSERT INTO {quoted(WANTED)} SELECT r.product_id, f.warehouse_id, SUM(s.on_hand), SUM(s.reserved), SUM(s.on_order) "
            f"FROM {ref} r CROSS JOIN {stock} s CROSS JOIN {quoted(PLACES)} f "
            "WHERE s.connection_id = r.connection_id AND s.product_id_there = r.external_id AND f.place = s.place_id_there "
            f"AND {passed('r.connection_id')} = %s AND s.gone_at IS NULL AND r.product_id IN ({known}) "
            "GROUP BY r.product_id, f.warehouse_id",
            [connection.pk, *parameters],
        )
        cursor.execute(
            f"INSERT INTO {quoted(WANTED)} SELECT l.product_id, l.warehouse_id, 0, 0, 0 FROM {level} l "
            f"WHERE l.warehouse_id IN ({numbers}) AND l.product_id IN ({known}) "
            f"AND NOT EXISTS (SELECT 1 FROM {quoted(WANTED)} t WHERE t.product_id = l.product_id AND t.warehouse_id = l.warehouse_id)",
            parameters,
        )
