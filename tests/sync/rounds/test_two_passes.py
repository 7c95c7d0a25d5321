"""Two workers that bring the same round on at the same moment start each step once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident
from typing import Any

import pytest
from django.db import connection as database

from sync import runs
from sync.models import ACTIVE, RoundStep, Status, SyncRun
from sync.rounds import advancing
from tests.jobs.conftest import wait_until
from tests.sync.rounds.fake import Chain

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits_for_me() -> bool:
    """Whether another connection waits for a lock that this one has; of SQLite nobody can tell."""
    if database.vendor == "sqlite":
        return True
    with database.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))")
        return bool(cursor.fetchone()[0])


def test_two_passes_at_once_start_each_step_once(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    start, inside = runs.start, set[int]()

    def start_when_both_are_there(*given: Any, **named: Any) -> SyncRun:
        # Whoever is about to start a run stays until the other one waits for the round's row, or has got past it, too.
        inside.add(get_ident())
        wait_until("the other pass comes", lambda: len(inside) > 1 or somebody_waits_for_me())
        return start(*given, **named)

    monkeypatch.setattr(runs, "start", start_when_both_are_there)
    found, together = chain.start(), Barrier(2)

    def advance(_: int) -> str:
        try:
            together.wait(30)
            return advancing.advance(found.pk)
        finally:
            database.close()

    while found.is_active:
        inside.clear()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(advance, range(2)))
        assert len(inside) <= 1
        for pk in list(SyncRun.objects.filter(status__in=ACTIVE).order_by("pk").values_list("pk", flat=True)):
            runs.execute(pk)
        found.refresh_from_db()
    assert found.status == Status.SUCCEEDED
    assert list(RoundStep.objects.filter(round=found).order_by("seq").values_list("tries", "joined")) == [(1, False)] * 5
    assert SyncRun.objects.count() == 5
