"""Following a run while it goes on: its log, read from where the reader left off."""

from __future__ import annotations

from sync.models import RunEvent, SyncRun

POLL_SECONDS = 1.0
"""How long a reader waits before asking again."""

LINES = 1000


def lines_after(run: SyncRun, seq: int, *, limit: int = LINES) -> list[RunEvent]:
    """The first `limit` lines of the run's log that follow line `seq`, in order."""
    return list(RunEvent.objects.filter(run=run, seq__gt=seq).order_by("seq")[:limit])
