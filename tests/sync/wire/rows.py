"""Connections for the tests of budgets and breakers."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection as database
from django.db import connections

from sync.models.budget import CallBudget
from sync.models.connection import Connection
from tests.build import make_account


def make_connection(name: str = "GE") -> Connection:
    return Connection.objects.create(account=make_account(name), name=name, system="ge")


def make_budget(connection: Connection, name: str = "minute", *, window_seconds: int = 60, limit: int = 3, reserved: int = 0) -> CallBudget:
    return CallBudget.objects.create(
        account=connection.account, connection=connection, name=name, window_seconds=window_seconds, limit=limit, reserved=reserved
    )


def at_once(number: int, work: Callable[[], None]) -> list[BaseException]:
    """Runs `work` in that many threads that start together, each with its own database connection; what they raised."""
    together = threading.Barrier(number)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            together.wait(150)
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.ensure_connection()
    return raised
