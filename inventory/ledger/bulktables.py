"""Temporary tables that hold what one chunk of facts does, and how rows of ours are made from them in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from inventory.dialect import is_postgres, load, quoted
from inventory.models import Arrival, Batch, Movement, Purchase, Sale


@dataclass(frozen=True)
class Table:
    """A temporary table. Its columns have the types of the model columns they are filled from or go to."""

    name: str
    columns: Mapping[str, models.Field[Any, Any]]


NUMBER = models.BigIntegerField()
YES = models.BooleanField()


def _of(model: type[models.Model], *names: str) -> dict[str, models.Field[Any, Any]]:
    """Columns of a model; quantities as the thousandths that are stored."""
    columns: dict[str, models.Field[Any, Any]] = {}
    for name in names:
        column = model._meta.get_field(name)
        is_number = isinstance(column, models.BigIntegerField | models.AutoField | models.ForeignKey)
        columns[name] = NUMBER if is_number else column  # type: ignore[assignment]
    return columns


_PLACE = {"product_id": NUMBER, "warehouse_id": NUMBER}

KEYS = Table("bulk_key", _PLACE)
"""Levels whose shortfalls may be settled."""

CHANGES = Table(
    "bulk_change",
    {
        "seq": NUMBER,
        **_PLACE,
        **_of(Movement, "unit_kind", "kind", "batch_delta", "level_delta", "document_id", "happened_at"),
        "batch_id": NUMBER,
        **_of(Movement, "reason", "source_key", "correlation"),
        **_of(Batch, "unit_cost"),
    },
)
"""What moves, in the order in which it does: one row for each movement."""

NEEDS = Table(
    "bulk_need",
    {
        "position": NUMBER,
        "sale_id": NUMBER,
        **_PLACE,
        **_of(Sale, "purpose", "unit_kind", "quantity", "sold_at"),
        **_of(Movement, "reason"),
        "movement_key": Movement._meta.get_field("source_key"),
        **_of(Sale, "correlation"),
        "fresh": YES,
        "total": NUMBER,
        **_of(Sale, "price", "reference", "source_key", "revision"),
    },
)
"""Sales that take `quantity` from stock, in the order in which they may. Those that are `fresh` are stored, with `total` as their quantity;
the others are short of `total` more than they were, less what they get."""

RELEASES = Table("bulk_release", {"allocation_id": NUMBER, "sale_id": NUMBER, "quantity": NUMBER, "short": NUMBER})
"""Allocations that give something back, and how much of it the sale is short then."""

WANTED = Table("bulk_wanted", {"batch_id": NUMBER, "quantity": NUMBER})
"""Batches of which sales have to give so much back."""

SALE_EDITS = Table(
    "bulk_sale",
    {
        "id": NUMBER,
        **_of(Sale, "quantity", "shortfall", "price", "reference", "sold_at", "status", "cancelled_at", "source_key", "revision"),
    },
)
"""Stored sales as they are from now on."""

RECEIPTS = Table(
    "bulk_receipt",
    {
        "position": NUMBER,
        "batch_id": NUMBER,
        "purchase_id": NUMBER,
        **_PLACE,
        **_of(Batch, "unit_kind", "origin", "received", "unit_cost", "lot", "expires_on", "expires_at", "expiry_booked_at", "received_at"),
        **_of(Batch, "packs_per_pallet", "units_per_pack"),
        "parent_id": NUMBER,
        "vendor_id": NUMBER,
        **_of(Purchase, "purpose", "free_goods", "reference", "source_key", "revision", "correlation"),
        **_of(Arrival, "transfer_key", "arrived_at"),
        "sent_id": NUMBER,
    },
)
"""Purchases that are new."""

CAME_BACK = Table("bulk_back", {**_PLACE, **_of(Batch, "unit_kind")})
"""Of what customers brought something back."""

BATCH_EDITS = Table(
    "bulk_batch",
    {
        "id": NUMBER,
        **_of(Batch, "unit_cost", "lot", "expires_on", "expires_at", "expiry_booked_at", "received_at", "voided_at", "warned_days"),
    },
)
"""Stored batches as they are from now on, but for their quantities."""

PURCHASE_EDITS = Table(
    "bulk_purchase",
    {"id": NUMBER, "vendor_id": NUMBER, **_of(Purchase, "free_goods", "reference", "status", "voided_at", "source_key", "revision")},
)
"""Stored purchases as they are from now on."""


_standing: ContextVar[frozenset[str]] = ContextVar("standing", default=frozenset())


@contextmanager
def made(*tables: Table) -> Iterator[None]:
    """These tables are there, and empty, for the block. Inside a transaction.

    Those that a block around it has made are used, and emptied: PostgreSQL keeps a lock for each table that a transaction makes, also when
    it is dropped at once, and has room for some thousands.
    """
    there = _standing.get()
    mine = {table.name: table for table in tables if table.name not in there}
    _make(mine.values())
    token = _standing.set(there | mine.keys())
    try:
        yield
    finally:
        _standing.reset(token)
    # Only where all went well: else they go, or get back what they held, with the transaction.
    home = _home()
    with connection.cursor() as cursor:
        for name in dict.fromkeys(table.name for table in tables):
            cursor.execute(f"DROP TABLE {home}.{name}" if name in mine else f"DELETE FROM {name}")


def _home() -> str:
    return "pg_temp" if is_postgres() else "temp"


def _make(tables: Iterable[Table]) -> None:
    home, ends = _home(), " ON COMMIT DROP" if is_postgres() else ""
    with connection.cursor() as cursor:
        for table in tables:
            columns = ", ".join(f"{quoted(name)} {column.db_type(connection)}" for name, column in table.columns.items())
            cursor.execute(f"DROP TABLE IF EXISTS {home}.{table.name}")
            cursor.execute(f"CREATE TEMPORARY TABLE {table.name} ({columns}){ends}")


def fill(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows into a table that is made; quantities in thousandths."""
    if rows:
        prepared = [(name, _prepare(column)) for name, column in table.columns.items()]
        load(table.name, list(table.columns), ([prepare(row[name]) for name, prepare in prepared] for row in rows))


