from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import actor_for_request
from accounts.admin.auditwords import NOTHING, in_short, in_words, side_by_side, which
from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.models import AuditLog
from accounts.workplace import ScopedAdmin

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter, TextFilter

WORDS = """
WITH RECURSIVE found(word) AS (
    SELECT MIN({column}) FROM audit_logs WHERE account_id = %s
    UNION ALL
    SELECT (SELECT MIN({column}) FROM audit_logs WHERE account_id = %s AND {column} > found.word) FROM found WHERE word IS NOT NULL
)
SELECT word FROM found WHERE word IS NOT NULL
"""
"""The values of a column in an account's log, by one step in the index for each instead of a walk through all rows."""

_more_filters: list[Any] = []


def filtered_by(kind: Any) -> Any:
    """Let a filter stand among those of the audit log. For apps above this one, when their admin is loaded."""
    if kind not in _more_filters:
        _more_filters.append(kind)
    return kind


class WordFilter(DropdownFilter):
    """By a column that has few values and an index."""

    column: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        actor = actor_for_request(request)
        if actor is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(WORDS.format(column=self.column), [actor.account.pk, actor.account.pk])
            return [(word, self.said(word)) for (word,) in cursor.fetchall()]

    def said(self, word: str) -> str:
        return word

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class EntityFilter(WordFilter):
    title = parameter_name = column = "entity"


class ActionFilter(WordFilter):
    title = parameter_name = column = "action"

    def said(self, word: str) -> str:
        return in_words(word)

    def value(self) -> str | None:
        """In any case, and with blanks."""
        return (super().value() or "").strip().upper().replace(" ", "_") or None


class CorrelationFilter(TextFilter):
    """All that came from one fact."""

    title = parameter_name = "correlation"

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        try:
            return queryset.filter(correlation=uuid.UUID(text))
        except ValueError:
            return queryset.none()


class AuditLogAdmin(ScopedAdmin):
    """Who did what, when and why. To be read only: the database refuses everything else."""

    view_operation = "audit.view"
    list_display = ("moment", "who", "action_in_words", "entity", "which", "in_short", "cause")
    list_display_links = ("moment",)
    list_fullwidth = True
    list_filter = (EntityFilter, ActionFilter, ("actor", OwnedDropdownFilter), ("created_at", MomentFilter), CorrelationFilter)
    list_filter_submit = True
    search_fields = ("entity_id",)
    search_help_text = "The id of what was changed, or a correlation id"
    ordering = ("-id",)
    fields = ("moment", "who", "action_in_words", "entity", "which", "cause", "together", "difference")
    readonly_fields = fields

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(correlation=uuid.UUID(term)), False
        except ValueError:
            return queryset.filter(entity_id=term), False

    def history_of(self, row: AuditLog) -> tuple[str, str]:
        return row.entity, row.entity_id

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*super().get_list_filter(request), *_more_filters)

    @admin.display(description="when", ordering="id")
    def moment(self, row: AuditLog) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', f"{timezone.localtime(row.created_at):%Y-%m-%d %H:%M:%S}")

    @admin.display(description="who")
    def who(self, row: AuditLog) -> str:
        return row.actor_label

    @admin.display(description="which", ordering="entity_id")
    def which(self, row: AuditLog) -> SafeString | str:
        return which(row.entity, row.entity_id)

    @admin.display(description="from the same fact")
    def together(self, row: AuditLog) -> SafeString | str:
        """All that has the same correlation, which is named for whoever searches elsewhere."""
        if row.correlation is None:
            return NOTHING
        return format_html(
            '<a class="ls-link" href="{1}?correlation={0}">{0}</a>', row.correlation, reverse("admin:accounts_auditlog_changelist")
        )

    @admin.display(description="action", ordering="action")
    def action_in_words(self, row: AuditLog) -> str:
        return in_words(row.action)

    @admin.display(description="changed")
    def in_short(self, row: AuditLog) -> str:
        return in_short(row.before or {}, row.after or {})

    @admin.display(description="Changed")
    def difference(self, row: AuditLog) -> SafeString | str:
        return side_by_side(row.before or {}, row.after or {}) or NOTHING
