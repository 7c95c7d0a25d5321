"""What alerts do by the clock, and what they are told by signals."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils import timezone

from accounts.models import Account
from alerts import deliveries, digests, stockmatters, watching
from alerts.models import LIVE, Alert, Delivery, Digest, Notice
from jobs.queue import enqueue
from sync.models import Status

log = logging.getLogger(__name__)

LOOK = "alerts.watching.look"
AT_A_TICK = 2000
"""So many products are opened or ended by the tick itself; more than these would hold up what else it does."""


def sweep() -> None:
    """Every minute: what is wrong now, what is due to be told, what waits to be sent."""
    now = timezone.now()
    for pk in Account.objects.order_by("pk").values_list("pk", flat=True):
        try:
            done = watching.look(pk, now, at_most=AT_A_TICK)
        except Error:
            # What breaks for one business must not keep the others' mail.
            log.exception("Alerts of business account %s could not be looked at.", pk)
            continue
        if not done:
            enqueue(LOOK, pk)
    digests.compose_due(now)
    deliveries.sweep()


def on_run_closed(account_id: int, status: str, run: Any, **_signal: Any) -> None:
    """A run ended: if that opens or ends an alert, it is looked at at once and not at the next minute."""
    concerned = status in (Status.FAILED, Status.PARTIAL, Status.NEEDS_REVIEW)
    if concerned or Alert.objects.filter(account=account_id, state__in=LIVE, connection=run.connection_id).exists():
        enqueue(LOOK, account_id)


def on_drift_found_often(account_id: int, product_id: int, warehouse_id: int, times: int, causes: list[str], **_signal: Any) -> None:
    stockmatters.corrected(account_id, product_id, warehouse_id, times, causes, timezone.now())


def prune(now: datetime) -> int:
    """Delete what ended more than CHANGE_RETENTION_DAYS days before `now`, with what was sent of it; how many rows."""
    before = now - timedelta(days=settings.CHANGE_RETENTION_DAYS)
    notices = Notice.objects.filter(alert__ended_at__lt=before).delete()[0]
    alerts = Alert.objects.filter(ended_at__lt=before).delete()[0]
    sent = Delivery.objects.filter(created_at__lt=before).delete()[0]
    return notices + alerts + sent + Digest.objects.filter(created_at__lt=before, notices__isnull=True).delete()[0]
