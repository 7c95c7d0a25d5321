"""Stock that moves from one warehouse to another."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter, between
from inventory import ledger
from inventory.api.fields import SOURCE_KEY, KindField, KnownFieldsOnly, LedgerSerializer, QuantityNumber
from inventory.api.moved import WithMovements, WithNotes
from inventory.keys import sku_key
from inventory.models import Product, Transfer, TransferStatus, UnitKind, Warehouse
from jobs.api.keyed import KEY, answered_once


class TransferSerializer(LedgerSerializer[Transfer]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    source_code = serializers.CharField(source="source.code", read_only=True)
    target_code = serializers.CharField(source="target.code", read_only=True)
    unit_kind = KindField(read_only=True)
    status = serializers.ChoiceField(choices=TransferStatus.choices, read_only=True)

    class Meta:
        model = Transfer
        fields = [
            "id",
            "product",
            "sku",
            "source",
            "source_code",
            "target",
            "target_code",
            "unit_kind",
            "quantity",
            "note",
            "happened_at",
            "status",
            "source_key",
            "correlation",
            "entered_by",
            "created_at",
            "reversed_at",
        ]
        read_only_fields = fields


class TransferWithMovementsSerializer(TransferSerializer, WithMovements):
    document_kind = "transfer"

    class Meta(TransferSerializer.Meta):
        fields = [*TransferSerializer.Meta.fields, "movements"]
        read_only_fields = fields


class ReversedTransferSerializer(TransferWithMovementsSerializer, WithNotes):
    class Meta(TransferWithMovementsSerializer.Meta):
        fields = [*TransferWithMovementsSerializer.Meta.fields, "notes"]
        read_only_fields = fields


class NewTransferSerializer(KnownFieldsOnly):
    product = OwnedRelatedField(queryset=Product.objects.all())
    source = OwnedRelatedField(queryset=Warehouse.objects.all(), help_text="The id of the warehouse it leaves.")  # type: ignore[assignment]
    target = OwnedRelatedField(queryset=Warehouse.objects.all(), help_text="The id of the warehouse it comes to.")
    unit_kind = KindField()
    quantity = QuantityNumber()
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    happened_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out.")
    source_key = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200, help_text=SOURCE_KEY)


@between("happened_at", "Not before this time.", "Before this time.")
class TransferFilter(FilterSet):  # type: ignore[misc]
    product = IdFilter("product_id", "The product's id.")
    sku = CharFilter(method="of_sku", label="The product's SKU, in any case.")
    source = IdFilter("source_id", "The id of the warehouse it left.")
    target = IdFilter("target_id", "The id of the warehouse it came to.")
    warehouse = IdFilter("source_id", "The id of a warehouse that it left or came to.", method="at_either_end")
    unit_kind = ChoiceFilter(choices=UnitKind.choices)
    status = ChoiceFilter(choices=TransferStatus.choices)
    source_key = CharFilter(label="What your own system calls it.")

    class Meta:
        model = Transfer
        fields: list[str] = []

    def of_sku(self, rows: QuerySet[Transfer], _name: str, text: str) -> QuerySet[Transfer]:
        return rows.filter(product__sku_key=sku_key(text))

    def at_either_end(self, rows: QuerySet[Transfer], _name: str, warehouse: int) -> QuerySet[Transfer]:
        return rows.filter(Q(source=warehouse) | Q(target=warehouse))


class TransferViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Transfer]):
    """Lot, expiry and cost move with the stock. A transfer is reversed, never deleted."""

    queryset = Transfer.objects.select_related("product", "source", "target")
    serializer_class = TransferSerializer
    filterset_class = TransferFilter
    operations = {"list": "transfer.view", "retrieve": "transfer.view", "create": "transfer.add", "reverse": "transfer.reverse"}

    @extend_schema(responses=TransferWithMovementsSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One transfer with the batches it took from and made."""
        return Response(TransferWithMovementsSerializer(self.get_object()).data)

    @extend_schema(request=NewTransferSerializer, responses={201: TransferWithMovementsSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Move stock between two warehouses that are kept here, all of it or nothing, first expired first."""
        given = NewTransferSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            stored = self._stored(ledger.transfer(self.actor, **given.validated_data))
            return 201, dict(TransferWithMovementsSerializer(stored).data)

        return answered_once(request, self.actor, "transfer.add", do)

    @extend_schema(request=None, responses=ReversedTransferSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take it back while nothing that arrived has been used. `notes` say what is not for sale all the same."""
        found = ledger.reverse_transfer(self.actor, self.get_object())
        body = TransferWithMovementsSerializer(self._stored(found.transfer)).data
        return Response({**body, "notes": list(found.notes)})

    def _stored(self, row: Transfer) -> Transfer:
        found: Transfer = self.get_queryset().get(pk=row.pk)
        return found
