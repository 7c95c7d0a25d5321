"""How the account is told: windows, quiet hours, reminders, and what counts as trouble."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.workplace import acting
from alerts import alertsettings
from alerts.models import AlertSettings
from alerts.recipients import settings_of
from inventory.admin.stock import StockAdmin, VerbForm

CURRENT = "current"
"""Stands for the id of the one row there is, or is not yet."""


class Clock(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """An hour of the day in the account's zone; the admin's own field warns of the server's."""

    input_type = "time"

    def format_value(self, value: Any) -> Any:
        return value.strftime("%H:%M") if isinstance(value, time) else super().format_value(value)


class AlertSettingsForm(VerbForm):
    daily_at = forms.TimeField(label="Daily mail at", widget=Clock, help_text="What people hear of once a day.")
    quiet_from = forms.TimeField(label="Quiet from", widget=Clock, required=False, help_text="Nothing is sent from then …")
    quiet_until = forms.TimeField(
        label="Quiet until",
        widget=Clock,
        required=False,
        help_text="… until then, and all of it goes out at the end. Leave both empty for none.",
    )

    class Meta:
        labels = {
            "digest_minutes": "Gather for (minutes)",
            "settle_minutes": "Settle for (minutes)",
            "remind_hours": "Remind after (hours)",
            "remind_times": "Remind at most (times)",
            "brake_products": "Products within an hour",
            "brake_percent": "Share of all, in percent",
            "stale_hours": "Data is old after (hours)",
            "budget_percent": "A call budget is nearly spent below (percent)",
            "stuck_minutes": "A sync is stuck after (minutes)",
        }
        help_texts = {
            "digest_minutes": "What comes within them goes out as one mail to each person. 0: with the next minute.",
            "settle_minutes": "What is over and comes back within them was never over. It is not told before either.",
            "remind_times": "Then it is left at that; it stays in the inbox.",
            "remind_hours": "What is still open and nobody has acknowledged is told again. 0: never.",
            "brake_products": "So many that become critical are never too many, whatever their share.",
            "brake_percent": "Above both, nobody is told before somebody has looked.",
            "stale_hours": "Since a feed was last read well. 0: never told.",
            "budget_percent": "Of budgets of an hour or longer. 0: never told.",
            "stuck_minutes": "Since a worker last gave a sign of life.",
        }


class AlertSettingsAdmin(StockAdmin):
    """One page, which is there before anybody has changed anything."""

    form = AlertSettingsForm
    view_operation = "alert_settings.view"
    change_operation = "alert_settings.edit"
    change_form_template = "admin/alerts/settings.html"
    fieldsets = (
        ("When mail goes out", {"fields": (("digest_minutes", "daily_at"), ("quiet_from", "quiet_until"))}),
        ("Again, and over", {"fields": (("remind_hours", "remind_times"), "settle_minutes")}),
        (
            "When many products become critical at once",
            {
                "description": "A wrong download makes half of the stock critical. Then one review is asked for, and nothing else is told.",
                "fields": (("brake_products", "brake_percent"),),
            },
        ),
        ("What is trouble", {"fields": (("stale_hours", "stuck_minutes"), "budget_percent")}),
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if object_id == CURRENT:
            return settings_of(acting(request).account)
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The page itself: there is one row for each account."""
        stored = settings_of(acting(request).account).pk
        context = {"title": "Alert settings", "subtitle": None, "original": None, "stored": stored, "show_save_and_continue": False}
        return self.changeform_view(
            request, CURRENT, extra_context={**context, "zone": acting(request).account.time_zone, **(extra_context or {})}
        )

    def save_model(self, request: HttpRequest, obj: AlertSettings, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        obj.pk = alertsettings.edit_settings(acting(request), **given).pk

    def response_change(self, request: HttpRequest, obj: AlertSettings) -> HttpResponse:
        messages.success(request, "The alert settings are saved.")
        return HttpResponseRedirect(reverse("admin:alerts_alertsettings_changelist"))

    def history_of(self, row: Any) -> tuple[str, str]:
        return "AlertSettings", str(row.pk)
