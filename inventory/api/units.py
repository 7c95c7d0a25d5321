from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from inventory import units
from inventory.api.fields import QuantityNumber
from inventory.keys import model_key, serial_key
from inventory.models import Bucket, Unit


class UnitSerializer(serializers.ModelSerializer[Unit]):
    quantity = QuantityNumber(read_only=True, help_text="1 for a unit with a serial.")
    load = serializers.CharField(source="load.number", allow_null=True, default=None, read_only=True, help_text="The load's number.")
    product_type = serializers.CharField(source="product.product_type", default="", read_only=True, help_text="Blank when not known.")

    class Meta:
        model = Unit
        fields = [
            "id",
            "warehouse",
            "serial",
            "model",
            "quantity",
            "bucket",
            "origin",
            "status",
            "message",
            "load",
            "order_number",
            "product",
            "product_type",
            "local_notes",
            "first_seen_at",
            "gone_at",
        ]
        read_only_fields = [name for name in fields if name != "local_notes"]


class UnitFilter(FilterSet):  # type: ignore[misc]
    state = ChoiceFilter(
        choices=[("on_hand", "On hand"), ("gone", "Gone"), ("all", "All")],
        method="in_state",
        label="on_hand, gone or all; on hand when left out of a list.",
    )
    bucket = ChoiceFilter(choices=Bucket.choices)
    status = CharFilter(lookup_expr="iexact", label="Availability, for example Reserved.")
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id.")
    product = IdFilter(field_name="product_id", label="The product's id.")
    load = CharFilter(field_name="load__number", label="The load's number.")
    order_number = CharFilter()
    serial = CharFilter(method="of_serial", label="The serial, in any case.")
    model = CharFilter(method="of_model", label="The model, whatever its case and punctuation.")
    q = CharFilter(method="holding", label="Part of the serial, the model or the order number.")

    class Meta:
        model = Unit
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Unit], _name: str, state: str) -> QuerySet[Unit]:
        return rows if state == "all" else rows.filter(gone_at__isnull=state == "on_hand")

    def of_serial(self, rows: QuerySet[Unit], _name: str, text: str) -> QuerySet[Unit]:
        return rows.filter(serial_key=serial_key(text))

    def of_model(self, rows: QuerySet[Unit], _name: str, text: str) -> QuerySet[Unit]:
        return rows.filter(model_key=model_key(text))

    def holding(self, rows: QuerySet[Unit], _name: str, text: str) -> QuerySet[Unit]:
        found = Q(serial__icontains=text) | Q(model__icontains=text) | Q(order_number__icontains=text)
        return rows.filter(found)


class UnitViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Unit]):
    """Appliances by serial, and bulk lines of a model without serials. They come with syncs; people write notes on them."""

    queryset = Unit.objects.select_related("load", "product")
    serializer_class = UnitSerializer
    filterset_class = UnitFilter
    operations = {"list": "unit.view", "retrieve": "unit.view", "partial_update": "unit.edit"}

    def get_queryset(self) -> QuerySet[Unit]:
        rows = super().get_queryset()
        if self.action == "list" and not self.request.query_params.get("state"):
            return rows.filter(gone_at__isnull=True)
        return rows

    @extend_schema(request=UnitSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Write `local_notes`, in place of those there were."""
        unit = self.get_object()
        given = self.get_serializer(unit, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        if given.validated_data:
            units.note(self.actor, unit, given.validated_data["local_notes"])
        return Response(self.get_serializer(self.get_object()).data)
