"""`/api/sync-finale/check-stuck`: runs that stand still, and closing them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.acting import Actor
from accounts.scoping import acting
from inventory.api.fields import KnownFieldsOnly
from sync import stuck
from sync.api.starts import ConnectionField, is_on
from sync.models import Connection, SyncRun
from sync.sources.finale.api.asking import CONNECTION, FinaleView, finale_of
from sync.sources.finale.api.runlines import RunLine


class FinaleStuckBody(KnownFieldsOnly):
    connection = ConnectionField(required=False, allow_null=True, default=None, help_text=str(CONNECTION.description))
    autoFix = serializers.BooleanField(required=False, default=False, help_text="Close them as failed, so that the next can run.")


class FinaleStuckLine(RunLine):
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True)
    lastSeenAt = serializers.DateTimeField(source="lease_until", allow_null=True, help_text="When its worker's lease ran out.")
    minutesSilent = serializers.SerializerMethodField()

    def get_minutesSilent(self, run: SyncRun) -> int:
        seen = run.lease_until or run.started_at or run.queued_at
        return int((timezone.now() - seen).total_seconds() // 60)


class FinaleStuckSerializer(serializers.Serializer[Any]):
    stuckSyncs = FinaleStuckLine(many=True)
    count = serializers.IntegerField()
    fixed = serializers.IntegerField(help_text="How many of them were closed now.")
    closedLast7Days = serializers.IntegerField(help_text="Closed so in the last seven days.")
    warning = serializers.CharField(allow_null=True, help_text="Said where it happens often.")
    message = serializers.CharField()


class CheckStuckView(FinaleView):
    """Runs whose worker has not been heard of for half an hour."""

    @property
    def operation(self) -> str:  # type: ignore[override]
        """Closing one is cancelling it."""
        return "run.cancel" if self.request.method == "POST" and is_on(self.request, "autoFix") else "run.view"

    @extend_schema(parameters=[CONNECTION], responses=FinaleStuckSerializer, operation_id="finale_stuck")
    def get(self, request: Request) -> Response:
        """Those there are; nothing is changed."""
        _, connection, _ = self.asked(request)
        return Response(FinaleStuckSerializer(look(connection)).data)

    @extend_schema(request=FinaleStuckBody, responses=FinaleStuckSerializer, operation_id="finale_stuck_fix")
    def post(self, request: Request) -> Response:
        """Those there were; with `autoFix` each was closed as failed."""
        given = FinaleStuckBody(data=request.data)
        given.is_valid(raise_exception=True)
        actor = acting(request)
        if given.validated_data["autoFix"]:
            actor.require("run.cancel")
        connection = finale_of(actor.account, given.validated_data["connection"])
        return Response(FinaleStuckSerializer(look(connection, fixer=actor if given.validated_data["autoFix"] else None)).data)


def look(connection: Connection | None, *, fixer: Actor | None = None) -> dict[str, Any]:
    """The answer about `connection`; what was found is closed by `fixer`, if there is one."""
    found = list(stuck.standing(connection.account).filter(connection=connection)) if connection else []
    fixed = sum(stuck.heal(run, fixer) for run in found) if fixer else 0
    closed = stuck.closed_lately(connection) if connection else 0
    often = f"{closed} runs stood still in the last 7 days. Look into the workers' log." if closed > stuck.OFTEN else None
    return {
        "stuckSyncs": found,
        "count": len(found),
        "fixed": fixed,
        "closedLast7Days": closed,
        "warning": often,
        "message": _said(len(found), fixed, fix=fixer is not None),
    }


def _said(found: int, fixed: int, *, fix: bool) -> str:
    if not found:
        return "No sync stands still."
    runs = "1 sync stands still" if found == 1 else f"{found} syncs stand still"
    if not fix:
        return f"{runs}. Send autoFix to close {'it' if found == 1 else 'them'}; a start and the five-minute sweep do so, too."
    return f"{fixed} of {found} {'was' if fixed == 1 else 'were'} closed as failed."
