from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import ngettext
from unfold.decorators import action, display

from accounts.errors import Problem
from accounts.workplace import ScopedAdmin, acting, may, refusal
from jobs import health, schedule
from jobs.cron import in_words
from jobs.models import Schedule


@admin.register(Schedule)
class ScheduleAdmin(ScopedAdmin):
    view_operation = "schedule.view"
    change_operation = "schedule.edit"
    add_operation = None
    delete_operation = None

    list_display = ("name", "cron", "said", "switched", "next_due_at", "last_fired_at", "last_result")
    list_filter = ("enabled",)
    search_fields = ("name", "key")
    fields = ("name", "cron", "said", "enabled", "next_due_at", "last_fired_at", "last_result")
    readonly_fields = ("name", "said", "next_due_at", "last_fired_at", "last_result")
    actions = ("run_now", "switch_on", "switch_off")
    actions_submit_line = ("save_and_run",)

    @admin.display(description="in words")
    def said(self, row: Schedule) -> str:
        return in_words(row.cron) or "–"

    @display(description="state", ordering="enabled", label={"on": "success", "off": "warning"})  # type: ignore[untyped-decorator]
    def switched(self, row: Schedule) -> str:
        return "on" if row.enabled else "off"

    def save_model(self, request: HttpRequest, obj: Schedule, form: ModelForm[Schedule], change: bool) -> None:
        """The verb saves and audits; what the button said to do besides is done after it."""
        changed = schedule.change(acting(request), obj, cron=obj.cron, enabled=obj.enabled)
        obj.next_due_at = changed.next_due_at
        for pressed in self.get_actions_submit_line(request, obj.pk):  # type: ignore[attr-defined]
            if pressed.action_name in request.POST:
                pressed.method(request, obj)

    @action(description="Save and run now", permissions=["change"])  # type: ignore[untyped-decorator]
    def save_and_run(self, request: HttpRequest, obj: Schedule) -> None:
        self._run(request, [obj])

    @admin.action(description="Run now", permissions=["change"])
    def run_now(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        self._run(request, list(rows))

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        self._switch(request, rows, enabled=True)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[Schedule]) -> None:
        self._switch(request, rows, enabled=False)

    def _run(self, request: HttpRequest, rows: list[Schedule]) -> None:
        for row in rows:
            try:
                schedule.run_now(acting(request), row)
            except Problem as problem:
                messages.error(request, refusal(problem))
            else:
                messages.success(request, f"“{row.name}” was sent to the worker. Its result appears here when it is done.")

    def _switch(self, request: HttpRequest, rows: QuerySet[Schedule], *, enabled: bool) -> None:
        number, others = rows.count(), list(rows.exclude(enabled=enabled))
        for row in others:
            schedule.change(acting(request), row, enabled=enabled)
        word = "on" if enabled else "off"
        switched = ngettext("%d schedule", "%d schedules", len(others)) % len(others)
        already = ngettext("%d was", "%d were", number - len(others)) % (number - len(others))
        messages.success(request, f"Switched {switched} {word}; {already} {word} already.")

    def get_urls(self) -> list[URLPattern]:
        return [path("health/", self.admin_site.admin_view(self.health_page), name="jobs_health"), *super().get_urls()]

    def health_page(self, request: HttpRequest) -> HttpResponse:
        """All health checks in words, for members."""
        if not may(request, "health.view"):
            raise PermissionDenied
        words = {health.State.OK: "OK", health.State.WARN: "Look at it", health.State.BAD: "Not working"}
        table = {
            "headers": ["What", "State", "In words", "As of (UTC)"],
            "rows": [
                [check.name, words[check.state], check.sentence, f"{check.as_of:%Y-%m-%d %H:%M:%S}"]
                for check in health.checks(acting(request).account)
            ],
        }
        context: dict[str, Any] = {**self.admin_site.each_context(request), "title": "Health", "table": table}
        return TemplateResponse(request, "admin/jobs/health.html", context)
