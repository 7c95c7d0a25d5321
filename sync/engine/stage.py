"""The desired rows of a run in temporary tables of the worker's own database connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection, models

from inventory import dialect
from inventory.quantity import QuantityField
from sync.engine.tables import Same, TablePlan, Target

AT_ONCE = 5_000


def stage_table(target: Target) -> str:
    return f"stage_{target.entity}"


def diff_table(target: Target) -> str:
    return f"diff_{target.entity}"


def whole_table(target: Target) -> str:
    """All differences, while the difference table holds a part of them."""
    return f"whole_{target.entity}"


def same_table(target: Target) -> str:
    """The keys of rows that a source knows to be stored as desired."""
    return f"same_{target.entity}"


def is_listed(plan: TablePlan, key: str) -> str:
    """Whether the desired rows have this key."""
    tables = [stage_table(plan.target), *([same_table(plan.target)] if plan.knows_same else [])]
    tests = [f"EXISTS (SELECT 1 FROM {dialect.quoted(table)} s WHERE s.{dialect.quoted('key')} = {key})" for table in tables]
    return f"({' OR '.join(tests)})"


def stored_column(target: Target, name: str) -> models.Field[Any, Any]:
    """The column of the stored table, or of the table a reference leads to, that holds what is staged as `name`."""
    for each in target.fields:
        if each.first == name:
            name = each.name
        if each.name == name and each.reference:
            return each.reference.model._meta.get_field(each.reference.natural)  # type: ignore[return-value]
    column = target.model._meta.get_field(name)
    return column.output_field if isinstance(column, models.GeneratedField) else column  # type: ignore[return-value]


@contextmanager
def staged(plans: list[TablePlan]) -> Iterator[None]:
    """The rows of `plans` are staged while the block runs. Not inside a transaction."""
    try:
        with dialect.loading():
            for plan in plans:
                _stage(plan)
        yield
    finally:
        drop([plan.target for plan in plans])


def drop(targets: list[Target]) -> None:
    """Remove the temporary tables; a connection that is gone has taken them along."""
    if connection.connection is None or not connection.is_usable():
        return
    with connection.cursor() as cursor:
        for target in targets:
            for table in (stage_table(target), diff_table(target), whole_table(target), same_table(target)):
                cursor.execute(f"DROP TABLE IF EXISTS {dialect.quoted(table)}")


def _stage(plan: TablePlan) -> None:
    target = plan.target
    columns = [stored_column(target, name) for name in plan.columns]
    types = [column.db_type(connection) for column in columns]
    parts = [f"{dialect.quoted('key')} {types[0]} PRIMARY KEY"]
    parts += [f"{dialect.quoted(name)} {kind}" for name, kind in zip(plan.columns[1:], types[1:], strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {dialect.quoted(stage_table(target))} ({', '.join(parts)})")
    prepared = [(place, _preparing(column)) for place, column in enumerate(columns) if not _is_stored_form(column, plan)]
    same: list[tuple[str]] = []
    rows = _different(plan.rows, same)
    names = ["key", *plan.columns[1:]]
    # In parts: while rows are taken the connection can do nothing else, and a source may have to look something up for the next ones.
    while part := [_prepare(row, prepared) for row in islice(rows, AT_ONCE)]:
        dialect.load(stage_table(target), names, part, last=False)
    dialect.load(stage_table(target), names, [])
    if plan.knows_same:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {dialect.quoted(same_table(target))} ({dialect.quoted('key')} {types[0]} PRIMARY KEY)")
        dialect.load(same_table(target), ["key"], same)


def _different(rows: Iterable[tuple[Any, ...] | Same], same: list[tuple[str]]) -> Iterator[tuple[Any, ...]]:
    """The rows that have to be compared; the keys of the others are left in `same`."""
    for row in rows:
        if isinstance(row, Same):
            same.append((row.key,))
        else:
            yield row


def _is_stored_form(column: models.Field[Any, Any], plan: TablePlan) -> bool:
    """Whether a source's values of the column are already what the driver takes."""
    if isinstance(column, QuantityField):
        return plan.in_thousandths
    if isinstance(column, models.DateTimeField):
        return dialect.is_postgres()
    return isinstance(column, models.CharField | models.TextField | models.BooleanField | models.IntegerField)


def _preparing(column: models.Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(column, models.DateTimeField):
        return _moment
    return lambda value: column.get_db_prep_save(value, connection)


def _moment(value: datetime | None) -> str | None:
    """A time as SQLite keeps it; what the field would make of it, only sooner."""
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


def _prepare(row: Sequence[Any], prepared: Sequence[tuple[int, Callable[[Any], Any]]]) -> Sequence[Any]:
    if not prepared:
        return row
    values = list(row)
    for place, prepare in prepared:
        values[place] = prepare(values[place])
    return values
