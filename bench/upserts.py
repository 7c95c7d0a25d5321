"""Statements that a floor brings tables in line with, by a connection that nothing stands before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection as database
from django.utils import timezone


class Upserts:
    """For one connection's rows in the database behind `raw`."""

    def __init__(self, raw: Any, *, account: int, connection: int) -> None:
        self.raw, self._account, self._connection = raw, account, connection
        self.is_postgres = type(raw).__module__.startswith("psycopg")
        self.differs = "IS DISTINCT FROM" if self.is_postgres else "IS NOT"
        self.now = f"'{timezone.now():%Y-%m-%d %H:%M:%S}{'+00' if self.is_postgres else ''}'"

    @staticmethod
    def run(cursor: Any, sql: str) -> int:
        """Rows that it wrote."""
        cursor.execute(sql)
        return max(cursor.rowcount, 0) if sql.startswith(("INSERT", "UPDATE")) else 0

    def upsert(self, model: Any, staging: str, key: str, values: Mapping[str, str]) -> str:
        """What is staged becomes what is said; rows that are as they were are left alone."""
        table = f'"{model._meta.db_table}"'
        differs = " OR ".join(f"{value} {self.differs} t.{name}" for name, value in values.items())
        sets = ", ".join(f"{name} = excluded.{name}" for name in values)
        rows = f"FROM {staging} s LEFT JOIN {table} t ON t.connection_id = {self._connection} AND t.{key} = s.key"
        return (
            self.insert(
                model,
                {key: "s.key", "connection_id": str(self._connection), **values},
                f"{rows} WHERE t.id IS NULL OR t.gone_at IS NOT NULL OR {differs}",
            )
            + f" ON CONFLICT (connection_id, {key}) DO UPDATE SET {sets}, gone_at = NULL"
        )

    def gone(self, table: str, staging: str, key: str) -> str:
        """What is not staged is gone."""
        return (
            f"UPDATE {table} SET gone_at = {self.now} WHERE connection_id = {self._connection} AND gone_at IS NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {staging} s WHERE s.key = {table}.{key})"
        )

    def insert(self, model: Any, values: Mapping[str, str], rows: str) -> str:
        """INSERT of `rows`; what `values` does not name is as in a new object."""
        columns = {column.column: values.get(column.column) or self._default(column) for column in model._meta.concrete_fields}
        columns = {name: value for name, value in columns.items() if name != "id"}
        names = ", ".join(f'"{name}"' for name in columns)
        return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(columns.values())} {rows}'

    def _default(self, column: Any) -> str:
        if column.column == "account_id":
            return str(self._account)
        if column.get_internal_type() == "DateTimeField":
            return "NULL" if column.null else self.now
        value = column.get_default()
        if value is None:
            return "NULL" if column.null else "FALSE"
        value = column.get_db_prep_save(value, database)
        if isinstance(value, bool):
            return str(value).upper()
        return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))
