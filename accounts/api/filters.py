from __future__ import annotations

from django_filters import FilterSet, IsoDateTimeFilter

from accounts.models import AuditLog


class AuditFilter(FilterSet):  # type: ignore[misc]
    class Meta:
        model = AuditLog
        fields = ["entity", "entity_id", "action", "correlation"]


# `from` can't be written as an attribute.
AuditFilter.base_filters["from"] = IsoDateTimeFilter(field_name="created_at", lookup_expr="gte", label="Not older than this time.")
AuditFilter.base_filters["to"] = IsoDateTimeFilter(field_name="created_at", lookup_expr="lt", label="Older than this time.")
