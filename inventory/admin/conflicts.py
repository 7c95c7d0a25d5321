from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.acting import Actor
from accounts.filters import MomentFilter
from accounts.workplace import may
from inventory import conflicts
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.sides import sides
from inventory.marks import Mark
from inventory.models import Conflict, ConflictKind, ConflictStatus, Load
from inventory.wording import NOTHING, unit_link

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

STATUS = {
    ConflictStatus.OPEN.value: Mark("Open", "warning", "front_hand"),
    ConflictStatus.RESOLVED.value: Mark("Resolved", "success", "check_circle"),
}

RULES = {
    ConflictKind.MODEL_MISMATCH.value: (
        "The list names another model for this serial than the one that was stored. The unit now has the list's model; everything else of "
        "it was kept.",
        "Look at the label on the unit. The letters of a serial repeat every twelve years, so it may be another unit with the same serial.",
    ),
    ConflictKind.IN_TWO_OPEN_LOADS.value: (
        "This unit is on the rosters of two or more loads that are not delivered. It is counted in the newest of them.",
        "Find out on the floor which load it stands in, and have the other one corrected in the dealer system.",
    ),
    ConflictKind.DUPLICATE_IN_FEED.value: (
        "One list names this serial twice, with different content. The last of the rows was taken.",
        "Check which row is right, and have the other one corrected in the dealer system.",
    ),
}
"""For each kind: what the sync did, and what a person can do."""


class ConflictStateFilter(StateFilter):
    states = (
        State("open", "Open", Q(status=ConflictStatus.OPEN)),
        State("resolved", "Resolved", Q(status=ConflictStatus.RESOLVED)),
        State("all", "All", Q()),
    )
    otherwise = "open"
    when_searched = "all"


class ConflictAdmin(ChipsAdmin):
    """Questions that the lists leave open. A manager resolves them; a sync does when it finds them no more."""

    view_operation = "conflict.view"
    entity = "conflict"
    state_filter = ConflictStateFilter
    empty_title = "No conflict here"
    empty_text = "The lists agree with each other and with what is stored."
    list_display = ("kind", "key", "unit_named", "status_mark", "opened_at", "decided")
    list_filter = (ConflictStateFilter, ("kind", ChoicesDropdownFilter), ("opened_at", MomentFilter))
    list_filter_submit = True
    search_fields = ("key", "unit__serial", "unit__model")
    search_help_text = "Serial or model; resolved conflicts are found too"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conflict]:
        return super().get_queryset(request).select_related("unit", "warehouse")

    @admin.display(description="unit")
    def unit_named(self, conflict: Conflict) -> SafeString | str:
        return unit_link(conflict.unit) if conflict.unit else NOTHING

    @admin.display(description="state", ordering="status")
    def status_mark(self, conflict: Conflict) -> Mark:
        return STATUS[conflict.status]

    @admin.display(description="decided")
    def decided(self, conflict: Conflict) -> str:
        if conflict.resolved_at is None:
            return NOTHING
        return f"{resolver(conflict)}: {conflict.resolution}" if conflict.resolution else resolver(conflict)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The conflict's page."""
        if not may(request, "conflict.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        conflict = self.find(request, object_id)
        did, advice = RULES[conflict.kind]
        numbers = conflict.details.get("loads")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Conflict: {conflict.key}",
            "original": conflict,
            "conflict": conflict,
            "mark": STATUS[conflict.status],
            "did": did,
            "advice": advice,
            "sides": sides(conflict.details),
            "loads": Load.objects.filter(warehouse=conflict.warehouse, number__in=numbers) if numbers else [],
            "resolver": resolver(conflict),
            "may_resolve": conflict.status == ConflictStatus.OPEN and may(request, "conflict.resolve"),
        }
        return TemplateResponse(request, "admin/inventory/conflict.html", context)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [path("<int:pk>/resolve/", guard(require_POST(self.resolve_view)), name="inventory_conflict_resolve"), *super().get_urls()]

    def resolve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        conflict = self.row_for(request, "conflict.resolve", pk)
        text = request.POST.get("resolution", "")

        def resolve(actor: Actor) -> str:
            conflicts.resolve(actor, conflict, text)
            return f"The conflict about {conflict.key} is resolved."

        page = "admin:inventory_conflict_changelist"
        if not self.tell(request, resolve):
            return HttpResponseRedirect(reverse("admin:inventory_conflict_change", args=[pk]))
        return HttpResponseRedirect(reverse(page))


def resolver(conflict: Conflict) -> str:
    """Who resolved it, in words."""
    return f"Sync, run {conflict.resolved_by_run}" if conflict.resolved_by_run else conflict.resolved_by or NOTHING
