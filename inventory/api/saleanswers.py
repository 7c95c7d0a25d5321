"""What is answered about sales: from which batches, at what cost, and what was opened for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory import documents
from inventory.api.fields import KindField, LedgerSerializer, MoneyField, QuantityNumber
from inventory.ledger.opening import Opened
from inventory.ledger.selling import SalePreview
from inventory.models import Batch, IssuePurpose, Movement, MovementKind, Sale, SaleStatus


class SaleSerializer(LedgerSerializer[Sale]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    unit_kind = KindField(read_only=True)
    status = serializers.ChoiceField(choices=SaleStatus.choices, read_only=True)
    purpose = serializers.ChoiceField(choices=IssuePurpose.choices, read_only=True, help_text="What it went out for.")

    class Meta:
        model = Sale
        fields = [
            "id",
            "purpose",
            "product",
            "sku",
            "warehouse",
            "warehouse_code",
            "unit_kind",
            "quantity",
            "returned",
            "shortfall",
            "price",
            "cost",
            "sold_at",
            "reference",
            "note",
            "status",
            "source_key",
            "correlation",
            "entered_by",
            "created_at",
            "cancelled_at",
        ]
        read_only_fields = fields


class TakenSerializer(serializers.Serializer[Any]):
    """So much of one batch."""

    batch = serializers.IntegerField(source="batch_id", help_text="Its id.")
    lot = serializers.CharField(source="batch.lot", allow_blank=True)
    expires_on = serializers.DateField(source="batch.expires_on", allow_null=True)
    expires_at = serializers.DateTimeField(source="batch.expires_at", allow_null=True)
    quantity = QuantityNumber()
    released = QuantityNumber(help_text="How much of it has gone back to the batch.")
    unit_cost = MoneyField(allow_null=True, help_text="The batch's at that time; null is unknown.")


class OpenedSerializer(serializers.Serializer[Any]):
    """Pallets or packs of one batch that were opened into another."""

    batch = serializers.IntegerField(source="batch.pk", help_text="Its id.")
    unit_kind = KindField(source="batch.unit_kind")
    quantity = QuantityNumber()
    into = serializers.IntegerField(source="into.pk", help_text="The id of the batch of what was in them.")
    into_unit_kind = KindField(source="into.unit_kind")
    pieces = QuantityNumber()


class SaleWithBatchesSerializer(SaleSerializer):
    """Made by `shown`."""

    batches_used = serializers.SerializerMethodField(help_text="How many.")
    batches = serializers.SerializerMethodField(help_text="In the order of taking.")
    opened = serializers.SerializerMethodField(help_text="What was opened for it.")
    movements = serializers.SerializerMethodField(help_text="The ids of its movements.")

    class Meta(SaleSerializer.Meta):
        fields = [*SaleSerializer.Meta.fields, "batches_used", "batches", "opened", "movements"]
        read_only_fields = fields

    def get_batches_used(self, _sale: Sale) -> int:
        return len({each.batch_id for each in self.context["allocations"]})

    @extend_schema_field(TakenSerializer(many=True))
    def get_batches(self, _sale: Sale) -> Any:
        return TakenSerializer(self.context["allocations"], many=True).data

    @extend_schema_field(OpenedSerializer(many=True))
    def get_opened(self, _sale: Sale) -> Any:
        return OpenedSerializer(_opened(self.context["movements"]), many=True).data

    def get_movements(self, _sale: Sale) -> list[int]:
        return [each.pk for each in self.context["movements"]]


class CancelledSerializer(SaleWithBatchesSerializer):
    notes = serializers.ListField(child=serializers.CharField(), help_text="What did not come back to the counters, and why.")

    class Meta(SaleWithBatchesSerializer.Meta):
        fields = [*SaleWithBatchesSerializer.Meta.fields, "notes"]
        read_only_fields = fields


class PlannedSerializer(serializers.Serializer[Any]):
    """So much of one batch."""

    batch = serializers.IntegerField(allow_null=True, help_text="Its id; null for a batch that a pallet or pack would be opened into.")
    lot = serializers.CharField(allow_blank=True)
    expires_on = serializers.DateField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    quantity = QuantityNumber()
    unit_cost = MoneyField(allow_null=True)


class OpeningSerializer(serializers.Serializer[Any]):
    """Pallets or packs of one batch that would be opened."""

    batch = serializers.IntegerField(allow_null=True, help_text="Its id; null for one that would be opened into first.")
    unit_kind = KindField()
    quantity = QuantityNumber()
    into_unit_kind = KindField()
    pieces = QuantityNumber()


class WhyNotSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(source="sentence")
    hint = serializers.CharField(allow_blank=True)


class PreviewSerializer(serializers.Serializer[Any]):
    possible = serializers.BooleanField()
    problem = WhyNotSerializer(allow_null=True, help_text="Why it can't be sold.")
    asked = QuantityNumber()
    available = QuantityNumber(help_text="Of this unit kind, with what would be opened.")
    cost = MoneyField(max_digits=32, help_text="Of the batches that would be taken.")
    batches_used = serializers.IntegerField()
    batches = PlannedSerializer(many=True)
    opened = OpeningSerializer(many=True)


def shown(sale: Sale) -> dict[str, Any]:
    """The answer about one sale, with its product and warehouse at hand. Two statements."""
    allocations = list(sale.allocations.select_related("batch").order_by("id"))
    opening = Q(kind=MovementKind.UNIT_BREAK, correlation=sale.correlation)
    rows = Movement.objects.filter(documents.of("sale", sale.pk) | opening, account=sale.account_id)
    movements = list(rows.select_related("batch").order_by("id"))
    return dict(SaleWithBatchesSerializer(sale, context={"allocations": allocations, "movements": movements}).data)


def previewed(preview: SalePreview) -> dict[str, Any]:
    """The answer about a sale that is only asked about. Batches that it would make have no id."""
    made = {each.into.pk for each in preview.opened}

    def known(batch: Batch) -> int | None:
        return None if batch.pk in made else batch.pk

    body = {
        "possible": preview.problem is None,
        "problem": preview.problem,
        "asked": preview.asked,
        "available": preview.available,
        "cost": preview.cost,
        "batches_used": len(preview.allocations),
        "batches": [
            {
                "batch": known(each.batch),
                "lot": each.batch.lot,
                "expires_on": each.batch.expires_on,
                "expires_at": each.batch.expires_at,
                "quantity": each.quantity,
                "unit_cost": each.unit_cost,
            }
            for each in preview.allocations
        ],
        "opened": [
            {
                "batch": known(each.batch),
                "unit_kind": each.batch.unit_kind,
                "quantity": each.quantity,
                "into_unit_kind": each.into.unit_kind,
                "pieces": each.pieces,
            }
            for each in preview.opened
        ],
    }
    return dict(PreviewSerializer(body).data)


def _opened(movements: Iterable[Movement]) -> list[Opened]:
    """Each opening is two movements, one after the other: out of a batch, and into the one that it was opened into."""
    moved = [(each.batch, each.batch_delta) for each in movements if each.kind == MovementKind.UNIT_BREAK and each.batch is not None]
    return [Opened(batch, -out, into, pieces) for (batch, out), (into, pieces) in zip(moved[::2], moved[1::2], strict=True)]
