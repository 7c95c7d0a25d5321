"""By what the list of critical items is narrowed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.acting import actor_for_request
from accounts.workplace import acting
from alerts.critical import LISTS, ages, in_warehouse
from inventory.admin.chips import State, StateFilter
from inventory.models import Supply, SupplyLevel, Warehouse

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

LABELS = {
    "critical": "Critical",
    "out": "Out of stock",
    "below": "Below reorder point",
    "soon": "About to run out",
    "overstocked": "Overstocked",
    "all": "All products",
}
OLDER = {"1": timedelta(hours=1), "6": timedelta(hours=6), "24": timedelta(hours=24)}


class ListFilter(StateFilter):
    title = "list"
    parameter_name = "list"
    states = tuple(State(key, LABELS[key], rows) for key, rows in LISTS.items())
    otherwise = "critical"
    when_searched = "all"


class LevelFilter(DropdownFilter):
    title = "level"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(SupplyLevel.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Supply]) -> QuerySet[Supply]:
        return queryset.filter(level=self.value()) if self.value() in SupplyLevel.values else queryset


class WarehouseFilter(DropdownFilter):
    title = "warehouse"
    parameter_name = "warehouse"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        actor = actor_for_request(request)
        rows = Warehouse.objects.filter(account=actor.account, active=True) if actor else Warehouse.objects.none()
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Supply]) -> QuerySet[Supply]:
        chosen = self.value() or ""
        if not chosen:
            return queryset
        known = Warehouse.objects.filter(account=acting(request).account, pk=int(chosen) if _is_number(chosen) else 0)
        return in_warehouse(queryset, list(known.values_list("pk", flat=True)))


class AgeFilter(DropdownFilter):
    title = "number older than"
    parameter_name = "older"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(hours, f"{hours} hour{'s' if hours != '1' else ''}") for hours in OLDER]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Supply]) -> QuerySet[Supply]:
        limit = OLDER.get(self.value() or "")
        return in_warehouse(queryset, ages(acting(request).account).older_than(limit)) if limit else queryset


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
