"""`GET /api/sync-finale/metrics`: how well and how fast syncs went over some days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sync.models import Status
from sync.sources.finale.api.asking import FinaleView, Query, runs_of
from sync.sources.finale.api.runlines import in_seconds, items, mean, percent

ENDED = (Status.SUCCEEDED, Status.PARTIAL, Status.FAILED)
TOP = 10
TREND = 5


class MetricsQuery(Query):
    days = serializers.IntegerField(required=False, default=7, min_value=1, max_value=90)
    hourly = serializers.BooleanField(required=False, default=False, help_text="Also by the hour of the day.")


class FinalePeriodSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField()
    startDate = serializers.DateTimeField()
    endDate = serializers.DateTimeField()


class FinaleFigureSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    details = serializers.CharField()


class FinaleSummarySerializer(serializers.Serializer[Any]):
    successRate = FinaleFigureSerializer(help_text="Percent.")
    averageDuration = FinaleFigureSerializer(help_text="Milliseconds.")
    itemsPerSync = FinaleFigureSerializer()


class FinaleTopErrorSerializer(serializers.Serializer[Any]):
    error = serializers.CharField(help_text="The text before its first colon.")
    count = serializers.IntegerField()


class FinaleErrorAnalysisSerializer(serializers.Serializer[Any]):
    totalErrors = serializers.IntegerField()
    topErrors = FinaleTopErrorSerializer(many=True)
    errorRate = serializers.FloatField(allow_null=True, help_text="Percent of the ended syncs that failed or were partial.")


class FinaleFrequencySerializer(serializers.Serializer[Any]):
    avgTimeBetweenSyncs = serializers.FloatField(allow_null=True, help_text="Minutes from start to start.")
    syncsPerDay = serializers.FloatField()


class FinaleSpeedSerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField()
    strategy = serializers.CharField()
    completedAt = serializers.DateTimeField()
    itemsPerSecond = serializers.FloatField()


class FinalePerformanceSerializer(serializers.Serializer[Any]):
    avgItemsPerSecond = serializers.FloatField(allow_null=True)
    trend = FinaleSpeedSerializer(many=True, help_text=f"The last {TREND} that read something, oldest first.")


class FinaleHourSerializer(serializers.Serializer[Any]):
    hour = serializers.IntegerField(help_text="0 to 23, in the business account's zone.")
    syncs = serializers.IntegerField()
    successful = serializers.IntegerField()
    averageDuration = serializers.FloatField(allow_null=True, help_text="Milliseconds.")


class FinaleMetricsSerializer(serializers.Serializer[Any]):
    period = FinalePeriodSerializer()
    summary = FinaleSummarySerializer()
    errorAnalysis = FinaleErrorAnalysisSerializer()
    syncFrequency = FinaleFrequencySerializer()
    performance = FinalePerformanceSerializer()
    hourlyBreakdown = FinaleHourSerializer(many=True, allow_null=True, help_text="Null unless it was asked for.")


class Ended(NamedTuple):
    """A run that ended, in what the sums need of it."""

    pk: int
    strategy: str
    status: str
    began: datetime
    ended: datetime
    counters: Mapping[str, int]

    @property
    def seconds(self) -> float:
        return (self.ended - self.began).total_seconds()

    @property
    def processed(self) -> int:
        return items(self.counters)[0]


class MetricsView(FinaleView):
    """How Finale syncs did."""

    query = MetricsQuery

    @extend_schema(parameters=[MetricsQuery], responses=FinaleMetricsSerializer, operation_id="finale_metrics")
    def get(self, request: Request) -> Response:
        """Over the last `days`: how many succeeded, how long they took, what went wrong, and how fast rows were read."""
        actor, connection, wanted = self.asked(request)
        until = timezone.now()
        since = until - timedelta(days=wanted["days"])
        over = runs_of(connection).filter(status__in=ENDED, started_at__isnull=False, finished_at__isnull=False, created_at__gte=since)
        fields = ("pk", "scope", "status", "started_at", "finished_at", "counters")
        runs = [Ended(*row) for row in over.order_by("started_at", "pk").values_list(*fields)]
        said = over.exclude(errors=[]).order_by().values_list("errors", flat=True)
        answer = {
            "period": {"days": wanted["days"], "startDate": since, "endDate": until},
            **measure(runs, (str(error.get("message", "")) for errors in said for error in errors), days=wanted["days"]),
            "hourlyBreakdown": by_hour(runs, ZoneInfo(actor.account.time_zone)) if wanted["hourly"] else None,
        }
        return Response(FinaleMetricsSerializer(answer).data)


def measure(runs: Sequence[Ended], errors: Iterable[str], *, days: int) -> dict[str, Any]:
    """The figures of `runs`, which come in the order in which they began."""
    good = sum(run.status == Status.SUCCEEDED for run in runs)
    average = mean([run.seconds * 1000 for run in runs])
    processed = [float(run.processed) for run in runs]
    kinds = Counter(said.split(":", 1)[0].strip() or "Unknown" for said in errors)
    speeds = [
        {"run": run.pk, "strategy": run.strategy, "completedAt": run.ended, "itemsPerSecond": round(run.processed / run.seconds, 1)}
        for run in runs
        if run.seconds > 0 and run.processed
    ]
    return {
        "summary": {
            "successRate": {"value": percent(good, len(runs)), "details": f"{good} of {len(runs)} syncs succeeded."},
            "averageDuration": {
                "value": average,
                "details": f"{in_seconds(round(average))} on average." if average is not None else "No sync has ended.",
            },
            "itemsPerSync": {"value": mean(processed), "details": f"{sum(processed):,.0f} rows in {len(runs)} syncs."},
        },
        "errorAnalysis": {
            "totalErrors": kinds.total(),
            "topErrors": [{"error": text, "count": number} for text, number in kinds.most_common(TOP)],
            "errorRate": percent(len(runs) - good, len(runs)),
        },
        "syncFrequency": {
            "avgTimeBetweenSyncs": mean([(later.began - earlier.began).total_seconds() / 60 for earlier, later in pairwise(runs)]),
            "syncsPerDay": round(len(runs) / days, 2),
        },
        "performance": {"avgItemsPerSecond": _speed(runs), "trend": speeds[-TREND:]},
    }


def _speed(runs: Sequence[Ended]) -> float | None:
    """Rows in a second over all of them together."""
    seconds = sum(run.seconds for run in runs if run.processed)
    return round(sum(run.processed for run in runs) / seconds, 1) if seconds > 0 else None


def by_hour(runs: Sequence[Ended], zone: ZoneInfo) -> list[dict[str, Any]]:
    """What began in each hour of the day."""
    hours: dict[int, list[Ended]] = {hour: [] for hour in range(24)}
    for run in runs:
        hours[run.began.astimezone(zone).hour].append(run)
    return [
        {
            "hour": hour,
            "syncs": len(of_it),
            "successful": sum(run.status == Status.SUCCEEDED for run in of_it),
            "averageDuration": mean([run.seconds * 1000 for run in of_it]),
        }
        for hour, of_it in hours.items()
    ]
