from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.commands import flush


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
