"""Filters of the list of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from inventory.admin.chips import State, StateFilter
from inventory.models import Item
from marketplaces.admin.filters import CHIPS, ShopFilter
from marketplaces.models import Listing, ListingState

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

HERE = Q(archived_at__isnull=True)
OTHERS = ("all", "archived")


class ItemStateFilter(StateFilter):
    """Items by how they stand at the shops, or at the one that is chosen besides."""

    states = (
        State("all", "All", HERE),
        *(State(key, label, HERE, shown_empty=key in (ListingState.NEEDS_PERSON, ListingState.FAILED)) for key, label, _ in CHIPS),
        State("archived", "Archived", Q(archived_at__isnull=False)),
    )
    otherwise = "all"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.shop = chosen_shop(request)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        rows = super().queryset(request, queryset)
        if self.value() in OTHERS:
            return rows
        listings = Listing.objects.filter(item=OuterRef("pk"), state=self.value())
        return rows.filter(Exists(listings if self.shop is None else listings.filter(shop=self.shop)))


class ItemShopFilter(ShopFilter):
    """Items that are listed at a shop, or kept off it."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        shop = chosen_shop(request)
        return queryset if shop is None else queryset.filter(Exists(Listing.objects.filter(item=OuterRef("pk"), shop=shop)))


class LinkedFilter(DropdownFilter):
    """Items whose quantity follows a product, and those with a quantity of their own."""

    title = "quantity"
    parameter_name = "linked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Follows a product"), ("no", "Its own")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        return queryset.filter(product__isnull=self.value() == "no") if self.value() in ("yes", "no") else queryset


def chosen_shop(request: HttpRequest) -> int | None:
    """The shop that the address names."""
    text = request.GET.get("shop", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
