"""Filters that several lists of marketplaces share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.acting import Actor, actor_for_request
from inventory.admin.chips import State, StateFilter
from marketplaces.models import ListingState, Shop

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter as DropdownFilter
else:
    from unfold.contrib.filters.admin import DropdownFilter

CHIPS: tuple[tuple[str, str, Q], ...] = (
    (ListingState.NEEDS_PERSON, "Needs a person", Q(state=ListingState.NEEDS_PERSON)),
    (ListingState.FAILED, "Failed", Q(state=ListingState.FAILED)),
    (ListingState.UNKNOWN, "Outcome unknown", Q(state=ListingState.UNKNOWN)),
    (ListingState.UNMAPPED, "Unmapped", Q(state=ListingState.UNMAPPED)),
    (ListingState.SYNCING, "Syncing", Q(state=ListingState.SYNCING)),
    (ListingState.WAITING, "Waiting", Q(state=ListingState.WAITING)),
    (ListingState.KEPT_OFF, "Kept off", Q(state=ListingState.KEPT_OFF)),
)
"""States of listings in the order in which they want somebody."""


def shops_of(actor: Actor) -> list[Shop]:
    """The account's shops with their connections, in the order in which they are shown. One query."""
    return list(Shop.objects.filter(account=actor.account).select_related("connection__breaker").order_by("connection__name", "id"))


class ShopFilter(DropdownFilter):
    """Rows of one shop; `path` leads from them to it."""

    title = "shop"
    parameter_name = "shop"
    path = "shop"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        actor = actor_for_request(request)
        return [(str(shop.pk), str(shop)) for shop in shops_of(actor)] if actor else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = str(self.value() or "")
        return queryset.filter(**{self.path: int(chosen)}) if chosen.isdecimal() and len(chosen) < 19 else queryset


class ListingStateFilter(StateFilter):
    states = (
        State("all", "All", Q()),
        *(State(key, label, rows, shown_empty=key in (ListingState.NEEDS_PERSON, ListingState.FAILED)) for key, label, rows in CHIPS),
        State(ListingState.SYNCED, "Synced", Q(state=ListingState.SYNCED)),
    )
    otherwise = "all"
