"""The ledger, line by line: every change of stock there ever was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from inventory import documents
from inventory.api.fields import KindField, LedgerSerializer
from inventory.api.filters import KindedFilter
from inventory.models import Cause, Movement, MovementKind


class MovedForSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=documents.KINDS)
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class MovementSerializer(LedgerSerializer[Movement]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    unit_kind = KindField(read_only=True)
    kind = serializers.ChoiceField(choices=MovementKind.choices, read_only=True)
    kind_in_words = serializers.CharField(source="get_kind_display", read_only=True)
    cause = serializers.ChoiceField(choices=Cause.choices, read_only=True)
    cause_in_words = serializers.CharField(source="get_cause_display", read_only=True)
    actor = serializers.CharField(source="actor_label", read_only=True)
    document = serializers.SerializerMethodField(help_text="What it belongs to; null where that has no page of its own.")

    class Meta:
        model = Movement
        fields = [
            "id",
            "booked_at",
            "happened_at",
            "product",
            "sku",
            "warehouse",
            "warehouse_code",
            "batch",
            "unit_kind",
            "kind",
            "kind_in_words",
            "batch_delta",
            "level_delta",
            "level_after",
            "drift",
            "found_on_write",
            "cause",
            "cause_in_words",
            "reason",
            "actor",
            "document",
            "source_key",
            "correlation",
        ]
        read_only_fields = fields

    @extend_schema_field(MovedForSerializer(allow_null=True))
    def get_document(self, movement: Movement) -> Any:
        found = self.context["documents"].get(movement.pk)
        return found and MovedForSerializer(found).data


@between("booked_at", "Not booked before this time.", "Booked before this time.")
class MovementFilter(KindedFilter):
    kind = ChoiceFilter(choices=MovementKind.choices)
    cause = ChoiceFilter(choices=Cause.choices)
    batch = IdFilter("batch_id", "The batch's id.")
    correlation = UUIDFilter(label="Everything that comes from one fact has the same.")
    document = CharFilter(method="of_document", label=f"What it belongs to, as kind:id. Kinds: {', '.join(documents.KINDS)}.")

    class Meta:
        model = Movement
        fields: list[str] = []

    def of_document(self, rows: QuerySet[Movement], _name: str, text: str) -> QuerySet[Movement]:
        kind, _, number = text.partition(":")
        if kind not in documents.KINDS or not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise ValidationError({"document": "Write the kind and the id with a colon between, for example “sale:12”."})
        return rows.filter(documents.of(kind, int(number)))


class MovementViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Movement]):
    """Rows are added and never changed. The sum of `level_delta` is the counter, the sum of `batch_delta` is what remains of the batch."""

    queryset = Movement.objects.select_related("product", "warehouse")
    serializer_class = MovementSerializer
    filterset_class = MovementFilter
    operation = "movement.view"

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(self._shown(page).data)

    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One movement."""
        return Response(self._shown([self.get_object()]).data[0])

    def _shown(self, movements: Sequence[Movement]) -> Any:
        return MovementSerializer(movements, many=True, context={"documents": documents.documents_of(movements)})
