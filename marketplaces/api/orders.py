"""Orders that shops have received: what they hold, where it was taken from, and what a person decides about them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import BooleanFilter, CharFilter, FilterSet, MultipleChoiceFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter, between
from config.pagination import NewestFirst
from inventory.api.bulkbodies import IdField
from inventory.api.fields import KnownFieldsOnly, MoneyField
from inventory.models import Condition, Item
from marketplaces import orders
from marketplaces.models import LineBooking, Order, OrderLine, OrderPhase, Restock

LINE = OpenApiParameter("line", OpenApiTypes.INT, OpenApiParameter.PATH, description="The line's id.")


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    condition = serializers.ChoiceField(choices=Condition.choices, read_only=True, allow_blank=True)
    booking = serializers.ChoiceField(choices=LineBooking.choices, read_only=True, help_text="Where its pieces were taken from.")
    booking_in_words = serializers.CharField(source="get_booking_display", read_only=True)
    unit_price = MoneyField(read_only=True, allow_null=True)

    class Meta:
        model = OrderLine
        fields = [
            "id",
            "lot_id",
            "listing",
            "item",
            "part_number",
            "color_id",
            "condition",
            "name",
            "quantity",
            "refunded",
            "unit_price",
            "booking",
            "booking_in_words",
            "booked",
            "restocked",
            "shortfall",
            "told_lowered",
            "note",
        ]
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer[Order]):
    shop_name = serializers.CharField(source="shop.connection.name", read_only=True)
    provider = serializers.CharField(source="shop.provider", read_only=True, help_text="The marketplace.")
    phase = serializers.ChoiceField(choices=OrderPhase.choices, read_only=True, help_text="What the status means for stock.")
    restock = serializers.ChoiceField(choices=Restock.choices, read_only=True, help_text="What becomes of the goods of a cancelled order.")
    subtotal = MoneyField(read_only=True, allow_null=True)
    total = MoneyField(read_only=True, allow_null=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "shop",
            "shop_name",
            "provider",
            "order_id",
            "status",
            "phase",
            "buyer",
            "ordered_at",
            "changed_at",
            "pieces",
            "lot_count",
            "currency",
            "subtotal",
            "total",
            "restock",
            "restock_by",
            "restock_at",
            "shipped_at",
            "problem",
            "correlation",
            "imported_at",
            "updated_at",
        ]
        read_only_fields = fields


class OrderWithLinesSerializer(OrderSerializer):
    lines = OrderLineSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "lines"]


class RestockSerializer(KnownFieldsOnly):
    lines = serializers.ListField(
        child=IdField(), required=False, min_length=1, max_length=1000, help_text="Ids of lines of the order. Left out: all of them."
    )


class MatchSerializer(KnownFieldsOnly):
    item = OwnedRelatedField(queryset=Item.objects.all(), help_text="What was sold.")


@between("ordered_at", "Not ordered before this time.", "Ordered before this time.")
class OrderFilter(FilterSet):  # type: ignore[misc]
    shop = IdFilter("shop_id", "The shop's id.")
    item = IdFilter("item", "The id of an item of which it holds some.", method="of_item")
    order_id = CharFilter(label="The shop's number.")
    phase = MultipleChoiceFilter(choices=OrderPhase.choices, distinct=False, label="May be given several times.")
    restock = MultipleChoiceFilter(choices=Restock.choices, distinct=False, label="May be given several times.")
    unmatched = BooleanFilter(method="is_unmatched", label="A line is not matched to an item.")
    short = BooleanFilter(method="is_short", label="More was sold than there was.")

    class Meta:
        model = Order
        fields: list[str] = []

    def of_item(self, rows: QuerySet[Order], _name: str, item: int) -> QuerySet[Order]:
        return rows.filter(Exists(_lines().filter(item=item)))

    def is_unmatched(self, rows: QuerySet[Order], _name: str, wanted: bool) -> QuerySet[Order]:
        found = Exists(_lines().filter(booking=LineBooking.UNMATCHED))
        return rows.filter(found if wanted else ~found)

    def is_short(self, rows: QuerySet[Order], _name: str, wanted: bool) -> QuerySet[Order]:
        found = Exists(_lines().filter(shortfall__gt=0))
        return rows.filter(found if wanted else ~found)


class ByTime(NewestFirst):
    ordering = ("-ordered_at", "-id")


class OrderViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Order]):
    """Imported as far as stock is concerned. Of a cancelled one a person chooses whether the goods are in stock again."""

    queryset = Order.objects.select_related("shop__connection")
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    pagination_class = ByTime
    operations = {
        "list": "order.view",
        "retrieve": "order.view",
        "restock": "order.restock",
        "decline": "order.restock",
        "match": "order.match",
        "not_ours": "order.match",
    }

    @extend_schema(responses=OrderWithLinesSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One order with its lines."""
        return Response(OrderWithLinesSerializer(self.get_object()).data)

    @extend_schema(request=RestockSerializer, responses=OrderWithLinesSerializer)
    @action(detail=True, methods=["post"])
    def restock(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put what was cancelled or refunded back where it was taken from. Where an id is no line of the order, nothing is: 400
        `no_such_lines`, with the ids in `details`."""
        order = self.get_object()
        given = RestockSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        orders.restock(self.actor, order, given.validated_data.get("lines"))
        return self._shown(order)

    @extend_schema(request=None, responses=OrderWithLinesSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Leave what was cancelled or refunded out of stock. It can still be restocked afterwards."""
        order = self.get_object()
        orders.decline(self.actor, order)
        return self._shown(order)

    @extend_schema(request=MatchSerializer, responses=OrderWithLinesSerializer, parameters=[LINE])
    @action(detail=True, methods=["post"], url_path="lines/(?P<line>[0-9]+)/match")
    def match(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Say which item a line has sold, and book it."""
        order, line = self._line(path)
        given = MatchSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        orders.match(self.actor, line, given.validated_data["item"])
        return self._shown(order)

    @extend_schema(request=None, responses=OrderWithLinesSerializer, parameters=[LINE])
    @action(detail=True, methods=["post"], url_path="lines/(?P<line>[0-9]+)/not-ours")
    def not_ours(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Say that a line was not sold from our stock: nothing is booked for it. It can still be matched afterwards."""
        order, line = self._line(path)
        orders.not_ours(self.actor, line)
        return self._shown(order)

    def _line(self, path: dict[str, Any]) -> tuple[Order, OrderLine]:
        order: Order = self.get_object()
        return order, get_object_or_404(OrderLine.objects.filter(order=order), pk=path["line"])

    def _shown(self, order: Order) -> Response:
        return Response(OrderWithLinesSerializer(self.get_queryset().get(pk=order.pk)).data)


def _lines() -> QuerySet[OrderLine]:
    return OrderLine.objects.filter(order=OuterRef("pk"))
