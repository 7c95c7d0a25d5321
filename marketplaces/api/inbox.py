"""Everything about shops that waits for a person: `GET /api/inbox`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import OwnedRelatedField
from accounts.scoping import acting
from marketplaces.inbox import PAGE, Kind, inbox
from marketplaces.models import Shop

MOST = 1000
KINDS = [(kind.value, kind.label) for kind in Kind]


class AskedSerializer(serializers.Serializer[Any]):
    kind = serializers.MultipleChoiceField(choices=KINDS, required=False, allow_empty=True)
    shop = OwnedRelatedField(queryset=Shop.objects.all(), required=False)
    limit = serializers.IntegerField(required=False, default=PAGE, min_value=1, max_value=MOST)


class EntrySerializer(serializers.Serializer[Any]):
    """One thing that waits."""

    kind = serializers.ChoiceField(choices=KINDS)
    kind_in_words = serializers.CharField(source="kind.label")
    entity = serializers.CharField(help_text="listing, difference, orderline or order: where it is settled.")
    id = serializers.IntegerField(help_text="That row's.")
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    sentence = serializers.CharField(allow_blank=True)
    hint = serializers.CharField(allow_blank=True)
    shop = serializers.IntegerField(source="shop.pk", help_text="Its id.")
    shop_name = serializers.CharField(source="shop.connection.name")
    item = serializers.IntegerField(allow_null=True, help_text="Its id.")
    since = serializers.DateTimeField(allow_null=True)


class InboxSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="How many of each kind.")
    results = EntrySerializer(many=True, help_text="The first of each kind, the most urgent kinds first.")


@extend_schema(tags=["inbox"])
class InboxView(APIView):
    """What needs somebody."""

    operation = "listing.view"

    @extend_schema(
        operation_id="inbox",
        parameters=[
            OpenApiParameter("kind", OpenApiTypes.STR, enum=[kind.value for kind in Kind], many=True, description="One or several."),
            OpenApiParameter("shop", OpenApiTypes.INT, description="The shop's id."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"How many of each kind, from 1 to {MOST}; {PAGE} when left out."),
        ],
        responses=InboxSerializer,
    )
    def get(self, request: Request) -> Response:
        """Listings without a way on, differences, lines that nobody knows, what was sold and not there, goods that may be back."""
        given = AskedSerializer(data=request.query_params, context={"request": request})
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        found = inbox(acting(request).account, kinds=wanted.get("kind") or None, shop=wanted.get("shop"), limit=wanted["limit"])
        body = {"total": found.total, "counts": {kind.value: number for kind, number in found.counts.items()}, "results": found.entries}
        return Response(InboxSerializer(body).data)
