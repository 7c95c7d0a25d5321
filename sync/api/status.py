"""Everything at a glance: each connection with its feeds and its latest run, and what waits for a person."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Account
from accounts.scoping import acting
from inventory.models import Conflict, ConflictStatus
from sync.api.serializers import RunSerializer
from sync.facts import worklist
from sync.freshness import Freshness, feed_ages
from sync.models import ACTIVE, Connection, HeldRow, Status, SyncRun, Unconfirmed
from sync.systems import synced


class FeedAgeSerializer(serializers.Serializer[Any]):
    feed = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    valid_at = serializers.DateTimeField(allow_null=True, help_text="When a run last found it valid.")
    rows = serializers.IntegerField(allow_null=True)
    freshness = serializers.ChoiceField(choices=Freshness.choices)


class ConnectionStatusSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    system = serializers.CharField()
    enabled = serializers.BooleanField()
    paused_at = serializers.DateTimeField(allow_null=True)
    last_success_at = serializers.DateTimeField(allow_null=True)
    running = RunSerializer(allow_null=True, help_text="The run that is queued or going on.")
    latest = RunSerializer(allow_null=True, help_text="The run that was asked for last.")
    feeds = FeedAgeSerializer(many=True)


class WaitingSerializer(serializers.Serializer[Any]):
    """How many of each want a person."""

    reviews = serializers.IntegerField(help_text="Runs that wait for a review.")
    failed = serializers.IntegerField(help_text="Connections whose latest run failed or was partial.")
    held = serializers.IntegerField(help_text="Rows of lists that can't be booked (`/api/held`).")
    held_facts = serializers.IntegerField(help_text="Lines of tills and moves of Odoo that can't be booked yet (`/api/facts?state=held`).")
    unconfirmed = serializers.IntegerField()
    conflicts = serializers.IntegerField()


class StatusSerializer(serializers.Serializer[Any]):
    connections = ConnectionStatusSerializer(many=True)
    waiting = WaitingSerializer()


class StatusView(APIView):
    """How the syncs stand."""

    operation = "run.view"

    @extend_schema(responses=StatusSerializer, operation_id="status")
    def get(self, request: Request) -> Response:
        """Each connection with the age of its feeds and its latest run, and what waits for a person."""
        return Response(StatusSerializer(_status(acting(request).account)).data)


def _status(account: Account) -> dict[str, Any]:
    latest = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-id").values("pk")[:1]
    connections = list(Connection.objects.filter(account=account, system__in=synced()).annotate(latest=Subquery(latest)))
    runs = _runs(account)
    last = runs.in_bulk([connection.latest for connection in connections if connection.latest])
    running = {run.connection_id: run for run in runs.filter(status__in=ACTIVE)}
    ages = feed_ages(connections, timezone.now())
    rows = [
        {
            "id": connection.pk,
            "name": connection.name,
            "system": connection.system,
            "enabled": connection.enabled,
            "paused_at": connection.paused_at,
            "last_success_at": connection.last_success_at,
            "running": running.get(connection.pk),
            "latest": last.get(connection.latest or 0),
            "feeds": ages[connection.pk],
        }
        for connection in connections
    ]
    return {
        "connections": rows,
        "waiting": {
            "reviews": SyncRun.objects.filter(account=account, status=Status.NEEDS_REVIEW).count(),
            "failed": sum(run.status in (Status.FAILED, Status.PARTIAL) for run in last.values()),
            "held": HeldRow.objects.filter(account=account).count(),
            "held_facts": worklist.held(account).count(),
            "unconfirmed": Unconfirmed.objects.filter(account=account).count(),
            "conflicts": Conflict.objects.filter(account=account, status=ConflictStatus.OPEN).count(),
        },
    }


def _runs(account: Account) -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(account=account).select_related("connection").defer("stats", "details", "errors", "warnings")
