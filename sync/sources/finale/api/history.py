"""`GET /api/sync-finale/history`: every sync there was, page by page, with sums over what the filters leave."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Func, IntegerField, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from sync.answers import WORDS
from sync.models import Status, SyncRun
from sync.sources.finale.api.asking import DayField, FinaleView, Query, moment, runs_of
from sync.sources.finale.api.runlines import RunLine, in_seconds, items, milliseconds, percent

MOST = 500


class HistoryQuery(Query):
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=MOST)
    offset = serializers.IntegerField(required=False, default=0, min_value=0, max_value=10_000_000)
    status = serializers.ChoiceField(required=False, choices=sorted(set(WORDS.values())), help_text="One of the four words.")
    state = serializers.ChoiceField(required=False, choices=Status.choices, help_text="The run's own word.")
    strategy = serializers.CharField(required=False, max_length=40)
    startDate = DayField(required=False)
    endDate = DayField(required=False, last=True)


class FinaleHistoryLine(RunLine):
    trigger = serializers.CharField()
    requestedBy = serializers.CharField(source="requested_label")
    createdAt = serializers.DateTimeField(source="created_at")
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True)
    completedAt = serializers.DateTimeField(source="finished_at", allow_null=True)
    duration = serializers.SerializerMethodField(help_text="Seconds as text: 12s; null while it goes on.")
    successRate = serializers.SerializerMethodField(help_text="Percent of the rows that were not held; null of none.")
    hasErrors = serializers.SerializerMethodField()
    errorCount = serializers.SerializerMethodField()
    changes = serializers.IntegerField(source="changes_logged", help_text="Rows in the change log.")

    def get_duration(self, run: SyncRun) -> str | None:
        return in_seconds(milliseconds(run))

    def get_successRate(self, run: SyncRun) -> float | None:
        processed, _, failed = items(run.counters)
        return percent(processed - failed, processed)

    def get_hasErrors(self, run: SyncRun) -> bool:
        return bool(run.errors) or run.status in (Status.FAILED, Status.PARTIAL)

    def get_errorCount(self, run: SyncRun) -> int:
        return len(run.errors)


class FinalePaginationSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    hasMore = serializers.BooleanField()


class FinaleSumsSerializer(serializers.Serializer[Any]):
    totalSyncs = serializers.IntegerField()
    avgDuration = serializers.FloatField(allow_null=True, help_text="Milliseconds.")
    avgItemsProcessed = serializers.FloatField(allow_null=True)
    totalErrors = serializers.IntegerField()


class FinaleHistorySerializer(serializers.Serializer[Any]):
    history = FinaleHistoryLine(many=True)
    pagination = FinalePaginationSerializer()
    statistics = FinaleSumsSerializer()


class Length(Func):
    """How many elements a JSON list has."""

    function = "JSON_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **context)


class HistoryView(FinaleView):
    """Every Finale sync there was."""

    query = HistoryQuery

    @extend_schema(parameters=[HistoryQuery], responses=FinaleHistorySerializer, operation_id="finale_history")
    def get(self, request: Request) -> Response:
        """The newest first, those that go on included."""
        actor, connection, wanted = self.asked(request)
        rows = _wanted(runs_of(connection), actor.account, wanted)
        sums = rows.order_by().aggregate(
            totalSyncs=Count("pk"),
            spent=Avg(ExpressionWrapper(F("finished_at") - F("started_at"), output_field=DurationField())),
            avgItemsProcessed=Avg(Cast(KT("counters__processed"), IntegerField())),
            totalErrors=Sum(Length("errors")),
        )
        limit, offset = wanted["limit"], wanted["offset"]
        page = list(rows.defer("stats", "details", "warnings").order_by("-pk")[offset : offset + limit])
        total = sums["totalSyncs"]
        answer = {
            "history": page,
            "pagination": {"total": total, "limit": limit, "offset": offset, "hasMore": offset + len(page) < total},
            "statistics": {
                "totalSyncs": total,
                "avgDuration": round(sums["spent"].total_seconds() * 1000, 1) if sums["spent"] is not None else None,
                "avgItemsProcessed": round(float(sums["avgItemsProcessed"]), 1) if sums["avgItemsProcessed"] is not None else None,
                "totalErrors": sums["totalErrors"] or 0,
            },
        }
        return Response(FinaleHistorySerializer(answer).data)


def _wanted(rows: QuerySet[SyncRun], account: Account, wanted: dict[str, Any]) -> QuerySet[SyncRun]:
    if "status" in wanted:
        rows = rows.filter(status__in=[state for state, word in WORDS.items() if word == wanted["status"]])
    if "state" in wanted:
        rows = rows.filter(status=wanted["state"])
    if "strategy" in wanted:
        rows = rows.filter(scope=wanted["strategy"])
    since = moment(wanted["startDate"], account, last=False) if "startDate" in wanted else None
    until = moment(wanted["endDate"], account, last=True) if "endDate" in wanted else None
    if since is not None and until is not None and since > until:
        raise ValidationError({"endDate": ["It lies before startDate."]})
    rows = rows if since is None else rows.filter(created_at__gte=since)
    return rows if until is None else rows.filter(created_at__lt=until)
