"""What could not be booked and what is not confirmed. Both lists empty themselves: the next list that says it clearly settles a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.filters import OwnedDropdownFilter
from accounts.workplace import ScopedAdmin
from inventory.admin.values import values_filter
from sync.admin.links import entity_link, run_link
from sync.models import HeldRow, Unconfirmed
from sync.systems import SYSTEMS

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter


class FeedFilter(DropdownFilter):
    title = "list"
    parameter_name = "feed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(feed, f"{each.label}: {label}") for each in SYSTEMS.values() for feed, label in each.feeds.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[HeldRow]) -> QuerySet[HeldRow]:
        return queryset.filter(feed=self.value()) if self.value() else queryset


class HeldRowAdmin(ScopedAdmin):
    """Rows of lists that are not booked, and why."""

    view_operation = "held.view"
    list_display = ("where", "row", "why", "said", "connection", "since", "seen_by")
    list_display_links = ("where",)
    list_filter = (("connection", OwnedDropdownFilter), FeedFilter)
    list_filter_submit = True
    list_select_related = ("connection",)
    search_fields = ("sentence",)
    ordering = ("-id",)
    fields = ("connection", "where", "row", "code", "why", "said", "since", "seen_by")

    @admin.display(description="list", ordering="feed")
    def where(self, held: HeldRow) -> str:
        kind = SYSTEMS.get(held.connection.system)
        label = kind.feeds.get(held.feed, held.feed) if kind else held.feed
        return f"{label} {held.part}".strip()

    @admin.display(description="why", ordering="code")
    def why(self, held: HeldRow) -> str:
        return held.sentence

    @admin.display(description="held since", ordering="first_held_at")
    def since(self, held: HeldRow) -> str:
        return f"{timezone.localtime(held.first_held_at):%Y-%m-%d %H:%M}"

    @admin.display(description="the row")
    def said(self, held: HeldRow) -> SafeString | str:
        return format_html_join(", ", "{}: {}", ((name, text or "(blank)") for name, text in held.raw.items())) or "–"

    @admin.display(description="last read by", ordering="run")
    def seen_by(self, held: HeldRow) -> SafeString | str:
        return run_link(held.run_id)


class UnconfirmedAdmin(ScopedAdmin):
    """Stored rows that no list that counts spoke of last time: kept as they are."""

    view_operation = "held.view"
    list_display = ("which", "kind", "reason", "connection", "by_run")
    list_display_links = None
    list_filter = (("connection", OwnedDropdownFilter), values_filter(Unconfirmed, "reason", title="reason"))
    list_filter_submit = True
    list_select_related = ("connection",)
    search_fields = ("label",)
    ordering = ("-id",)
    fields = ("which", "kind", "reason", "connection", "by_run")

    @admin.display(description="which", ordering="label")
    def which(self, row: Unconfirmed) -> SafeString | str:
        return entity_link(row.entity, row.entity_id, row.label)

    @admin.display(description="is a", ordering="entity")
    def kind(self, row: Unconfirmed) -> str:
        return row.entity

    @admin.display(description="run", ordering="run")
    def by_run(self, row: Unconfirmed) -> SafeString | str:
        return run_link(row.run_id)
