"""Categories and reordering rules of outside systems, as they say them: looked at, and changed where they come from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.filters import OwnedDropdownFilter
from inventory.admin.chips import ChipsAdmin, State, StateFilter
from inventory.quantity import plain
from inventory.wording import NOTHING, moment
from sync.models import CategoryRef, ProductRef, ReorderRef, WarehouseRef


class PresenceFilter(StateFilter):
    states = (
        State("there", "There", Q(gone_at__isnull=True)),
        State("gone", "Not there any more", Q(gone_at__isnull=False)),
        State("all", "All", Q()),
    )
    otherwise = "there"
    when_searched = "all"


class _SaidAdmin(ChipsAdmin):
    """A list of what outside systems say; nobody changes it here."""

    view_operation = "reference.view"
    state_filter = PresenceFilter
    count_states = False
    list_filter = (PresenceFilter, ("connection", OwnedDropdownFilter))
    list_filter_submit = True

    @admin.display(description="changed there", ordering="changed_upstream_at")
    def changed(self, ref: CategoryRef | ReorderRef) -> str:
        return moment(ref.changed_upstream_at)

    @admin.display(description="first seen", ordering="first_seen_at")
    def first_seen(self, ref: CategoryRef | ReorderRef) -> str:
        return moment(ref.first_seen_at)

    @admin.display(description="not there any more since", ordering="gone_at")
    def gone(self, ref: CategoryRef | ReorderRef) -> str:
        return moment(ref.gone_at)


class CategoryRefAdmin(_SaidAdmin):
    """The tree of categories there, and which category here each one is."""

    list_display = ("there", "connection", "here", "changed", "gone")
    list_display_links = ("there",)
    list_select_related = ("connection", "category")
    search_fields = ("path", "name")
    search_help_text = "Name there, or that of a category it lies in"
    ordering = ("connection", "path", "id")
    fields = ("there", "connection", "here", "external_id", "first_seen", "changed", "gone")
    empty_title = "No categories"
    empty_text = "Only systems with a tree of categories tell of them."

    @admin.display(description="there", ordering="path")
    def there(self, ref: CategoryRef) -> str:
        return str(ref)

    @admin.display(description="is here", ordering="category")
    def here(self, ref: CategoryRef) -> SafeString | str:
        if ref.category is None:
            return NOTHING
        return format_html(
            '<a class="ls-link" href="{}">{}</a>', reverse("admin:inventory_category_change", args=[ref.category.pk]), ref.category
        )


class ReorderRefAdmin(_SaidAdmin):
    """What reordering rules there keep of each product in each place."""

    list_display = ("product", "place", "connection", "from_point", "up_to", "changed", "gone")
    list_display_links = ("product",)
    list_select_related = ("connection",)
    search_fields = ("product_called", "place_called")
    search_help_text = "SKU or name of the product, or the place, as the outside system has them"
    ordering = ("connection", "product_id_there", "id")
    fields = ("product", "place", "connection", "from_point", "up_to", "method", "active", "external_id", "first_seen", "changed", "gone")
    empty_title = "No reordering rules"
    empty_text = "Only systems with rules of their own tell of them."

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReorderRef]:
        rows: QuerySet[ReorderRef] = super().get_queryset(request)
        mine: dict[str, Any] = {"connection": OuterRef("connection")}
        products = ProductRef.objects.filter(**mine, external_id=OuterRef("product_id_there")).order_by()
        places = WarehouseRef.objects.filter(**mine, external_id=OuterRef("place_id_there")).order_by()
        named = products.values(named=Concat("sku", Value(" "), "name", output_field=CharField()))
        return rows.annotate(
            product_called=Coalesce(Subquery(named), F("product_id_there"), output_field=CharField()),
            place_called=Coalesce(Subquery(places.exclude(name="").values("name")), F("place_id_there"), output_field=CharField()),
        )

    @admin.display(description="product there", ordering="product_called")
    def product(self, ref: Any) -> str:
        return str(ref.product_called).strip()

    @admin.display(description="place there", ordering="place_called")
    def place(self, ref: Any) -> str:
        return str(ref.place_called)

    @admin.display(description="reordered at", ordering="point")
    def from_point(self, ref: ReorderRef) -> str:
        return NOTHING if ref.point is None else str(plain(ref.point))

    @admin.display(description="up to", ordering="maximum")
    def up_to(self, ref: ReorderRef) -> str:
        return NOTHING if ref.maximum is None else str(plain(ref.maximum))
