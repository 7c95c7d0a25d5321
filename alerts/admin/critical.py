"""The list that staff live in: what is out of stock, below its reorder point or about to run out, and what to order of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from accounts.errors import Problem
from accounts.filters import OwnedAutocompleteFilter
from accounts.workplace import acting, may, refusal
from alerts import suggestions
from alerts.admin import criticalcells as cells
from alerts.admin.criticalcells import cell
from alerts.admin.criticalfile import HEADINGS, line
from alerts.admin.criticalfilters import AgeFilter, LevelFilter, ListFilter, WarehouseFilter
from alerts.critical import LISTS, Item, ages, counts, described
from alerts.forecast import Basis
from alerts.trend import Direction
from inventory import supply
from inventory.admin.chips import Chip, ChipsAdmin
from inventory.admin.stock import VerbForm
from inventory.admin.stockfilters import CategoryFilter, of_products
from inventory.csvexport import csv_lines
from inventory.ledgerwords import amount, number, page_of, product_link
from inventory.marks import Mark
from inventory.models import Product, Supply, SupplyLevel, SupplyState
from inventory.wording import NOTHING, day, moment

AT_ONCE = 1000


class SupplyAdmin(ChipsAdmin):
    """Critical items. Stock and forecasts change them; people say what is too much."""

    form = VerbForm
    view_operation = "supply.view"
    change_operation = "supply.edit"
    readonly_fields = ("whose", "judged", "there", "lasting")
    fields = ("whose", "judged", "there", "lasting", "maximum")
    state_filter = ListFilter
    list_before_template = "admin/alerts/critical_head.html"
    empty_title = "Nothing here"
    empty_text = "No product is on this list. It follows every sync and booking by itself."
    list_display = ("product_named", "standing", "available_now", "days", "demand", "suggestion", "bought_from", "as_of")
    list_display_links = None
    list_fullwidth = True
    list_filter = (ListFilter, ("product__vendor", OwnedAutocompleteFilter), WarehouseFilter, LevelFilter, CategoryFilter, AgeFilter)
    list_filter_submit = True
    search_fields = ("product__sku",)
    search_help_text = "SKU, barcode or model, or a part of the name; goes through all products"
    ordering = ("urgency", "product")
    sortable_by = ()
    paginator = InfinitePaginator
    show_full_result_count = False
    actions = ("put_on_drafts",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supply]:
        rows: QuerySet[Supply] = super().get_queryset(request).select_related("product__vendor")
        return rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Supply], search_term: str) -> tuple[QuerySet[Supply], bool]:
        return of_products(acting(request).account, queryset, search_term), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        account = acting(request).account
        found, known = list(changes.result_list), ages(account)
        for row, item in zip(found, described(account, found, known), strict=True):
            row.item = item
        changes.result_list = found
        oldest = min((at for at in known.known.values()), default=None)
        changes.oldest = cells.age(oldest, known.now) if oldest else None  # type: ignore[attr-defined]
        changes.export = f"{reverse('admin:alerts_critical_export')}{changes.get_query_string(remove=[PAGE_VAR])}"  # type: ignore[attr-defined]
        changes.settings = page_of("inventory_supplysettings_changelist") if may(request, "supply.view") else ""  # type: ignore[attr-defined]
        return changes

    def _chips(self, request: HttpRequest, changes: ChangeList) -> list[Chip]:
        numbers = counts(acting(request).account)
        plain = self._plain_chips(changes)
        return [Chip(chip.label, numbers[key], chip.link, chip.chosen) for key, chip in zip(LISTS, plain, strict=True)]

    @cell("product")
    def product_named(self, row: Any) -> SafeString:
        return product_link(row.product)

    @cell("state")
    def standing(self, row: Any) -> SafeString:
        mark = cells.STATES[row.state]
        if row.state == SupplyState.FINE and row.level != SupplyLevel.ADEQUATE:
            mark = cells.OVERSTOCKED if row.level == SupplyLevel.OVERSTOCKED else cells.LOW
        since = format_html('<span class="ls-quiet block whitespace-nowrap">since {}</span>', day(row.since))
        worse = Mark("Critical", "danger", "priority_high") if cells.is_critical_besides(row) else ""
        return format_html("{} {}{}", mark, worse, since)

    @cell("available")
    def available_now(self, row: Any) -> SafeString:
        kind = row.product.unit_kind
        below = [
            "no reorder point" if row.reorder_point is None else f"reorder point {number(row.reorder_point)}",
            *([f"{number(row.reserved)} reserved"] if row.reserved else []),
            *([f"{number(row.on_order)} on order"] if row.on_order else []),
        ]
        lines = format_html_join("", '<span class="ls-quiet block whitespace-nowrap">{}</span>', ((text,) for text in below))
        most = cells.maximum(row) if row.state == SupplyState.FINE else ""
        return format_html('<strong class="ls-strong whitespace-nowrap">{}</strong>{}{}', amount(row.available, kind), lines, most)

    @cell("lasts")
    def days(self, row: Any) -> SafeString | str:
        return format_html('<span class="whitespace-nowrap">{}</span>', cells.days_of(row))

    @cell("demand")
    def demand(self, row: Any) -> SafeString | str:
        forecast = row.item.forecast
        if forecast is None or forecast.daily is None:
            return format_html('<span class="ls-quiet">{}</span>', "Not known yet")
        trend = Direction(forecast.trend)
        percent = f" {forecast.trend_percent:+d} %".replace("-", "−") if forecast.trend_percent is not None else ""
        turning = Mark(f"{trend.label}{percent}", "", cells.TRENDS[trend]) if trend in cells.TRENDS else ""
        return format_html(
            '<span class="whitespace-nowrap">{} a day</span><span class="ls-quiet block">{}</span>{}',
            number(forecast.daily),
            Basis(forecast.basis).label,
            turning,
        )

    @cell("to order")
    def suggestion(self, row: Any) -> SafeString | str:
        kind, forecast = row.product.unit_kind, row.item.forecast
        if forecast is None or not forecast.quantity:
            if row.reorder_quantity is None or row.state not in (SupplyState.OUT, SupplyState.BELOW):
                return NOTHING
            return format_html('<span class="ls-quiet">The reorder quantity is {}</span>', amount(row.reorder_quantity, kind))
        when = cells.when(forecast.reorder_on, timezone.localdate()) if forecast.reorder_on else ""
        return format_html(
            '<strong class="ls-strong whitespace-nowrap">{}</strong> <span class="whitespace-nowrap">{}</span>{}{}',
            amount(forecast.quantity, kind),
            when,
            cells.draft(forecast),
            cells.argument(forecast),
        )

    @cell("vendor")
    def bought_from(self, row: Any) -> SafeString | str:
        vendor, forecast = row.product.vendor, row.item.forecast
        days = row.product.lead_time_days if row.product.lead_time_days is not None else vendor and vendor.lead_time_days
        days = forecast.lead_days if forecast is not None else days
        arriving = cells.days(days) if days is not None else ""
        lead = format_html('<span class="ls-quiet block whitespace-nowrap">{} to arrive</span>', arriving) if arriving else ""
        if vendor is None:
            edit = reverse("admin:inventory_product_change", args=[row.product_id])
            return format_html('<a class="ls-link" href="{}">No vendor</a>{}', edit, lead)
        return format_html('<a class="ls-link" href="{}">{}</a>{}', page_of("inventory_vendor_change", vendor.pk), vendor.name, lead)

    @cell("as of")
    def as_of(self, row: Any) -> SafeString | str:
        item: Item = row.item
        if item.as_of is None:
            return format_html('<span class="ls-quiet">{}</span>', "not known" if item.stocked else "in no warehouse")
        old = timezone.now() - item.as_of > cells.STALE
        age = cells.age(item.as_of, timezone.now())
        shown = Mark(age, "warning", "history").__html__() if old else age
        return format_html('<span class="whitespace-nowrap" title="{}">{}</span>', moment(item.as_of), shown)

    @admin.action(description="Put what is suggested on draft orders", permissions=["order"])
    def put_on_drafts(self, request: HttpRequest, chosen: QuerySet[Supply]) -> None:
        try:
            done = suggestions.draft_orders(acting(request), list(chosen.order_by().values_list("product", flat=True)))
        except (Problem, ValidationError, Product.DoesNotExist) as error:
            messages.error(request, refusal(error) if not isinstance(error, Product.DoesNotExist) else str(error))
            return
        drafted = sum(len(each.added) for each in done.drafts)
        links = [(page_of("inventory_purchaseorder_change", each.order.pk), each.order) for each in done.drafts]
        orders = format_html_join(", ", '<a class="ls-link" href="{}">{}</a>', links)
        messages.success(request, format_html("{} {} now on {}.", f"{drafted:,}", "product is" if drafted == 1 else "products are", orders))
        if done.left_out:
            more = len(done.left_out) - suggestions.SHOWN
            told = " ".join(done.left_out[: suggestions.SHOWN])
            messages.warning(request, f"{told} And {more:,} more." if more > 0 else told)

    def has_order_permission(self, request: HttpRequest) -> bool:
        return may(request, "purchase_order.add")

    def save_model(self, request: HttpRequest, obj: Supply, form: Any, change: bool) -> None:
        if "maximum" in form.changed_data:
            supply.set_maximum(acting(request), obj.product, form.cleaned_data["maximum"])

    def response_change(self, request: HttpRequest, obj: Supply) -> HttpResponse:
        messages.success(request, f"The maximum of {obj.product} is saved.")
        return HttpResponseRedirect(reverse("admin:inventory_supply_change", args=[obj.pk]))

    def history_of(self, row: Any) -> tuple[str, str]:
        return "Supply", str(row.pk)

    @admin.display(description="product")
    def whose(self, row: Supply) -> SafeString:
        return product_link(row.product)

    @admin.display(description="state")
    def judged(self, row: Supply) -> SafeString:
        return format_html("{} <span>{}, since {}</span>", cells.STATES[row.state], row.get_level_display(), day(row.since))

    @admin.display(description="available")
    def there(self, row: Supply) -> str:
        return amount(row.available, row.product.unit_kind)

    @admin.display(description="lasts")
    def lasting(self, row: Supply) -> str:
        return cells.days_of(row)

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export_view), name="alerts_critical_export")
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The list as it is filtered, whole, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = super().get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters as error:
            raise Http404 from error
        lines = csv_lines(HEADINGS, _lines(acting(request).account, rows))
        name = f"critical-items-{timezone.localdate():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            lines, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


def _lines(account: Any, rows: QuerySet[Supply]) -> Iterator[list[Any]]:
    known, following = ages(account), rows.iterator(chunk_size=AT_ONCE)
    while page := list(islice(following, AT_ONCE)):
        for item in described(account, page, known):
            yield line(item)
