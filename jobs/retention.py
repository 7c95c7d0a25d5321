"""What the queue and the idempotency keys leave behind, cleared away once a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Task

from jobs import idempotency, lease
from jobs.models import Beat, Lease

SUCCESSES_KEPT = timedelta(days=1)
FAILURES_KEPT = timedelta(days=30)
SILENT_BEATS_KEPT = timedelta(days=1)
DAY_SECONDS = 24 * 3600

_pruners: list[str] = []


def every_day(function_path: str) -> None:
    """Call the function at `function_path` once a day with the present time, to delete what is kept no longer. For apps, in ready()."""
    if function_path not in _pruners:
        _pruners.append(function_path)


def once_a_day() -> bool:
    """Clear away, unless that was done within a day; whether it was done now."""
    row, _ = Lease.objects.get_or_create(name="jobs.retention")
    # Never released: the lease itself says that today's is done, whatever becomes of this process.
    if lease.claim(Lease, row.pk, seconds=DAY_SECONDS) is None:
        return False
    clear()
    return True


def clear() -> None:
    """Delete old task results, old idempotency keys, the beats of hosts that are gone, and what the apps have asked for by every_day."""
    Task.objects.filter(success=True, stopped__lt=Now() - SUCCESSES_KEPT).delete()
    Task.objects.filter(success=False, stopped__lt=Now() - FAILURES_KEPT).delete()
    idempotency.prune()
    Beat.objects.filter(looked_at__lt=Now() - SILENT_BEATS_KEPT).delete()
    for path in _pruners:
        prune: Callable[[datetime], object] = import_string(path)
        prune(timezone.now())
