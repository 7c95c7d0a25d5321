"""`GET /api/sync-finale/status`: whether Finale is being read, how it went last, and how it went this week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.models import Schedule
from sync.answers import message
from sync.api.envelopes import NamedConnectionSerializer, ProblemSerializer
from sync.models import ACTIVE, Connection, ProductRef, Status, SyncRun
from sync.sources.finale.api.asking import CONNECTION, FinaleView, runs_of
from sync.sources.finale.api.runlines import RunLine, items, mean, milliseconds, percent
from sync.sources.finale.api.timetable import on, timetable
from sync.sources.finale.intervals import minutes_of

ENDED = (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED, Status.NEEDS_REVIEW)
"""States that say something of how it went; a cancelled run says nothing."""
RECENT = 10


class FinaleCurrentSyncSerializer(RunLine):
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True, help_text="Null while it waits for a worker.")
    progress = serializers.SerializerMethodField(help_text="Of its present phase, as in 40%; null where its size is not known.")
    phase = serializers.CharField()
    currentBatch = serializers.IntegerField(source="progress_done")
    totalBatches = serializers.IntegerField(source="progress_total", help_text="0 where it is not known.")
    resumesAt = serializers.DateTimeField(source="resume_at", allow_null=True, help_text="It waits until then, for Finale's call budget.")

    def get_progress(self, run: SyncRun) -> str | None:
        return f"{100 * run.progress_done // run.progress_total}%" if run.progress_total else None


class FinaleLastSyncSerializer(RunLine):
    completedAt = serializers.DateTimeField(source="finished_at", allow_null=True)
    duration = serializers.SerializerMethodField(help_text="Milliseconds.")
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]

    def get_duration(self, run: SyncRun) -> int | None:
        return milliseconds(run)


class FinaleRecentErrorSerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField()
    at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField()


class FinaleWeekSerializer(serializers.Serializer[Any]):
    totalSyncs = serializers.IntegerField()
    successfulSyncs = serializers.IntegerField()
    failedSyncs = serializers.IntegerField()
    partialSyncs = serializers.IntegerField()
    averageDuration = serializers.FloatField(allow_null=True, help_text="Milliseconds.")
    totalItemsProcessed = serializers.IntegerField()
    totalItemsUpdated = serializers.IntegerField()
    recentErrors = FinaleRecentErrorSerializer(many=True, help_text=f"The newest {RECENT} at most.")


class FinaleStatisticsSerializer(serializers.Serializer[Any]):
    last7Days = FinaleWeekSerializer()
    successRate = serializers.FloatField(allow_null=True, help_text="Percent of the ended syncs of the week; null without any.")
    totalInventoryItems = serializers.IntegerField(help_text="Products that Finale has.")


class FinaleSyncConfigSerializer(serializers.Serializer[Any]):
    frequencyMinutes = serializers.IntegerField(allow_null=True, help_text="The interval of the inventory schedule.")
    lastScheduledSync = serializers.DateTimeField(allow_null=True)
    nextScheduledSync = serializers.DateTimeField(allow_null=True, help_text="Null while auto-sync is off.")


class FinaleStatusSerializer(serializers.Serializer[Any]):
    status = serializers.CharField(help_text="idle, running, error or warning.")
    message = serializers.CharField()
    configured = serializers.BooleanField(help_text="There is a connection with its credentials.")
    syncEnabled = serializers.BooleanField(help_text="Schedules start syncs.")
    connection = NamedConnectionSerializer(allow_null=True)
    currentSync = FinaleCurrentSyncSerializer(allow_null=True)
    currentSyncs = FinaleCurrentSyncSerializer(many=True, help_text="All that are going on: one for each kind of data at most.")
    lastSync = FinaleLastSyncSerializer(allow_null=True)
    statistics = FinaleStatisticsSerializer()
    syncConfig = FinaleSyncConfigSerializer()


class StatusView(FinaleView):
    """How the Finale sync stands."""

    @extend_schema(parameters=[CONNECTION], responses=FinaleStatusSerializer, operation_id="finale_status")
    def get(self, request: Request) -> Response:
        """What is going on, what came last, and the week behind. A failure of any kind of data counts until that kind succeeds."""
        _, connection, _ = self.asked(request)
        return Response(FinaleStatusSerializer(standing(connection)).data)


def standing(connection: Connection | None) -> dict[str, Any]:
    """The status answer about `connection`."""
    going = list(runs_of(connection).filter(status__in=ACTIVE).order_by("started_at", "pk")) if connection else []
    last = _last_of_each(connection)
    rows = timetable(connection)
    enabled = connection is not None and on(connection, rows)
    status, said = judge(connection, going, last, enabled)
    return {
        "status": status,
        "message": said,
        "configured": configured(connection),
        "syncEnabled": enabled,
        "connection": connection and {"id": connection.pk, "name": connection.name},
        "currentSync": going[0] if going else None,
        "currentSyncs": going,
        "lastSync": max(last, key=lambda run: run.finished_at or run.created_at, default=None),
        "statistics": _week(connection),
        "syncConfig": _config(rows, enabled),
    }


def configured(connection: Connection | None) -> bool:
    """Whether a call could be made at all."""
    return connection is not None and not connection.secrets.unreadable and {"key", "secret"} <= set(connection.secrets.names())


def judge(connection: Connection | None, going: Sequence[SyncRun], last: Sequence[SyncRun], enabled: bool) -> tuple[str, str]:
    """The word and the sentence: running goes first, then what failed last, what was partial or waits, off, ready."""
    if connection is None:
        return "idle", "No Finale account is connected yet. An owner adds it under Connections."
    if going:
        return "running", message(going[0])
    for status, word, named in (
        (Status.FAILED, "error", "failed"),
        (Status.PARTIAL, "warning", "was partial"),
        (Status.NEEDS_REVIEW, "warning", "waits for a review"),
    ):
        found = next((run for run in last if run.status == status), None)
        if found is not None:
            return word, f"The last {found.scope} sync {named}. {found.message}".strip()
    if not configured(connection):
        return "warning", "The key and the secret are missing or can't be read. An owner enters them on the connection's page."
    if not enabled:
        return "idle", "Auto-sync is off: syncs run when somebody starts them."
    return "idle", "Ready."


def _last_of_each(connection: Connection | None) -> list[SyncRun]:
    """The newest run of each kind of data that says how it went, newest first. Two queries."""
    newest = runs_of(connection).filter(status__in=ENDED).order_by().values("dataset").annotate(newest=Max("pk")).values("newest")
    return list(SyncRun.objects.filter(pk__in=[row["newest"] for row in newest]).order_by("-pk")) if connection else []


def _week(connection: Connection | None) -> dict[str, Any]:
    lately = runs_of(connection).filter(created_at__gte=timezone.now() - timedelta(days=7))
    counted: Counter[str] = Counter()
    spent: list[float] = []
    processed = updated = 0
    for status, begun, ended, counters in lately.order_by().values_list("status", "started_at", "finished_at", "counters"):
        counted[status] += 1
        if begun and ended and status in ENDED:
            spent.append((ended - begun).total_seconds() * 1000)
        done, written, _ = items(counters)
        processed, updated = processed + done, updated + written
    ended_ones = sum(counted[status] for status in (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED))
    return {
        "last7Days": {
            "totalSyncs": counted.total(),
            "successfulSyncs": counted[Status.SUCCEEDED],
            "failedSyncs": counted[Status.FAILED],
            "partialSyncs": counted[Status.PARTIAL],
            "averageDuration": mean(spent),
            "totalItemsProcessed": processed,
            "totalItemsUpdated": updated,
            "recentErrors": _recent(connection),
        },
        "successRate": percent(counted[Status.SUCCEEDED], ended_ones),
        "totalInventoryItems": ProductRef.objects.filter(connection=connection, gone_at__isnull=True).count() if connection else 0,
    }


def _recent(connection: Connection | None) -> list[dict[str, Any]]:
    bad = runs_of(connection).filter(status__in=(Status.FAILED, Status.PARTIAL), created_at__gte=timezone.now() - timedelta(days=7))
    rows = bad.order_by("-pk").values_list("pk", "finished_at", "message", "errors")[:RECENT]
    return [{"run": pk, "at": at, "message": errors[0]["message"] if errors else said} for pk, at, said, errors in rows]


def _config(rows: dict[str, Schedule], enabled: bool) -> dict[str, Any]:
    fired = [row.last_fired_at for row in rows.values() if row.last_fired_at]
    due = [row.next_due_at for row in rows.values() if row.enabled and row.next_due_at]
    inventory = rows.get("inventory")
    return {
        "frequencyMinutes": minutes_of(inventory.cron) if inventory else None,
        "lastScheduledSync": max(fired, default=None),
        "nextScheduledSync": min(due, default=None) if enabled else None,
    }
