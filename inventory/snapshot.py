"""Reading that sees one moment and can't write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from inventory.dialect import is_postgres


@contextmanager
def snapshot() -> Iterator[None]:
    """All that the block reads is as it was at one moment, and the database refuses whatever it would write. Nobody waits for it.

    Inside a transaction it sees what that transaction sees, and the transaction may write again afterwards.
    """
    if is_postgres():
        with _postgres():
            yield
    else:
        with _sqlite():
            yield


@contextmanager
def _postgres() -> Iterator[None]:
    # The isolation of a transaction is settled before its first statement.
    mode = "READ ONLY" if connection.in_atomic_block else "ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION {mode}")
        yield


@contextmanager
def _sqlite() -> Iterator[None]:
    connection.ensure_connection()
    # Not Django's cursor, which would refuse to switch writing on again after a write was refused inside a transaction.
    execute = connection.connection.execute
    alone = not connection.in_atomic_block
    if alone:
        # A savepoint outside of a transaction begins a deferred one, which never takes the writers' lock.
        execute("SAVEPOINT snapshot")
    execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        execute("PRAGMA query_only = OFF")
        if alone:
            execute("RELEASE SAVEPOINT snapshot")
