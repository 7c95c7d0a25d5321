"""Types of records that have an address of their own, whichever system they come from: start, status, reset."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.scoping import acting
from sync.api.envelopes import BusySerializer
from sync.api.roundshapes import ResetEnvelopeSerializer, StandingsSerializer
from sync.api.starts import ConnectionField, StartView, Strict, busy
from sync.choosing import for_any
from sync.models import Connection, Round
from sync.rounds import resetting
from sync.rounds.answers import answerable
from sync.rounds.standing import standings
from sync.rounds.typeanswers import reset_answer, status_answer
from sync.rounds.types import TYPES, type_called
from sync.runs import AlreadyRunning


class TypeView(StartView):
    """Sync one type, with the connection it comes from."""

    type = ""

    def target(self, actor: Actor, wanted: dict[str, Any]) -> tuple[Connection, str]:
        kind = type_called(self.type)
        connection = for_any(actor.account, kind.systems, wanted["connection"])
        return connection, kind.origin(connection.system).scope

    def about(self, wanted: dict[str, Any]) -> list[str]:
        return ["type", self.type]


class TypesView(APIView):
    """How the syncs of all types stand."""

    operation = "run.view"

    @extend_schema(responses=StandingsSerializer, operation_id="sync_status")
    def get(self, request: Request) -> Response:
        """Each type with its state, how far it was read, its newest run and its held lines; and the newest round."""
        account = acting(request).account
        newest = answerable(Round.objects.filter(account=account)).order_by("-pk").first()
        return Response(status_answer(standings(account), newest))


class ResetSerializer(Strict):
    connection = ConnectionField(
        required=False, allow_null=True, default=None, help_text="Its id or name; needed only where there are several."
    )
    preview = serializers.BooleanField(required=False, default=False, help_text="Only say what would happen.")


class ResetView(APIView):
    """Forget how far a type was read."""

    operation = "run.reset"

    @extend_schema(
        request=ResetSerializer,
        parameters=[OpenApiParameter("type", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(TYPES))],
        responses={200: ResetEnvelopeSerializer, 409: OpenApiResponse(BusySerializer, description="A run is at it: this is that run.")},
        operation_id="sync_reset",
    )
    def post(self, request: Request, type: str) -> Response:
        """The next sync of the type reads it from the beginning; what is booked already is not booked twice. Starts nothing."""
        given = ResetSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        verb = resetting.look if given.validated_data["preview"] else resetting.reset
        actor = acting(request)
        try:
            found = verb(actor, type, given.validated_data["connection"])
        except AlreadyRunning as running:
            return busy(actor, running)
        return Response(reset_answer(found))
