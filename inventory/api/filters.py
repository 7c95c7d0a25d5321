"""How lists of rows of a product in a warehouse are narrowed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet

from accounts.api.filters import IdFilter
from accounts.scoping import acting
from inventory.categories import within
from inventory.keys import sku_key
from inventory.models import UnitKind


class PlacedFilter(FilterSet):  # type: ignore[misc]
    """For models with product and warehouse."""

    product = IdFilter(field_name="product_id", label="The product's id.")
    sku = CharFilter(method="of_sku", label="The product's SKU, in any case.")
    warehouse = IdFilter(field_name="warehouse_id", label="The warehouse's id.")

    def of_sku(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        return rows.filter(product__sku_key=sku_key(text))

    def in_category(self, rows: QuerySet[Any], _name: str, category: int) -> QuerySet[Any]:
        """For a filter `category` by `method`."""
        return rows.filter(product__category__in=within(acting(self.request).account, category))


class KindedFilter(PlacedFilter):
    """For models with a unit kind, too."""

    unit_kind = ChoiceFilter(choices=UnitKind.choices, label="What is counted.")
