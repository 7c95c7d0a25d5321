"""Movements: the ledger itself, to be read only."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

from accounts.filters import MomentFilter, OwnedDropdownFilter
from accounts.workplace import acting
from inventory import history
from inventory.admin import movementrows
from inventory.admin.stock import StockAdmin
from inventory.admin.stockfilters import of_products
from inventory.ledgerwords import amount, batch_link, document_link, page_of, product_link, signed
from inventory.models import Movement
from inventory.wording import NOTHING, moment

if TYPE_CHECKING:
    from django.contrib.admin import ChoicesFieldListFilter as ChoicesDropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
else:
    from unfold.contrib.filters.admin import ChoicesDropdownFilter, TextFilter


class CorrelationFilter(TextFilter):
    """All that came from one fact."""

    title = "correlation"
    parameter_name = "correlation"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Movement]) -> QuerySet[Movement]:
        text = (self.value() or "").strip()
        if not text:
            return queryset
        try:
            return queryset.filter(correlation=uuid.UUID(text))
        except ValueError:
            return queryset.none()


class MovementAdmin(StockAdmin):
    view_operation = "movement.view"
    empty_title = "No movement here"
    empty_text = "Every purchase, sale and count moves stock, and every movement is listed here."
    list_display = ("booked", "what", "product_named", "place", "change", "then", "why", "who")
    list_display_links = ("booked",)
    list_fullwidth = True
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("cause", ChoicesDropdownFilter),
        ("warehouse", OwnedDropdownFilter),
        ("unit_kind", ChoicesDropdownFilter),
        ("booked_at", MomentFilter),
        CorrelationFilter,
    )
    list_filter_submit = True
    search_fields = ("product__sku",)
    search_help_text = "SKU, barcode, model or name of the product"
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        *("booked", "happened", "what", "product_named", "warehouse_named", "batch_named", "change", "batch_change", "then"),
        *("why", "who", "named_outside", "together"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Movement]:
        rows: QuerySet[Movement] = super().get_queryset(request).select_related("product", "warehouse", "batch")
        return rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Movement], search_term: str) -> tuple[QuerySet[Movement], bool]:
        return of_products(acting(request).account, queryset, search_term), False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changes = super().get_changelist_instance(request)
        found = list(changes.result_list)
        for movement, line in zip(found, history.described(found), strict=True):
            movement.line = line
        changes.result_list = found
        return changes

    @admin.display(description="when", ordering="id")
    def booked(self, movement: Movement) -> SafeString:
        return format_html('<span class="whitespace-nowrap">{}</span>', f"{timezone.localtime(movement.booked_at):%Y-%m-%d %H:%M:%S}")

    @admin.display(description="it happened")
    def happened(self, movement: Movement) -> str:
        return moment(movement.happened_at)

    @admin.display(description="what")
    def what(self, movement: Movement) -> Any:
        return movementrows.what(movement)

    @admin.display(description="product")
    def product_named(self, movement: Movement) -> SafeString:
        return product_link(movement.product, warehouse=movement.warehouse_id)

    @admin.display(description="where")
    def place(self, movement: Movement) -> SafeString | str:
        if movement.batch_id is None:
            return movement.warehouse.name
        return format_html("{}<br>{}", movement.warehouse.name, batch_link(movement.batch_id))

    @admin.display(description="warehouse")
    def warehouse_named(self, movement: Movement) -> str:
        return movement.warehouse.name

    @admin.display(description="batch")
    def batch_named(self, movement: Movement) -> SafeString | str:
        return batch_link(movement.batch_id, str(movement.batch)) if movement.batch_id else NOTHING

    @admin.display(description="change")
    def change(self, movement: Movement) -> SafeString:
        return format_html(
            '<span class="{}">{}</span>', movementrows.tone(movement.level_delta), movementrows.change(movement, movement.level_delta)
        )

    @admin.display(description="change of the batch")
    def batch_change(self, movement: Movement) -> str:
        return signed(movement.batch_delta) if movement.batch_id else NOTHING

    @admin.display(description="there then")
    def then(self, movement: Movement) -> SafeString:
        return format_html('<strong class="ls-strong whitespace-nowrap">{}</strong>', amount(movement.level_after, movement.unit_kind))

    @admin.display(description="why")
    def why(self, movement: Any) -> SafeString | str:
        """The document it belongs to, and what else is known of the cause."""
        line = movement.line if hasattr(movement, "line") else None
        document = document_link(line.document if line else history.document_of(movement))
        said = movementrows.why(movement)
        return format_html("{}{}{}", document, ". " if document and said else "", said) if document or said else NOTHING

    @admin.display(description="who")
    def who(self, movement: Movement) -> str:
        return movement.actor_label

    @admin.display(description="called outside")
    def named_outside(self, movement: Movement) -> str:
        return movement.source_key or NOTHING

    @admin.display(description="from the same fact")
    def together(self, movement: Movement) -> SafeString:
        pages = (page_of("inventory_movement_changelist"), page_of("accounts_auditlog_changelist"))
        return format_html(
            '<a class="ls-link" href="{}?correlation={}">All movements</a>, <a class="ls-link" href="{}?correlation={}">the audit log</a>',
            *(part for page in pages for part in (page, movement.correlation)),
        )

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What the audit log says of the fact that it came from."""
        movement = self.find(request, object_id)
        return HttpResponseRedirect(f"{page_of('accounts_auditlog_changelist')}?correlation={movement.correlation}")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields
