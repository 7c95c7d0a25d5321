"""Items as they are answered with."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.api.fields import LedgerSerializer, MoneyField
from inventory.models import Completeness, Condition, Item, ItemAttachment, ItemChange, ItemChangeKind, ItemStatus, ItemType

_added: dict[str, serializers.Field[Any, Any, Any, Any]] = {}


def show(name: str, field: serializers.Field[Any, Any, Any, Any]) -> None:
    """Let one item be shown with what an app above knows of it: a field that is read only."""
    _added[name] = field


class TierPricesField(serializers.ListField):
    """Up to three pairs of quantity and price, such as [[50, "0.110"]]."""

    child = serializers.ListField(child=serializers.JSONField(), min_length=2, max_length=2)


TIERS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "array", "items": {"oneOf": [{"type": "integer"}, {"type": "string"}]}},
    "nullable": True,
    "example": [[50, "0.110"], [200, "0.100"]],
}


class ItemSerializer(LedgerSerializer[Item]):
    linked = serializers.BooleanField(read_only=True, help_text="Whether its quantity follows a product's levels.")
    offered = serializers.IntegerField(read_only=True, help_text="What buyers may have: none of what is archived or sold.")
    item_type = serializers.ChoiceField(choices=ItemType.choices, read_only=True)
    condition = serializers.ChoiceField(choices=Condition.choices, read_only=True)
    completeness = serializers.ChoiceField(choices=Completeness.choices, read_only=True, help_text="Of a set; blank is not stated.")
    status = serializers.ChoiceField(choices=ItemStatus.choices, read_only=True)
    price = MoneyField(read_only=True, allow_null=True, help_text="Of a piece.")
    cost = MoneyField(read_only=True, allow_null=True, help_text="What a piece cost.")
    tiers = serializers.SerializerMethodField(help_text="Up to three pairs of quantity and price. Null: as each shop has it.")
    sku = serializers.CharField(source="product.sku", default="", read_only=True, help_text="Of the product whose stock it offers.")
    warehouses = serializers.SerializerMethodField(help_text="Ids of those whose stock it offers; orders take from them in this order.")
    created_by = serializers.CharField(source="created_by_label", read_only=True)

    class Meta:
        model = Item
        fields = [
            "id",
            "token",
            "name",
            "part_number",
            "item_type",
            "color_id",
            "condition",
            "completeness",
            "location",
            "quantity_available",
            "quantity_reserved",
            "quantity_sold",
            "offered",
            "status",
            "price",
            "notes",
            "bulk",
            "sale_percent",
            "tiers",
            "cost",
            "linked",
            "product",
            "sku",
            "warehouses",
            "unit_kind",
            "pack",
            "buffer",
            "minimum",
            "maximum",
            "share",
            "version",
            "archived_at",
            "created_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(TIERS)
    def get_tiers(self, item: Item) -> Any:
        return item.tiers

    def get_warehouses(self, item: Item) -> list[int]:
        return [source.warehouse_id for source in item.sources.all()]


class ItemDetailSerializer(ItemSerializer):
    """One item, with what the apps above know of it."""

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **deepcopy(_added)}


class ItemChangeSerializer(serializers.ModelSerializer[ItemChange]):
    kind = serializers.ChoiceField(choices=ItemChangeKind.choices, read_only=True)
    kind_in_words = serializers.CharField(source="get_kind_display", read_only=True)
    status_from = serializers.ChoiceField(choices=ItemStatus.choices, read_only=True, allow_blank=True)
    status_to = serializers.ChoiceField(choices=ItemStatus.choices, read_only=True, allow_blank=True)
    changes = serializers.DictField(read_only=True, help_text="Of each field that changed: its old and its new value.")
    undone_by = serializers.SerializerMethodField(help_text="The id of the change that took this one back.")
    actor = serializers.CharField(source="actor_label", read_only=True)

    class Meta:
        model = ItemChange
        fields = [
            "id",
            "item",
            "kind",
            "kind_in_words",
            "delta_available",
            "delta_reserved",
            "delta_sold",
            "status_from",
            "status_to",
            "changes",
            "reason",
            "cause",
            "source",
            "undoes",
            "undone_by",
            "actor",
            "correlation",
            "happened_at",
        ]
        read_only_fields = fields

    def get_undone_by(self, change: ItemChange) -> int | None:
        undo: ItemChange | None = getattr(change, "undone_by", None)
        return undo.pk if undo else None


class ItemAttachmentSerializer(serializers.ModelSerializer[ItemAttachment]):
    class Meta:
        model = ItemAttachment
        fields = ["id", "name", "content_type", "size", "checksum", "added_by", "created_at"]
        read_only_fields = fields
