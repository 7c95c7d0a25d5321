from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from inventory.admin.stock import StockAdmin
from inventory.marks import Mark
from inventory.models import Warehouse


class WarehouseAdmin(StockAdmin):
    """Places where stock is. They are put out of use, never deleted: stock and its history stand in them."""

    view_operation = "warehouse.view"
    add_operation = "warehouse.edit"
    change_operation = "warehouse.edit"
    list_display = ("name", "code", "mode", "units_on_hand", "state")
    list_filter = ("mode", "active")
    search_fields = ("name", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Warehouse]:
        rows: QuerySet[Warehouse] = super().get_queryset(request).annotate(on_hand=Count("units", filter=Q(units__gone_at__isnull=True)))
        return rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "code", "mode", "active", "units_on_hand", "created_at") if obj else ("name", "code", "mode", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Who may change its stock was settled when the first unit came in.
        return ("mode", "units_on_hand", "created_at") if obj else ()

    @admin.display(description="units on hand")
    def units_on_hand(self, warehouse: Any) -> int:
        return int(warehouse.on_hand)

    @admin.display(description="state", ordering="active")
    def state(self, warehouse: Warehouse) -> Mark:
        return Mark("In use", "success", "check_circle") if warehouse.active else Mark("Out of use", "", "block")
