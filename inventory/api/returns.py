"""Goods that customers bring back."""

from __future__ import annotations

from typing import Any

from django_filters import CharFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.acting import Actor
from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter, between
from inventory import ledger
from inventory.api.fields import SOURCE_KEY, KindField, KnownFieldsOnly, LedgerSerializer, QuantityNumber
from inventory.api.filters import KindedFilter
from inventory.api.moved import WithMovements
from inventory.models import Batch, CustomerReturn, Product, Sale, Warehouse
from jobs.api.keyed import KEY, answered_once


class ReturnSerializer(LedgerSerializer[CustomerReturn]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    unit_kind = KindField(read_only=True)

    class Meta:
        model = CustomerReturn
        fields = [
            "id",
            "sale",
            "product",
            "sku",
            "warehouse",
            "warehouse_code",
            "unit_kind",
            "quantity",
            "batch",
            "note",
            "happened_at",
            "source_key",
            "correlation",
            "entered_by",
            "created_at",
        ]
        read_only_fields = fields


class ReturnWithMovementsSerializer(ReturnSerializer, WithMovements):
    document_kind = "return"

    class Meta(ReturnSerializer.Meta):
        fields = [*ReturnSerializer.Meta.fields, "movements"]
        read_only_fields = fields


class ReturnOfSaleSerializer(KnownFieldsOnly):
    quantity = QuantityNumber()
    batch = OwnedRelatedField(
        queryset=Batch.objects.all(),
        required=False,
        allow_null=True,
        help_text="The id of the batch it goes back to; of a sale, what was taken last goes back first when left out.",
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    happened_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out.")
    source_key = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200, help_text=SOURCE_KEY)


class NewReturnSerializer(ReturnOfSaleSerializer):
    sale = OwnedRelatedField(queryset=Sale.objects.all(), required=False, allow_null=True, help_text="Its id, where it is known.")
    product = OwnedRelatedField(
        queryset=Product.objects.all(), required=False, allow_null=True, help_text="Needed, like the next two, where the sale is not known."
    )
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all(), required=False, allow_null=True)
    unit_kind = KindField(required=False, allow_null=True)


@between("happened_at", "Not before this time.", "Before this time.")
class ReturnFilter(KindedFilter):
    sale = IdFilter("sale_id", "The sale's id.")
    batch = IdFilter("batch_id", "The id of the batch that was named or made.")
    source_key = CharFilter(label="What your own system calls it.")

    class Meta:
        model = CustomerReturn
        fields: list[str] = []


ROWS = CustomerReturn.objects.select_related("product", "warehouse")


class ReturnViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[CustomerReturn]):
    """What came back goes to the batches of its sale, or, where that is not known, into a batch of its own."""

    queryset = ROWS
    serializer_class = ReturnSerializer
    filterset_class = ReturnFilter
    operations = {"list": "return.view", "retrieve": "return.view", "create": "return.add"}

    @extend_schema(responses=ReturnWithMovementsSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One return with the batches it went to."""
        return Response(ReturnWithMovementsSerializer(self.get_object()).data)

    @extend_schema(request=NewReturnSerializer, responses={201: ReturnWithMovementsSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Book what came back, of a known sale or without one."""
        given = NewReturnSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return answered_once(request, self.actor, "return.add", lambda: taken_back(self.actor, given.validated_data))


def taken_back(actor: Actor, wanted: dict[str, Any]) -> tuple[int, Any]:
    """Book a return; the answer about it."""
    stored = ROWS.get(pk=ledger.take_back(actor, **wanted).pk)
    return 201, dict(ReturnWithMovementsSerializer(stored).data)
