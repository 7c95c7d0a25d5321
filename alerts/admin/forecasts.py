"""The lists of forecasts, and the button that makes draft orders of suggestions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from accounts.errors import Problem
from accounts.filters import OwnedAutocompleteFilter
from accounts.workplace import acting, may, refusal
from alerts import forecasting, forecastsettings, suggestions
from alerts.admin.forecastcard import BASES, told
from alerts.forecast import Basis
from alerts.models import Forecast, ForecastSettings
from alerts.trend import Direction
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.stock import StockAdmin, VerbForm
from inventory.admin.stockfilters import of_products
from inventory.admin.stocksettings import CURRENT
from inventory.ledgerwords import amount, product_link, product_page
from inventory.marks import Mark
from inventory.wording import NOTHING, moment

SAID = 5
TRENDS = {Direction.RISING: "rising", Direction.FALLING: "falling", Direction.STABLE: "stable"}


class ForecastFilter(StateFilter):
    title = "list"
    parameter_name = "list"
    states = (
        # What is due is known by the account's day: see queryset.
        State("due", "To order", Q(quantity__gt=0)),
        State("soon", "Runs out within 30 days", Q(days_left__lte=30)),
        State("idle", "Nothing sells", Q(basis__in=(Basis.NO_SALES, Basis.STOPPED))),
        State("estimates", "Not based on sales", Q(basis__in=(Basis.REORDER_POINT, Basis.UNKNOWN))),
        State("all", "All", Q()),
    )
    otherwise = "due"
    when_searched = "all"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().queryset(request, queryset)
        if self.value() != "due":
            return rows
        account = acting(request).account
        ahead = timedelta(days=forecastsettings.settings_of(account).ahead_days)
        return rows.filter(reorder_on__lte=suggestions.today_of(account) + ahead)


class ForecastAdmin(ChipsAdmin):
    """What each product is expected to sell, and what to buy when. Sales and stock change it, nobody by hand."""

    view_operation = "forecast.view"
    state_filter = ForecastFilter
    count_states = False
    list_before_template = "admin/alerts/forecast_head.html"
    empty_title = "Nothing here"
    empty_text = "No product is on this list. Forecasts follow sales and syncs by themselves."
    list_display = ("product_named", "demand", "trend_named", "left", "order_on", "to_buy", "bought_from")
    list_display_links = None
    list_fullwidth = True
    list_filter = (ForecastFilter, ("product__vendor", OwnedAutocompleteFilter), "basis", "speed", "trend")
    list_filter_submit = True
    search_fields = ("product__sku",)
    search_help_text = "SKU, barcode or model, or a part of the name; goes through all products"
    ordering = ("reorder_on", "product")
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    actions = ("put_on_drafts",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Forecast]:
        return suggestions.with_drafts(super().get_queryset(request)).select_related("product__vendor", "warehouse")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Forecast], search_term: str) -> tuple[QuerySet[Forecast], bool]:
        return of_products(acting(request).account, queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("draft/", wrap(require_POST(self.draft_view)), name="alerts_forecast_draft"),
            path("run/", wrap(require_POST(self.run_view)), name="alerts_forecast_run"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        settings = forecastsettings.settings_of(acting(request).account)
        given = {"title": "Forecast", "forecast_settings": settings, "may_run": may(request, "forecast.start")}
        return super().changelist_view(request, {**given, **(extra_context or {})})

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """A forecast has no page of its own: its product's says all of it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return HttpResponseRedirect(f"{product_page(row.product_id)}#forecast")

    def draft_view(self, request: HttpRequest) -> HttpResponse:
        """Put the products that were sent on drafts, and go to the draft where there is one only."""
        if not may(request, "purchase_order.add"):
            raise PermissionDenied
        chosen = [int(text) for text in request.POST.getlist("product") if text.isascii() and text.isdigit() and len(text) < 19]
        return HttpResponseRedirect(drafted(request, chosen) or _back(request))

    def run_view(self, request: HttpRequest) -> HttpResponse:
        """Work out all forecasts now."""
        if not may(request, "forecast.start"):
            raise PermissionDenied
        self.tell(request, lambda actor: forecasting.start(actor).sentence)
        return HttpResponseRedirect(reverse("admin:alerts_forecast_changelist"))

    @admin.action(description="Put on draft orders", permissions=["draft"])
    def put_on_drafts(self, request: HttpRequest, chosen: QuerySet[Forecast]) -> HttpResponse | None:
        address = drafted(request, list(chosen.order_by().values_list("product", flat=True)[: suggestions.MOST + 1]))
        return HttpResponseRedirect(address) if address else None

    def has_draft_permission(self, request: HttpRequest) -> bool:
        return may(request, "purchase_order.add")

    @admin.display(description="product")
    def product_named(self, row: Forecast) -> SafeString:
        return product_link(row.product)

    @admin.display(description="expected")
    def demand(self, row: Forecast) -> SafeString:
        # In one box: on a telephone the cell lays its parts out beside each other.
        return format_html('<div><span class="whitespace-nowrap">{}</span><br>{}</div>', told(row), BASES[Basis(row.basis)])

    @admin.display(description="trend")
    def trend_named(self, row: Forecast) -> str:
        if row.trend_percent is None or row.trend == Direction.UNKNOWN:
            return NOTHING
        return f"{TRENDS[Direction(row.trend)]}, {row.trend_percent:+,} %".replace("-", "−")

    @admin.display(description="days left")
    def left(self, row: Forecast) -> Mark | str:
        if row.days_left is None:
            return NOTHING
        return Mark("Out of stock", "danger", "remove_shopping_cart") if row.days_left == 0 and row.available <= 0 else f"{row.days_left:,}"

    @admin.display(description="order")
    def order_on(self, row: Forecast) -> str:
        if row.reorder_on is None:
            return NOTHING
        return "today" if row.reorder_on <= suggestions.today_of(row.account) else row.reorder_on.isoformat()

    @admin.display(description="quantity")
    def to_buy(self, row: Any) -> SafeString | str:
        """With the draft that has it already."""
        if not row.quantity:
            return NOTHING
        wanted = format_html('<span class="whitespace-nowrap">{}</span>', amount(row.quantity, row.product.unit_kind))
        if not row.draft:
            return wanted
        address = reverse("admin:inventory_purchaseorder_change", args=[row.draft_id])
        return format_html('<div>{}<br>on <a class="ls-link" href="{}">{}</a></div>', wanted, address, row.draft)

    @admin.display(description="vendor")
    def bought_from(self, row: Forecast) -> SafeString | str:
        vendor = row.product.vendor
        if vendor is None:
            return NOTHING
        return format_html('<a class="ls-link" href="{}">{}</a>', reverse("admin:inventory_vendor_change", args=[vendor.pk]), vendor.name)


