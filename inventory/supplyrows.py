"""Supply as levels and orders make it, compared with what is stored, and written where it differs: the statements of inventory.supply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, models

from inventory import incoming
from inventory.criticality import Thresholds, judge, tenths_left, urgency
from inventory.dialect import differs, load, quoted
from inventory.ledger.bulktables import NUMBER, Table, insert, instant, rows
from inventory.models import Batch, Level, Movement, Product, Supply, UnitKind, Warehouse

FIGURES = ("on_hand", "reserved", "available", "on_order", "reorder_point", "reorder_quantity")

NEW = Table(
    "supply_new",
    {
        **dict.fromkeys(("product_id", *FIGURES), NUMBER),
        "days_left": models.DecimalField(max_digits=10, decimal_places=1),
        "state": models.CharField(max_length=10),
        "level": models.CharField(max_length=12),
        "urgency": NUMBER,
    },
)
"""Rows of supply as they are from now on, but for what others say of them."""

AT_ONCE = 20_000
"""Rows that are in memory together."""


class Found(NamedTuple):
    """A product as it stands now, in thousandths, and what is stored of it."""

    product_id: int
    on_hand: int
    reserved: int
    available: int
    on_order: int
    reorder_point: int | None
    reorder_quantity: int | None
    stocked: bool
    maximum: int | None
    daily: int | None
    apart: bool
    days_left: Any
    state: str | None
    level: str | None
    urgency: int | None

    @property
    def judged(self) -> tuple[int | None, str | None, str | None, int | None]:
        """What is stored of its judgement, days as tenths."""
        return None if self.days_left is None else round(float(self.days_left) * 10), self.state, self.level, self.urgency


def leave(account_id: int, among: str) -> list[int]:
    """Remove the rows of products that are not active any more, or never reordered; which."""
    supply, product = quoted(Supply._meta.db_table), quoted(Product._meta.db_table)
    only = f"AND product_id {among}" if among else ""
    gone = f"SELECT id FROM {product} WHERE account_id = %s AND (NOT active OR reorder_excluded)"
    found = rows(f"DELETE FROM {supply} WHERE account_id = %s AND product_id IN ({gone}) {only} RETURNING product_id", [account_id] * 2)
    return [pk for (pk,) in found]


def store(account_id: int, now: datetime, thresholds: Thresholds, among: str, *, everything: bool) -> list[int]:
    """Write the rows that differ from what is there now; which. Inside a transaction, with NEW made.

    Judged anew are those whose figures differ; all of them with `everything`, where thresholds or forecasts may have changed.
    """
    written: list[int] = []
    for page in _pages(account_id, now, thresholds, among, everything=everything):
        changed = [row for found in page if (row := _judged(found, thresholds)) is not None]
        if changed:
            load(NEW.name, list(NEW.columns), changed)
            written += [row[0] for row in changed]
    if written:
        _upsert(account_id, now)
    return written


def _pages(account_id: int, now: datetime, thresholds: Thresholds, among: str, *, everything: bool) -> Iterator[list[Found]]:
    sql, parameters = _comparison(account_id, now, thresholds, among, everything=everything)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while page := cursor.fetchmany(AT_ONCE):
            yield [Found(*row) for row in page]


def _judged(found: Found, thresholds: Thresholds) -> tuple[Any, ...] | None:
    """The row as it should be stored; None where it is so already."""
    tenths = tenths_left(found.available, found.daily)
    left = None if tenths is None else Decimal(tenths) / 10
    state, level = judge(found.available, found.reorder_point, left, found.maximum, stocked=bool(found.stocked), thresholds=thresholds)
    place = urgency(state, found.available, found.reorder_point, tenths, found.daily)
    if not found.apart and found.judged == (tenths, state.value, level.value, place):
        return None
    return (*found[: 1 + len(FIGURES)], None if left is None else f"{left:.1f}", state.value, level.value, place)


def _comparison(account_id: int, now: datetime, thresholds: Thresholds, among: str, *, everything: bool) -> tuple[str, Sequence[Any]]:
    level, product, warehouse, batch, movement, supply = (
        quoted(model._meta.db_table) for model in (Level, Product, Warehouse, Batch, Movement, Supply)
    )
    of_levels, of_batches, of_products = ((f"AND {name} {among}" if among else "") for name in ("l.product_id", "b.product_id", "p.id"))
    # Only where it matters: it is a look into the ledger for every product of which nothing is there.
    stocked = (
        "TRUE"
        if thresholds.never_stocked
        else f"(COALESCE(l.on_hand, 0) <> 0 OR EXISTS (SELECT 1 FROM {movement} m WHERE m.product_id = p.id))"
    )
    standing = f"""
        SELECT p.id AS product_id, COALESCE(l.on_hand, 0) AS on_hand, COALESCE(l.reserved, 0) AS reserved,
               COALESCE(l.on_hand, 0) - COALESCE(l.reserved, 0) - COALESCE(x.expired, 0) AS available,
               COALESCE(o.on_order, 0) AS on_order, l.reorder_point, l.reorder_quantity, {stocked} AS stocked
        FROM {product} p
        LEFT JOIN (
            SELECT l.product_id, {_sum(_kind(""))} AS on_hand, {_sum(_kind("reserved_"))} AS reserved,
                   {_sum("l.reorder_point")} AS reorder_point, {_sum("l.reorder_quantity")} AS reorder_quantity
            FROM {level} l JOIN {product} p ON p.id = l.product_id JOIN {warehouse} w ON w.id = l.warehouse_id
            WHERE l.account_id = %s AND w.active {of_levels} GROUP BY l.product_id
        ) l ON l.product_id = p.id
        LEFT JOIN (
            SELECT b.product_id, {_sum("b.remaining")} AS expired
            FROM {batch} b JOIN {product} p ON p.id = b.product_id AND p.unit_kind = b.unit_kind
                JOIN {warehouse} w ON w.id = b.warehouse_id
            WHERE b.account_id = %s AND b.remaining > 0 AND b.expiry_booked_at IS NULL AND b.expires_at <= %s AND w.active {of_batches}
            GROUP BY b.product_id
        ) x ON x.product_id = p.id
        LEFT JOIN (SELECT product_id, {_sum("quantity")} AS on_order FROM ({incoming.statement(among)}) c GROUP BY product_id) o
            ON o.product_id = p.id
        WHERE p.account_id = %s AND p.active AND NOT p.reorder_excluded {of_products}
    """
    apart = " OR ".join(["s.id IS NULL", *(differs(f"n.{name}", f"s.{name}") for name in FIGURES)])
    where = "" if everything else f"WHERE {apart}"
    sql = f"""
        SELECT n.product_id, n.on_hand, n.reserved, n.available, n.on_order, n.reorder_point, n.reorder_quantity, n.stocked,
               s.maximum, s.daily_demand, ({apart}), s.days_left, s.state, s.level, s.urgency
        FROM ({standing}) n LEFT JOIN {supply} s ON s.product_id = n.product_id {where} ORDER BY n.product_id
    """
    return sql, [account_id, account_id, instant(now), account_id, account_id, account_id]


def _upsert(account_id: int, now: datetime) -> None:
    supply = quoted(Supply._meta.db_table)
    names = [name for name in NEW.columns if name != "product_id"]
    sets = ", ".join(f"{name} = excluded.{name}" for name in (*names, "changed_at"))
    insert(
        Supply,
        {name: f"t.{name}" for name in NEW.columns},
        f"FROM {NEW.name} t WHERE TRUE ON CONFLICT (product_id) DO UPDATE SET {sets}, "
        f"since = CASE WHEN {supply}.state <> excluded.state THEN excluded.since ELSE {supply}.since END",
        account_id=account_id,
        since=now,
        changed_at=now,
    )


def _kind(prefix: str) -> str:
    """The counter of the product's own unit kind."""
    return f"CASE p.unit_kind {' '.join(f'WHEN {chr(39)}{kind}{chr(39)} THEN l.{prefix}{kind}' for kind in UnitKind.values)} END"


def _sum(value: str) -> str:
    return f"CAST(SUM({value}) AS bigint)"
