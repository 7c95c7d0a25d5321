"""What is sent about items."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api import OwnedRelatedField
from inventory.api.bulkbodies import IdField
from inventory.api.fields import KindField, KnownFieldsOnly, MoneyField, QuantityNumber
from inventory.api.itemanswers import TIERS
from inventory.items.editing import COUNTING
from inventory.models import Completeness, Condition, ItemStatus, ItemType, Product, Warehouse

MOST_PIECES = 2**31 - 1
LONGEST_NOTES = 10_000
MOST_WAREHOUSES = 100

MAY_BE_LEFT_OUT: dict[str, Any] = {"required": False}
TEXT: dict[str, Any] = {"required": False, "allow_blank": True}
MAY_BE_UNKNOWN: dict[str, Any] = {"required": False, "allow_null": True}

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description='The version that was looked at, as the answer\'s ETag says it: "3". The same as `version`.',
)
SAID_WITH_IT = {"version", "reason"}
"""What of a body changes nothing by itself."""
_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,18})"?')


@extend_schema_field(TIERS)
class TiersField(serializers.JSONField):
    """Tier prices, as they were sent."""


class RulesSerializer(KnownFieldsOnly):
    """How a linked item offers what is there."""

    unit_kind = KindField(**MAY_BE_LEFT_OUT)
    pack = QuantityNumber(**MAY_BE_LEFT_OUT, help_text="How much of the product one piece of the item is.")
    buffer = QuantityNumber(**MAY_BE_LEFT_OUT, help_text="So much of the product is kept back.")
    minimum = serializers.IntegerField(**MAY_BE_LEFT_OUT, min_value=0, max_value=MOST_PIECES, help_text="Below it, none is offered.")
    maximum = serializers.IntegerField(**MAY_BE_UNKNOWN, min_value=0, max_value=MOST_PIECES, help_text="More is never offered.")
    share = serializers.IntegerField(**MAY_BE_LEFT_OUT, min_value=1, max_value=100, help_text="How many per cent of what is there.")


class ItemFieldsSerializer(RulesSerializer):
    """What is left out stays as it is, or is empty."""

    name = serializers.CharField(**TEXT, max_length=300)
    part_number = serializers.CharField(**MAY_BE_LEFT_OUT, max_length=80, help_text="BrickLink's. A set's gets -1 where it has no suffix.")
    item_type = serializers.ChoiceField(**MAY_BE_LEFT_OUT, choices=ItemType.choices)
    color_id = serializers.IntegerField(**MAY_BE_LEFT_OUT, min_value=0, max_value=MOST_PIECES, help_text="BrickLink's; 0 for no colour.")
    condition = serializers.ChoiceField(**MAY_BE_LEFT_OUT, choices=Condition.choices)
    completeness = serializers.ChoiceField(**TEXT, choices=[choice for choice in Completeness.choices if choice[0]], help_text="Of a set.")
    location = serializers.CharField(**TEXT, max_length=200, help_text="Where it lies; only the shop's owner sees it.")
    quantity_available = serializers.IntegerField(
        **MAY_BE_LEFT_OUT, min_value=0, max_value=MOST_PIECES, help_text="Not of a linked item: its quantity follows its stock."
    )
    status = serializers.ChoiceField(**MAY_BE_LEFT_OUT, choices=ItemStatus.choices)
    price = MoneyField(**MAY_BE_UNKNOWN, help_text="Of a piece, above 0. Without one it is sent to no shop.")
    notes = serializers.CharField(**TEXT, max_length=LONGEST_NOTES, help_text="What buyers read; shops are sent the first 255 characters.")
    bulk = serializers.IntegerField(**MAY_BE_UNKNOWN, min_value=1, max_value=MOST_PIECES, help_text="Sold in multiples of it.")
    sale_percent = serializers.IntegerField(**MAY_BE_UNKNOWN, min_value=0, max_value=99)
    tiers = TiersField(**MAY_BE_UNKNOWN, help_text="Up to three pairs of quantity and price. Null: as each shop has it.")
    cost = MoneyField(**MAY_BE_UNKNOWN, help_text="What a piece cost.")
    reason = serializers.CharField(**TEXT, max_length=300, help_text="Why; the history shows it.")


class NewItemSerializer(ItemFieldsSerializer):
    part_number = serializers.CharField(max_length=80, help_text="BrickLink's. A set's gets -1 where it has no suffix.")


class ItemChangeBodySerializer(ItemFieldsSerializer):
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="That which was looked at: refused with 409 when it was changed since."
    )


class AdjustSerializer(KnownFieldsOnly):
    by = serializers.IntegerField(min_value=-MOST_PIECES, max_value=MOST_PIECES, help_text="Pieces that are more; below zero: fewer.")
    reason = serializers.CharField(max_length=300)


class PiecesSerializer(KnownFieldsOnly):
    pieces = serializers.IntegerField(min_value=1, max_value=MOST_PIECES)
    reason = serializers.CharField(**TEXT, max_length=300, default="")


class ReasonSerializer(KnownFieldsOnly):
    reason = serializers.CharField(**TEXT, max_length=300)


class LinkSerializer(RulesSerializer):
    """Whose stock the item offers, and how."""

    product = OwnedRelatedField(queryset=Product.objects.all())
    warehouses = serializers.ListField(
        child=OwnedRelatedField(queryset=Warehouse.objects.all()),
        min_length=1,
        max_length=MOST_WAREHOUSES,
        help_text="Orders take from them in this order.",
    )
    reason = serializers.CharField(**TEXT, max_length=300)


class UndoSerializer(KnownFieldsOnly):
    change = IdField(help_text="The id of a change out of the item's history.")
    reason = serializers.CharField(max_length=300)


def version_wanted(request: Request, given: dict[str, Any]) -> int | None:
    """The version that the caller looked at, taken out of `given` or else read from If-Match; None where they don't say.

    Raises ValidationError for a header that is no version.
    """
    version: int | None = given.pop("version", None)
    header = request.headers.get("If-Match", "").strip()
    if version is not None or header in ("", "*"):
        return version
    found = _ETAG.fullmatch(header)
    if found is None:
        raise serializers.ValidationError({"If-Match": ['Write the item\'s version between quotation marks, for example "3".']})
    return int(found[1])


def changing(body: Any) -> str:
    """What is needed to change the fields that a body names."""
    names = set(body) - SAID_WITH_IT if isinstance(body, Mapping) else set()
    return "item.adjust" if names <= COUNTING else "item.edit"