def drafted(request: HttpRequest, products: list[int]) -> str:
    """Put products on drafts and say what came of it; the address of the draft, where it is one."""
    if not products:
        messages.warning(request, "Nothing was ticked.")
        return ""
    try:
        found = suggestions.draft_orders(acting(request), products)
    except (Problem, ValidationError) as error:
        messages.error(request, refusal(error))
        return ""
    messages.success(request, found.sentence)
    if found.left_out:
        more = len(found.left_out) - SAID
        messages.warning(request, " ".join(found.left_out[:SAID]) + (f" And {more:,} more." if more > 0 else ""))
    return reverse("admin:inventory_purchaseorder_change", args=[found.drafts[0].order.pk]) if len(found.drafts) == 1 else ""


def _back(request: HttpRequest) -> str:
    given = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(given, {request.get_host()}, require_https=request.is_secure())
    return given if here else reverse("admin:alerts_forecast_changelist")


class ForecastSettingsAdmin(StockAdmin):
    """One page, which is there before anybody has changed anything."""

    form = VerbForm
    view_operation = "forecast.view"
    change_operation = "forecast.edit"
    readonly_fields = ("last_run",)
    change_form_template = "admin/inventory/stock_settings.html"
    fieldsets = (
        ("How much to order", {"fields": ("cover_days", "service_percent")}),
        ("When to order", {"fields": ("lead_days", "ahead_days")}),
        ("What it is worked out of", {"fields": ("history_days", "last_run")}),
    )

    @admin.display(description="followed until")
    def last_run(self, settings: ForecastSettings) -> str:
        return moment(settings.ran_at) if settings.ran_at else "not yet: it is worked out within a minute"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if object_id == CURRENT:
            return forecastsettings.settings_of(acting(request).account)
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The page itself: there is one row for each account."""
        stored = forecastsettings.settings_of(acting(request).account).pk
        context = {"title": "Forecast settings", "subtitle": None, "original": None, "stored": stored, "show_save_and_continue": False}
        return self.changeform_view(request, CURRENT, extra_context={**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: ForecastSettings, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        obj.pk = forecastsettings.edit_settings(acting(request), **given).pk

    def response_change(self, request: HttpRequest, obj: ForecastSettings) -> HttpResponse:
        messages.success(request, "The forecast settings are saved. All forecasts are worked out anew within a minute.")
        return HttpResponseRedirect(reverse("admin:alerts_forecastsettings_changelist"))

    def history_of(self, row: Any) -> tuple[str, str]:
        return "ForecastSettings", str(row.pk)
