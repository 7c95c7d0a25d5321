"""What is sent and answered about purchase orders."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import BigAutoField
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.acting import Actor
from accounts.api import OwnedRelatedField
from inventory.api.fields import KindField, KnownFieldsOnly, LedgerSerializer, MoneyField, QuantityNumber
from inventory.models import OrderReceipt, OrderState, Product, PurchaseOrder, PurchaseOrderLine, Vendor, Warehouse
from inventory.purchasing import Arrival, OrderedLine
from inventory.purchasing.lines import MOST_LINES
from inventory.purchasing.paper import Paper
from inventory.purchasing.receiving import LONGEST_KEY, MOST_ARRIVALS

AT_ONCE = 1000


class PurchaseOrderSerializer(LedgerSerializer[PurchaseOrder]):
    vendor_name = serializers.CharField(source="vendor.name", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    state = serializers.ChoiceField(choices=OrderState.choices, read_only=True)
    lines = serializers.IntegerField(
        source="line_count", read_only=True, help_text="How many; they are at /api/purchase-orders/{id}/lines."
    )

    class Meta:
        model = PurchaseOrder
        fields = [
            "id",
            "number",
            "vendor",
            "vendor_name",
            "warehouse",
            "warehouse_code",
            "state",
            "version",
            "lines",
            "expected_on",
            "note",
            "upstream",
            "upstream_at",
            "created_label",
            "created_at",
            "approved_by",
            "approved_at",
            "sent_at",
            "sent_to",
            "closed_at",
            "closed_why",
            "correlation",
        ]
        read_only_fields = fields


class WholePurchaseOrderSerializer(PurchaseOrderSerializer):
    """One order, with what it comes to. `warnings` are sentences about what was done all the same."""

    total = serializers.SerializerMethodField(help_text="Of the lines that have a price.")
    unpriced_lines = serializers.SerializerMethodField(help_text="Lines without a price.")
    warnings = serializers.SerializerMethodField(help_text="Sentences about what was done all the same.")

    class Meta(PurchaseOrderSerializer.Meta):
        fields = [*PurchaseOrderSerializer.Meta.fields, "total", "unpriced_lines", "warnings"]
        read_only_fields = fields

    @cached_property
    def _sum(self) -> Any:
        assert isinstance(self.instance, PurchaseOrder)
        return Paper(self.instance).sum

    @extend_schema_field(MoneyField)
    def get_total(self, _order: PurchaseOrder) -> str:
        return f"{self._sum.value:.4f}"

    def get_unpriced_lines(self, _order: PurchaseOrder) -> int:
        unpriced: int = self._sum.unpriced
        return unpriced

    def get_warnings(self, _order: PurchaseOrder) -> list[str]:
        return list(self.context.get("warnings", ()))


class PurchaseOrderLineSerializer(LedgerSerializer[PurchaseOrderLine]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    unit_kind = KindField(read_only=True)
    outstanding = QuantityNumber(read_only=True, help_text="Ordered less received; never below zero.")
    basis = serializers.DictField(read_only=True, help_text="What the quantity was argued with when it was suggested.")

    class Meta:
        model = PurchaseOrderLine
        fields = ["id", "product", "sku", "unit_kind", "quantity", "received", "outstanding", "unit_price", "vendor_code", "basis"]
        read_only_fields = fields


class PurchaseOrderReceiptSerializer(LedgerSerializer[OrderReceipt]):
    product = serializers.IntegerField(source="line.product_id", read_only=True, help_text="Its id.")
    sku = serializers.CharField(source="line.product.sku", read_only=True)
    unit_kind = KindField(source="line.unit_kind", read_only=True)

    class Meta:
        model = OrderReceipt
        fields = ["id", "line", "product", "sku", "unit_kind", "quantity", "purchase", "source_key", "received_on", "created_at"]
        read_only_fields = fields


class VersionedSerializer(KnownFieldsOnly):
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="That which was looked at: refused with 409 when it was changed since."
    )


class OrderLineFieldsSerializer(KnownFieldsOnly):
    """What is left out stays as it is."""

    quantity = QuantityNumber(required=False)
    unit_kind = KindField(required=False)
    unit_price = MoneyField(required=False, allow_null=True, help_text="Of one; null is unknown.")
    vendor_code = serializers.CharField(
        required=False, allow_blank=True, max_length=80, help_text="The vendor's own number of the product."
    )


class PurchaseOrderLineChangeSerializer(OrderLineFieldsSerializer, VersionedSerializer):
    """One line. `version` is the order's."""


