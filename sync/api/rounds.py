"""A sync of everything that moves: started, watched and cancelled."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountScoped
from accounts.scoping import acting
from jobs.api.keyed import key_of
from jobs.api.prefer import wanted_wait
from jobs.idempotency import once
from sync.api.followed import Followed, followed
from sync.api.roundshapes import RoundBusySerializer, RoundEnvelopeSerializer
from sync.api.starts import ASKED, Strict
from sync.models import Round, Trigger
from sync.rounds import starting
from sync.rounds.answers import already_running, answerable, envelope, of_actor

BUSY = OpenApiResponse(RoundBusySerializer, description="Another round is at it: this is that round.")
ANSWERED = {
    200: OpenApiResponse(RoundEnvelopeSerializer, description="Waited for, and ended."),
    202: OpenApiResponse(RoundEnvelopeSerializer, description="Started; `Location` is the round."),
    409: BUSY,
}


class EmptySerializer(Strict):
    """Nothing is to be said: everything is meant."""


class AllView(APIView):
    """Sync everything that moves, over all connections."""

    operation = "run.start"

    @extend_schema(request=EmptySerializer, parameters=ASKED, responses=ANSWERED, operation_id="sync_all")
    def post(self, request: Request) -> Response:
        """Start a round: master data first, then what has moved, of every Odoo and every till that is switched on."""
        EmptySerializer(data=request.data).is_valid(raise_exception=True)
        seconds, key, actor = wanted_wait(request), key_of(request), acting(request)

        def do() -> tuple[int, dict[str, int]]:
            return 202, {"round": starting.start(actor, trigger=Trigger.API).pk}

        try:
            _, body, replayed = once(actor, "round.start", key, "all", do) if key else (*do(), False)
        except starting.RoundRunning as found:
            return Response(already_running(actor, found), status=409, headers={"Location": address(found.round)})
        number = body["round"]
        how = Followed(lambda: of_actor(actor, number), lambda found, most: starting.wait(found, most), envelope, address)
        return followed(how, seconds, replayed=replayed)


class RoundSerializer(serializers.ModelSerializer[Round]):
    requested_by = serializers.CharField(source="requested_label")

    class Meta:
        model = Round
        fields = [
            "id",
            "status",
            "message",
            "trigger",
            "requested_by",
            "cancel_requested",
            "cancelled_by",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields


class RoundViewSet(AccountScoped, mixins.ListModelMixin, viewsets.GenericViewSet[Round]):
    """Every sync of everything there was."""

    queryset = Round.objects.all()
    serializer_class = RoundSerializer
    operations = {"list": "run.view", "retrieve": "run.view", "cancel": "run.cancel"}

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        return found if self.action == "list" else answerable(found)

    @extend_schema(responses=RoundEnvelopeSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One round with the sums over its runs, and each step."""
        return Response(envelope(self.get_object()))

    @extend_schema(request=None, responses=RoundEnvelopeSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Begin nothing more of it, and stop its runs before they write."""
        found = starting.cancel(self.actor, self.get_object())
        return Response(envelope(of_actor(self.actor, found.pk)), headers={"Location": address(found)})


def address(found: Round) -> str:
    """Where to ask after the round."""
    return reverse("round-detail", args=[found.pk])
