from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import transaction


def pytest_collection_finish() -> None:
    """What importing and collecting left stays for the whole run: the collector need not walk over it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _flush_empties_append_only_tables() -> Iterator[None]:
    """Transactional tests are followed by a flush, which append-only tables refuse: it opens maintenance first and closes it last."""
    original = flush.sql_flush

    def sql_flush(*arguments: Any, **options: Any) -> list[str]:
        statements = sorted(original(*arguments, **options), key=lambda statement: "accounts_maintenance" in statement)
        return ["INSERT INTO accounts_maintenance (reason, opened_at) VALUES ('flush after a test', CURRENT_TIMESTAMP)", *statements]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", sql_flush)
        yield


@pytest.fixture(scope="module")
def of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
    """Rows that all tests of a module begin with: made within `with of_module():`, in a transaction around those of the tests.

    Each test rolls back what it did to them. Not for modules with transactional tests.
    """
    outer = transaction.atomic()
    with django_db_blocker.unblock():
        outer.__enter__()
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
