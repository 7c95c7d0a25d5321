"""Filters by the values that a text column has in the actor's account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.acting import actor_for_request
from accounts.filters import owned_by

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

MOST = 200
"""So many values are offered; whoever has more finds the rest by searching."""


class ValuesFilter(DropdownFilter):
    """A drop-down of the values of `column`; for a column of a referenced model, `path` leads to it and `source` names that model."""

    path: str
    source: Any
    column: str

    def lookups(self, request: HttpRequest, model_admin: BaseModelAdmin[Any]) -> list[tuple[str, str]]:
        rows = owned_by(actor_for_request(request), self.source._default_manager.exclude(**{self.column: ""}))
        values = rows.order_by(self.column).values_list(self.column, flat=True).distinct()[:MOST]
        return [(value, value) for value in values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


def values_filter(source: Any, column: str, *, path: str = "", title: str) -> type[ValuesFilter]:
    """A filter named `title` by `column` of the model `source`, which `path` leads to from the listed rows (itself when left out)."""
    path = path or column
    attributes = {"title": title, "parameter_name": path.replace("__", "_"), "path": path, "source": source, "column": column}
    return type("ValuesFilter", (ValuesFilter,), attributes)