def empty(table: Table) -> None:
    run(f"DELETE FROM {table.name}")


def run(sql: str, parameters: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found


def insert(model: type[models.Model], values: Mapping[str, str], source: str, **constants: Any) -> None:
    """Store rows of `model` from `source` (FROM and what follows): `values` are expressions by column, `constants` values by column.

    Every other column has its default.
    """
    names: list[str] = []
    chosen: list[str] = []
    parameters: list[Any] = []
    for column in model._meta.concrete_fields:
        name = column.column
        assert name is not None
        if isinstance(column, models.GeneratedField) or (column.primary_key and name not in values):
            continue
        names.append(quoted(name))
        if name in values:
            chosen.append(values[name])
            continue
        chosen.append("%s")
        value = constants.get(name, column.get_default() if name not in constants else None)
        parameters.append(column.get_db_prep_save(value, connection))
    run(f"INSERT INTO {quoted(model._meta.db_table)} ({', '.join(names)}) SELECT {', '.join(chosen)} {source}", parameters)


def update(model: type[models.Model], table: Table) -> None:
    """Bring the stored rows whose ids are in `table` to what it says."""
    target = quoted(model._meta.db_table)
    sets = ", ".join(f"{quoted(name)} = t.{quoted(name)}" for name in table.columns if name != "id")
    run(f"UPDATE {target} SET {sets} FROM {table.name} t WHERE {target}.id = t.id")


def reserve(model: type[models.Model], number: int) -> Iterator[int]:
    """So many ids for new rows of the model, which nobody else gets. Inside a transaction that may write."""
    table = model._meta.db_table
    if not number:
        return iter(())
    if is_postgres():
        drawn = rows("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number])
        return iter(sorted(pk for (pk,) in drawn))
    found = rows("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    last = found[0][0] if found else 0
    return iter(range(last + 1, last + 1 + number))


def instant(value: Any) -> Any:
    """A time as a parameter of a statement."""
    return Movement._meta.get_field("booked_at").get_db_prep_save(value, connection)


def money_sum(quantity: str, unit_cost: str) -> str:
    """The sum of quantity × cost over a group, in units of 0.0000001, exact in both databases."""
    if is_postgres():
        return f"SUM(({quantity})::numeric * trunc(COALESCE({unit_cost}, 0) * 10000))"
    return f"SUM(({quantity}) * CAST(round(COALESCE({unit_cost}, 0) * 10000) AS integer))"


def money_of(total: str) -> str:
    """What `money_sum` gave as money of four places, halves to the even one as Decimal rounds."""
    cut, rest, odd, back = (
        (f"div({total}, 1000)", f"mod({total}, 1000)", f"mod(div({total}, 1000), 2)", "::numeric / 10000")
        if is_postgres()
        else (f"({total} / 1000)", f"({total} %% 1000)", f"(({total} / 1000) %% 2)", " / 10000.0")
    )
    return f"({cut} + CASE WHEN {rest} > 500 OR ({rest} = 500 AND {odd} = 1) THEN 1 ELSE 0 END){back}"


def _prepare(column: models.Field[Any, Any]) -> Any:
    if isinstance(column, models.CharField) or column is NUMBER or column is YES:
        return lambda value: value
    return lambda value: column.get_db_prep_save(value, connection)
