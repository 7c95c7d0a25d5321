"""How the API's lists are cut into pages."""

from __future__ import annotations

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Pages of 100, or of `?limit=` up to 1000, newest row first. A page stays right while rows are added in front of it."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 100
    page_size_query_param = "limit"
    page_size_query_description = "How many rows a page holds, from 1 to 1000."
    max_page_size = 1000

    def get_page_size(self, request: Request) -> int:
        """Raises ValidationError for a limit that is no number from 1 to 1000, rather than answering with another one."""
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= self.max_page_size):
            raise ValidationError({"limit": [f"The limit must be a whole number from 1 to {self.max_page_size}."]})
        return int(text)
