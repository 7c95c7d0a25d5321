from __future__ import annotations

from typing import Any

from django.urls import URLPattern, include, path, re_path

from accounts.api.router import Router
from inventory.api import itemanswers, itemfilter
from marketplaces.api import itemsatshops
from marketplaces.api.attempts import AttemptViewSet
from marketplaces.api.inbox import InboxView
from marketplaces.api.itemlistings import ItemListingViewSet
from marketplaces.api.listings import ListingViewSet
from marketplaces.api.mappings import ColorMappingViewSet, PartMappingViewSet
from marketplaces.api.orders import OrderViewSet
from marketplaces.api.shops import ShopViewSet
from marketplaces.api.verifications import VerificationViewSet

router = Router()
router.register("items", ItemListingViewSet, basename="item-listing")
router.register("shops", ShopViewSet, basename="shop")
router.register("listings", ListingViewSet, basename="listing")
router.register("attempts", AttemptViewSet, basename="attempt")
router.register("orders", OrderViewSet, basename="order")
router.register("verifications", VerificationViewSet, basename="verification")


def _mappings(what: str, views: Any, **more: dict[str, str]) -> list[URLPattern]:
    """One mapping is found by what it is of, so that PUT goes to the list."""
    address = rf"^mappings/{what}"
    return [
        re_path(rf"{address}/?$", views.as_view({"get": "list", "put": "assign"}), name=f"mappings-{what}"),
        re_path(rf"{address}/look-up/?$", views.as_view({"post": "look_up"}), name=f"mappings-{what}-look-up"),
        re_path(rf"{address}/(?P<pk>[0-9]+)/?$", views.as_view({"get": "retrieve", "delete": "destroy"}), name=f"mappings-{what}-one"),
        *(re_path(rf"{address}/(?P<pk>[0-9]+)/{name}/?$", views.as_view(verbs)) for name, verbs in more.items()),
    ]


urlpatterns = [
    *_mappings("parts", PartMappingViewSet, choose={"post": "choose"}),
    *_mappings("colors", ColorMappingViewSet),
    re_path(r"^inbox/?$", InboxView.as_view(), name="inbox"),
    path("", include(router.urls)),
]

# What is known here of items, for where items are listed and shown.
itemfilter.narrow("shop", itemsatshops.SHOP)
itemfilter.narrow("state", itemsatshops.STATE)
itemanswers.show("listings", itemsatshops.LISTINGS)
