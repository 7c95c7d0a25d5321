"""How long units that are gone are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import router
from django.db.models import Exists, OuterRef

from inventory.models import Conflict, Scan, Unit


def prune(now: datetime) -> int:
    """Delete the units that have been gone for more than GONE_RETENTION_DAYS days at `now`, in one statement; how many.

    Units that were ever scanned, that a conflict is about or that a person wrote a note on are kept for good.
    """
    of_unit = {"unit": OuterRef("pk")}
    unwanted = Unit.objects.filter(
        ~Exists(Scan.objects.filter(**of_unit)),
        ~Exists(Conflict.objects.filter(**of_unit)),
        gone_at__lt=now - timedelta(days=settings.GONE_RETENTION_DAYS),
        local_notes="",
    )
    # Not delete(), which would read every row: what refers to a unit has just been ruled out.
    return unwanted._raw_delete(router.db_for_write(Unit))
