"""The past of stock: its movements with running balances, how much there was at a moment, and how days closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from accounts.scoping import OwnedRelatedField, acting
from config.pagination import NewestFirst
from inventory import history, moment
from inventory.api.fields import CountersSerializer, KindField, QuantityNumber
from inventory.api.filters import KindedFilter
from inventory.api.movements import MovedForSerializer
from inventory.ledger.counters import Key
from inventory.models import Movement, Product, Warehouse

DAYS_SHOWN = 7
PAGE, LARGEST_PAGE = 100, 1000


class HistoryLineSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="movement.pk", help_text="The movement's.")
    booked_at = serializers.DateTimeField(source="movement.booked_at")
    happened_at = serializers.DateTimeField(source="movement.happened_at")
    product = serializers.IntegerField(source="movement.product_id", help_text="Its id.")
    sku = serializers.CharField(source="movement.product.sku")
    warehouse = serializers.IntegerField(source="movement.warehouse_id", help_text="Its id.")
    warehouse_code = serializers.CharField(source="movement.warehouse.code")
    unit_kind = KindField(source="movement.unit_kind")
    what = serializers.CharField(help_text="What happened, in words.")
    why = serializers.CharField(help_text="What it was booked by, in words.")
    who = serializers.CharField()
    change = QuantityNumber(source="movement.level_delta", help_text="Of the counter.")
    balance = QuantityNumber(help_text="The counter after it.")
    batch = serializers.IntegerField(source="movement.batch_id", allow_null=True, help_text="Its id.")
    lot = serializers.CharField(source="movement.batch.lot", default="", allow_blank=True)
    reason = serializers.CharField(source="movement.reason", allow_blank=True)
    document = MovedForSerializer(allow_null=True, help_text="What it belongs to; null where that has no page of its own.")
    correlation = serializers.UUIDField(source="movement.correlation", help_text="Everything that comes from one fact has the same.")


class HistoryPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = HistoryLineSerializer(many=True)


@between("booked_at", "Not booked before this time.", "Booked before this time.")
class HistoryFilter(KindedFilter):
    batch = IdFilter("batch_id", "The batch's id.")

    class Meta:
        model = Movement
        fields: list[str] = []


PAGES = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous` of another page."),
    OpenApiParameter("limit", OpenApiTypes.INT, description=NewestFirst.page_size_query_description),
]


class HistoryView(AccountScoped, generics.GenericAPIView[Movement]):
    """What happened to stock, line by line."""

    queryset = Movement.objects.select_related("product", "warehouse", "batch")
    serializer_class = HistoryLineSerializer
    filterset_class = HistoryFilter
    operation = "movement.view"

    @extend_schema(operation_id="stock_history", filters=True, parameters=PAGES, responses=HistoryPageSerializer)
    def get(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The newest first, each with the counter after it."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(HistoryLineSerializer(history.described(page), many=True).data)


class PlaceQuery(serializers.Serializer[Any]):
    product = OwnedRelatedField(queryset=Product.objects.all(), required=False, default=None, help_text="The product's id.")
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all(), required=False, default=None, help_text="The warehouse's id.")


class AtQuery(PlaceQuery):
    moment = serializers.DateTimeField(required=False, default=None, help_text="What was booked before it counts; left out, it is now.")
    after = serializers.RegexField(
        r"\A[0-9]{1,18}:[0-9]{1,18}\Z", required=False, default=None, help_text="`next` of the page before, to go on from there."
    )
    limit = serializers.IntegerField(
        required=False, default=PAGE, min_value=1, max_value=LARGEST_PAGE, help_text="How many rows a page holds."
    )


class StockAtSerializer(CountersSerializer):
    product = serializers.IntegerField(help_text="Its id.")
    sku = serializers.CharField()
    warehouse = serializers.IntegerField(help_text="Its id.")
    warehouse_code = serializers.CharField()


class AtPageSerializer(serializers.Serializer[Any]):
    moment = serializers.DateTimeField()
    next = serializers.CharField(allow_null=True, help_text="For `after`; null on the last page.")
    results = StockAtSerializer(many=True)


class AtView(APIView):
    """Stock at a past moment."""

    operation = "movement.view"

    @extend_schema(operation_id="stock_at", parameters=[AtQuery], responses=AtPageSerializer)
    def get(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """How much there was of each product in each warehouse, by the ledger alone. What has never moved by then is left out."""
        asked = _asked(AtQuery, request)
        account, limit = acting(request).account, asked["limit"]
        when = asked["moment"] or moment.now()
        found = history.at(
            account,
            asked["moment"],
            products=_ids(asked["product"]),
            warehouses=_ids(asked["warehouse"]),
            after=Key(*map(int, asked["after"].split(":"))) if asked["after"] else None,
            limit=limit + 1,
        )
        page = list(found.items())[:limit]
        skus = dict(Product.objects.filter(pk__in={key.product_id for key, _ in page}).values_list("pk", "sku"))
        codes = dict(Warehouse.objects.filter(pk__in={key.warehouse_id for key, _ in page}).values_list("pk", "code"))
        rows = [
            {
                "product": key.product_id,
                "sku": skus[key.product_id],
                "warehouse": key.warehouse_id,
                "warehouse_code": codes[key.warehouse_id],
                **counters._asdict(),
            }
            for key, counters in page
        ]
        following = f"{page[-1][0].product_id}:{page[-1][0].warehouse_id}" if len(found) > limit else None
        return Response(AtPageSerializer({"moment": when, "next": following, "results": rows}).data)


class ClosingsQuery(PlaceQuery):
    def get_fields(self) -> dict[str, Any]:
        """`from` can't be written as an attribute."""
        first = serializers.DateField(
            required=False, default=None, help_text="The first day; left out, the week that ends with `to` is meant."
        )
        last = serializers.DateField(required=False, default=None, help_text="The last day; left out, it is today.")
        return {**super().get_fields(), "from": first, "to": last}


class ClosingSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    unit_kind = KindField()
    opening = QuantityNumber()
    came_in = QuantityNumber()
    went_out = QuantityNumber()
    closing = QuantityNumber()


class ClosingsSerializer(serializers.Serializer[Any]):
    time_zone = serializers.CharField(help_text="Of the account: its days are meant.")
    days = ClosingSerializer(many=True)


class ClosingsView(APIView):
    """Business days, closed."""

    operation = "movement.view"

    @extend_schema(operation_id="stock_closings", parameters=[ClosingsQuery], responses=ClosingsSerializer)
    def get(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What each day began with, what came in and went out, and what it ended with: of all that is chosen together, by unit kind.

        A day counts what was booked on it, so one that is over stays as it is. At most 366 days at once."""
        asked = _asked(ClosingsQuery, request)
        account = acting(request).account
        last = asked["to"] or datetime.now(UTC).astimezone(ZoneInfo(account.time_zone)).date()
        first = asked["from"] or last - min(timedelta(days=DAYS_SHOWN - 1), last - last.min)
        days = history.closings(account, first, last, product=asked["product"], warehouse=asked["warehouse"])
        return Response(ClosingsSerializer({"time_zone": account.time_zone, "days": days}).data)


def _asked(query: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What the address asks for. Raises ValidationError naming the parameter that is wrong."""
    given = query(data=request.query_params, context={"request": request})
    given.is_valid(raise_exception=True)
    asked: dict[str, Any] = given.validated_data
    return asked


def _ids(row: Product | Warehouse | None) -> list[int] | None:
    return None if row is None else [row.pk]
