"""How much there is of what and where."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import BooleanFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter
from config.pagination import NewestFirst
from inventory import levels
from inventory.api.fields import CountersSerializer, KindField, KnownFieldsOnly, QuantityNumber
from inventory.api.filters import PlacedFilter
from inventory.models import Level, Product, Warehouse
from inventory.reorder import set_reorder


class LevelSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="level.pk")
    product = serializers.IntegerField(source="level.product_id", help_text="Its id.")
    sku = serializers.CharField(source="level.product.sku")
    product_name = serializers.CharField(source="level.product.name")
    warehouse = serializers.IntegerField(source="level.warehouse_id", help_text="Its id.")
    warehouse_code = serializers.CharField(source="level.warehouse.code")
    ledger = serializers.BooleanField(source="level.ledger", help_text="Whether stock is kept here; else it follows an outside system.")
    on_hand = CountersSerializer(help_text="Without what has expired.")
    reserved = CountersSerializer(help_text="Promised to somebody.")
    available = CountersSerializer(help_text="On hand less reserved; can be negative.")
    expired = CountersSerializer(help_text="What has expired and is about to be booked; not part of `on_hand`.")
    unit_kind = KindField(source="level.product.unit_kind", help_text="What the reorder point counts.")
    reorder_point = QuantityNumber(source="level.reorder_point", allow_null=True, help_text="At or below it, order more. Null is unknown.")
    reorder_quantity = QuantityNumber(source="level.reorder_quantity", allow_null=True, help_text="How much to order then.")
    quarantined = serializers.CharField(
        source="quarantine", allow_blank=True, help_text="Why nothing is booked to it by hand; blank when it is sound."
    )
    changed_at = serializers.DateTimeField(source="level.changed_at", help_text="When a counter last changed.")


class ReorderSerializer(KnownFieldsOnly):
    """When to order more, in what the product is counted in. Null is unknown; what is left out stays as it is."""

    reorder_point = QuantityNumber(required=False, allow_null=True, help_text="At or below it, order more.")
    reorder_quantity = QuantityNumber(required=False, allow_null=True, help_text="How much to order then.")


class NewReorderSerializer(ReorderSerializer):
    product = OwnedRelatedField(queryset=Product.objects.all())
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())


class LevelFilter(PlacedFilter):
    category = IdFilter("product__category_id", "The id of a category; those that lie in it count too.", method="in_category")
    vendor = IdFilter(field_name="product__vendor_id", label="The id of the vendor whom the product is mostly bought from.")
    below_reorder = BooleanFilter(method="is_low", label="At or below the reorder point, but not out of stock; products in use only.")
    out_of_stock = BooleanFilter(method="is_out", label="Nothing available; products in use only.")
    quarantined = BooleanFilter(field_name="quarantined_at", lookup_expr="isnull", exclude=True, label="Batches contradict themselves.")
    not_zero = BooleanFilter(method="is_there", label="Any of the stored counters is not zero.")

    class Meta:
        model = Level
        fields: list[str] = []

    def is_low(self, rows: QuerySet[Level], _name: str, wanted: bool) -> QuerySet[Level]:
        return _chosen(rows, levels.below_reorder_point(rows), wanted)

    def is_out(self, rows: QuerySet[Level], _name: str, wanted: bool) -> QuerySet[Level]:
        return _chosen(rows, levels.out_of_stock(rows), wanted)

    def is_there(self, rows: QuerySet[Level], _name: str, wanted: bool) -> QuerySet[Level]:
        empty = {"pallets": 0, "packs": 0, "units": 0}
        return rows.exclude(**empty) if wanted else rows.filter(**empty)


class ByKey(NewestFirst):
    ordering = ("product_id", "warehouse_id")


class LevelViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Level]):
    """How much of a product a warehouse has. Only the reorder point and quantity can be written; stock changes by what is booked."""

    queryset = Level.objects.select_related("product", "warehouse")
    serializer_class = LevelSerializer
    filterset_class = LevelFilter
    pagination_class = ByKey
    operations = {"list": "level.view", "retrieve": "level.view", "create": "level.edit", "partial_update": "level.edit"}

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """By product, then by warehouse."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(LevelSerializer(levels.present(page), many=True).data)

    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One level as of now."""
        return self._shown(self.get_object())

    @extend_schema(request=NewReorderSerializer, responses=LevelSerializer)
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say when to order more of a product in a warehouse, also where none of it has been yet. Safe to repeat."""
        given = NewReorderSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        product, warehouse = wanted.pop("product"), wanted.pop("warehouse")
        known = self.get_queryset().filter(product=product, warehouse=warehouse).first()
        return self._reorder(known or Level(product=product, warehouse=warehouse), wanted)

    @extend_schema(request=ReorderSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say when to order more."""
        level = self.get_object()
        given = ReorderSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._reorder(level, given.validated_data)

    def _reorder(self, level: Level, wanted: dict[str, Any]) -> Response:
        point = wanted.get("reorder_point", level.reorder_point)
        quantity = wanted.get("reorder_quantity", level.reorder_quantity)
        try:
            stored = set_reorder(self.actor, level.product, level.warehouse, point=point, quantity=quantity)
        except ValidationError as error:
            # The fields have longer names here.
            raise ValidationError({f"reorder_{name}": messages for name, messages in error.message_dict.items()}) from error
        return self._shown(stored)

    def _shown(self, level: Level) -> Response:
        return Response(LevelSerializer(levels.present([level])[0]).data)


def _chosen(rows: QuerySet[Level], found: QuerySet[Level], wanted: bool) -> QuerySet[Level]:
    return found if wanted else rows.exclude(pk__in=found.values("pk"))
