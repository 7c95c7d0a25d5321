"""Purchases: goods that come in, corrected and taken back."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter, between
from inventory import ledger
from inventory.api.fields import SOURCE_KEY, KindField, KnownFieldsOnly, LedgerSerializer, MoneyField, QuantityNumber
from inventory.api.purposes import PurposeFilter, usual
from inventory.keys import sku_key
from inventory.ledger.bought import with_bought
from inventory.ledger.takingin import Received
from inventory.models import Product, Purchase, PurchaseStatus, ReceiptPurpose, UnitKind, Vendor, Warehouse
from jobs.api.keyed import KEY, answered_once


class PurchaseSerializer(LedgerSerializer[Purchase]):
    product = serializers.IntegerField(source="batch.product_id", read_only=True, help_text="Its id.")
    sku = serializers.CharField(source="batch.product.sku", read_only=True)
    warehouse = serializers.IntegerField(source="batch.warehouse_id", read_only=True, help_text="Its id.")
    warehouse_code = serializers.CharField(source="batch.warehouse.code", read_only=True)
    unit_kind = KindField(source="batch.unit_kind", read_only=True)
    quantity = QuantityNumber(source="bought", read_only=True)
    remaining = QuantityNumber(source="batch.remaining", read_only=True, help_text="Of its batch.")
    unit_cost = MoneyField(source="batch.unit_cost", read_only=True, allow_null=True)
    lot = serializers.CharField(source="batch.lot", read_only=True, allow_blank=True)
    expires_on = serializers.DateField(source="batch.expires_on", read_only=True, allow_null=True)
    expires_at = serializers.DateTimeField(source="batch.expires_at", read_only=True, allow_null=True)
    bought_at = serializers.DateTimeField(source="batch.received_at", read_only=True)
    status = serializers.ChoiceField(choices=PurchaseStatus.choices, read_only=True)
    purpose = serializers.ChoiceField(choices=ReceiptPurpose.choices, read_only=True, help_text="Why it came in.")
    transfer_key = serializers.CharField(
        source="arrival.transfer_key",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="The outside system's transfer it arrived by.",
    )
    sent = serializers.IntegerField(
        source="arrival.sent_id",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="The id of what sent it, in /api/sales, if known.",
    )

    class Meta:
        model = Purchase
        fields = [
            "id",
            "purpose",
            "batch",
            "product",
            "sku",
            "warehouse",
            "warehouse_code",
            "unit_kind",
            "quantity",
            "remaining",
            "unit_cost",
            "free_goods",
            "lot",
            "expires_on",
            "expires_at",
            "bought_at",
            "vendor",
            "reference",
            "note",
            "status",
            "source_key",
            "transfer_key",
            "sent",
            "correlation",
            "entered_by",
            "created_at",
            "voided_at",
        ]
        read_only_fields = fields


class ReceivedSerializer(PurchaseSerializer):
    warnings = serializers.SerializerMethodField(help_text="Sentences about what was booked all the same.")
    settled = serializers.SerializerMethodField(help_text="How much of it sales took at once that had been short.")

    class Meta(PurchaseSerializer.Meta):
        fields = [*PurchaseSerializer.Meta.fields, "warnings", "settled"]
        read_only_fields = fields

    def get_warnings(self, _purchase: Purchase) -> list[str]:
        return list(self.context["received"].warnings)

    def get_settled(self, _purchase: Purchase) -> float:
        number: float = QuantityNumber().to_representation(self.context["received"].settled)
        return number


class PurchaseChangeSerializer(KnownFieldsOnly):
    """What may be corrected. What is left out stays as it is."""

    quantity = QuantityNumber(required=False)
    unit_kind = KindField(required=False, help_text="Only while nothing of it has been used.")
    unit_cost = MoneyField(required=False, allow_null=True, help_text="Of one. At least 0.01, or `free_goods`.")
    free_goods = serializers.BooleanField(required=False)
    lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    expires_on = serializers.DateField(required=False, allow_null=True, help_text="The day on the package; not with `expires_at`.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="The instant from which it is not sold.")
    vendor = OwnedRelatedField(queryset=Vendor.objects.all(), required=False, allow_null=True)
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="The vendor's invoice or delivery note.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class NewPurchaseSerializer(PurchaseChangeSerializer):
    product = OwnedRelatedField(queryset=Product.objects.all())
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())
    unit_kind = KindField()
    quantity = QuantityNumber()
    bought_at = serializers.DateTimeField(required=False, allow_null=True, help_text="When it came in; now when left out.")
    source_key = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200, help_text=SOURCE_KEY)


@between("batch__received_at", "Not bought before this time.", "Bought before this time.")
class PurchaseFilter(FilterSet):  # type: ignore[misc]
    product = IdFilter("batch__product_id", "The product's id.")
    sku = CharFilter(method="of_sku", label="The product's SKU, in any case.")
    warehouse = IdFilter("batch__warehouse_id", "The warehouse's id.")
    unit_kind = ChoiceFilter(field_name="batch__unit_kind", choices=UnitKind.choices)
    batch = IdFilter("batch_id", "The batch's id.")
    vendor = IdFilter("vendor_id", "The vendor's id.")
    status = ChoiceFilter(choices=PurchaseStatus.choices)
    purpose = PurposeFilter(ReceiptPurpose, "Why it came in. Purchases only, where no purpose, batch or source key is named.")
    lot = CharFilter(field_name="batch__lot", lookup_expr="iexact", label="The lot number, in any case.")
    reference = CharFilter(label="The vendor's invoice or delivery note.")
    source_key = CharFilter(label="What your own system calls it.")

    class Meta:
        model = Purchase
        fields: list[str] = []

    def of_sku(self, rows: QuerySet[Purchase], _name: str, text: str) -> QuerySet[Purchase]:
        return rows.filter(batch__product__sku_key=sku_key(text))


class PurchaseViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Purchase]):
    """Each purchase is a batch of its own. It is voided, never deleted.

    What came in for another `purpose` is here, too: returned by customers, made in production, found, arrived from elsewhere.
    """

    queryset = with_bought(Purchase.objects.select_related("batch__product", "batch__warehouse", "arrival"))
    serializer_class = PurchaseSerializer
    filterset_class = PurchaseFilter
    operations = {
        "list": "purchase.view",
        "retrieve": "purchase.view",
        "create": "purchase.add",
        "partial_update": "purchase.edit",
        "destroy": "purchase.void",
        "void_rest": "purchase.void",
    }

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        return usual(rows, self.request, ReceiptPurpose.PURCHASE) if self.action == "list" else rows

    @extend_schema(request=NewPurchaseSerializer, responses={201: ReceivedSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Book a purchase. Goods that expire soon, or a lot number that came before, are booked with a warning."""
        given = NewPurchaseSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            received = ledger.receive(self.actor, **given.validated_data)
            return 201, self._received(received)

        return answered_once(request, self.actor, "purchase.add", do)

    @extend_schema(request=PurchaseChangeSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Correct a purchase. Batch and counters follow; the cost of sales that were made stays."""
        purchase = self.get_object()
        given = PurchaseChangeSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return self._shown(ledger.edit_purchase(self.actor, purchase, **given.validated_data))

    @extend_schema(responses={200: PurchaseSerializer})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Void a purchase of which nothing has been used. Where something has: 409 `BATCH_IN_USE`, with the sales in `details`."""
        return self._shown(ledger.void_purchase(self.actor, self.get_object()))

    @extend_schema(request=None, responses=PurchaseSerializer)
    @action(detail=True, methods=["post"], url_path="void-rest")
    def void_rest(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Take back what is left of a purchase of which some has been used."""
        return self._shown(ledger.void_rest(self.actor, self.get_object()))

    def _shown(self, purchase: Purchase) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=purchase.pk)).data)

    def _received(self, received: Received) -> dict[str, Any]:
        stored = self.get_queryset().get(pk=received.purchase.pk)
        return dict(ReceivedSerializer(stored, context={**self.get_serializer_context(), "received": received}).data)
