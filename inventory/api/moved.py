"""Which batches a document changed, as its movements tell it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import AccountOwned
from inventory import documents
from inventory.api.fields import KindField, LedgerSerializer
from inventory.models import Movement, MovementKind


class MovedSerializer(LedgerSerializer[Movement]):
    kind = serializers.ChoiceField(choices=MovementKind.choices, read_only=True)
    unit_kind = KindField(read_only=True)
    lot = serializers.CharField(source="batch.lot", default="", read_only=True)
    expires_at = serializers.DateTimeField(source="batch.expires_at", default=None, allow_null=True, read_only=True)

    class Meta:
        model = Movement
        fields = ["id", "booked_at", "warehouse", "batch", "lot", "expires_at", "unit_kind", "kind", "batch_delta", "level_delta"]
        read_only_fields = fields


class WithMovements(serializers.Serializer[Any]):
    """For the answer about one document; `document_kind` is what movements call it."""

    document_kind = ""
    movements = serializers.SerializerMethodField(help_text="What was moved into and out of batches.")

    @extend_schema_field(MovedSerializer(many=True))
    def get_movements(self, row: AccountOwned) -> Any:
        rows = Movement.objects.filter(documents.of(self.document_kind, row.pk), account=row.account_id)
        return MovedSerializer(rows.select_related("batch").order_by("id"), many=True).data


class WithNotes(serializers.Serializer[Any]):
    """For the answer about one document that has just been reversed."""

    notes = serializers.ListField(child=serializers.CharField(), help_text="What did not come back to the counters, and why.")
