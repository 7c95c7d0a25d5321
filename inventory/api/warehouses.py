from __future__ import annotations

from typing import Any

from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from config.pagination import NewestFirst
from inventory import warehouses
from inventory.models import Bucket, Warehouse, WarehouseMode
from jobs.api.keyed import KEY, answered_once


class BucketsField(serializers.ListField):
    """The column's text with commas as a list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=Bucket.choices), max_length=len(Bucket), **options)

    def to_representation(self, data: Any) -> Any:
        return warehouses.buckets_of(data)


class WarehouseSerializer(serializers.ModelSerializer[Warehouse]):
    level_buckets = BucketsField(
        required=False, help_text="Of a mirror that holds units: those in these buckets make up its levels. Empty: none do."
    )
    opened_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Of a ledger: what happened before is in its opening count. Left out: now."
    )

    class Meta:
        model = Warehouse
        fields = ["id", "name", "code", "mode", "level_buckets", "opened_at", "active", "created_at"]
        read_only_fields = ["id", "code", "created_at"]


class NewWarehouseSerializer(WarehouseSerializer):
    class Meta(WarehouseSerializer.Meta):
        fields = ["name", "code", "mode", "level_buckets", "opened_at", "active"]
        read_only_fields: list[str] = []
        extra_kwargs = {"mode": {"required": True}}


class WarehouseFilter(FilterSet):  # type: ignore[misc]
    mode = ChoiceFilter(choices=WarehouseMode.choices)
    code = CharFilter(lookup_expr="iexact", label="In any case.")

    class Meta:
        model = Warehouse
        fields = ["active"]


class ByName(NewestFirst):
    ordering = ("name", "id")


class WarehouseViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Warehouse]):
    """Where stock is: kept here (ledger), or followed from an outside system (mirror). A connection brings its own."""

    queryset = Warehouse.objects.all()
    serializer_class = WarehouseSerializer
    filterset_class = WarehouseFilter
    pagination_class = ByName
    operations = {
        "list": "warehouse.view",
        "retrieve": "warehouse.view",
        "create": "warehouse.edit",
        "partial_update": "warehouse.edit",
    }

    @extend_schema(request=NewWarehouseSerializer, responses={201: WarehouseSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Add a warehouse. A ledger is open from now on unless `opened_at` says otherwise."""
        given = NewWarehouseSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            return 201, dict(self.get_serializer(warehouses.add_warehouse(self.actor, **given.validated_data)).data)

        return answered_once(request, self.actor, "warehouse.edit", do)

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given. The mode changes only while nothing is in the warehouse, `opened_at` while nothing is booked: else 409."""
        warehouse = self.get_object()
        given = self.get_serializer(warehouse, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(warehouses.edit_warehouse(self.actor, warehouse, **given.validated_data)).data)
