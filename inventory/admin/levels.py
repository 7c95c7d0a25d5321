"""The list of levels, and what is done on the page of a product's stock."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.paginator import InfinitePaginator

from accounts.acting import Actor
from accounts.filters import OwnedAutocompleteFilter, OwnedDropdownFilter
from accounts.workplace import acting, may
from inventory import levels, reorder
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.levelcards import reorder_state
from inventory.admin.productstock import contents
from inventory.admin.stockfilters import CategoryFilter, of_products
from inventory.ledger.counters import Counters, Key
from inventory.ledgerwords import amount, counters, product_link, product_page
from inventory.levels import Shown
from inventory.marks import Mark
from inventory.models import Cause, Level, Product, UnitKind, Warehouse
from inventory.reconcile import reconcile
from inventory.wording import NOTHING, moment

THERE = Q(pallets__gt=0) | Q(packs__gt=0) | Q(units__gt=0)


class StockFilter(StateFilter):
    """What to look at. Stock that is out or low is asked from inventory.levels, which leaves out what has expired."""

    states = (
        State("all", "All", Q()),
        State("there", "In stock", THERE),
        State("low", "Order more", Q()),
        State("out", "Out of stock", Q()),
        State("zero", "Zero", Q(pallets=0, packs=0, units=0)),
        State("quarantined", "Quarantined", Q(quarantined_at__isnull=False)),
    )
    otherwise = "all"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Level]) -> QuerySet[Level]:
        match self.value():
            case "low":
                return levels.below_reorder_point(queryset)
            case "out":
                return levels.out_of_stock(queryset)
        return super().queryset(request, queryset)


class LevelAdmin(ChipsAdmin):
    """How much there is of what and where. Only movements and outside systems change it; people say when to order more."""

    view_operation = "level.view"
    state_filter = StockFilter
    count_states = False
    empty_title = "No stock here"
    empty_text = "Stock comes with the first purchase or count, or with the first sync of an outside system."
    list_display = ("product_named", "place", "on_hand", "reserved", "available", "order_state", "trouble", "changed")
    list_display_links = None
    list_fullwidth = True
    list_filter = (
        StockFilter,
        ("warehouse", OwnedDropdownFilter),
        CategoryFilter,
        ("product__vendor", OwnedAutocompleteFilter),
    )
    list_filter_submit = True
    search_fields = ("product__sku",)
    search_help_text = "SKU, barcode or model, or a part of the name"
    ordering = ("product_id", "warehouse_id")
    paginator = InfinitePaginator
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Level]:
        rows: QuerySet[Level] = super().get_queryset(request).select_related("product", "warehouse")
        return rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Level], search_term: str) -> tuple[QuerySet[Level], bool]:
        return of_products(acting(request).account, queryset, search_term), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        found = list(changes.result_list)
        for level, shown in zip(found, levels.present(found), strict=True):
            level.shown = shown
        changes.result_list = found
        return changes

    @admin.display(description="product")
    def product_named(self, level: Level) -> SafeString:
        return product_link(level.product, warehouse=level.warehouse_id)

    @admin.display(description="warehouse")
    def place(self, level: Level) -> str:
        return level.warehouse.name

    @admin.display(description="on hand")
    def on_hand(self, level: Any) -> SafeString | str:
        shown: Shown = level.shown
        expired = format_html(" {}", Mark(f"{counters(shown.expired)} expired", "danger", "event_busy")) if any(shown.expired) else ""
        return format_html('<span class="ls-number">{}</span>{}', _kinds(shown.on_hand, level.product), expired)

    @admin.display(description="reserved")
    def reserved(self, level: Any) -> str:
        return counters(level.shown.reserved, NOTHING)

    @admin.display(description="available")
    def available(self, level: Any) -> SafeString | str:
        return format_html('<strong class="ls-strong">{}</strong>', _kinds(level.shown.available, level.product))

    @admin.display(description="to order")
    def order_state(self, level: Any) -> SafeString | str:
        mark = reorder_state(level.product, level.shown)
        point = level.reorder_point
        if mark is None:
            return NOTHING
        if point is None:
            return mark.__html__()
        return format_html('{} <span class="ls-quiet">at {}</span>', mark, amount(point, level.product.unit_kind))

    @admin.display(description="quarantine")
    def trouble(self, level: Any) -> SafeString | str:
        if not level.shown.quarantine:
            return NOTHING
        return format_html("{} {}", Mark("Quarantined", "danger", "report"), level.shown.quarantine)

    @admin.display(description="changed")
    def changed(self, level: Level) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', moment(level.changed_at))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A level has no page of its own: its product's says all of it."""
        level = self.get_object(request, object_id)
        if level is None:
            raise Http404
        return HttpResponseRedirect(product_page(level.product, warehouse=level.warehouse_id))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("product/<int:pk>/", guard(self.product_view), name="inventory_product_stock"),
            path("product/<int:pk>/reorder/", guard(require_POST(self.reorder_view)), name="inventory_product_reorder"),
            path("product/<int:pk>/reconcile/", guard(require_POST(self.reconcile_view)), name="inventory_product_reconcile"),
            *super().get_urls(),
        ]

    def product_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = self._product(request, pk, "level.view")
        context = {**self.admin_site.each_context(request), "opts": self.opts, **contents(request, product)}
        return render(request, "admin/inventory/product_stock.html", context)

    def reorder_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = self._product(request, pk, "level.edit")
        number = request.POST.get("warehouse", "")
        places = Warehouse.objects.filter(account=acting(request).account, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
        place = get_object_or_404(places)

        def save(actor: Actor) -> str:
            given = {name: request.POST.get(name, "").strip() or None for name in ("point", "quantity")}
            stored = reorder.set_reorder(actor, product, place, **given)  # type: ignore[arg-type]
            if stored.reorder_point is None:
                return f"{product} has no reorder point in {place} any more."
            return f"More of {product} is to be ordered when {place} has {amount(stored.reorder_point, product.unit_kind)} or fewer."

        self.tell(request, save)
        return self._back(request, product)

    def reconcile_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = self._product(request, pk, "stock.reconcile")

        def prove(actor: Actor) -> str:
            places = Warehouse.objects.filter(account=actor.account, mode="ledger").values_list("pk", flat=True)
            done = reconcile(actor, [Key(product.pk, place) for place in places], Cause.MANUAL)
            if not done:
                return f"Every counter of {product} agrees with its batches. Nothing was changed."
            named = Warehouse.objects.in_bulk({each.key.warehouse_id for each in done})
            parts = [f"{named[each.key.warehouse_id]} from {counters(each.before)} to {counters(each.after)}" for each in done]
            return f"Set right: {'; '.join(parts)}. The movements below and the audit log say so."

        self.tell(request, prove)
        return self._back(request, product)

    def _product(self, request: HttpRequest, pk: int, operation: str) -> Product:
        """Raises PermissionDenied for who may not, Http404 for a product that is not in the account."""
        if not may(request, operation):
            raise PermissionDenied
        return get_object_or_404(Product.objects.select_related("account", "category", "vendor"), pk=pk, account=acting(request).account)

    def _back(self, request: HttpRequest, product: Product) -> HttpResponse:
        place = request.POST.get("shown", "")
        return HttpResponseRedirect(product_page(product, warehouse=place if place.isdecimal() else ""))


def _kinds(values: Counters, product: Product) -> SafeString:
    """A line for each unit kind that there is anything of, and for the product's own."""
    kinds = [kind for kind in UnitKind.values if values.of(kind) or kind == product.unit_kind]
    return format_html_join("", '<span class="block whitespace-nowrap">{}</span>', ((amount(values.of(kind), kind),) for kind in kinds))
