from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.acting import actor_for_request
from accounts.filters import MomentFilter, OwnedAutocompleteFilter, owned_by
from accounts.workplace import acting
from inventory import units
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.values import values_filter
from inventory.marks import Mark
from inventory.models import Product, Scan, ScanSession, SessionStatus, Unit
from inventory.scope import expected_in
from inventory.wording import NOTHING, day, load_link, named, order_number, place, presence, session_name

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

SCANS_SHOWN = 50
SESSIONS_OFFERED = 200


class OnHandFilter(StateFilter):
    states = (
        State("on_hand", "On hand", Q(gone_at__isnull=True)),
        State("gone", "Gone", Q(gone_at__isnull=False)),
        State("all", "All", Q()),
    )
    otherwise = "on_hand"
    when_searched = "all"


class SessionFilter(DropdownFilter):
    """The units that an active scan session expects."""

    title = "scan session"
    parameter_name = "session"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = self._sessions(request).filter(status=SessionStatus.ACTIVE).order_by("kind", "bucket", "-load__number")
        return [(str(session.pk), session_name(session)) for session in rows[:SESSIONS_OFFERED]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Unit]) -> QuerySet[Unit]:
        chosen = self.value()
        if not chosen:
            return queryset
        session = self._sessions(request).filter(pk=chosen).first() if chosen.isdecimal() else None
        return queryset.none() if session is None else queryset.filter(pk__in=expected_in(session).values("pk"))

    def _sessions(self, request: HttpRequest) -> QuerySet[ScanSession]:
        return owned_by(actor_for_request(request), ScanSession.objects.select_related("load"))


class ScannedFilter(DropdownFilter):
    title = "scanned"
    parameter_name = "scanned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Scanned"), ("no", "Not scanned")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Unit]) -> QuerySet[Unit]:
        scanned = Exists(Scan.objects.filter(unit=OuterRef("pk")))
        return {"yes": queryset.filter(scanned), "no": queryset.filter(~scanned)}.get(self.value() or "", queryset)


class UnitAdmin(ChipsAdmin):
    """What the lists say is here. A person writes the notes only; everything else is a sync's."""

    view_operation = "unit.view"
    change_operation = "unit.edit"
    entity = "unit"
    state_filter = OnHandFilter
    empty_title = "No unit here"
    empty_text = "Units come with the first sync of the stock lists."
    list_display = ("named", "model", "product_named", "place", "status", "load_named", "order", "first_seen", "presence")
    list_select_related = ("load", "product")
    list_fullwidth = True
    list_filter = (
        OnHandFilter,
        ("bucket", ChoicesDropdownFilter),
        values_filter(Unit, "status", title="availability"),
        ("load", OwnedAutocompleteFilter),
        SessionFilter,
        ScannedFilter,
        values_filter(Product, "product_type", path="product__product_type", title="product type"),
        ("first_seen_at", MomentFilter),
    )
    list_filter_submit = True
    search_fields = ("serial", "model", "order_number")
    search_help_text = "Serial, model or order number; units that are gone are found too"
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": (("named", "model"), ("product_named", "product_type"))}),
        (
            "Where it is",
            {"fields": (("place", "presence"), ("status", "message"), ("load_named", "order"), ("warehouse_named", "first_seen"))},
        ),
        ("Ours", {"fields": ("local_notes",)}),
    )
    readonly_fields = (
        *("named", "model", "product_named", "product_type", "place", "presence", "status", "message", "load_named", "order"),
        *("warehouse_named", "first_seen"),
    )
    change_form_after_template = "admin/inventory/save.html"
    change_form_outer_after_template = "admin/inventory/unit.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        return super().get_queryset(request).select_related("load", "product", "warehouse")

    @admin.display(description="serial", ordering="serial")
    def named(self, unit: Unit) -> str:
        return named(unit)

    @admin.display(description="product", ordering="product__sku")
    def product_named(self, unit: Unit) -> str:
        return str(unit.product) if unit.product else NOTHING

    @admin.display(description="bucket", ordering="bucket")
    def place(self, unit: Unit) -> Mark:
        return place(unit)

    @admin.display(description="load", ordering="load__number")
    def load_named(self, unit: Unit) -> SafeString | str:
        return load_link(unit.load)

    @admin.display(description="order number", ordering="order_number")
    def order(self, unit: Unit) -> SafeString | str:
        return order_number(unit.order_number)

    @admin.display(description="warehouse")
    def warehouse_named(self, unit: Unit) -> str:
        return str(unit.warehouse)

    @admin.display(description="presence", ordering="gone_at")
    def presence(self, unit: Unit) -> Mark:
        return presence(unit)

    @admin.display(description="first seen", ordering="first_seen_at")
    def first_seen(self, unit: Unit) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', day(unit.first_seen_at))

    @admin.display(description="product type")
    def product_type(self, unit: Unit) -> str:
        return (unit.product.product_type if unit.product else "") or NOTHING

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        unit = self.get_object(request, object_id)
        more = {} if unit is None else self._more(request, unit)
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        """The verb saves and audits."""
        units.note(acting(request), obj, obj.local_notes)

    def _more(self, request: HttpRequest, unit: Unit) -> dict[str, Any]:
        return {
            "title": f"{named(unit)}, {unit.model}",
            "subtitle": None,
            "unit": unit,
            "scans": unit.scans.select_related("session__load")[:SCANS_SHOWN],
            "conflicts": unit.conflicts.all()[:SCANS_SHOWN],
            **self.story_of(request, unit),
        }
