"""How the list of items is narrowed."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, Filter, FilterSet

from accounts.api.filters import IdFilter
from inventory.models import Completeness, Condition, Item, ItemStatus, ItemType

MOST_COLORS = 2**31 - 1


def narrow(name: str, narrowed: Filter) -> None:
    """Let items be narrowed by what an app above knows of them."""
    ItemFilter.base_filters[name] = narrowed


class ColorFilter(IdFilter):
    """By BrickLink's colour."""

    def __init__(self, field_name: str, label: str) -> None:
        super().__init__(field_name, label)
        self.extra.update(min_value=0, max_value=MOST_COLORS)


class ItemFilter(FilterSet):  # type: ignore[misc]
    part_number = CharFilter(lookup_expr="iexact", label="BrickLink's catalogue number, in any case.")
    item_type = ChoiceFilter(choices=ItemType.choices)
    color_id = ColorFilter("color_id", "BrickLink's colour.")
    condition = ChoiceFilter(choices=Condition.choices)
    completeness = ChoiceFilter(choices=[choice for choice in Completeness.choices if choice[0]], label="Of a set.")
    status = ChoiceFilter(choices=ItemStatus.choices)
    location = CharFilter(lookup_expr="iexact", label="Where it lies, in any case.")
    linked = BooleanFilter(field_name="product_id", lookup_expr="isnull", exclude=True, label="Its quantity follows a product's levels.")
    product = IdFilter("product_id", "The id of the product whose stock it offers.")
    archived = ChoiceFilter(
        choices=[("false", "In use"), ("true", "Archived"), ("all", "All")],
        method="is_archived",
        label="true, false or all; false when left out of a list.",
    )
    in_stock = BooleanFilter(method="is_there", label="Any of it is available.")
    token = CharFilter(lookup_expr="iexact", label="By which shops' lots are known to be this item.")
    q = CharFilter(method="holding", label="Part of the number, the name, the place or the notes.")

    class Meta:
        model = Item
        fields: list[str] = []

    def is_archived(self, rows: QuerySet[Item], _name: str, wanted: str) -> QuerySet[Item]:
        return rows if wanted == "all" else rows.filter(archived_at__isnull=wanted == "false")

    def is_there(self, rows: QuerySet[Item], _name: str, wanted: bool) -> QuerySet[Item]:
        return rows.filter(quantity_available__gt=0) if wanted else rows.filter(quantity_available=0)

    def holding(self, rows: QuerySet[Item], _name: str, text: str) -> QuerySet[Item]:
        found = Q(part_number__icontains=text) | Q(name__icontains=text) | Q(location__icontains=text) | Q(notes__icontains=text)
        return rows.filter(found)
