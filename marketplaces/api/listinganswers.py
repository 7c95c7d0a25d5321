"""Listings as they are answered with."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from inventory.api.fields import MoneyField
from marketplaces.models import Listing, ListingState, Priority
from marketplaces.provider import PROVIDERS


def link_of(listing: Listing) -> str:
    """Where a person finds the lot at the shop; blank where there is none."""
    provider = PROVIDERS.get(listing.shop.provider)
    if provider is None or not listing.lot_id:
        return ""
    # Not every shop has a page for each lot; there it is the page of what it is, by the shop's own number.
    identity = listing.told.get("identity") or {}
    return provider.link(listing.lot_id, str(identity.get("boid") or identity.get("number") or ""))


class ListingSerializer(serializers.ModelSerializer[Listing]):
    shop_name = serializers.CharField(source="shop.connection.name", read_only=True)
    provider = serializers.CharField(source="shop.provider", read_only=True, help_text="The marketplace.")
    part_number = serializers.CharField(source="item.part_number", read_only=True)
    color_id = serializers.IntegerField(source="item.color_id", read_only=True)
    item_name = serializers.CharField(source="item.name", read_only=True)
    state = serializers.ChoiceField(choices=ListingState.choices, read_only=True)
    state_in_words = serializers.CharField(source="get_state_display", read_only=True)
    link = serializers.SerializerMethodField(help_text="Where a person finds the lot at the shop; blank where there is none.")
    wanted_quantity = serializers.IntegerField(source="item.offered", read_only=True, help_text="What the shop should offer.")
    told_price = MoneyField(read_only=True, allow_null=True)
    told = serializers.DictField(read_only=True, help_text="The other fields, as they were sent.")
    seen = serializers.DictField(read_only=True, help_text="The lot as the shop last showed it.")
    priority = serializers.ChoiceField(choices=Priority.choices, read_only=True, help_text="The lower, the sooner.")
    correlations = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Of all changes since the last attempt.")

    class Meta:
        model = Listing
        fields = [
            "id",
            "shop",
            "shop_name",
            "provider",
            "item",
            "part_number",
            "color_id",
            "item_name",
            "state",
            "state_in_words",
            "code",
            "sentence",
            "hint",
            "kept_off",
            "lot_id",
            "link",
            "retiring_lot_id",
            "wanted_quantity",
            "told_quantity",
            "told_price",
            "told",
            "assigned_at",
            "reread",
            "seen_quantity",
            "seen",
            "seen_at",
            "due_at",
            "priority",
            "tries",
            "item_version",
            "requested_at",
            "cause",
            "correlation",
            "correlations",
            "synced_at",
            "created_at",
        ]
        read_only_fields = fields

    def get_link(self, listing: Listing) -> str:
        return link_of(listing)


class ChoiceSerializer(serializers.Serializer[Any]):
    """What a person may decide."""

    key = serializers.CharField(help_text="Sent back as `choice`.")
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField(allow_blank=True)
    removes = serializers.BooleanField(help_text="Something is deleted or given up by it.")
