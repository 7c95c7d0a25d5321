from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from accounts.admin.operator import OperatorOnly
from accounts.models import Maintenance

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _Admin = ModelAdmin[Maintenance]
else:
    from unfold.admin import ModelAdmin as _Admin


class MaintenanceAdmin(OperatorOnly, _Admin):
    """Shows whether append-only tables stand open, and lets the operator close them. Opening is for the database shell (docs/audit.md)."""

    list_display = ("reason", "opened_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
