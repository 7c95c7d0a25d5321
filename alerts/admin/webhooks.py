"""Which programs are told, by signed requests."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from accounts.acting import Actor
from accounts.workplace import acting, may
from alerts import hooks
from alerts.admin.recipients import EVENT_FIELDS, RecipientAdmin, in_pairs, told_of
from alerts.deliveries import without_query
from alerts.models import Delivery, Webhook
from inventory.admin.chips import State, StateFilter
from inventory.marks import Mark


class WebhookFilter(StateFilter):
    states = (State("all", "All", Q()), State("off", "Switched off", Q(active=False), shown_empty=False))
    otherwise = "all"


class WebhookAdmin(RecipientAdmin):
    view_operation = "alert_settings.view"
    add_operation = change_operation = delete_operation = "webhook.edit"
    state_filter = WebhookFilter
    list_display = ("name", "where", "hears", "state_mark")
    list_filter = (WebhookFilter,)
    search_fields = ("name",)
    search_help_text = "Name"
    ordering = ("name", "id")
    own_fields = ("name", "url", "active")
    readonly_fields = ("where",)
    change_form_outer_before_template = "admin/alerts/webhook_state.html"
    warn_unsaved_form = True
    empty_title = "No program is told"
    empty_text = "An owner adds the address of a program that is to get a signed request when something is wrong."
    buttons = {"test": ("webhook.edit", "press_test"), "secret": ("webhook.edit", "press_secret")}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        # An address may hold a secret: who may not change it sees it without its query.
        edits = self.has_change_permission(request, obj)
        own = ("name", "url" if edits or obj is None else "where", *(("active",) if obj else ()))
        told = (("What is told, and how soon", {"fields": in_pairs(EVENT_FIELDS)}),) if edits or obj is None else ()
        return ((None, {"fields": own}), *told)

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:
        fields = self.given(form)
        if change:
            hooks.edit_webhook(acting(request), obj, **fields)
            return
        made, secret = hooks.add_webhook(acting(request), **{"name": "", "url": "", **fields})
        obj.pk = made.pk
        self._show(request, secret)

    def response_add(self, request: HttpRequest, obj: Webhook, post_url_continue: str | None = None) -> HttpResponse:
        return super().response_add(request, obj, post_url_continue=reverse("admin:alerts_webhook_change", args=[obj.pk]))

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        hooks.remove_webhook(acting(request), obj)

    def press_test(self, _request: HttpRequest, actor: Actor, row: Webhook) -> str:
        return f"A test is on its way to {hooks.send_test(actor, row).to}."

    def press_secret(self, request: HttpRequest, actor: Actor, row: Webhook) -> str:
        self._show(request, hooks.renew_secret(actor, row))
        return "Requests are signed with the new secret from now on."

    def _show(self, request: HttpRequest, secret: str) -> None:
        messages.warning(request, format_html("The secret that signs is <code>{}</code>. It is shown this once: keep it now.", secret))

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        row = self.get_object(request, object_id)
        shown: dict[str, Any] = {}
        if row is not None:
            shown = {
                "webhook": row,
                "may_press": may(request, "webhook.edit"),
                "latest": Delivery.objects.filter(webhook=row).only("state", "created_at").first()
                if may(request, "delivery.view")
                else None,
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    @admin.display(description="address")
    def where(self, row: Webhook) -> str:
        return without_query(row.url)

    @admin.display(description="is told of")
    def hears(self, row: Webhook) -> str:
        return told_of(row.events)

    @admin.display(description="state", ordering="active")
    def state_mark(self, row: Webhook) -> Mark:
        return Mark("Is told", "success", "check_circle") if row.active else Mark("Switched off", "", "block")
