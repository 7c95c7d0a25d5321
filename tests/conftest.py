from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management.commands import flush
from django.db import transaction
from django.db.models.signals import post_migrate
from hypothesis import settings

from sync.wire.session import WireSession

DATABASE = {"db", "transactional_db", "django_db_setup"}
"""A test that uses none of these fixtures cannot reach the database."""

LONG = ("tests/bench/test_bench.py", "tests/journeys/", "tests/jobs/test_worker.py", "tests/api/test_fuzz.py")
"""Tests that take long begin first: at the end, the other processes would wait for them."""

STAYS = {"django_content_type", "auth_permission"}

# How long an example takes is up to the machine and to what else it does.
settings.register_profile("any machine", settings.default, deadline=None)
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """What importing and collecting left stays for the whole run: the collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """LEVELSTOCK_ONLY=database leaves out the tests that cannot find anything new on a second database: those that ask for none, and those
    marked `once`, which are about what comes before or after it. What takes long comes first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    if os.environ.get("LEVELSTOCK_ONLY") != "database":
        return
    kept = [item for item in items if _asks_a_database(item) and not item.get_closest_marker("once")]
    told = os.environ.get("LEVELSTOCK_LEFT_OUT")
    if told:
        Path(told).write_text(str(len(items) - len(kept)))
    items[:] = kept


def _asks_a_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or not DATABASE.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What is today for a test stays today: none begins in the last moments of an hour, which are somewhere the last ones of a day."""
    _wait_for_the_next(3600, when_left=2)


def _wait_for_the_next(period: int, *, when_left: float) -> None:
    """Sleeps until the hour (3600) or the day (86400) in UTC is over, when no more than so many seconds are left of it."""
    left = period - time.time() % period
    if left <= when_left:
        time.sleep(left)


@pytest.fixture(scope="session", autouse=True)
def _flush_empties_what_is_filled() -> Iterator[None]:
    """Transactional tests are followed by a flush of all tables, of which few have rows: those alone are emptied.

    Append-only tables refuse that: maintenance is opened first and closed last. Content types and permissions are the same for every test;
    as they stay, only what the product's own apps make after a migration is made again.
    """

    def sql_flush(_style: Any, connection: Any, **_options: Any) -> list[str]:
        tables = sorted({*connection.introspection.django_table_names(only_existing=True, include_views=False)} - STAYS)
        quoted = [connection.ops.quote_name(table) for table in tables if table != "accounts_maintenance"]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT 1 FROM {table})' for table in quoted)}")
            filled = cursor.fetchone()
        return [
            "INSERT INTO accounts_maintenance (reason, opened_at) VALUES ('flush after a test', CURRENT_TIMESTAMP)",
            *(f"DELETE FROM {table}" for table, is_filled in zip(quoted, filled, strict=True) if is_filled),
            "DELETE FROM accounts_maintenance",
        ]

    def after_migrating(verbosity: int, interactive: bool, db: str, **options: Any) -> None:
        for config in (apps.get_app_config(label) for label in ("jobs", "inventory", "marketplaces")):
            post_migrate.send(sender=config, app_config=config, verbosity=verbosity, interactive=interactive, using=db, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", sql_flush)
        patch.setattr(flush, "emit_post_migrate_signal", after_migrating)
        yield


@pytest.fixture(scope="session", autouse=True)
def _another_try_comes_soon() -> Iterator[None]:
    """The pauses between tries keep their proportions and take a fiftieth; tests of the pauses themselves bring their own clock."""

    def sleep(seconds: float) -> None:
        time.sleep(seconds / 50)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(WireSession.__init__.__kwdefaults__, "sleep", sleep)
        yield


@pytest.fixture(scope="module")
def of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Rows that all tests of a module begin with: made within `with of_module():`, in a transaction around those of the tests.

    Each test rolls back what it did to them. Not for modules with transactional tests. They stay rows of today.
    """
    _wait_for_the_next(86_400, when_left=30)
    outer = transaction.atomic()
    with django_db_blocker.unblock():
        outer.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
