"""`/api/sync-finale/critical`: what is out of stock, below its reorder point or about to run out; and reading just that again."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from inventory.api.fields import QuantityNumber
from inventory.models import Supply, SupplyLevel, SupplyState
from sync.api.starts import ANSWERED, ASKED, StartSerializer, StartView
from sync.models import Connection, FeedState, ProductRef
from sync.sources.finale.api.asking import FINALE, Query, asked
from sync.sources.finale.strategies import CRITICAL

MOST = 1000
STOCK = "stock"


class CriticalQuery(Query):
    limit = serializers.IntegerField(required=False, default=200, min_value=1, max_value=MOST, help_text="Items in each list.")


class FinaleCriticalItemSerializer(serializers.Serializer[Supply]):
    product = serializers.IntegerField(source="product_id", help_text="Its id.")
    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name", allow_blank=True)
    available = QuantityNumber(help_text="On hand less reserved; may be negative.")
    onHand = QuantityNumber(source="on_hand")
    reserved = QuantityNumber()
    onOrder = QuantityNumber(source="on_order")
    reorderPoint = QuantityNumber(source="reorder_point", allow_null=True, help_text="Null is unknown.")
    reorderQuantity = QuantityNumber(source="reorder_quantity", allow_null=True)
    daysLeft = serializers.FloatField(source="days_left", allow_null=True, help_text="Null while nothing is known of its sales.")
    level = serializers.ChoiceField(choices=SupplyLevel.choices)
    vendor = serializers.CharField(source="product.vendor.name", default=None, allow_null=True)
    since = serializers.DateTimeField(help_text="When it came onto its list.")


class FinaleCriticalCountsSerializer(serializers.Serializer[Any]):
    outOfStock = serializers.IntegerField()
    belowReorderPoint = serializers.IntegerField()
    aboutToRunOut = serializers.IntegerField()


class FinaleCriticalSerializer(serializers.Serializer[Any]):
    outOfStock = FinaleCriticalItemSerializer(many=True, help_text="By name.")
    belowReorderPoint = FinaleCriticalItemSerializer(many=True, help_text="The least first.")
    aboutToRunOut = FinaleCriticalItemSerializer(many=True, help_text="The fewest days first; not part of the total.")
    counts = FinaleCriticalCountsSerializer(help_text="Of all there are, not only of those shown.")
    totalCritical = serializers.IntegerField(help_text="Out of stock and below the reorder point; each product counts once.")
    stockAsOf = serializers.DateTimeField(allow_null=True, help_text="When Finale's stock was last read whole.")


class CriticalView(StartView):
    """The critical items of Finale."""

    system, scope = FINALE, CRITICAL

    @property
    def operation(self) -> str:
        """Looking is one thing, reading Finale another."""
        return super().operation if self.request.method == "POST" else "supply.view"

    @extend_schema(parameters=[CriticalQuery], responses=FinaleCriticalSerializer, operation_id="finale_critical")
    def get(self, request: Request) -> Response:
        """Products of Finale that want attention, each on one list."""
        _, connection, wanted = asked(request, CriticalQuery)
        return Response(FinaleCriticalSerializer(critical(connection, wanted["limit"])).data)

    @extend_schema(request=StartSerializer, parameters=ASKED, responses=ANSWERED, operation_id="finale_start_critical")
    def post(self, request: Request) -> Response:
        """Start a critical sync: stock of the critical items, and of whatever this reading makes critical."""
        return super().post(request)


def critical(connection: Connection | None, limit: int) -> dict[str, Any]:
    """The critical answer about `connection`, at most `limit` items in each list. Five queries."""
    rows = _supply(connection)
    states = (SupplyState.OUT, SupplyState.BELOW, SupplyState.SOON)
    counted = dict(rows.filter(state__in=states).order_by().values_list("state").annotate(number=Count("pk")))
    out, below, soon = (counted.get(state, 0) for state in states)
    listed = rows.select_related("product__vendor")
    valid_at = (
        FeedState.objects.filter(connection=connection, feed=STOCK).values_list("valid_at", flat=True).first() if connection else None
    )
    return {
        "outOfStock": listed.filter(state=SupplyState.OUT).order_by("product__name", "product__sku_key", "pk")[:limit] if out else [],
        "belowReorderPoint": listed.filter(state=SupplyState.BELOW).order_by("available", "product__sku_key", "pk")[:limit]
        if below
        else [],
        "aboutToRunOut": listed.filter(state=SupplyState.SOON).order_by(F("days_left").asc(nulls_last=True), "pk")[:limit] if soon else [],
        "counts": {"outOfStock": out, "belowReorderPoint": below, "aboutToRunOut": soon},
        "totalCritical": out + below,
        "stockAsOf": valid_at,
    }


def _supply(connection: Connection | None) -> QuerySet[Supply]:
    """How the products stand that Finale has."""
    if connection is None:
        return Supply.objects.none()
    said = ProductRef.objects.filter(connection=connection, product=OuterRef("product"), gone_at__isnull=True)
    return Supply.objects.filter(Exists(said), account=connection.account_id)
