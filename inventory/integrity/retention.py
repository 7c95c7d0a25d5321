"""How long reports are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import router
from django.db.models import Max

from inventory.models import IntegrityReport


def prune(now: datetime) -> int:
    """Delete reports that are more than CHANGE_RETENTION_DAYS days old at `now`, but each account's last one; how many."""
    last = IntegrityReport.objects.order_by().values("account").annotate(last=Max("pk")).values("last")
    old = IntegrityReport.objects.filter(finished_at__lt=now - timedelta(days=settings.CHANGE_RETENTION_DAYS)).exclude(pk__in=last)
    return old._raw_delete(router.db_for_write(IntegrityReport))
