"""`GET` and `POST /api/sync-finale/schedule`: when what is read, how that went last, and changing it."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.acting import Actor
from accounts.scoping import acting
from inventory.api.fields import KnownFieldsOnly
from jobs import schedule
from jobs.cron import CronRefused, check_cron, in_words
from jobs.models import Schedule
from sync import connections
from sync.answers import WORDS
from sync.api.starts import ConnectionField
from sync.models import Connection, Status, SyncRun
from sync.sources.finale.api.asking import CONNECTION, FINALE, FinaleView, finale_of, runs_of
from sync.sources.finale.api.runlines import items
from sync.sources.finale.api.timetable import INVENTORY, on, timetable
from sync.sources.finale.intervals import MINUTES, IntervalRefused, cron_of, minutes_of
from sync.systems import SYSTEMS


class FinaleScheduleLine(serializers.Serializer[Any]):
    strategy = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    enabled = serializers.BooleanField()
    interval = serializers.IntegerField(allow_null=True, help_text="Minutes.")
    cron = serializers.CharField(help_text="In the business account's time zone.")
    cronInWords = serializers.CharField(allow_blank=True, help_text="Blank where it is no common one.")
    lastSync = serializers.DateTimeField(allow_null=True, help_text="When the newest run of the strategy ended.")
    lastState = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    lastStatus = serializers.SerializerMethodField(help_text="That in the four words to act upon; null without a run.")
    itemsProcessed = serializers.IntegerField(help_text="By that run.")
    nextSync = serializers.DateTimeField(allow_null=True, help_text="Null while it or auto-sync is off.")

    @extend_schema_field(serializers.ChoiceField(choices=sorted(set(WORDS.values())), allow_null=True))
    def get_lastStatus(self, line: dict[str, Any]) -> str | None:
        return WORDS[line["lastState"]] if line["lastState"] else None


class FinaleTimetableSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField(help_text="Whether schedules start anything.")
    autoSync = serializers.BooleanField(help_text="The master switch.")
    currentInterval = serializers.IntegerField(allow_null=True, help_text="Minutes between inventory syncs.")
    schedules = FinaleScheduleLine(many=True)


class FinaleScheduleBody(KnownFieldsOnly):
    connection = ConnectionField(required=False, allow_null=True, default=None, help_text=str(CONNECTION.description))
    strategy = serializers.CharField(required=False, max_length=40, help_text="Which schedule; left out, the interval is inventory's.")
    interval = serializers.IntegerField(required=False, min_value=1, max_value=MINUTES[-1], help_text="Minutes.")
    cron = serializers.CharField(required=False, max_length=100, help_text="Instead of an interval.")
    enabled = serializers.BooleanField(required=False, help_text="Of the strategy's schedule; without a strategy the master switch.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "interval" in attrs and "cron" in attrs:
            raise ValidationError({"cron": ["Give an interval or a cron, not both."]})
        if not {"interval", "cron", "enabled"} & set(attrs):
            raise ValidationError({"interval": ["Say what is to change: interval, cron or enabled."]})
        return attrs


class ScheduleView(FinaleView):
    """When Finale is read by itself."""

    @property
    def operation(self) -> str:  # type: ignore[override]
        return "schedule.edit" if self.request.method == "POST" else "schedule.view"

    @extend_schema(parameters=[CONNECTION], responses=FinaleTimetableSerializer, operation_id="finale_schedule")
    def get(self, request: Request) -> Response:
        """Each strategy's schedule with how its newest run went."""
        _, connection, _ = self.asked(request)
        return Response(FinaleTimetableSerializer(lines(connection)).data)

    @extend_schema(request=FinaleScheduleBody, responses=FinaleTimetableSerializer, operation_id="finale_schedule_change")
    def post(self, request: Request) -> Response:
        """Change one schedule, or switch auto-sync on or off; the answer is the timetable as it is then."""
        given = FinaleScheduleBody(data=request.data)
        given.is_valid(raise_exception=True)
        actor = acting(request)
        connection = change(actor, given.validated_data)
        return Response(FinaleTimetableSerializer(lines(connection)).data)


def change(actor: Actor, wanted: dict[str, Any]) -> Connection:
    """What the body asks for. Raises NotAllowed, ValidationError by field, and what says which connection is meant."""
    connection = finale_of(actor.account, wanted["connection"])
    if connection is None:
        raise ValidationError({"connection": ["There is no Finale connection yet. An owner adds it under Connections."]})
    strategy = wanted.get("strategy", "")
    if not strategy and "enabled" in wanted:
        connection = connections.set_auto_sync(actor, connection, wanted["enabled"])
    if not strategy and not {"interval", "cron"} & set(wanted):
        return connection
    rows = timetable(connection)
    row = rows.get(strategy or INVENTORY)
    if row is None:
        raise ValidationError({"strategy": [f"There is no schedule of “{strategy or INVENTORY}”. There are: {', '.join(rows)}."]})
    schedule.change(actor, row, cron=_cron(row, wanted), enabled=wanted.get("enabled") if strategy else None)
    return connection


def _cron(row: Schedule, wanted: dict[str, Any]) -> str | None:
    try:
        if "interval" in wanted:
            return cron_of(wanted["interval"], row.cron)
        if "cron" in wanted:
            # Said here, so that the answer names the field.
            check_cron(wanted["cron"])
    except (IntervalRefused, CronRefused) as error:
        raise ValidationError({"interval" if "interval" in wanted else "cron": [error.sentence]}) from error
    return wanted.get("cron")


def lines(connection: Connection | None) -> dict[str, Any]:
    """The timetable as the answer has it. Four queries."""
    rows = timetable(connection)
    newest = _newest(connection)
    enabled = connection is not None and on(connection, rows)
    inventory = rows.get(INVENTORY)
    return {
        "enabled": enabled,
        "autoSync": connection is not None and connection.auto_sync,
        "currentInterval": minutes_of(inventory.cron) if inventory else None,
        "schedules": [_line(strategy, row, newest.get(strategy), enabled) for strategy, row in rows.items()],
    }


def _newest(connection: Connection | None) -> dict[str, SyncRun]:
    """The newest run that each strategy was asked for, or was chosen as."""
    if connection is None:
        return {}
    ended = runs_of(connection).filter(finished_at__isnull=False).order_by()
    asked = {row["asked_scope"]: row["pk_"] for row in ended.exclude(asked_scope="").values("asked_scope").annotate(pk_=Max("pk"))}
    run = {row["scope"]: row["pk_"] for row in ended.values("scope").annotate(pk_=Max("pk"))}
    found = SyncRun.objects.only("status", "finished_at", "counters").in_bulk({*asked.values(), *run.values()})
    return {strategy: found[pk] for strategy, pk in (*asked.items(), *run.items())}


def _line(strategy: str, row: Schedule, run: SyncRun | None, enabled: bool) -> dict[str, Any]:
    scope = SYSTEMS[FINALE].scopes.get(strategy) if FINALE in SYSTEMS else None
    return {
        "strategy": strategy,
        "description": scope.help or scope.label if scope else row.name,
        "enabled": row.enabled,
        "interval": minutes_of(row.cron),
        "cron": row.cron,
        "cronInWords": in_words(row.cron),
        "lastSync": run.finished_at if run else None,
        "lastState": run.status if run else None,
        "itemsProcessed": items(run.counters)[0] if run else 0,
        "nextSync": row.next_due_at if enabled and row.enabled else None,
    }
