"""The ledger's clock."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from inventory.dialect import is_postgres


def now() -> datetime:
    """This moment by the database's clock, so that hosts with different clocks agree on what has expired."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()" if is_postgres() else "SELECT strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')", ())
        (value,) = cursor.fetchone()
    return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)
