"""What the queue and the idempotency keys leave behind, cleared away once a day."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now
from django_q.models import Task

from jobs import idempotency, lease
from jobs.models import Beat, Lease

SUCCESSES_KEPT = timedelta(days=1)
FAILURES_KEPT = timedelta(days=30)
SILENT_BEATS_KEPT = timedelta(days=1)
DAY_SECONDS = 24 * 3600


def once_a_day() -> bool:
    """Clear away, unless that was done within a day; whether it was done now."""
    row, _ = Lease.objects.get_or_create(name="jobs.retention")
    # Never released: the lease itself says that today's is done, whatever becomes of this process.
    if lease.claim(Lease, row.pk, seconds=DAY_SECONDS) is None:
        return False
    clear()
    return True


def clear() -> None:
    """Delete old task results, old idempotency keys and the beats of hosts that are gone."""
    Task.objects.filter(success=True, stopped__lt=Now() - SUCCESSES_KEPT).delete()
    Task.objects.filter(success=False, stopped__lt=Now() - FAILURES_KEPT).delete()
    idempotency.prune()
    Beat.objects.filter(looked_at__lt=Now() - SILENT_BEATS_KEPT).delete()
