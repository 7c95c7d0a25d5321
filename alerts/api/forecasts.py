"""Forecasts and suggestions: what is expected to be sold, and what to buy when."""

from __future__ import annotations

from typing import Any

from django.db.models import BigAutoField, QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, FilterSet, NumberFilter
from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountScoped, OwnedRelatedField
from accounts.api.filters import IdFilter
from accounts.scoping import acting
from alerts import forecasting, forecastsettings, suggestions
from alerts.forecast import Basis, Speed
from alerts.forecastsettings import LIMITS
from alerts.models import Forecast, ForecastSettings
from config.pagination import NewestFirst
from inventory.api.fields import KindField, KnownFieldsOnly, LedgerSerializer
from inventory.keys import sku_key
from inventory.models import Warehouse

AHEAD = "So many days ahead, from 0 to 90; the account's setting when left out."


class StepSerializer(serializers.Serializer[Any]):
    """One number and how it was come to."""

    name = serializers.CharField()
    value = serializers.CharField()
    sum = serializers.CharField()


class ForecastSerializer(LedgerSerializer[Forecast]):
    """Quantities are in what the product is counted in."""

    sku = serializers.CharField(source="product.sku")
    product_name = serializers.CharField(source="product.name")
    unit_kind = KindField(source="product.unit_kind")
    vendor = serializers.IntegerField(source="product.vendor_id", allow_null=True, help_text="The id of whom it is mostly bought from.")
    vendor_name = serializers.CharField(source="product.vendor.name", default="")
    explanation = StepSerializer(many=True, help_text="The sum behind every number, in the order in which they are worked out.")
    # Read only and blank: as a choice the document would not know the blank.
    pattern = serializers.CharField(help_text="How demand comes: smooth, erratic, intermittent or lumpy; blank while nothing is known.")
    draft = serializers.CharField(allow_null=True, help_text="The number of the draft order that has it already.")

    class Meta:
        model = Forecast
        fields = [
            "product",
            "sku",
            "product_name",
            "unit_kind",
            "vendor",
            "vendor_name",
            "warehouse",
            "basis",
            "daily",
            "velocity_30",
            "velocity_90",
            "trend",
            "trend_percent",
            "pattern",
            "speed",
            "days_out",
            "available",
            "on_order",
            "reorder_point",
            "lead_days",
            "lead_from",
            "days_left",
            "runs_out_on",
            "order_at",
            "reorder_on",
            "quantity",
            "draft",
            "explanation",
            "changed_at",
        ]
        read_only_fields = fields


class ForecastFilter(FilterSet):  # type: ignore[misc]
    sku = CharFilter(method="of_sku", label="A SKU, in any case.")
    vendor = IdFilter("product__vendor_id", "The id of the vendor whom the product is mostly bought from.")
    warehouse = IdFilter("warehouse_id", "The id of the warehouse that it is bought for.")
    basis = ChoiceFilter(choices=Basis.choices)
    speed = ChoiceFilter(choices=Speed.choices)
    days_left = NumberFilter(field_name="days_left", lookup_expr="lte", min_value=0, max_value=36_500, label="At most so many days left.")
    drafted = BooleanFilter(field_name="draft", lookup_expr="isnull", exclude=True, label="On a draft order already, or on none.")

    class Meta:
        model = Forecast
        fields: list[str] = []

    def of_sku(self, rows: QuerySet[Forecast], _name: str, sku: str) -> QuerySet[Forecast]:
        return rows.filter(product__sku_key=sku_key(sku))


class ByProduct(NewestFirst):
    ordering = "product_id"


class MostUrgentFirst(NewestFirst):
    ordering = ("reorder_on", "product_id")


class ForecastRunSerializer(serializers.Serializer[Any]):
    products = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()
    message = serializers.CharField(source="sentence")


class ForecastViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Forecast]):
    """What each product is expected to sell, when it runs out, and when to buy how much."""

    queryset = suggestions.with_drafts(Forecast.objects.select_related("product__vendor"))
    serializer_class = ForecastSerializer
    filterset_class = ForecastFilter
    pagination_class = ByProduct
    lookup_field = "product"
    lookup_value_regex = r"\d{1,18}"
    operations = {"list": "forecast.view", "retrieve": "forecast.view", "run": "forecast.start"}

    def list(self, request: Request, *args: Any, **path: Any) -> Response:
        """By product."""
        return super().list(request, *args, **path)

    def retrieve(self, request: Request, *args: Any, **path: Any) -> Response:
        """Of one product, by the product's id."""
        return super().retrieve(request, *args, **path)

    @extend_schema(request=None, responses=ForecastRunSerializer)
    @action(detail=False, methods=["post"])
    def run(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Work out all forecasts now. They follow sales and syncs by themselves."""
        return Response(ForecastRunSerializer(forecasting.start(acting(request))).data)


class SuggestionFilter(ForecastFilter):
    ahead = NumberFilter(method="until", min_value=0, max_value=90, label=AHEAD)

    def until(self, rows: QuerySet[Forecast], _name: str, _days: Any) -> QuerySet[Forecast]:
        """Applied where the rows are made: it also widens them."""
        return rows


class SuggestionsView(AccountScoped, generics.ListAPIView[Forecast]):
    """What is to be bought next."""

    queryset = Forecast.objects.all()
    serializer_class = ForecastSerializer
    filterset_class = SuggestionFilter
    pagination_class = MostUrgentFirst
    operations = {"get": "forecast.view"}

    def get_queryset(self) -> QuerySet[Forecast]:
        if getattr(self, "swagger_fake_view", False):
            return Forecast.objects.none()
        given = self.request.query_params.get("ahead", "")
        ahead = int(given) if given.isascii() and given.isdigit() and len(given) < 3 else None
        return suggestions.suggest(self.actor.account, ahead_days=ahead)

    def get(self, request: Request, *args: Any, **path: Any) -> Response:
        """What is to be ordered by then, the most urgent first."""
        return super().get(request, *args, **path)


class DraftSerializer(KnownFieldsOnly):
    """Which products go on drafts."""

    products = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BigAutoField.MAX_BIGINT),
        min_length=1,
        max_length=suggestions.MOST,
        help_text="Their ids.",
    )
    warehouse = OwnedRelatedField(
        queryset=Warehouse.objects.all(),
        required=False,
        allow_null=True,
        help_text="What it is bought for; where each sells most when left out.",
    )


class DraftedOrderSerializer(serializers.Serializer[Any]):
    order = serializers.IntegerField(source="order.pk", help_text="The purchase order's id.")
    number = serializers.CharField(source="order.number")
    vendor = serializers.IntegerField(source="order.vendor_id")
    warehouse = serializers.IntegerField(source="order.warehouse_id")
    made = serializers.BooleanField(help_text="Whether the draft is new.")
    lines_added = serializers.SerializerMethodField()

    def get_lines_added(self, drafted: Any) -> int:
        return len(drafted.added)


class DraftedSerializer(serializers.Serializer[Any]):
    drafts = DraftedOrderSerializer(many=True)
    left_out = serializers.ListField(child=serializers.CharField(), help_text="Sentences about what is on no draft, or was before.")
    message = serializers.CharField(source="sentence")


class DraftSuggestionsView(APIView):
    """Suggestions become draft orders."""

    operations = {"post": "purchase_order.add"}

    @extend_schema(request=DraftSerializer, responses={201: DraftedSerializer}, operation_id="suggestions_draft")
    def post(self, request: Request) -> Response:
        """Put these products on drafts, one for each vendor and warehouse. What is on a draft already stays as it is: safe to repeat."""
        given = DraftSerializer(data=request.data, context={"request": request, "view": self})
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        found = suggestions.draft_orders(acting(request), wanted["products"], warehouse=wanted.get("warehouse"))
        return Response(DraftedSerializer(found).data, status=status.HTTP_201_CREATED)


def _setting(name: str) -> serializers.IntegerField:
    least, most = LIMITS[name]
    return serializers.IntegerField(min_value=least, max_value=most, help_text=getattr(ForecastSettings, name).field.help_text)


class ForecastSettingsSerializer(serializers.ModelSerializer[ForecastSettings]):
    cover_days = _setting("cover_days")
    lead_days = _setting("lead_days")
    service_percent = _setting("service_percent")
    history_days = _setting("history_days")
    ahead_days = _setting("ahead_days")

    class Meta:
        model = ForecastSettings
        fields = [*LIMITS, "ran_at"]
        read_only_fields = ["ran_at"]


class ForecastSettingsView(APIView):
    """What suggestions of the business account are for."""

    operations = {"get": "forecast.view", "patch": "forecast.edit"}

    @extend_schema(responses=ForecastSettingsSerializer, operation_id="forecast_settings")
    def get(self, request: Request) -> Response:
        """All settings; the defaults where nobody has changed any."""
        return Response(ForecastSettingsSerializer(forecastsettings.settings_of(acting(request).account)).data)

    @extend_schema(
        request=ForecastSettingsSerializer(partial=True), responses=ForecastSettingsSerializer, operation_id="forecast_settings_change"
    )
    def patch(self, request: Request) -> Response:
        """Change what is given. All forecasts are worked out anew within a minute."""
        given = ForecastSettingsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(ForecastSettingsSerializer(forecastsettings.edit_settings(acting(request), **given.validated_data)).data)
