"""What shops have to do with items, for where these are listed and shown: filters `shop` and `state`, and an item's listings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import MultipleChoiceFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.filters import IdFilter
from inventory.models import Item
from marketplaces.api.listinganswers import ListingSerializer
from marketplaces.models import Listing, ListingState


class ShopFilter(IdFilter):
    """Items that have a listing at a shop."""

    def filter(self, rows: QuerySet[Item], shop: int | None) -> QuerySet[Item]:
        return rows if shop is None else rows.filter(Exists(_listings().filter(shop=shop)))


class StateFilter(MultipleChoiceFilter):  # type: ignore[misc]
    """Items that are in one of these states at some shop, or at that one which is asked for beside it."""

    def filter(self, rows: QuerySet[Item], states: Sequence[str]) -> QuerySet[Item]:
        if not states:
            return rows
        shop = self.parent.form.cleaned_data.get("shop")
        listings = _listings().filter(state__in=states)
        return rows.filter(Exists(listings if shop is None else listings.filter(shop=shop)))


@extend_schema_field(ListingSerializer(many=True))
class ListingsField(serializers.Field[Any, Any, Any, Any]):
    """How each shop agrees with the item."""

    def __init__(self, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)

    def to_representation(self, item: Item) -> Any:
        return ListingSerializer(listings_of(item), many=True).data


def listings_of(item: Item) -> QuerySet[Listing]:
    return Listing.objects.filter(item=item).select_related("shop__connection", "item").order_by("shop")


def _listings() -> QuerySet[Listing]:
    return Listing.objects.filter(item=OuterRef("pk"))


SHOP = ShopFilter("shop", "The id of a shop that has a listing of it.")
STATE = StateFilter(
    choices=ListingState.choices, label="How far a shop agrees with it, that of `shop` if given. May be given several times."
)
LISTINGS = ListingsField(help_text="How each shop agrees with it.")
