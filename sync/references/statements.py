"""What the statements about references share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db import models

from inventory.dialect import quoted


@dataclass(frozen=True)
class Some:
    """Which references are meant: a condition on `r`, with its parameters."""

    where: str
    parameters: Sequence[Any] = ()


def table_of(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


@contextmanager
def temporary(name: str, columns: str) -> Iterator[None]:
    """A temporary table while the block runs; where it fails, the table goes with the transaction."""
    with database.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {quoted(name)} ({columns})")
    yield
    with database.cursor() as cursor:
        cursor.execute(f"DROP TABLE {quoted(name)}")
