"""What only the operator of the installation sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import BaseModelAdmin
from django.http import HttpRequest

if TYPE_CHECKING:
    _Options = BaseModelAdmin[Any]
else:
    _Options = object


def is_operator(request: HttpRequest) -> bool:
    """Whether an active superuser makes `request`."""
    return request.user.is_active and bool(getattr(request.user, "is_superuser", False))


class OperatorOnly(_Options):
    """For admins of models that belong to no business account; comes before the admin class."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)
