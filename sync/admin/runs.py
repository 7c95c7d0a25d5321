"""Runs: the list of them, the page of one, and the buttons on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.workplace import ScopedAdmin, acting, may, refusal
from inventory.marks import Mark
from sync import runs
from sync.admin import syncpage
from sync.admin.links import page_of
from sync.admin.runpage import contents, live, took
from sync.admin.undopage import undo_contents
from sync.admin.words import STATUS, what
from sync.models import SyncRun
from sync.newest import newest
from sync.systems import SYSTEMS

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

Verb = Callable[[Actor, SyncRun], Any]


class ScopeFilter(DropdownFilter):
    title = "what"
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(scope.key, f"{system.label}: {scope.label}") for system in SYSTEMS.values() for scope in system.scopes.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
        return queryset.filter(scope=self.value()) if self.value() else queryset


class RunAdmin(ScopedAdmin):
    """Every sync there was, with a page each. A run is changed by the buttons of its page only."""

    view_operation = "run.view"
    list_display = ("number", "what", "state", "connection", "said", "who", "asked", "lasted")
    list_display_links = ("number", "what")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ScopeFilter,
        ("kind", ChoicesDropdownFilter),
        ("connection", OwnedDropdownFilter),
        ("created_at", MomentFilter),
    )
    list_filter_submit = True
    ordering = ("-id",)
    paginator = InfinitePaginator
    empty_title = "No run here"
    empty_text = "Nothing has been synced yet, or no run matches the filters."

    @admin.display(description="run", ordering="id")
    def number(self, run: SyncRun) -> str:
        return str(run.pk)

    @admin.display(description="what")
    def what(self, run: SyncRun) -> str:
        return what(run)

    @admin.display(description="state", ordering="status")
    def state(self, run: SyncRun) -> Mark:
        return STATUS[run.status]

    @admin.display(description="result")
    def said(self, run: SyncRun) -> str:
        return run.message or "–"

    @admin.display(description="asked for by")
    def who(self, run: SyncRun) -> str:
        return f"{run.requested_label or 'Nobody'} ({run.get_trigger_display().lower()})"

    @admin.display(description="asked for", ordering="created_at")
    def asked(self, run: SyncRun) -> str:
        return f"{timezone.localtime(run.created_at):%Y-%m-%d %H:%M}"

    @admin.display(description="took")
    def lasted(self, run: SyncRun) -> str:
        return took(run) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncRun]:
        rows: QuerySet[SyncRun] = super().get_queryset(request).select_related("connection")
        match = request.resolver_match
        # The list shows none of these, and some of them are long.
        return rows.defer("stats", "details", "errors", "warnings") if match and match.url_name == "sync_syncrun_changelist" else rows

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            *syncpage.urls(self.admin_site),
            path("newest/", guard(require_GET(self.newest_view)), name="sync_newest"),
            path("<int:number>/live/", guard(require_GET(self.live_view)), name="sync_run_live"),
            path("<int:number>/cancel/", guard(require_POST(self._verb("run.cancel", runs.cancel))), name="sync_run_cancel"),
            path("<int:number>/approve/", guard(require_POST(self.approve_view)), name="sync_run_approve"),
            path("<int:number>/discard/", guard(require_POST(self._verb("run.approve", runs.discard))), name="sync_run_discard"),
            path("<int:number>/undo/", guard(self.undo_view), name="sync_run_undo"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The run's page."""
        if not may(request, "run.view"):
            raise PermissionDenied
        if request.method != "GET":
            return HttpResponse(status=405, headers={"Allow": "GET"})
        run = self.find(request, object_id)
        title = f"Run {run.pk}: {what(run)}"
        return self._page(request, "admin/sync/run.html", title, run, contents(run, acting(request), request.GET))

    def undo_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """What an undo would do; by POST, do it."""
        run = self._run(request, "run.undo", number)
        try:
            if request.method == "POST":
                undo = runs.undo(acting(request), run, pause_schedules="pause" in request.POST)
                messages.success(request, f"Run {run.pk} is being undone.")
                return HttpResponseRedirect(page_of(undo))
            plan = runs.preview_undo(acting(request), run)
        except Problem as problem:
            messages.error(request, refusal(problem))
            return HttpResponseRedirect(page_of(run))
        return self._page(request, "admin/sync/undo.html", f"Undo run {run.pk}", run, undo_contents(run, plan, request.GET))

    def approve_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Approve the plan that the page showed, and no other."""
        run = self._run(request, "run.approve", number)
        if request.POST.get("digest") != run.plan_digest:
            messages.error(request, "The plan has changed since you looked at it. Look at it again, then approve it.")
            return HttpResponseRedirect(page_of(run))
        return self._verb("run.approve", runs.approve)(request, number)

    def live_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """The changing part of a run's page; 204 when the run is over, whose page has more to say then."""
        run = self._run(request, "run.view", number)
        if not run.is_active:
            return HttpResponse(status=204)
        return TemplateResponse(request, "admin/sync/run_live.html", live(run, request.GET))

    def newest_view(self, request: HttpRequest) -> JsonResponse:
        """A word that changes whenever a run ends; open pages ask for it (static/levelstock-live.js)."""
        if not may(request, "run.view"):
            raise PermissionDenied
        found = newest(acting(request).account)
        return JsonResponse(
            {"word": found.word, "run": found.run, "page": found.run and reverse("admin:sync_syncrun_change", args=[found.run])}
        )

    def _verb(self, operation: str, verb: Verb) -> Callable[[HttpRequest, int], HttpResponse]:
        def view(request: HttpRequest, number: int) -> HttpResponse:
            run = self._run(request, operation, number)
            try:
                verb(acting(request), run)
            except Problem as problem:
                messages.error(request, refusal(problem))
            else:
                messages.success(request, DONE[verb.__name__].format(run=run.pk))
            return HttpResponseRedirect(page_of(run))

        return view

    def _run(self, request: HttpRequest, operation: str, number: int) -> SyncRun:
        # Whether there is such a run is nobody's business in another account, so it is looked up first.
        run: SyncRun = self.find(request, str(number))
        if not may(request, operation):
            raise PermissionDenied
        return run

    def _page(self, request: HttpRequest, template: str, title: str, run: SyncRun, extra: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "original": run, **extra}
        return TemplateResponse(request, template, context)


DONE = {
    "cancel": "Run {run} was asked to stop. What it has not written yet stays as it was.",
    "approve": "Run {run} was approved. It reads its lists again and writes if the plan is still the same.",
    "discard": "Run {run} was discarded. Nothing was written.",
}
