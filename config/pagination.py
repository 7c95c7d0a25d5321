"""How the API's lists are cut into pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import BigAutoField
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Pages of 100, or of `?limit=` up to 1000, newest row first. A page stays right while rows are added in front of it."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 100
    page_size_query_param = "limit"
    page_size_query_description = "How many rows a page holds, from 1 to 1000."
    max_page_size = 1000

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        first = self.ordering if isinstance(self.ordering, str) else self.ordering[0]
        self._place = queryset.model._meta.get_field(first.removeprefix("-"))
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises NotFound for a cursor that no page of this list has given out."""
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                place = self._place.to_python(cursor.position)
            except DjangoValidationError as error:
                raise NotFound(self.invalid_cursor_message) from error
            if "\x00" in str(cursor.position) or _never_stored(place):
                raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_page_size(self, request: Request) -> int:
        """Raises ValidationError for a limit that is no number from 1 to 1000, rather than answering with another one."""
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= self.max_page_size):
            raise ValidationError({"limit": [f"The limit must be a whole number from 1 to {self.max_page_size}."]})
        return int(text)


def _never_stored(place: Any) -> bool:
    """Whether no column holds this value: times are given out in UTC, and other offsets lead beyond the calendar or are no database's."""
    if isinstance(place, datetime):
        return place.utcoffset() != timedelta()
    return isinstance(place, int) and abs(place) > BigAutoField.MAX_BIGINT
