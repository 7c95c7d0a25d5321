"""Where SQLite and PostgreSQL differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

from inventory.quantity import QuantityField


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def differs(left: str, right: str) -> str:
    """Whether two values differ, null being a value like others."""
    return f"{left} IS DISTINCT FROM {right}" if is_postgres() else f"{left} IS NOT {right}"


def passed(column: str) -> str:
    """A column that most rows have the same value of: not to be found by. Without statistics SQLite takes any index for a good one."""
    return column if is_postgres() else f"+{column}"


def text_of(value: str, column: models.Field[Any, Any]) -> str:
    """The value of a column as the text that change rows show; null stays null. The same on both databases."""
    if isinstance(column, QuantityField):
        if is_postgres():
            return f"trim_scale({value}::numeric / 1000)::text"
        # Of null SQLite would print nought.
        return f"CASE WHEN {value} IS NOT NULL THEN rtrim(rtrim(printf('%%.3f', {value} / 1000.0), '0'), '.') END"
    if isinstance(column, models.DateTimeField):
        if is_postgres():
            return f"""to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
        return f"(replace(substr({value}, 1, 19), ' ', 'T') || 'Z')"
    if isinstance(column, models.BooleanField):
        return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
    return f"CAST({value} AS text)"


def json_object(pairs: Iterable[tuple[str, str]]) -> str:
    """A JSON object of names and text expressions."""
    inside = ", ".join(f"'{name}', {value}" for name, value in pairs)
    return f"jsonb_build_object({inside})" if is_postgres() else f"json_object({inside})"


def json_with(document: str, condition: str, name: str, value: str) -> str:
    """`document` with one more entry where the condition holds."""
    more = f"{document} || jsonb_build_object('{name}', {value})" if is_postgres() else f"json_set({document}, '$.{name}', {value})"
    return f"CASE WHEN {condition} THEN {more} ELSE {document} END"


def load(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, last: bool = True) -> None:
    """Write rows into a temporary table, as fast as the database takes them, without locking any other.

    While they are taken the connection can do nothing else. Unless they are the `last` ones, the table is not measured yet.
    """
    names = ", ".join(map(quoted, columns))
    with connection.cursor() as cursor:
        if is_postgres():
            # Django wraps the driver's errors everywhere but here.
            with connection.wrap_database_errors, cursor.copy(f"COPY {quoted(table)} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            if last:
                cursor.execute(f"ANALYZE {quoted(table)}")
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", rows)  # type: ignore[arg-type]


@contextmanager
def loading() -> Iterator[None]:
    """Temporary tables are filled while the block runs; SQLite would else end a transaction with every row. Not inside a transaction."""
    if is_postgres():
        yield
        return
    with connection.cursor() as cursor:
        # A savepoint outside of a transaction begins a deferred one: it never takes the lock of the main database for a temporary table.
        cursor.execute("SAVEPOINT stage")
        try:
            yield
        except BaseException:
            cursor.execute("ROLLBACK TO SAVEPOINT stage")
            raise
        finally:
            cursor.execute("RELEASE SAVEPOINT stage")
