from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django import forms
from django.db.models import BigAutoField
from django_filters import FilterSet, IsoDateTimeFilter, NumberFilter
from django_filters.fields import IsoDateTimeField

from accounts.models import AuditLog

Filters = TypeVar("Filters", bound=FilterSet)


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """A moment in UTC, whatever offset it came with: PostgreSQL refuses offsets that Python takes."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError("This time is beyond the calendar.") from error


class InstantFilter(IsoDateTimeFilter):  # type: ignore[misc]
    """By a moment in ISO 8601, in UTC where it has no zone. For every filter by time in the API."""

    field_class = InstantField


class IdFilter(NumberFilter):  # type: ignore[misc]
    """By the id of another row; what can't be one is refused."""

    field_class = forms.IntegerField

    def __init__(self, field_name: str, label: str, **options: Any) -> None:
        super().__init__(field_name=field_name, label=label, min_value=1, max_value=BigAutoField.MAX_BIGINT, **options)


def between(column: str, since: str, until: str) -> Callable[[type[Filters]], type[Filters]]:
    """Gives a filter class `from`, included, and `to`, not included, for the moments in `column`; both are said in words."""

    def give(filters: type[Filters]) -> type[Filters]:
        # `from` can't be written as an attribute.
        filters.base_filters["from"] = InstantFilter(field_name=column, lookup_expr="gte", label=since)
        filters.base_filters["to"] = InstantFilter(field_name=column, lookup_expr="lt", label=until)
        return filters

    return give


@between("created_at", "Not older than this time.", "Older than this time.")
class AuditFilter(FilterSet):  # type: ignore[misc]
    class Meta:
        model = AuditLog
        fields = ["entity", "entity_id", "action", "correlation"]
