"""What a worker would do about a run whose worker has died: wait until its lease is out, and have another go on with it."""

from __future__ import annotations

import time
from functools import partial
from typing import Any


def wait_for_lease(run: Any, longest: float) -> None:
    """Until a dead worker's lease has run out, `longest` seconds at most."""
    from django.db.models import Q
    from django.db.models.functions import Now

    from sync.models import SyncRun

    until = time.monotonic() + longest
    free = SyncRun.objects.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=Now()), pk=run.pk)
    while not free.exists() and time.monotonic() < until:
        time.sleep(0.05)


def recover(run: Any, longest: float) -> None:
    """What the worker's minute job and the queue do: find runs whose worker is gone, and have another work on them, until `run` is over."""
    from bench import death
    from sync import clock, runs

    until = time.monotonic() + longest
    while time.monotonic() < until:
        run.refresh_from_db()
        if not run.is_active:
            return
        wait_for_lease(run, longest)
        clock.sweep()
        death.work(partial(runs.execute, run.pk))
