"""Reports of what breaks the invariants of stock, and rebuilding what does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountScoped
from accounts.scoping import OwnedRelatedField, acting
from inventory import integrity, rebuild
from inventory.api.fields import CountersSerializer, KnownFieldsOnly, QuantityNumber
from inventory.models import IntegrityReport, Product, Warehouse
from inventory.rebuild import BatchChange, Plan


class OffenderSerializer(serializers.Serializer[Any]):
    entity = serializers.CharField(help_text="What it is: Batch, Sale, Level …")
    id = serializers.IntegerField(allow_null=True, help_text="Its id; null where there is no row.")
    label = serializers.CharField(help_text="Its name in words.")  # type: ignore[assignment]
    trouble = serializers.CharField(help_text="What is wrong, with what was expected and what was found.")
    product = serializers.IntegerField(allow_null=True, help_text="The product's id.")
    warehouse = serializers.IntegerField(allow_null=True, help_text="The warehouse's id.")


class InvariantSerializer(serializers.Serializer[Any]):
    invariant = serializers.CharField(help_text="I1 to I16.")
    holds = serializers.CharField(help_text="What must be true.")
    offenders = serializers.IntegerField(help_text="How many break it, exactly.")
    sample = OffenderSerializer(many=True, help_text="The first of them.")
    note = serializers.CharField(allow_blank=True, help_text="Why there was nothing to ask.")


class IntegrityReportSerializer(serializers.ModelSerializer[IntegrityReport]):
    message = serializers.SerializerMethodField(help_text="The report in one sentence.")
    checks = InvariantSerializer(many=True, read_only=True)

    class Meta:
        model = IntegrityReport
        fields = ["id", "asked_by", "started_at", "finished_at", "offenders", "message", "checks"]
        read_only_fields = fields

    def get_message(self, report: IntegrityReport) -> str:
        return integrity.in_words(report)


class IntegrityViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[IntegrityReport]):
    """What was found when all invariants of the ledger were asked."""

    queryset = IntegrityReport.objects.all()
    serializer_class = IntegrityReportSerializer
    operations = {"list": "integrity.view", "retrieve": "integrity.view", "create": "integrity.check"}

    @extend_schema(request=None, responses={201: IntegrityReportSerializer})
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Ask all invariants now. Levels whose batches contradict themselves are quarantined; nothing else is written."""
        report = integrity.check(self.actor)
        return Response(self.get_serializer(report).data, status=201)


class RebuildQuery(serializers.Serializer[Any]):
    product = OwnedRelatedField(queryset=Product.objects.all(), help_text="The product's id.")
    warehouse = OwnedRelatedField(
        queryset=Warehouse.objects.all(), required=False, default=None, help_text="The warehouse's id; left out, all are meant."
    )


class RebuildSerializer(KnownFieldsOnly, RebuildQuery):
    digest = serializers.CharField(max_length=64, help_text="Of the preview that was looked at.")


class BatchFiguresSerializer(serializers.Serializer[Any]):
    batch = serializers.IntegerField(help_text="Its id.")
    before = serializers.DictField(child=serializers.JSONField(), help_text="What differs, as it is.")
    after = serializers.DictField(child=serializers.JSONField(), help_text="The same by its movements.")


class LevelFiguresSerializer(serializers.Serializer[Any]):
    product = serializers.IntegerField(help_text="The product's id.")
    warehouse = serializers.IntegerField(help_text="The warehouse's id.")
    before = CountersSerializer()
    after = CountersSerializer()
    quarantined = serializers.BooleanField(help_text="Whether it is in quarantine, which a rebuild lifts.")
    reason = serializers.CharField(allow_blank=True, help_text="Why it is.")


class PlanSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(help_text="What a rebuild has to be sent with.")
    empty = serializers.BooleanField(help_text="Whether there is nothing to do.")
    batches = BatchFiguresSerializer(many=True)
    levels = LevelFiguresSerializer(many=True)
    problems = serializers.ListField(
        child=serializers.CharField(), help_text="What the movements themselves leave open; with any, nothing is rebuilt."
    )


class RebuildView(APIView):
    """Batches and levels of a product, set to what its movements say."""

    operation = "stock.rebuild"

    @extend_schema(operation_id="stock_rebuild_preview", parameters=[RebuildQuery], responses=PlanSerializer)
    def get(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What a rebuild would change. Writes nothing."""
        asked = RebuildQuery(data=request.query_params, context={"request": request})
        asked.is_valid(raise_exception=True)
        plan = rebuild.preview(acting(request), asked.validated_data["product"], asked.validated_data["warehouse"])
        return Response(shown(plan))

    @extend_schema(operation_id="stock_rebuild", request=RebuildSerializer, responses=PlanSerializer)
    def post(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Do what the preview with this digest showed, all of it or nothing; 409 when anything has changed since."""
        given = RebuildSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        return Response(shown(rebuild.rebuild(acting(request), asked["product"], asked["warehouse"], digest=asked["digest"])))


def shown(plan: Plan) -> dict[str, Any]:
    """A plan as the API answers it."""
    levels = [{**vars(each), "before": each.before._asdict(), "after": each.after._asdict()} for each in plan.levels]
    batches = [_figures(each) for each in plan.batches]
    answer = {"digest": plan.digest, "empty": plan.empty, "batches": batches, "levels": levels, "problems": plan.problems}
    return dict(PlanSerializer(answer).data)


def _figures(change: BatchChange) -> dict[str, Any]:
    return {"batch": change.batch, "before": _plain(change.before), "after": _plain(change.after)}


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in figures.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return QuantityNumber().to_representation(value)
    return serializers.DateTimeField().to_representation(value) if isinstance(value, datetime) else value
