"""How many statements a piece of work sends to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def statements(into: dict[str, int]) -> Iterator[None]:
    """Counts into `into["statements"]` what this thread sends to the database."""

    def count(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        into["statements"] = into.get("statements", 0) + 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield
