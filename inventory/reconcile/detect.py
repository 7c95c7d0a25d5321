"""Where levels differ from their batches, in one statement however many there are (docs/reconcile.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.sql import Query

from inventory.dialect import is_postgres, quoted
from inventory.ledger.counters import Counters, Key
from inventory.models import BALANCES, COUNTED, Batch, Drift, DriftClass, DriftOutcome, Level, Product, UnitKind
from inventory.quantity import QuantityField, from_thousandths
from inventory.reconcile.scope import Scope

ROWS_AT_ONCE = 1000
KINDS = tuple(UnitKind.values)
FIGURES = ", ".join(f"{kind}_{when}" for when in ("before", "after") for kind in KINDS)


@dataclass(frozen=True)
class Difference:
    """A level as it is stored (`before`, nothing where there is none) and as its batches say (`after`).

    `outcome` is what a pass would do about it: FOUND is corrected or, for a bad batch, quarantined; the others are left as they are.
    """

    product_id: int
    warehouse_id: int
    drift_class: DriftClass
    before: Counters
    after: Counters
    level_id: int | None
    outcome: DriftOutcome = DriftOutcome.FOUND

    @property
    def key(self) -> Key:
        return Key(self.product_id, self.warehouse_id)

    @property
    def change(self) -> Counters:
        return self.after.less(self.before)


@dataclass(frozen=True)
class Stored:
    """How many levels a scope has, and how much stock they hold, all unit kinds together."""

    levels: int
    quantity: Decimal


def differences(scope: Scope) -> Iterator[Difference]:
    """What differs now, in the order of the keys, as the database finds it: read it to its end before asking anything else."""
    columns = f"product_id, warehouse_id, drift_class, level_id, outcome, {FIGURES}"
    statement = f"SELECT {columns} FROM ({found(scope)}) found ORDER BY product_id, warehouse_id, level_id"
    with connection.cursor() as cursor:
        if is_postgres():
            # Not a cursor of the server's: it would keep the database from using all its processors.
            with connection.wrap_database_errors:
                yield from map(_difference, cursor.stream(statement))
            return
        cursor.execute(statement)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from map(_difference, rows)


def keep(scope: Scope, reconciliation_id: int) -> None:
    """Store what differs now as the drifts of a pass, in the order of the keys; nothing of it passes through this program."""
    columns = f"product_id, warehouse_id, drift_class, outcome, {FIGURES}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quoted(Drift._meta.db_table)} (account_id, reconciliation_id, {columns}, tries, note) "
            f"SELECT {scope.account_id}, {reconciliation_id}, {columns}, 0, '' "
            f"FROM ({found(scope)}) found ORDER BY product_id, warehouse_id, level_id"
        )


def stored(scope: Scope) -> Stored:
    """What is compared with the batches. One statement."""
    levels = Level.objects.filter(warehouse__in=scope.warehouses)
    if scope.product is not None:
        levels = levels.filter(product=scope.product)
    sums = levels.order_by().aggregate(
        levels=Count("pk"), quantity=Sum(F("pallets") + F("packs") + F("units"), output_field=QuantityField())
    )
    return Stored(sums["levels"], sums["quantity"] or Decimal(0))


def _difference(row: Any) -> Difference:
    product, warehouse, drift, level, outcome, *figures = row
    quantities = [from_thousandths(figure) for figure in figures]
    return Difference(
        product, warehouse, DriftClass(drift), Counters(*quantities[:3]), Counters(*quantities[3:]), level, DriftOutcome(outcome)
    )


def found(scope: Scope) -> str:
    """The differing levels, as a query. Absent is zero; a key with a bad batch is that and nothing else; so is one with two levels."""
    batch, level, product = (quoted(model._meta.db_table) for model in (Batch, Level, Product))
    broken = _condition(~BALANCES)
    sums = ", ".join(f"CAST(SUM(CASE WHEN unit_kind = '{kind}' THEN remaining ELSE 0 END) AS bigint) AS {kind}" for kind in KINDS)
    same = "{0}.product_id = {1}.product_id AND {0}.warehouse_id = {1}.warehouse_id".format
    level_figures = ", ".join(f"COALESCE(l.{kind}, 0) AS {kind}_before" for kind in KINDS)
    batch_figures = ", ".join(f"COALESCE(s.{kind}, 0) AS {kind}_after" for kind in KINDS)
    # Of the few keys with a bad batch, so that the sums over all are made once only.
    sums_of_bad = ", ".join(
        f"COALESCE((SELECT CAST(SUM(b.remaining) AS bigint) FROM {batch} b "
        f"WHERE {same('b', 'x')} AND b.unit_kind = '{kind}' AND {_condition(COUNTED)}), 0) AS {kind}_after"
        for kind in KINDS
    )
    unequal = " OR ".join(f"COALESCE(l.{kind}, 0) <> COALESCE(s.{kind}, 0)" for kind in KINDS)
    # Not narrowed first where that leaves many: SQLite would join them without an index.
    levels = level if scope.product is None else f"(SELECT * FROM {level} WHERE {scope.where()})"
    return f"""
        WITH differing AS (
            SELECT COALESCE(s.product_id, l.product_id) AS product_id, COALESCE(s.warehouse_id, l.warehouse_id) AS warehouse_id,
                l.id AS level_id, l.quarantined_at, {level_figures}, {batch_figures},
                CASE WHEN l.id IS NULL THEN '{DriftClass.MISSING_ROW}' WHEN s.product_id IS NULL THEN '{DriftClass.NO_BATCHES}'
                ELSE '{DriftClass.MISMATCH}' END AS drift
            FROM (
                SELECT product_id, warehouse_id, {sums} FROM {batch} WHERE {_condition(COUNTED)} AND {scope.where()}
                GROUP BY product_id, warehouse_id
            ) s FULL JOIN {levels} l ON {same("l", "s")} WHERE (s.product_id IS NOT NULL OR {scope.where("l")}) AND ({unequal})
        ), classed AS (
            SELECT product_id, warehouse_id, level_id, quarantined_at, {FIGURES},
                CASE WHEN (SELECT COUNT(*) FROM {level} t WHERE {same("t", "d")}) > 1 THEN '{DriftClass.DUPLICATE_ROW}' ELSE drift
                END AS drift_class
            FROM differing d WHERE NOT EXISTS (SELECT 1 FROM {batch} b WHERE {broken} AND {same("b", "d")})
            UNION ALL
            SELECT x.product_id, x.warehouse_id, l.id, l.quarantined_at, {level_figures}, {sums_of_bad}, '{DriftClass.BAD_BATCH}'
            FROM (SELECT DISTINCT product_id, warehouse_id FROM {batch} WHERE {broken} AND {scope.where()}) x
            LEFT JOIN {level} l ON {same("l", "x")}
        )
        SELECT c.*, CASE
            WHEN quarantined_at IS NOT NULL THEN '{DriftOutcome.QUARANTINED}'
            WHEN drift_class = '{DriftClass.DUPLICATE_ROW}' THEN '{DriftOutcome.REPORTED}'
            WHEN drift_class = '{DriftClass.NO_BATCHES}' AND NOT (SELECT batch_managed FROM {product} p WHERE p.id = c.product_id)
                THEN '{DriftOutcome.REPORTED}'
            ELSE '{DriftOutcome.FOUND}' END AS outcome
        FROM classed c"""


def _condition(condition: Q) -> str:
    """A condition on batches as the partial indexes spell it: with its numbers in it, or SQLite would not see that an index fits."""
    query = Query(Batch, alias_cols=False)
    sql, parameters = query.build_where(condition).as_sql(query.get_compiler(connection=connection), connection)
    return sql % tuple(int(number) for number in parameters)
