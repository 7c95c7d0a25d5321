"""What documents are for, as a filter of their lists."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, TextChoices
from django_filters import ChoiceFilter
from rest_framework.request import Request

ALL = "all"
NAMED = ("purpose", "batch", "source_key")
"""Whoever asks by these means documents of every purpose."""


class PurposeFilter(ChoiceFilter):  # type: ignore[misc]
    """Documents of one purpose, or of all."""

    def __init__(self, purposes: type[TextChoices], label: str) -> None:
        super().__init__(choices=[*purposes.choices, (ALL, "All")], label=label)

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        found: QuerySet[Any] = rows if value == ALL else super().filter(rows, value)
        return found


def usual(rows: QuerySet[Any], request: Request, purpose: str) -> QuerySet[Any]:
    """The documents of `purpose` alone, unless the request names a purpose, a batch or a key."""
    return rows if any(request.query_params.get(name) for name in NAMED) else rows.filter(purpose=purpose)
