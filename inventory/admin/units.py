from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.filters import MomentFilter, OwnedAutocompleteFilter
from accounts.workplace import acting
from inventory import units
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.values import values_filter
from inventory.admin.wording import BUCKET_COLOURS, NOTHING, load_link, named, order_number, place
from inventory.models import Product, Unit

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

SCANS_SHOWN = 50


class OnHandFilter(StateFilter):
    states = (
        State("on_hand", "On hand", Q(gone_at__isnull=True)),
        State("gone", "Gone", Q(gone_at__isnull=False)),
        State("all", "All", Q()),
    )
    otherwise = "on_hand"
    when_searched = "all"


class UnitAdmin(ChipsAdmin):
    """What the lists say is here. A person writes the notes only; everything else is a sync's."""

    view_operation = "unit.view"
    change_operation = "unit.edit"
    state_filter = OnHandFilter
    list_display = ("named", "model", "product", "place", "status", "load_named", "order", "first_seen_at", "presence")
    list_select_related = ("load", "product")
    list_fullwidth = True
    list_filter = (
        OnHandFilter,
        ("bucket", ChoicesDropdownFilter),
        ("load", OwnedAutocompleteFilter),
        values_filter(Unit, "status", title="availability"),
        values_filter(Product, "product_type", path="product__product_type", title="product type"),
        ("first_seen_at", MomentFilter),
    )
    list_filter_submit = True
    search_fields = ("serial", "model", "order_number")
    search_help_text = "Serial, model or order number; units that are gone are found too"
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("named", "model"), ("product", "product_type"))}),
        (
            "Where it is",
            {"fields": (("place", "presence"), ("status", "message"), ("load_named", "order"), ("warehouse", "first_seen_at"))},
        ),
        ("Ours", {"fields": ("local_notes",)}),
    )
    readonly_fields = (
        *("named", "model", "product", "product_type", "place", "presence", "status", "message", "load_named", "order"),
        *("warehouse", "first_seen_at"),
    )
    change_form_outer_after_template = "admin/inventory/unit_history.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        return super().get_queryset(request).select_related("load", "product", "warehouse")

    @admin.display(description="serial", ordering="serial")
    def named(self, unit: Unit) -> str:
        return named(unit)

    @display(description="bucket", ordering="bucket", label=BUCKET_COLOURS)  # type: ignore[untyped-decorator]
    def place(self, unit: Unit) -> tuple[str, str]:
        return unit.bucket, place(unit.bucket, unit.origin)

    @admin.display(description="load", ordering="load__number")
    def load_named(self, unit: Unit) -> SafeString | str:
        return load_link(unit.load)

    @admin.display(description="order number", ordering="order_number")
    def order(self, unit: Unit) -> SafeString | str:
        return order_number(unit.order_number)

    @admin.display(description="presence", ordering="gone_at")
    def presence(self, unit: Unit) -> str:
        if unit.gone_at is None:
            return "On hand"
        return f"Gone since {date_format(timezone.localtime(unit.gone_at), 'DATETIME_FORMAT')}"

    @admin.display(description="product type")
    def product_type(self, unit: Unit) -> str:
        return (unit.product.product_type if unit.product else "") or NOTHING

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        unit = self.get_object(request, object_id)  # type: ignore[arg-type]
        story = {} if unit is None else self._story(unit)
        return super().change_view(request, object_id, form_url, {**story, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        """The verb saves and audits."""
        units.note(acting(request), obj, obj.local_notes)

    def _story(self, unit: Unit) -> dict[str, Any]:
        return {
            "title": f"{named(unit)} {unit.model}",
            "subtitle": None,
            "unit": unit,
            "scans": unit.scans.select_related("session__load")[:SCANS_SHOWN],
            "conflicts": unit.conflicts.all(),
        }
