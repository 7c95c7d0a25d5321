"""How long passes are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import router

from inventory.models import RECONCILING, Drift, Reconciliation, ReconciliationStatus


def prune(now: datetime) -> int:
    """Delete passes that ended more than CHANGE_RETENTION_DAYS days before `now`, with what they found, in two statements; how many.

    What they corrected stays in the audit log and among the movements, for ever.
    """
    old = Reconciliation.objects.filter(finished_at__lt=now - timedelta(days=settings.CHANGE_RETENTION_DAYS))
    old = old.exclude(status__in=(*RECONCILING, ReconciliationStatus.NEEDS_REVIEW))
    database = router.db_for_write(Reconciliation)
    Drift.objects.filter(reconciliation__in=old)._raw_delete(database)
    return old._raw_delete(database)
