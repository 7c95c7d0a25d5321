from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.workplace import acting
from inventory import supplysettings
from inventory.admin.stock import StockAdmin, VerbForm
from inventory.admin.stocksettings import CURRENT
from inventory.models import SupplySettings


class SupplySettingsForm(VerbForm):
    class Meta:
        labels = {
            "critical_days": "About to run out within (days)",
            "low_days": "Low within (days)",
            "overstocked_days": "Too much for (days)",
            "overstocked_percent": "Too much from this share of the maximum, in percent",
            "never_stocked": "What was never in stock is out of stock",
        }
        help_texts = {
            "critical_days": "What lasts for no more days at what is sold is about to run out, and critical.",
            "low_days": "What lasts for no more days is low. It is on no list by that alone.",
            "overstocked_days": "What lasts for more days is too much.",
            "overstocked_percent": "Of products that have a maximum.",
            "never_stocked": "Off: a product that no warehouse ever had is on no list until its first receipt.",
        }


class SupplySettingsAdmin(StockAdmin):
    """One page, which is there before anybody has changed anything."""

    form = SupplySettingsForm
    view_operation = "supply.view"
    change_operation = "supply.edit"
    change_form_template = "admin/inventory/stock_settings.html"
    fieldsets = (
        (
            "Lists",
            {
                "description": "Out of stock is what has nothing available; below its reorder point is what has no more than that. "
                "A product is on one list only, the worse one.",
                "fields": ("critical_days", "never_stocked"),
            },
        ),
        ("Levels", {"fields": ("low_days", "overstocked_days", "overstocked_percent")}),
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if object_id == CURRENT:
            return supplysettings.settings_of(acting(request).account)
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The page itself: there is one row for each account."""
        stored = supplysettings.settings_of(acting(request).account).pk
        # Without an original the page is not headed twice by the same words.
        context = {"title": "When products are critical", "subtitle": None, "original": None, "stored": stored}
        context["show_save_and_continue"] = False
        return self.changeform_view(request, CURRENT, extra_context={**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: SupplySettings, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        obj.pk = supplysettings.edit_settings(acting(request), **given).pk

    def response_change(self, request: HttpRequest, obj: SupplySettings) -> HttpResponse:
        messages.success(request, "The settings are saved. All products are judged anew within a minute.")
        return HttpResponseRedirect(reverse("admin:inventory_supplysettings_changelist"))

    def history_of(self, row: Any) -> tuple[str, str]:
        return "SupplySettings", str(row.pk)
