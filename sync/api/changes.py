"""The change log: what syncs have written, all of it or that of one unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, mixins, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from inventory.csvexport import csv_lines
from inventory.models import Unit
from sync.api.filters import ChangeFilter
from sync.api.serializers import ChangeSerializer
from sync.models import SyncChange

COLUMNS = ("id", "at", "run", "seq", "type", "entity", "entity_id", "label", "group", "scope", "field", "old", "new")


class CsvRenderer(BaseRenderer):
    """Makes `format=csv` known; the rows are streamed by the view."""

    media_type = "text/csv"
    format = "csv"


class ChangeViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[SyncChange]):
    """What runs have written: a row for each field that changed, and for each unit, load or conflict that came or went."""

    queryset = SyncChange.objects.all()
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    operation = "change.view"

    def get_renderers(self) -> list[BaseRenderer]:
        return [JSONRenderer(), CsvRenderer()] if self.action == "list" else [JSONRenderer()]

    def handle_exception(self, exc: Exception) -> Response:
        # A problem is said in JSON, whatever the rows would have been.
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)

    @extend_schema(
        parameters=[
            OpenApiParameter("format", OpenApiTypes.STR, enum=["json", "csv"], description="csv: all rows that match, in one file."),
        ],
        responses={(200, "application/json"): ChangeSerializer(many=True), (200, "text/csv"): OpenApiTypes.STR},
    )
    def list(self, request: Request, *args: Any, **path: Any) -> Response | StreamingHttpResponse:  # type: ignore[override]
        """Newest first."""
        if request.accepted_renderer.format != "csv":
            return super().list(request, *args, **path)
        rows = self.filter_queryset(self.get_queryset()).order_by("-id")
        attachment = {"Content-Disposition": 'attachment; filename="changes.csv"'}
        return StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8", headers=attachment)


def _lines(changes: QuerySet[SyncChange]) -> Iterator[str]:
    rows = changes.values_list(*COLUMNS).iterator(chunk_size=2000)
    return csv_lines(COLUMNS, ((number, at.isoformat(), *rest) for number, at, *rest in rows))


@extend_schema(parameters=[OpenApiParameter("unit", OpenApiTypes.INT, OpenApiParameter.PATH, description="The unit's id.")])
class HistoryView(AccountScoped, generics.ListAPIView[SyncChange]):
    """A unit's story: what syncs have changed about it, newest first."""

    queryset = SyncChange.objects.all()
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    operation = "unit.view"

    def get_queryset(self) -> QuerySet[SyncChange]:
        changes = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return changes
        unit = get_object_or_404(Unit.objects.filter(account=self.actor.account).only("pk"), pk=self.kwargs["unit"])
        return changes.filter(entity="unit", entity_id=unit.pk)
