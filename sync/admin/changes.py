"""The change log: every difference that syncs and undos have written. It is read here, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from accounts.filters import MomentFilter
from accounts.workplace import ScopedAdmin
from inventory.models import Bucket
from sync.admin.links import entity_link, run_link
from sync.changetypes import CHANGE_TYPES, in_words
from sync.lists import Listed
from sync.models import SyncChange

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter, TextFilter


class TypeFilter(DropdownFilter):
    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        # What is only ever in a plan is not in the log.
        return [(name, words) for name, words in CHANGE_TYPES.items() if name not in (Listed.HELD, Listed.UNCONFIRMED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncChange]) -> QuerySet[SyncChange]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class BucketFilter(DropdownFilter):
    title = "bucket"
    parameter_name = "bucket"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(bucket.value, str(bucket.label)) for bucket in Bucket]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncChange]) -> QuerySet[SyncChange]:
        return queryset.filter(group=self.value()) if self.value() else queryset


class LoadFilter(TextFilter):
    """By a load's whole number: the load and its units. The whole number finds its rows by an index."""

    title = "load number"
    parameter_name = "load"

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncChange]) -> QuerySet[SyncChange]:
        number = (self.value() or "").strip()
        return queryset.filter(Q(scope=number) | Q(entity="load", label=number)) if number else queryset


class RunFilter(TextFilter):
    title = "run"
    parameter_name = "run"

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncChange]) -> QuerySet[SyncChange]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        return queryset.filter(run_id=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else queryset.none()


class ChangeAdmin(ScopedAdmin):
    view_operation = "change.view"
    list_display = ("moment", "type_in_words", "which", "bucket", "load", "before_value", "after_value", "by_run")
    list_display_links = ("moment",)
    list_filter = (TypeFilter, BucketFilter, LoadFilter, RunFilter, ("at", MomentFilter))
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ("label",)
    search_help_text = "The whole serial of a unit, or the whole number of a load"
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        "moment",
        "type_in_words",
        "which",
        "bucket",
        "load",
        "field",
        "before_value",
        "after_value",
        "was",
        "became",
        "by_run",
        "seq",
        "correlation",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncChange], search_term: str
    ) -> tuple[QuerySet[SyncChange], bool]:
        # Whole labels only: they are found by an index, however long the log has become.
        text = search_term.strip()
        return (queryset.filter(label__in={text, text.upper(), text.lower()}) if text else queryset), False

    @admin.display(description="when", ordering="at")
    def moment(self, change: SyncChange) -> str:
        return f"{timezone.localtime(change.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description="bucket", ordering="group")
    def bucket(self, change: SyncChange) -> str:
        return change.group or "–"

    @admin.display(description="load", ordering="scope")
    def load(self, change: SyncChange) -> str:
        return change.scope or "–"

    @admin.display(description="what", ordering="type")
    def type_in_words(self, change: SyncChange) -> str:
        return in_words(change.type)

    @admin.display(description="which", ordering="label")
    def which(self, change: SyncChange) -> SafeString | str:
        return entity_link(change.entity, change.entity_id, change.label)

    @admin.display(description="from")
    def before_value(self, change: SyncChange) -> str:
        return _value(change, change.old)

    @admin.display(description="to")
    def after_value(self, change: SyncChange) -> str:
        return _value(change, change.new)

    @admin.display(description="as it was")
    def was(self, change: SyncChange) -> str:
        return _fields(change.before)

    @admin.display(description="as it became")
    def became(self, change: SyncChange) -> str:
        return _fields(change.after)

    @admin.display(description="run", ordering="run")
    def by_run(self, change: SyncChange) -> SafeString | str:
        return run_link(change.run_id)


def _fields(state: dict[str, Any] | None) -> str:
    return ", ".join(f"{name} {'nothing' if value in (None, '') else value}" for name, value in (state or {}).items()) or "–"


def _value(change: SyncChange, value: str | None) -> str:
    if change.field:
        return value or "nothing"
    return value or "–"
