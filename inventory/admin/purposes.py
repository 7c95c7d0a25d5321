"""What documents are for, as a filter of their lists: only sales among what went out, only purchases among what came in, unless asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q, QuerySet, TextChoices
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

ALL = "all"


class PurposeFilter(DropdownFilter):
    """Lists documents of one of `purposes`: the first of them, unless another one is chosen or something is searched for."""

    title = "purpose"
    parameter_name = "purpose"
    all_option = None
    purposes: ClassVar[type[TextChoices]]
    names: ClassVar[Mapping[Any, str]] = {}
    """Other names than the purposes' own."""

    @classmethod
    def chosen(cls, request: HttpRequest) -> Q:
        """Which documents are meant."""
        return cls._rows(request, request.GET.get(cls.parameter_name))

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.otherwise = self._otherwise(request)
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = [(str(purpose.value), self.names.get(purpose, str(purpose.label))) for purpose in self.purposes]
        return [*named, (ALL, "All")]

    def value(self) -> str:
        chosen = super().value()
        return str(chosen) if chosen in (*self.purposes.values, ALL) else self.otherwise

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self._rows(request, self.value()))

    @classmethod
    def _rows(cls, request: HttpRequest, value: str | None) -> Q:
        known = value if value in (*cls.purposes.values, ALL) else cls._otherwise(request)
        return Q() if known == ALL else Q(purpose=known)

    @classmethod
    def _otherwise(cls, request: HttpRequest) -> str:
        return ALL if request.GET.get(SEARCH_VAR, "").strip() else str(cls.purposes.values[0])
