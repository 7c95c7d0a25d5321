from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from inventory import scanning, sessions
from inventory.api.fields import QuantityNumber
from inventory.models import Bucket, Scan, ScanSession, SessionKind, SessionStatus


class SessionSerializer(serializers.ModelSerializer[ScanSession]):
    load = serializers.CharField(source="load.number", allow_null=True, default=None, read_only=True, help_text="The load's number.")
    load_name = serializers.CharField(source="load.friendly_name", default="", read_only=True, help_text="What the floor calls the load.")
    expected = serializers.SerializerMethodField(help_text="Pieces on hand that are to be scanned.")
    scanned = serializers.SerializerMethodField(help_text="How many of these were.")
    complete = serializers.SerializerMethodField()

    class Meta:
        model = ScanSession
        fields = [
            "id",
            "warehouse",
            "kind",
            "load",
            "load_name",
            "bucket",
            "status",
            "closed_by",
            "closed_reason",
            "closed_at",
            "note",
            "created_at",
            "expected",
            "scanned",
            "complete",
        ]
        read_only_fields = fields

    def get_expected(self, session: ScanSession) -> float:
        return _number(self.context["progress"][session.pk].expected)

    def get_scanned(self, session: ScanSession) -> float:
        return _number(self.context["progress"][session.pk].scanned)

    def get_complete(self, session: ScanSession) -> bool:
        return bool(self.context["progress"][session.pk].complete)


class SessionChangeSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=SessionStatus.choices)
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=sessions.LONGEST_REASON, help_text="Why it is closed."
    )


class ScanSerializer(serializers.ModelSerializer[Scan]):
    quantity = QuantityNumber(read_only=True)
    serial = serializers.CharField(source="unit.serial", read_only=True)
    model = serializers.CharField(source="unit.model", read_only=True)
    scanned_by = serializers.CharField(source="scanned_by_label", read_only=True)

    class Meta:
        model = Scan
        fields = ["id", "unit", "serial", "model", "quantity", "text", "scanned_at", "scanned_by"]
        read_only_fields = fields


class NewScanSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=scanning.LONGEST, help_text="A serial, or the model of a bulk line; in any case.")
    quantity = QuantityNumber(required=False, allow_null=True, default=None, help_text="Pieces counted, for a bulk line.")


class ScannedSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["new", "again"], help_text="Whether it is the first scan of it in this session.")
    sentence = serializers.CharField()
    scan = ScanSerializer()


class SessionFilter(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=SessionStatus.choices)
    kind = ChoiceFilter(choices=SessionKind.choices)
    bucket = ChoiceFilter(choices=Bucket.choices)
    load = CharFilter(field_name="load__number", label="The load's number.")
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id.")

    class Meta:
        model = ScanSession
        fields: list[str] = []


class SessionViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ScanSession]):
    """To-do lists to scan everything in a load or a bucket. Syncs make them, and close and open those of loads."""

    queryset = ScanSession.objects.select_related("load")
    serializer_class = SessionSerializer
    filterset_class = SessionFilter
    operations = {
        "list": "session.view",
        "retrieve": "session.view",
        "partial_update": "session.edit",
        "scans": "session.view",
        "scan": "scan.add",
        "unscan": "scan.delete",
    }

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(self._shown(page, many=True))

    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        return Response(self._shown(self.get_object()))

    @extend_schema(request=SessionChangeSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Close the session of a load for good, or open again what a person had closed."""
        session = self.get_object()
        given = SessionChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if given.validated_data["status"] == SessionStatus.CLOSED:
            return Response(self._shown(sessions.close(self.actor, session, given.validated_data["reason"])))
        return Response(self._shown(sessions.reopen(self.actor, session)))

    @extend_schema(responses=ScanSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def scans(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What was scanned, newest first."""
        page = self.paginate_queryset(Scan.objects.filter(session=self.get_object()).select_related("unit"))
        assert page is not None
        return self.get_paginated_response(ScanSerializer(page, many=True).data)

    @extend_schema(
        request=NewScanSerializer,
        responses={201: ScannedSerializer, 200: OpenApiResponse(ScannedSerializer, description="It was scanned before.")},
    )
    @scans.mapping.post
    def scan(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Scan a unit by its serial, or a bulk line by its model with the pieces counted. A new count takes the place of the old one."""
        session = self.get_object()
        given = NewScanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        scanned = scanning.scan(self.actor, session, **given.validated_data)
        return Response(ScannedSerializer(scanned).data, status=201 if scanned.state == "new" else 200)

    @extend_schema(
        responses={204: None}, parameters=[OpenApiParameter("scan", OpenApiTypes.INT, OpenApiParameter.PATH, description="The scan's id.")]
    )
    @action(detail=True, methods=["delete"], url_path="scans/(?P<scan>[0-9]+)")
    def unscan(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Take a scan back."""
        rows: QuerySet[Scan] = Scan.objects.filter(session=self.get_object())
        scanning.remove_scan(self.actor, get_object_or_404(rows, pk=path["scan"]))
        return Response(status=204)

    def _shown(self, rows: Any, *, many: bool = False) -> Any:
        """One or many sessions with their progress."""
        keys = [row.pk for row in rows] if many else [rows.pk]
        context = {**self.get_serializer_context(), "progress": scanning.progress(ScanSession.objects.filter(pk__in=keys))}
        return SessionSerializer(rows, many=many, context=context).data


def _number(quantity: Any) -> float:
    number: float = QuantityNumber().to_representation(quantity)
    return number
