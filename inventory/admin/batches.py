"""Batches: the truth behind a level. They are looked at here; only movements change them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.workplace import acting, may
from inventory import history, moment
from inventory.admin import movementrows
from inventory.admin.batchrows import BatchRow, batch_rows
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.admin.expirypages import calendar_contents, list_contents
from inventory.admin.stockfilters import CategoryFilter, of_products
from inventory.issued import ByPurpose, issued
from inventory.ledgerwords import COLUMNS, amount, figures_of, money, number, product_link, product_page
from inventory.models import COUNTED, Allocation, Batch, BatchState, Movement
from inventory.wording import NOTHING

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter

ALLOCATIONS_SHOWN = 100
MOVEMENTS_SHOWN = 50


class BatchStateFilter(StateFilter):
    """As far as it is booked, but for what has expired since: that is expired here at once."""

    states = (
        State("active", "Active", COUNTED),
        State("expired", "Expired", Q()),
        State("depleted", "Used up", Q(state=BatchState.DEPLETED)),
        State("void", "Voided", Q(state=BatchState.VOID)),
        State("all", "All", Q()),
    )
    otherwise = "active"
    when_searched = "all"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Batch]) -> QuerySet[Batch]:
        chosen = self.value()
        if chosen == "active":
            return queryset.filter(COUNTED).exclude(expires_at__lte=moment.now())
        if chosen == "expired":
            return queryset.filter(Q(state=BatchState.EXPIRED) | (Q(COUNTED) & Q(expires_at__lte=moment.now())))
        return super().queryset(request, queryset)


class BatchAdmin(ChipsAdmin):
    view_operation = "batch.view"
    entity = "batch"
    state_filter = BatchStateFilter
    count_states = False
    empty_title = "No batch here"
    empty_text = "Batches come with purchases, counts, transfers and returns."
    list_display = ("named", "product_named", "place", "state_mark", "left", "came_in", "where_gone", "expiry", "cost", "origin_named")
    list_fullwidth = True
    list_filter = (
        BatchStateFilter,
        ("warehouse", OwnedDropdownFilter),
        CategoryFilter,
        ("unit_kind", ChoicesDropdownFilter),
        ("origin", ChoicesDropdownFilter),
        ("expires_at", MomentFilter),
        ("received_at", MomentFilter),
    )
    list_filter_submit = True
    search_fields = ("lot",)
    search_help_text = "SKU, barcode, model or name of the product, or a whole lot number; those that are used up are found too"
    ordering = ("-id",)
    paginator = InfinitePaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        rows: QuerySet[Batch] = super().get_queryset(request).select_related("product", "warehouse")
        return rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Batch], search_term: str) -> tuple[QuerySet[Batch], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        account = acting(request).account
        # Without the blank ones, as the index of lots is.
        lots = Batch.objects.filter(~Q(lot=""), account=account, lot__in={text, text.upper(), text.lower()})
        if lots.exists():
            return queryset.filter(pk__in=lots.values("pk")), False
        return of_products(account, queryset, text), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        found = list(changes.result_list)
        for batch, row in zip(found, batch_rows(found, moment.now()), strict=True):
            batch.row = row
        changes.result_list = found
        return changes

    @admin.display(description="batch", ordering="id")
    def named(self, batch: Batch) -> str:
        return str(batch.pk) + (f", lot {batch.lot}" if batch.lot else "")

    @admin.display(description="product")
    def product_named(self, batch: Batch) -> SafeString:
        return product_link(batch.product, warehouse=batch.warehouse_id)

    @admin.display(description="warehouse")
    def place(self, batch: Batch) -> str:
        return batch.warehouse.name

    @admin.display(description="state")
    def state_mark(self, batch: Any) -> Any:
        return batch.row.state

    @admin.display(description="left")
    def left(self, batch: Any) -> SafeString:
        return format_html('<strong class="ls-strong whitespace-nowrap">{}</strong>', batch.row.left)

    @admin.display(description="of")
    def came_in(self, batch: Any) -> str:
        return str(batch.row.came_in)

    @admin.display(description="gone")
    def where_gone(self, batch: Any) -> str:
        return str(batch.row.gone)

    @admin.display(description="expires", ordering="expires_at")
    def expiry(self, batch: Any) -> SafeString:
        row: BatchRow = batch.row
        return format_html('<span class="whitespace-nowrap">{}</span> {}', row.expires, row.soon or "")

    @admin.display(description="cost each")
    def cost(self, batch: Any) -> str:
        return str(batch.row.cost)

    @admin.display(description="from")
    def origin_named(self, batch: Any) -> Any:
        return batch.row.origin

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        batch = self.find(request, object_id)
        if not self.has_view_permission(request, batch) or request.method == "POST":
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, **_contents(request, batch), **self.story_of(request, batch)}
        return render(request, "admin/inventory/batch.html", context)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        return [
            path("expiring/", guard(self.expiring_view), name="inventory_batch_expiring"),
            path("expiring/calendar/", guard(self.calendar_view), name="inventory_batch_calendar"),
            *super().get_urls(),
        ]

    def expiring_view(self, request: HttpRequest) -> HttpResponse:
        """What expires within 60 days, by how soon."""
        return self._page(request, "admin/inventory/expiring.html", "Expiring", list_contents)

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """What expires on which day of a month."""
        return self._page(request, "admin/inventory/expiry_calendar.html", "Expiring", calendar_contents)

    def _page(self, request: HttpRequest, template: str, title: str, contents: Any) -> HttpResponse:
        if not may(request, "batch.view"):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **contents(request)}
        return render(request, template, context)


def _contents(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    """For the page of a batch: its equation, the sales that took from it, its movements. A constant number of statements."""
    now = moment.now()
    (row,) = batch_rows([batch], now)
    before = request.GET.get("before", "")
    lines = Movement.objects.filter(batch=batch).order_by("-id")
    if before.isdecimal() and len(before) < 19:
        lines = lines.filter(pk__lt=int(before))
    left = lines.aggregate(sum=Sum("batch_delta"))["sum"] or Decimal(0)
    found = list(lines.select_related("warehouse", "batch")[: MOVEMENTS_SHOWN + 1])
    allocations = list(Allocation.objects.filter(batch=batch).select_related("sale").order_by("-id")[: ALLOCATIONS_SHOWN + 1])
    return {
        "title": f"Batch {batch.pk} of {batch.product}",
        "batch": batch,
        "row": row,
        "equation": _equation(batch, issued([batch]).get(batch.pk, {})),
        "adds_up": _adds_up(batch),
        "left": amount(batch.remaining, batch.unit_kind),
        "worth": money((batch.remaining * batch.unit_cost).quantize(Decimal("0.01"))) if batch.unit_cost is not None else NOTHING,
        "counts": batch.expiry_booked_at is None and not (batch.expires_at and batch.expires_at <= now),
        "packing": _packing(batch),
        "children": list(batch.children.select_related("warehouse").order_by("id")[:20]),
        "allocations": allocations[:ALLOCATIONS_SHOWN],
        "more_allocations": len(allocations) > ALLOCATIONS_SHOWN,
        "movements": movementrows.batch_rows(history.described(found[:MOVEMENTS_SHOWN]), left),
        "older": found[MOVEMENTS_SHOWN - 1].pk if len(found) > MOVEMENTS_SHOWN else None,
        "back": product_page(batch.product, warehouse=batch.warehouse_id),
    }


def _equation(batch: Batch, by_purpose: ByPurpose) -> list[tuple[str, str, str]]:
    """What came in and what went out, with its sign, without what there is nothing of: it adds up to what is left."""
    return [("+" if way > 0 else "−", label, number(value)) for label, value, way in figures_of(batch, by_purpose)]


def _adds_up(batch: Batch) -> bool:
    remaining: Decimal = sum((way * getattr(batch, name) for name, _, way in COLUMNS), Decimal(0))
    return bool(remaining == batch.remaining)


def _packing(batch: Batch) -> str:
    parts = []
    if batch.packs_per_pallet is not None:
        parts.append(f"{number(batch.packs_per_pallet)} packs on a pallet")
    if batch.units_per_pack is not None:
        parts.append(f"{number(batch.units_per_pack)} units in a pack")
    return ", ".join(parts) or NOTHING
