"""Passes that set levels right: what they found, and what may be done to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django_filters import ChoiceFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.acting import Actor
from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from config.pagination import NewestFirst
from inventory import reconcile
from inventory.api.fields import CountersSerializer, LedgerSerializer
from inventory.errors import AlreadyReconciling
from inventory.ledger.counters import Counters
from inventory.models import Cause, Drift, DriftClass, DriftOutcome, Reconciliation, ReconciliationStatus, StoppedBy


class ReconciliationSerializer(serializers.ModelSerializer[Reconciliation]):
    cause = serializers.ChoiceField(choices=Cause.choices, read_only=True)
    status = serializers.ChoiceField(choices=ReconciliationStatus.choices, read_only=True)
    stopped_by = serializers.ChoiceField(choices=StoppedBy.choices, read_only=True)
    limits = serializers.DictField(read_only=True, help_text="Above these it writes nothing and asks a person.")
    counters = serializers.DictField(
        read_only=True, help_text="scanned, drifted, corrected, gone, skipped, quarantined, reported, failed, expired, classes, moved."
    )
    errors = serializers.ListField(read_only=True)  # type: ignore[assignment]
    duration = serializers.SerializerMethodField(help_text="Milliseconds; null while it goes on.")

    class Meta:
        model = Reconciliation
        fields = [
            "id",
            "cause",
            "product",
            "warehouse",
            "status",
            "stopped_by",
            "message",
            "asked_by",
            "approved_by",
            "limits",
            "counters",
            "errors",
            "correlation",
            "version",
            "queued_at",
            "started_at",
            "finished_at",
            "duration",
        ]
        read_only_fields = fields

    def get_duration(self, run: Reconciliation) -> int | None:
        if run.started_at is None or run.finished_at is None:
            return None
        return round((run.finished_at - run.started_at).total_seconds() * 1000)


class BusyReconcilingSerializer(serializers.Serializer[Any]):
    """409: another pass is at it, which is the `data`, or what was asked can't be done now."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(required=False, allow_blank=True)
    details = serializers.DictField(required=False)
    data = ReconciliationSerializer(required=False)  # type: ignore[assignment]


class DriftSerializer(LedgerSerializer[Drift]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    drift_class = serializers.ChoiceField(choices=DriftClass.choices, read_only=True)
    outcome = serializers.ChoiceField(choices=DriftOutcome.choices, read_only=True)
    before = serializers.SerializerMethodField(help_text="What the level said.")
    after = serializers.SerializerMethodField(help_text="What its batches say.")
    difference = serializers.SerializerMethodField(help_text="After less before.")

    class Meta:
        model = Drift
        fields = ["id", "product", "sku", "warehouse", "warehouse_code", "drift_class", "outcome", "before", "after", "difference", "note"]
        read_only_fields = fields

    @extend_schema_field(CountersSerializer)
    def get_before(self, drift: Drift) -> Any:
        return CountersSerializer(_before(drift)).data

    @extend_schema_field(CountersSerializer)
    def get_after(self, drift: Drift) -> Any:
        return CountersSerializer(_after(drift)).data

    @extend_schema_field(CountersSerializer)
    def get_difference(self, drift: Drift) -> Any:
        return CountersSerializer(_after(drift).less(_before(drift))).data


@between("queued_at", "Asked for at this time or later.", "Asked for before this time.")
class ReconciliationFilter(FilterSet):  # type: ignore[misc]
    status = ChoiceFilter(choices=ReconciliationStatus.choices)
    cause = ChoiceFilter(choices=Cause.choices)
    product = IdFilter("product_id", "The id of the product it was of alone.")
    warehouse = IdFilter("warehouse_id", "The id of the warehouse it was of alone.")

    class Meta:
        model = Reconciliation
        fields: list[str] = []


class DriftFilter(FilterSet):  # type: ignore[misc]
    drift_class = ChoiceFilter(choices=DriftClass.choices)
    outcome = ChoiceFilter(choices=DriftOutcome.choices)
    product = IdFilter("product_id", "The product's id.")

    class Meta:
        model = Drift
        fields: list[str] = []


class AsFound(NewestFirst):
    ordering = "id"


BUSY = OpenApiResponse(BusyReconcilingSerializer, description="Another pass is at it: this is that pass.")


class ReconciliationViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Reconciliation]):
    """Every pass there was, by whatever it was asked for."""

    queryset = Reconciliation.objects.all()
    serializer_class = ReconciliationSerializer
    filterset_class = ReconciliationFilter
    operations = {
        "list": "reconciliation.view",
        "retrieve": "reconciliation.view",
        "drifts": "reconciliation.view",
        "approve": "reconciliation.approve",
        "discard": "reconciliation.approve",
        "cancel": "reconciliation.cancel",
    }

    @extend_schema(
        operation_id="reconciliations_drifts",
        parameters=[
            OpenApiParameter("drift_class", OpenApiTypes.STR, enum=DriftClass.values),
            OpenApiParameter("outcome", OpenApiTypes.STR, enum=DriftOutcome.values),
            OpenApiParameter("product", OpenApiTypes.INT, description="The product's id."),
        ],
        responses=DriftSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=AsFound)
    def drifts(self, request: Request, *_args: Any, **path: Any) -> Response:
        """The levels that differed, as they were found, and what became of each."""
        # Not by get_object, which would look for a pass by the filters of the drifts.
        run = get_object_or_404(self.get_queryset(), pk=path["pk"])
        rows: QuerySet[Drift] = Drift.objects.filter(reconciliation=run).select_related("product", "warehouse")
        chosen = DriftFilter(request.query_params, queryset=rows, request=request)
        if not chosen.is_valid():
            raise serializers.ValidationError(chosen.errors)
        page = self.paginate_queryset(chosen.qs)
        assert page is not None
        return self.get_paginated_response(DriftSerializer(page, many=True).data)

    @extend_schema(request=None, responses={202: ReconciliationSerializer, 409: BUSY})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Have the plan of a pass that needs a review written: it looks again, and writes if it finds the same."""
        return self._done(reconcile.approve, 202)

    @extend_schema(request=None, responses=ReconciliationSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put the plan of a pass that needs a review aside. Nothing is written."""
        return self._done(reconcile.discard)

    @extend_schema(request=None, responses=ReconciliationSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Stop it: at once while it waits, else after what it is at."""
        return self._done(reconcile.cancel)

    def _done(self, verb: Callable[[Actor, Reconciliation], Reconciliation], status: int = 200) -> Response:
        try:
            return told(verb(self.actor, self.get_object()), status)
        except AlreadyReconciling as found:
            return busy(found)


def told(run: Reconciliation, status: int = 200, **headers: str) -> Response:
    """The answer that is a pass, with its address."""
    headers = {"Location": reverse("reconciliation-detail", args=[run.pk]), **headers}
    return Response(ReconciliationSerializer(run).data, status=status, headers=headers)


def busy(found: AlreadyReconciling) -> Response:
    """409, with the pass that is at it."""
    run = found.reconciliation
    body = {"code": found.code, "message": found.sentence, "hint": found.hint, "details": found.details}
    address = reverse("reconciliation-detail", args=[run.pk])
    return Response({**body, "data": ReconciliationSerializer(run).data}, status=409, headers={"Location": address})


def _before(drift: Drift) -> Counters:
    return Counters(drift.pallets_before, drift.packs_before, drift.units_before)


def _after(drift: Drift) -> Counters:
    return Counters(drift.pallets_after, drift.packs_after, drift.units_after)