class NamedLineChangeSerializer(OrderLineFieldsSerializer):
    line = serializers.IntegerField(min_value=1, max_value=BigAutoField.MAX_BIGINT, help_text="Its id.")


class PurchaseOrderChangeSerializer(VersionedSerializer):
    """What is left out stays as it is. Of an approved order only `expected_on` may be changed."""

    expected_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="Printed on the order.")
    lines = serializers.ListField(child=NamedLineChangeSerializer(), required=False, max_length=MOST_LINES)
    remove = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BigAutoField.MAX_BIGINT),
        required=False,
        max_length=MOST_LINES,
        help_text="The ids of lines to take off.",
    )


class NewPurchaseOrderLineSerializer(OrderLineFieldsSerializer):
    product = serializers.IntegerField(min_value=1, max_value=BigAutoField.MAX_BIGINT, help_text="Its id.")
    quantity = QuantityNumber()
    unit_kind = KindField(required=False, help_text="As the product is counted when left out.")
    unit_price = MoneyField(required=False, allow_null=True, help_text="Of one; the product's purchase price when left out.")


class NewPurchaseOrderSerializer(KnownFieldsOnly):
    vendor = OwnedRelatedField(queryset=Vendor.objects.all())
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())
    expected_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="Printed on the order.")
    lines = serializers.ListField(child=NewPurchaseOrderLineSerializer(), required=False, default=list, max_length=MOST_LINES)


class NewLinesSerializer(VersionedSerializer):
    lines = serializers.ListField(child=NewPurchaseOrderLineSerializer(), min_length=1, max_length=MOST_LINES)


class CancelSerializer(VersionedSerializer):
    why = serializers.CharField(required=False, allow_blank=True, max_length=300)


class SentSerializer(KnownFieldsOnly):
    to = serializers.CharField(required=False, allow_blank=True, max_length=254, help_text="The address it went to.")


class ArrivalSerializer(KnownFieldsOnly):
    line = serializers.IntegerField(min_value=1, max_value=BigAutoField.MAX_BIGINT, help_text="The id of the order's line.")
    quantity = QuantityNumber(help_text="In the line's unit kind.")
    unit_cost = MoneyField(required=False, allow_null=True, help_text="Of one; the ordered price when left out.")
    free_goods = serializers.BooleanField(required=False, default=False)
    lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    expires_on = serializers.DateField(required=False, allow_null=True, help_text="The day on the package; not with `expires_at`.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="The instant from which it is not sold.")


class ReceiveSerializer(KnownFieldsOnly):
    lines = serializers.ListField(child=ArrivalSerializer(), min_length=1, max_length=MOST_ARRIVALS)
    received_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out.")
    reference = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="The vendor's delivery note.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    source_key = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=LONGEST_KEY,
        help_text="What your own system calls the delivery. Sent again, it books nothing and answers with what it booked first.",
    )


class ReceivedPurchaseOrderSerializer(serializers.Serializer[Any]):
    order = WholePurchaseOrderSerializer()
    receipts = PurchaseOrderReceiptSerializer(many=True)
    repeated = serializers.BooleanField(help_text="Whether it was known before, and nothing was done.")


def lines_of(actor: Actor, given: Sequence[dict[str, Any]]) -> list[OrderedLine]:
    """The lines as they were sent, with their products. Raises ValidationError for those that the account does not have."""
    wanted = sorted({line["product"] for line in given})
    products: dict[int, Product] = {}
    for start in range(0, len(wanted), AT_ONCE):
        products.update(Product.objects.filter(account=actor.account).in_bulk(wanted[start : start + AT_ONCE]))
    wrong = [
        {} if line["product"] in products else {"product": [f"There is no product {line['product']} in this business account."]}
        for line in given
    ]
    if any(wrong):
        raise serializers.ValidationError({"lines": wrong})
    return [OrderedLine(**{**line, "product": products[line["product"]]}) for line in given]


def arrivals_of(given: Sequence[dict[str, Any]]) -> list[Arrival]:
    return [Arrival(**line) for line in given]
