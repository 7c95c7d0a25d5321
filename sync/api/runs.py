"""Runs: what was synced and what came of it, live progress, and what may be done to a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.acting import Actor
from accounts.api import AccountScoped
from accounts.scoping import acting
from config.pagination import NewestFirst
from sync import runs
from sync.answers import answerable, envelope
from sync.api.envelopes import BusySerializer, EnvelopeSerializer, RunEnvelopeSerializer
from sync.api.filters import PlanFilter, RunFilter
from sync.api.serializers import (
    EventSerializer,
    LiveSerializer,
    PlanRowSerializer,
    RunSerializer,
    UndoPlanSerializer,
    UndoRequestSerializer,
)
from sync.api.starts import address, busy
from sync.live import POLL_SECONDS, lines_after
from sync.models import PlanRow, SyncRun, Trigger
from sync.runs import AlreadyRunning

SHOWN = 1000
"""Steps of an undo in one answer; the counts are of all."""

RUN = OpenApiParameter("run", OpenApiTypes.INT, OpenApiParameter.PATH, description="The run's id.")
BUSY = OpenApiResponse(BusySerializer, description="Another run is at it: this is that run.")


class RunViewSet(AccountScoped, mixins.ListModelMixin, viewsets.GenericViewSet[SyncRun]):
    """Every sync, preview and undo there was."""

    queryset = SyncRun.objects.select_related("connection")
    serializer_class = RunSerializer
    filterset_class = RunFilter
    operations = {
        "list": "run.view",
        "retrieve": "run.view",
        "cancel": "run.cancel",
        "approve": "run.approve",
        "discard": "run.approve",
        "undo_preview": "run.undo",
        "undo": "run.undo",
    }

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        # Long, and not in the list.
        return found.defer("stats", "details", "errors", "warnings") if self.action == "list" else found.prefetch_related("feeds")

    @extend_schema(responses=RunEnvelopeSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One run with its counters, the verdict on each feed, errors and log."""
        run = self.get_object()
        body = envelope(run)
        body["data"]["log"] = EventSerializer(lines_after(run, 0), many=True).data
        return Response(body)

    @extend_schema(request=None, responses=EnvelopeSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Stop it. What it has not written yet stays as it was."""
        return self._done(runs.cancel)

    @extend_schema(request=None, responses={202: EnvelopeSerializer, 409: BUSY})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Let a run that waits for a review go on. It writes if its plan is still the one that was looked at."""
        return self._done(runs.approve, 202)

    @extend_schema(request=None, responses=EnvelopeSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put away a run that waits for a review. Nothing is written."""
        return self._done(runs.discard)

    @extend_schema(responses=UndoPlanSerializer, operation_id="runs_undo_preview")
    @action(detail=True, methods=["get"], url_path="undo")
    def undo_preview(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What an undo of this run would put back, keep and refuse. Writes nothing."""
        plan = runs.preview_undo(self.actor, self.get_object())
        parts = {"reversed": plan.reversed, "kept": plan.kept, "refused": plan.refused}
        shown: dict[str, Any] = {name: steps[:SHOWN] for name, steps in parts.items()}
        return Response(UndoPlanSerializer({**shown, "counts": {name: len(steps) for name, steps in parts.items()}}).data)

    @extend_schema(request=UndoRequestSerializer, responses={202: EnvelopeSerializer, 409: BUSY}, operation_id="runs_undo")
    @undo_preview.mapping.post
    def undo(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put back what this run wrote, by a run of its own, which is the answer."""
        given = UndoRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._done(lambda actor, run: runs.undo(actor, run, trigger=Trigger.API, **given.validated_data), 202)

    def _done(self, verb: Callable[[Actor, SyncRun], SyncRun | None], status: int = 200) -> Response:
        """Call `verb` with the run; the answer is the run it returns, else the run itself as it is afterwards."""
        run = self.get_object()
        try:
            made = verb(self.actor, run)
        except AlreadyRunning as found:
            return busy(self.actor, found)
        after = answerable(self.actor, (made or run).pk)
        return Response(envelope(after), status=status, headers={"Location": address(after)})


def _run_of(view: APIView) -> SyncRun:
    """The run that the address names, of the actor's account."""
    mine = SyncRun.objects.select_related("connection").filter(account=acting(view.request).account)
    run: SyncRun = get_object_or_404(mine, pk=view.kwargs["run"])
    return run


class EventsView(APIView):
    """How a run goes, line by line."""

    operation = "run.view"

    @extend_schema(
        operation_id="runs_events",
        parameters=[
            RUN,
            OpenApiParameter("after", OpenApiTypes.INT, description="The number of the last line that is known already; 0 for all."),
        ],
        responses=LiveSerializer,
    )
    def get(self, request: Request, **_path: Any) -> Response:
        """The lines after the last one known, and how the run stands. Ask again with `after`, in `poll_after_ms`, until that is null."""
        after = _line_number(request.query_params.get("after", "0"))
        # The run first: a run that has ended by then writes no more lines.
        run = _run_of(self)
        lines = lines_after(run, after)
        last = lines[-1].seq if lines else after
        ended = not run.is_active and not (lines and lines_after(run, last, limit=1))
        body = {"run": run, "events": lines, "after": last, "poll_after_ms": None if ended else round(POLL_SECONDS * 1000)}
        return Response(LiveSerializer(body).data)


def _line_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValidationError({"after": ["Give the number of a line, 0 for all."]})
    return int(text)


class InOrder(NewestFirst):
    ordering = "seq"


@extend_schema(parameters=[RUN])
class PlanView(AccountScoped, generics.ListAPIView[PlanRow]):
    """What a preview found, or what a run that waits for a review would write."""

    queryset = PlanRow.objects.all()
    serializer_class = PlanRowSerializer
    filterset_class = PlanFilter
    pagination_class = InOrder
    operation = "run.view"

    def get_queryset(self) -> Any:
        found = super().get_queryset()
        return found if getattr(self, "swagger_fake_view", False) else found.filter(run=_run_of(self))
