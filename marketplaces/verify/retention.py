"""How long attempts and comparisons are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import router
from django.db.models import Exists, F, OuterRef, Subquery

from marketplaces.models import OPEN_STATES, Attempt, Carried, Decision, Difference, Verification, VerificationStatus


def prune(now: datetime) -> int:
    """Delete what is more than CHANGE_RETENTION_DAYS days old at `now`, in four statements; how many rows.

    The newest attempt of a listing stays, and those whose outcome is open. So do differences that wait for a decision, and the newest
    comparison of a shop.
    """
    before = now - timedelta(days=settings.CHANGE_RETENTION_DAYS)
    newest = Attempt.objects.filter(listing=OuterRef("listing")).order_by("-pk").values("pk")[:1]
    attempts = Attempt.objects.filter(started_at__lt=before).exclude(state__in=OPEN_STATES).exclude(pk=Subquery(newest))
    Carried.objects.filter(attempt__in=attempts.order_by())._raw_delete(router.db_for_write(Carried))
    # One that has become old between the two statements goes the next day.
    bare = attempts.exclude(Exists(Carried.objects.filter(attempt=OuterRef("pk"))))
    deleted = bare._raw_delete(router.db_for_write(Attempt))
    old = Verification.objects.filter(finished_at__lt=before)
    differences = Difference.objects.filter(verification__in=old).exclude(decision=Decision.OPEN)
    deleted += differences._raw_delete(router.db_for_write(Difference))
    last = Verification.objects.filter(shop=OuterRef("shop"), status=VerificationStatus.SUCCEEDED).order_by("-pk").values("pk")[:1]
    left = Difference.objects.filter(verification=OuterRef("pk")).values("pk")[:1]
    emptied = old.annotate(last=Subquery(last), left=Subquery(left)).filter(left__isnull=True).exclude(pk=F("last"))
    return deleted + emptied._raw_delete(router.db_for_write(Verification))
