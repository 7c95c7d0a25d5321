from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, FilterSet
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from config.pagination import NewestFirst
from inventory import warehouses
from inventory.models import Warehouse, WarehouseMode


class WarehouseSerializer(serializers.ModelSerializer[Warehouse]):
    class Meta:
        model = Warehouse
        fields = ["id", "name", "code", "mode", "active", "created_at"]
        read_only_fields = ["id", "code", "mode", "created_at"]


class WarehouseFilter(FilterSet):  # type: ignore[misc]
    mode = ChoiceFilter(choices=WarehouseMode.choices)

    class Meta:
        model = Warehouse
        fields = ["active"]


class ByName(NewestFirst):
    ordering = ("name", "id")


class WarehouseViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Warehouse]):
    """Where stock is. A warehouse comes with the connection that fills it."""

    queryset = Warehouse.objects.all()
    serializer_class = WarehouseSerializer
    filterset_class = WarehouseFilter
    pagination_class = ByName
    operations = {"list": "warehouse.view", "retrieve": "warehouse.view", "partial_update": "warehouse.edit"}

    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change name, active or both."""
        warehouse = self.get_object()
        given = self.get_serializer(warehouse, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(self.get_serializer(warehouses.edit_warehouse(self.actor, warehouse, **given.validated_data)).data)
