"""How long what syncs leave behind is kept (docs/engine.md, “What is kept”)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from sync.models import ACTIVE, FINISHED, FeedDocument, PlanRow, Round, RunEvent, SyncChange, SyncRun
from sync.systems import SYSTEMS

_BATCH = 5000


def prune(now: datetime) -> None:
    """Delete change rows and rounds after CHANGE_RETENTION_DAYS, and documents, plans and log lines after DOCUMENT_RETENTION_DAYS.

    Runs stay, and so do the audit rows of rounds, which say how each step ended. What systems have answered goes
    sooner where they say so.

    The newest upload of each list stays too, because the next run reads it again, and so does what an unfinished run was planned from or
    takes back. In batches, so that no statement holds the database for long.
    """
    before = now - timedelta(days=settings.DOCUMENT_RETENTION_DAYS)
    old_runs = SyncRun.objects.filter(status__in=FINISHED, finished_at__lt=before)
    long_ago = now - timedelta(days=settings.CHANGE_RETENTION_DAYS)
    old_changes = SyncChange.objects.filter(at__lt=long_ago)
    _delete(old_changes.exclude(run__in=SyncRun.objects.filter(undone_by__status__in=ACTIVE)))
    # One that is active has not finished: it is kept however old it is.
    _delete(Round.objects.filter(finished_at__lt=long_ago))
    _delete(PlanRow.objects.filter(run__in=old_runs))
    _delete(RunEvent.objects.filter(run__in=old_runs))
    unfinished = SyncRun.objects.exclude(status__in=FINISHED)
    old = FeedDocument.objects.filter(created_at__lt=before).exclude(run__in=unfinished).exclude(used_by__run__in=unfinished)
    _delete(old.exclude(pk__in=_newest_uploads()))
    for key, days in sooner().items():
        fetched = FeedDocument.objects.filter(connection__system=key, run__isnull=False, created_at__lt=now - timedelta(days=days))
        _delete(fetched.exclude(run__in=unfinished).exclude(used_by__run__in=unfinished))


def sooner() -> dict[str, int]:
    """The systems whose documents are kept for fewer days than the installation's, and for how many."""
    limit = settings.DOCUMENT_RETENTION_DAYS
    return {key: known.document_days for key, known in SYSTEMS.items() if known.document_days is not None and known.document_days < limit}


def _newest_uploads() -> list[int]:
    """The uploads that a run would read now: the newest of each list, and of each part of a list."""
    newest: dict[tuple[int, str, str], int] = {}
    uploads = FeedDocument.objects.filter(run__isnull=True).order_by("-pk").values_list("pk", "connection_id", "feed", "part", "covers")
    for pk, connection, feed, part, covers in uploads:
        for covered in covers or [part]:
            newest.setdefault((connection, feed, covered), pk)
    return sorted(set(newest.values()))


def _delete(rows: QuerySet[Any]) -> None:
    while True:
        batch = list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH])
        if not batch:
            return
        # Documents would else be read whole before they are deleted.
        rows.model._default_manager.filter(pk__in=batch).only("pk").delete()
