"""What is sent and answered about counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BigAutoField, Model
from rest_framework import serializers

from accounts.acting import Actor
from accounts.api import OwnedRelatedField
from inventory.api.fields import SOURCE_KEY, KindField, KnownFieldsOnly, LedgerSerializer, MoneyField, QuantityNumber
from inventory.ledger import CountedLine
from inventory.ledger.counting import MOST_LINES
from inventory.models import Batch, Count, CountLine, CountStatus, Product, Warehouse

AT_ONCE = 1000


class CountSerializer(LedgerSerializer[Count]):
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    status = serializers.ChoiceField(choices=CountStatus.choices, read_only=True)
    lines = serializers.IntegerField(source="line_count", read_only=True, help_text="How many; they are at /api/counts/{id}/lines.")

    class Meta:
        model = Count
        fields = [
            "id",
            "warehouse",
            "warehouse_code",
            "opening",
            "status",
            "note",
            "value",
            "lines",
            "counted_at",
            "source_key",
            "correlation",
            "entered_by",
            "created_at",
            "decided_by",
            "decided_at",
        ]
        read_only_fields = fields


class CountLineSerializer(LedgerSerializer[CountLine]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    unit_kind = KindField(read_only=True)
    difference = serializers.SerializerMethodField(help_text="Counted less known.")

    class Meta:
        model = CountLine
        fields = [
            "id",
            "product",
            "sku",
            "unit_kind",
            "counted",
            "system",
            "difference",
            "booked",
            "value",
            "batch",
            "lot",
            "expires_on",
            "unit_cost",
            "note",
        ]
        read_only_fields = fields

    def get_difference(self, line: CountLine) -> float:
        number: float = QuantityNumber().to_representation(line.counted - line.system)
        return number


class CountLineChangeSerializer(KnownFieldsOnly):
    """What may be corrected. What is left out stays as it is."""

    counted = QuantityNumber(required=False)
    lot = serializers.CharField(required=False, allow_blank=True, max_length=80)
    expires_on = serializers.DateField(required=False, allow_null=True, help_text="The day on the package.")
    unit_cost = MoneyField(required=False, allow_null=True, help_text="Of what is found beyond what was known.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class NewCountLineSerializer(CountLineChangeSerializer):
    product = serializers.IntegerField(min_value=1, max_value=BigAutoField.MAX_BIGINT, help_text="Its id.")
    unit_kind = KindField()
    counted = QuantityNumber(help_text="What is there; 0 for nothing.")
    batch = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=BigAutoField.MAX_BIGINT,
        help_text="The id of the batch that was counted.",
    )


class AboutCountSerializer(KnownFieldsOnly):
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    counted_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Now when left out.")
    opening = serializers.BooleanField(required=False, default=False, help_text="What the warehouse begins with.")
    source_key = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=200, help_text=SOURCE_KEY)


class NewCountSerializer(AboutCountSerializer):
    lines = serializers.ListField(child=NewCountLineSerializer(), min_length=1, max_length=MOST_LINES)


class CountFileSerializer(AboutCountSerializer):
    file = serializers.FileField(allow_empty_file=True, help_text="CSV; the first row holds the headings, SKU or barcode among them.")


class RejectionSerializer(KnownFieldsOnly):
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=300, help_text="Why.")


def lines_of(actor: Actor, given: Sequence[dict[str, Any]]) -> list[CountedLine]:
    """The lines as they were sent, with their products and batches. Raises ValidationError for those that the account does not have."""
    products: dict[int, Product] = _found(Product, actor, [line["product"] for line in given])
    batches: dict[int, Batch] = _found(Batch, actor, [line["batch"] for line in given if line.get("batch")])
    wrong: dict[int, dict[str, list[str]]] = {}
    lines = []
    for place, line in enumerate(given):
        product, batch = products.get(line["product"]), batches.get(line.get("batch") or 0)
        if product is None:
            wrong.setdefault(place, {})["product"] = [f"There is no product {line['product']} in this business account."]
        if line.get("batch") and batch is None:
            wrong.setdefault(place, {})["batch"] = [f"There is no batch {line['batch']} in this business account."]
        if product is not None:
            lines.append(CountedLine(**{**line, "product": product, "batch": batch}))
    if wrong:
        raise serializers.ValidationError({"lines": [wrong.get(place, {}) for place in range(len(given))]})
    return lines


def _found(model: type[Model], actor: Actor, wanted: Sequence[int]) -> dict[int, Any]:
    keys = sorted(set(wanted))
    rows: dict[int, Any] = {}
    for start in range(0, len(keys), AT_ONCE):
        rows.update(model._default_manager.filter(account=actor.account).in_bulk(keys[start : start + AT_ONCE]))
    return rows
