"""Stock that is gone without a sale."""

from __future__ import annotations

from typing import Any

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter, between
from inventory import ledger
from inventory.api.fields import SOURCE_KEY, KindField, KnownFieldsOnly, LedgerSerializer, QuantityNumber
from inventory.api.filters import KindedFilter
from inventory.api.moved import WithMovements, WithNotes
from inventory.models import Batch, Product, Warehouse, WriteOff, WriteOffReason, WriteOffStatus
from jobs.api.keyed import KEY, answered_once


class WriteOffSerializer(LedgerSerializer[WriteOff]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    unit_kind = KindField(read_only=True)
    reason = serializers.ChoiceField(choices=WriteOffReason.choices, read_only=True)
    status = serializers.ChoiceField(choices=WriteOffStatus.choices, read_only=True)

    class Meta:
        model = WriteOff
        fields = [
            "id",
            "product",
            "sku",
            "warehouse",
            "warehouse_code",
            "unit_kind",
            "quantity",
            "batch",
            "reason",
            "note",
            "cost",
            "happened_at",
            "status",
            "source_key",
            "correlation",
            "entered_by",
            "created_at",
            "reversed_at",
        ]
        read_only_fields = fields


class WriteOffWithMovementsSerializer(WriteOffSerializer, WithMovements):
    document_kind = "write_off"

    class Meta(WriteOffSerializer.Meta):
        fields = [*WriteOffSerializer.Meta.fields, "movements"]
        read_only_fields = fields


class ReversedWriteOffSerializer(WriteOffWithMovementsSerializer, WithNotes):
    class Meta(WriteOffWithMovementsSerializer.Meta):
        fields = [*WriteOffWithMovementsSerializer.Meta.fields, "notes"]
        read_only_fields = fields


class NewWriteOffSerializer(KnownFieldsOnly):
    product = OwnedRelatedField(queryset=Product.objects.all())
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())
    unit_kind = KindField()
    quantity = QuantityNumber()
    reason = serializers.ChoiceField(choices=WriteOffReason.choices)
    note = serializers.CharField(max_length=300, help_text="What happened.")
    batch = OwnedRelatedField(
        queryset=Batch.objects.all(), required=False, allow_null=True, help_text="Its id; first expired first when left out."
    )
    happened_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out.")
    source_key = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200, help_text=SOURCE_KEY)


@between("happened_at", "Not before this time.", "Before this time.")
class WriteOffFilter(KindedFilter):
    reason = ChoiceFilter(choices=WriteOffReason.choices)
    status = ChoiceFilter(choices=WriteOffStatus.choices)
    batch = IdFilter("batch_id", "The id of the batch that was named.")
    source_key = CharFilter(label="What your own system calls it.")

    class Meta:
        model = WriteOff
        fields: list[str] = []


class WriteOffViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[WriteOff]):
    """A write-off always says why. It is reversed, never deleted."""

    queryset = WriteOff.objects.select_related("product", "warehouse")
    serializer_class = WriteOffSerializer
    filterset_class = WriteOffFilter
    operations = {"list": "write_off.view", "retrieve": "write_off.view", "create": "write_off.add", "reverse": "write_off.reverse"}

    @extend_schema(responses=WriteOffWithMovementsSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One write-off with the batches it took from."""
        return Response(WriteOffWithMovementsSerializer(self.get_object()).data)

    @extend_schema(request=NewWriteOffSerializer, responses={201: WriteOffWithMovementsSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Write stock off, all of it or nothing: from the batch that is named, else first expired first."""
        given = NewWriteOffSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            stored = self._stored(ledger.write_off(self.actor, **given.validated_data))
            return 201, dict(WriteOffWithMovementsSerializer(stored).data)

        return answered_once(request, self.actor, "write_off.add", do)

    @extend_schema(request=None, responses=ReversedWriteOffSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take it back: each batch gets what was taken from it. `notes` say what is not for sale all the same."""
        found = ledger.reverse_write_off(self.actor, self.get_object())
        body = WriteOffWithMovementsSerializer(self._stored(found.write_off)).data
        return Response({**body, "notes": list(found.notes)})

    def _stored(self, row: WriteOff) -> WriteOff:
        found: WriteOff = self.get_queryset().get(pk=row.pk)
        return found
