from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.workplace import acting
from inventory import stocksettings
from inventory.admin.stock import StockAdmin, VerbForm
from inventory.models import StockSettings

CURRENT = "current"
"""Stands for the id of the one row there is, or is not yet."""


class DaysField(forms.CharField):
    """Numbers of days with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = [part.strip() for part in str(value or "").replace(";", ",").split(",")]
        wanted = [part for part in parts if part]
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in wanted):
            raise ValidationError("Write whole numbers of days with commas between them, like 60, 30, 14, 7.")
        return [int(part) for part in wanted]

    def validate(self, value: Any) -> None:
        if not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The verb does."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class StockSettingsForm(VerbForm):
    alert_days = DaysField(
        label="Days before",
        widget=UnfoldAdminTextInputWidget,
        help_text="Numbers of days with commas between them. A batch that is about to expire is told once at each.",
    )

    class Meta:
        labels = {
            "open_pallets": "Open pallets and packs for a sale",
            "same_lot": "A lot number that a product had before",
            "expiry_ends": "Goods with a date on them are sold",
            "warn_days": "Warn of a purchase that expires within (days)",
            "stop_rows": "Least number of levels",
            "stop_percent": "Share, in percent",
            "stop_quantity": "Least stock",
            "offender_times": "Corrections",
            "offender_days": "Within days",
        }
        help_texts = {
            "open_pallets": "When a sale needs more packs or units than are loose, a pallet or a pack is opened, with a movement of its "
            "own. Off: the sale is refused.",
            "same_lot": "A purchase with that lot number is booked with a warning, or refused.",
            "expiry_ends": "Counted in the time zone of the business account. A change holds for purchases from now on.",
            "warn_days": "It is booked all the same. 0: never.",
            "stop_percent": "Of the levels, and of all stock in pallets, packs and units together.",
            "stop_rows": "So many levels that are off are never too many, whatever their share.",
            "stop_quantity": "So much stock that is off is never too much, whatever its share.",
            "offender_times": "A level that was corrected so often is told, with the causes.",
            "offender_days": "Older corrections do not count.",
        }


class StockSettingsAdmin(StockAdmin):
    """One page, which is there before anybody has changed anything."""

    form = StockSettingsForm
    view_operation = "stock_settings.view"
    change_operation = "stock_settings.edit"
    readonly_fields = ("days",)
    change_form_template = "admin/inventory/stock_settings.html"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        may_edit = self.has_change_permission(request, obj)
        stop = (
            "A pass that would correct unusually much writes nothing and asks a person first: when more than the share of the levels and "
            "more than the least number of them are off, or more than the share of all stock and more than the least stock."
        )
        return (
            ("Sales", {"fields": ("open_pallets", "expiry_ends")}),
            ("Purchases", {"fields": ("same_lot", "warn_days")}),
            ("Alerts before goods expire", {"fields": ("alert_days" if may_edit else "days",)}),
            ("When reconcile stops and asks", {"description": stop, "fields": ("stop_percent", "stop_rows", "stop_quantity")}),
            ("Levels that are off again and again", {"fields": ("offender_times", "offender_days")}),
        )

    def days(self, settings: StockSettings) -> str:
        return ", ".join(map(str, settings.alert_days))

    days.short_description = "days before"  # type: ignore[attr-defined]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if object_id == CURRENT:
            return stocksettings.settings_of(acting(request).account)
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The page itself: there is one row for each account."""
        stored = stocksettings.settings_of(acting(request).account).pk
        # Without an original the page is not headed twice by the same words.
        context = {"title": "Stock settings", "subtitle": None, "original": None, "stored": stored, "show_save_and_continue": False}
        return self.changeform_view(request, CURRENT, extra_context={**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: StockSettings, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        obj.pk = stocksettings.edit_settings(acting(request), **given).pk

    def response_change(self, request: HttpRequest, obj: StockSettings) -> HttpResponse:
        messages.success(request, "The stock settings are saved.")
        return HttpResponseRedirect(reverse("admin:inventory_stocksettings_changelist"))

    def history_of(self, row: Any) -> tuple[str, str]:
        return "StockSettings", str(row.pk)
