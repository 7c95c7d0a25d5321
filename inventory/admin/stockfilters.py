"""Filters that lists of stock share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from accounts.acting import actor_for_request
from accounts.models import Account
from inventory import finding
from inventory.categories import paths, within
from inventory.models import Product

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import SimpleListFilter as TextFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter, TextFilter

FEW = 500


class CategoryFilter(DropdownFilter):
    """Products of a category and of all that lie in it."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        actor = actor_for_request(request)
        return [(str(pk), path) for pk, path in paths(actor.account).items()] if actor else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen, actor = self.value(), actor_for_request(request)
        if not chosen or actor is None:
            return queryset
        known = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
        return queryset.filter(product__category__in=within(actor.account, int(chosen)) if known else [])


class ProductFilter(TextFilter):
    """Rows of the products that this text finds."""

    title = "product"
    parameter_name = "product"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        actor = actor_for_request(request)
        return of_products(actor.account, queryset, self.value() or "") if actor else queryset


def of_products(account: Account, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of `rows` whose product has a SKU, barcode or model that begins with the text, or a name that holds it."""
    sought = text.strip()
    if not sought:
        return rows
    products = finding.matching(Product.objects.filter(account=account), sought).order_by()
    # Few products lead to their rows by an index; of many some are soon met on the way through the rows.
    few = list(products.values_list("pk", flat=True)[: FEW + 1])
    return rows.filter(Q(product__in=few) if len(few) <= FEW else Exists(products.filter(pk=OuterRef("product"))))
