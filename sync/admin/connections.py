"""Connections in the admin: how they do, what they are set to, and the buttons to test, pause and resume them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.acting import Actor
from accounts.errors import Problem
from accounts.workplace import ScopedAdmin, ScopedInline, acting, may, refusal
from inventory.marks import Mark
from jobs.cron import in_words
from jobs.models import Schedule
from sync import connections
from sync.admin.connectionform import ConnectionForm, conditions, form_of, section_conditions, sections_of
from sync.admin.connectionwords import STATES, secrets_in_words, settings_in_words
from sync.condition import condition_of
from sync.models import CallBudget, Connection
from sync.systems import SYSTEMS, System
from sync.wire.breaker_row import ConnectionBreaker
from sync.wire.budget import forecast


class BudgetInline(ScopedInline):
    """How many calls may be made; what is left of them stands further down on the page."""

    model = CallBudget
    view_operation = "connection.view"
    add_operation = change_operation = delete_operation = "connection.edit"
    fields = ("name", "limit", "window_seconds", "reserved")
    secret_fields = ("spent", "version", "blocked_until")
    verbose_name = "call budget"
    verbose_name_plural = "call budgets"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallBudget]:
        # Fields that were not loaded are not saved either: calls that are spent meanwhile stay spent.
        return super().get_queryset(request).defer(*self.secret_fields)


@admin.register(Connection)
class ConnectionAdmin(ScopedAdmin):
    view_operation = "connection.view"
    add_operation = "connection.edit"
    change_operation = "connection.edit"
    delete_operation = "connection.edit"

    list_display = ("name", "kind", "state", "succeeded", "tested", "warehouse")
    list_filter = ("enabled",)
    search_fields = ("name", "base_url")
    inlines = (BudgetInline,)
    change_form_template = "admin/sync/connection.html"
    change_form_outer_before_template = "admin/sync/connection_state.html"
    change_form_outer_after_template = "admin/sync/connection_calls.html"
    warn_unsaved_form = True
    empty_title = "No connections"
    empty_text = "No outside system is connected yet. An owner adds the first connection."

    @admin.display(description="system", ordering="system")
    def kind(self, connection: Connection) -> str:
        known = SYSTEMS.get(connection.system)
        return known.label if known else connection.system

    @admin.display(description="state")
    def state(self, connection: Connection) -> Mark:
        return STATES[condition_of(connection).state]

    @admin.display(description="last success", ordering="last_success_at", empty_value="never")
    def succeeded(self, connection: Connection) -> datetime | None:
        return connection.last_success_at

    @admin.display(description="last test", ordering="tested_at", empty_value="not since the last change")
    def tested(self, connection: Connection) -> datetime | None:
        return connection.tested_at

    @cached_property
    def conditional_fields(self) -> dict[str, str]:
        """Read by the theme: which fields are shown when."""
        return conditions()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None: connections are removed one at a time, because each refuses for its own reason."""
        return {}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).select_related("breaker", "warehouse")

    # The form

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self._edits(request, obj):
            kwargs["form"] = form_of(self._system(request, obj), obj)
        form = super().get_form(request, obj, change, **kwargs)
        if "name" in form.base_fields:
            form.base_fields["name"].error_messages["required"] = "The connection needs a name."
        if "base_url" in form.base_fields:
            form.base_fields["base_url"].help_text = self._system(request, obj).url_help
            form.base_fields["base_url"].initial = self._system(request, obj).default_url
        if "warehouse" in form.base_fields:
            form.base_fields["warehouse"].required = obj is not None and obj.warehouse_id is not None
            form.base_fields["warehouse"].help_text = (
                "What follows this connection." if obj else "What is to follow this connection. Left empty, one of its name is made."
            )
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if not self._edits(request, obj):
            return [(None, {"fields": ["name", "base_url", *self._follower(SYSTEMS.get(obj.system) if obj else None)]})]
        kind = self._system(request, obj)
        (_, general), *others = sections_of(kind, obj)
        own = ["name", *general[:1], "base_url", *general[1:], *self._follower(kind), *(["enabled"] if obj else [])]
        folded = {"classes": ["collapse"]}
        return [
            (None, {"fields": own}),
            *((title, {"fields": fields, **({} if title == others[0][0] else folded)}) for title, fields in others),
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        # Who may not change the budgets sees them, with what is left, further down.
        return self.inlines if obj and self.has_change_permission(request, obj) else ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = context["original"]
        if self._edits(request, row):
            context["conditional_sections"] = section_conditions(self._system(request, row))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Connection, form: ConnectionForm, change: bool) -> None:
        """The verbs save and audit."""
        wanted = form.configuration
        assert wanted is not None, "only a valid form is saved"
        actor = acting(request)
        if change:
            connections.edit(
                actor,
                obj,
                name=wanted.name,
                base_url=wanted.base_url,
                settings=form.settings,
                warehouse=wanted.warehouse,
                enabled=form.cleaned_data["enabled"],
            )
            connections.set_secrets(actor, obj, wanted.secrets)
            return
        made = connections.add(
            actor,
            system=form.kind.key,
            name=wanted.name,
            base_url=wanted.base_url,
            settings=form.settings,
            secrets={name: value for name, value in wanted.secrets.items() if value is not None},
            warehouse=wanted.warehouse,
        )
        obj.pk = made.pk

    def response_add(self, request: HttpRequest, obj: Connection, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, f"“{obj}” was added. Test it now: nothing has been called yet.")
        return HttpResponseRedirect(self._page(obj.pk))

    # Pages

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        if "system" not in request.GET and len(SYSTEMS) > 1 and self.has_add_permission(request):
            context = {**self.admin_site.each_context(request), "title": "Add connection", "opts": self.opts, "systems": SYSTEMS.values()}
            return TemplateResponse(request, "admin/sync/choose_system.html", context)
        return super().add_view(request, form_url, {**(extra_context or {}), "show_save_and_add_another": False})

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        shown = {} if row is None else self._shown(request, row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown, "show_save_and_add_another": False})

    @method_decorator(sensitive_post_parameters())
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _shown(self, request: HttpRequest, row: Connection) -> dict[str, Any]:
        known = SYSTEMS.get(row.system)
        found = condition_of(row)
        specs = known.schedules(row) if known else ()
        schedules = Schedule.objects.filter(account=row.account_id, key__in=[spec.key for spec in specs])
        return {
            "connection": row,
            "system": known,
            "mark": STATES[found.state],
            "sentence": found.sentence,
            "settings": settings_in_words(row, known) if known and not self.has_change_permission(request, row) else {},
            "secrets": () if known is None else secrets_in_words(row, known),
            "schedules": [(schedule, in_words(schedule.cron) or schedule.cron) for schedule in schedules],
            "breaker": ConnectionBreaker(row.pk).words(),
            "budgets": forecast(row.pk),
            "now": timezone.now(),
            "may_test": known is not None and may(request, "connection.test"),
            "may_pause": may(request, "connection.pause"),
            "may_edit_schedules": may(request, "schedule.edit"),
        }

    # Buttons

    def get_urls(self) -> list[URLPattern]:
        buttons = {"test": self.test_view, "pause": self.pause_view, "resume": self.resume_view}
        own = [
            path(f"<int:connection_id>/{name}/", self.admin_site.admin_view(require_POST(view)), name=f"sync_connection_{name}")
            for name, view in buttons.items()
        ]
        return [*own, *super().get_urls()]

    def test_view(self, request: HttpRequest, connection_id: int) -> HttpResponse:
        return self._press(request, connection_id, "connection.test", self._test)

    def pause_view(self, request: HttpRequest, connection_id: int) -> HttpResponse:
        return self._press(request, connection_id, "connection.pause", _pause)

    def resume_view(self, request: HttpRequest, connection_id: int) -> HttpResponse:
        return self._press(request, connection_id, "connection.pause", _resume)

    def _test(self, actor: Actor, row: Connection) -> str:
        """Raises Problem with what was found unless all is well."""
        found = connections.test(actor, row)
        if not found.ok:
            raise Problem(f"Test of “{row}”: {found.finding}. {found.sentence}", hint=found.hint)
        return f"“{row}” works. {found.sentence}"

    def _press(self, request: HttpRequest, connection_id: int, operation: str, do: Callable[[Actor, Connection], str]) -> HttpResponse:
        if not may(request, operation):
            raise PermissionDenied
        row = self.find(request, str(connection_id))
        try:
            messages.success(request, do(acting(request), row))
        except Problem as problem:
            messages.error(request, refusal(problem))
        return HttpResponseRedirect(self._page(row.pk))

    # Removal

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        if row is not None and self.has_delete_permission(request, row):
            try:
                connections.removable(row)
            except Problem as problem:
                messages.error(request, refusal(problem))
                return HttpResponseRedirect(self._page(row.pk))
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with it has no pages or permissions of its own, and may be thousands of rows."""
        return [f"{row}, with its schedules, call budgets and uploaded files" for row in objs], {"connections": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        connections.remove(acting(request), obj)

    def _page(self, pk: int) -> str:
        return reverse("admin:sync_connection_change", args=[pk])

    def _edits(self, request: HttpRequest, obj: Any) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return obj.system in SYSTEMS and self.has_change_permission(request, obj)

    def _follower(self, kind: System | None) -> list[str]:
        return [] if kind is not None and kind.warehouse_mode is None else ["warehouse"]

    def _system(self, request: HttpRequest, obj: Any) -> System:
        key = obj.system if obj is not None else request.GET.get("system") or next(iter(SYSTEMS))
        if key not in SYSTEMS:
            raise Http404
        return SYSTEMS[key]


def _pause(actor: Actor, row: Connection) -> str:
    connections.pause(actor, row)
    return f"“{row}” is paused: nothing is read or sent until somebody resumes it."


def _resume(actor: Actor, row: Connection) -> str:
    connections.resume(actor, row)
    return f"“{row}” is used again."
