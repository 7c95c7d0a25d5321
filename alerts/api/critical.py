"""Critical items: what is out of stock, below its reorder point or about to run out, and what to order of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, NumberFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from accounts.scoping import acting
from alerts.critical import LISTS, ages, counts, described, in_warehouse
from config.pagination import NewestFirst
from inventory import supply, supplysettings
from inventory.admin.stockfilters import of_products
from inventory.api.fields import KindField, KnownFieldsOnly, MoneyField, QuantityNumber
from inventory.categories import within
from inventory.models import Supply, SupplyLevel, SupplySettings, SupplyState
from inventory.supplysettings import LIMITS

DEFAULT = "critical"
UNKNOWN = "Null is unknown."


class SuggestionSerializer(serializers.Serializer[Any]):
    """What the forecast argues to order."""

    quantity = QuantityNumber()
    order_on = serializers.DateField(source="reorder_on", allow_null=True)
    draft = serializers.CharField(allow_null=True, help_text="The number of the draft order that has it already.")


class SupplyItemSerializer(serializers.Serializer[Any]):
    """Quantities are in what the product is counted in."""

    product = serializers.IntegerField(source="supply.product_id", help_text="Its id.")
    sku = serializers.CharField(source="supply.product.sku")
    product_name = serializers.CharField(source="supply.product.name")
    unit_kind = KindField(source="supply.product.unit_kind")
    vendor = serializers.IntegerField(source="supply.product.vendor_id", allow_null=True, help_text="The id of whom it is bought from.")
    vendor_name = serializers.CharField(source="supply.product.vendor.name", default="")
    purchase_price = MoneyField(source="supply.product.purchase_price", allow_null=True)
    state = serializers.ChoiceField(SupplyState.choices, source="supply.state", help_text="The one list it is on.")
    level = serializers.ChoiceField(SupplyLevel.choices, source="supply.level")
    since = serializers.DateTimeField(source="supply.since", help_text="When it came into its state.")
    priority = serializers.IntegerField(help_text="How soon somebody should look, from 0 to 10.")
    reorder_advised = serializers.BooleanField()
    on_hand = QuantityNumber(source="supply.on_hand")
    reserved = QuantityNumber(source="supply.reserved")
    available = QuantityNumber(source="supply.available", help_text="Can be negative where an outside system says so.")
    on_order = QuantityNumber(source="supply.on_order")
    reorder_point = QuantityNumber(source="supply.reorder_point", allow_null=True, help_text=UNKNOWN)
    reorder_quantity = QuantityNumber(source="supply.reorder_quantity", allow_null=True, help_text=UNKNOWN)
    maximum = QuantityNumber(source="supply.maximum", allow_null=True, help_text=UNKNOWN)
    daily_demand = QuantityNumber(source="supply.daily_demand", allow_null=True, help_text=f"Expected to be sold in a day. {UNKNOWN}")
    demand_basis = serializers.CharField(source="forecast.basis", default=None, allow_null=True, help_text="What that rests on.")
    days_left = QuantityNumber(source="supply.days_left", allow_null=True, help_text="Cut to a tenth; null while demand is unknown.")
    suggestion = SuggestionSerializer(source="forecast", allow_null=True, help_text="Null without a forecast.")
    as_of = serializers.DateTimeField(allow_null=True, help_text="When the oldest of its numbers was right; null where that is unknown.")


class SupplyCountsSerializer(serializers.Serializer[Any]):
    """How many products are on each list. A product is on one of out, below and soon at most."""

    critical = serializers.IntegerField(help_text="Out of stock or below the reorder point: each product once.")
    out = serializers.IntegerField()
    below = serializers.IntegerField()
    soon = serializers.IntegerField()
    overstocked = serializers.IntegerField()
    all = serializers.IntegerField()


class MaximumSerializer(KnownFieldsOnly):
    maximum = QuantityNumber(allow_null=True, min_value=0, help_text="More than a share of it is too much. Null is unknown.")


class CriticalFilter(FilterSet):  # type: ignore[misc]
    list = ChoiceFilter(
        choices=[(key, key) for key in LISTS], method="on_list", label="Which list; critical, that is out and below, when left out."
    )
    level = ChoiceFilter(choices=SupplyLevel.choices)
    vendor = IdFilter("product__vendor_id", "The id of the vendor whom the product is mostly bought from.")
    category = IdFilter("product__category_id", "The id of a category; those that lie in it count too.", method="in_category")
    warehouse = IdFilter("pk", "The id of a warehouse that has, or had, the product.", method="placed")
    older = NumberFilter(method="aged", min_value=0, max_value=87_600, label="Of warehouses whose numbers are older than so many hours.")
    q = CharFilter(method="holding", label="The beginning of a SKU, barcode or model, or a part of the name.")

    class Meta:
        model = Supply
        fields: list[str] = []

    def on_list(self, rows: QuerySet[Supply], _name: str, key: str) -> QuerySet[Supply]:
        return rows.filter(LISTS[key])

    def in_category(self, rows: QuerySet[Supply], _name: str, pk: int) -> QuerySet[Supply]:
        return rows.filter(product__category__in=within(acting(self.request).account, int(pk)))

    def placed(self, rows: QuerySet[Supply], _name: str, pk: int) -> QuerySet[Supply]:
        return in_warehouse(rows, [int(pk)])

    def aged(self, rows: QuerySet[Supply], _name: str, hours: Any) -> QuerySet[Supply]:
        return in_warehouse(rows, ages(acting(self.request).account).older_than(timedelta(hours=float(hours))))

    def holding(self, rows: QuerySet[Supply], _name: str, text: str) -> QuerySet[Supply]:
        return of_products(acting(self.request).account, rows, text)

    def filter_queryset(self, queryset: QuerySet[Supply]) -> QuerySet[Supply]:
        rows: QuerySet[Supply] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("list") else rows.filter(LISTS[DEFAULT])


class MostUrgentFirst(NewestFirst):
    ordering = ("urgency", "product_id")


class CriticalViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Supply]):
    """How products that are active and reordered stand over all warehouses, as of the last sync or booking."""

    queryset = Supply.objects.select_related("product__vendor")
    serializer_class = SupplyItemSerializer
    filterset_class = CriticalFilter
    pagination_class = MostUrgentFirst
    lookup_field = "product"
    lookup_value_regex = r"\d{1,18}"
    operations = {"list": "supply.view", "retrieve": "supply.view", "counts": "supply.view", "partial_update": "supply.edit"}

    def filter_queryset(self, queryset: Any) -> Any:
        """Lists are narrowed; a product that is asked for by its id is shown whatever list it is on."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def list(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """The most urgent first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        account = self.actor.account
        return self.get_paginated_response(SupplyItemSerializer(described(account, page, ages(account)), many=True).data)

    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One product, whatever its state."""
        return self._shown()

    @extend_schema(request=MaximumSerializer, responses=SupplyItemSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Say how much of it there should be at most."""
        row = self.get_object()
        given = MaximumSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        supply.set_maximum(self.actor, row.product, given.validated_data["maximum"])
        return self._shown()

    @extend_schema(responses=SupplyCountsSerializer, operation_id="critical_items_counts", filters=False)
    @action(detail=False, pagination_class=None)
    def counts(self, request: Request) -> Response:
        """How many products are on each list."""
        return Response(SupplyCountsSerializer(counts(self.actor.account)).data)

    def _shown(self) -> Response:
        account = self.actor.account
        return Response(SupplyItemSerializer(described(account, [self.get_object()], ages(account))[0]).data)


class SupplySettingsSerializer(serializers.ModelSerializer[SupplySettings]):
    class Meta:
        model = SupplySettings
        fields = list(supplysettings.COLUMNS)
        extra_kwargs = {name: {"min_value": least, "max_value": most} for name, (least, most) in LIMITS.items()}


class SupplySettingsView(APIView):
    """When the business account calls a product critical."""

    operations = {"get": "supply.view", "patch": "supply.edit"}

    @extend_schema(responses=SupplySettingsSerializer, operation_id="supply_settings")
    def get(self, request: Request) -> Response:
        """All settings; the defaults where nobody has changed any."""
        return Response(SupplySettingsSerializer(supplysettings.settings_of(acting(request).account)).data)

    @extend_schema(
        request=SupplySettingsSerializer(partial=True), responses=SupplySettingsSerializer, operation_id="supply_settings_change"
    )
    def patch(self, request: Request) -> Response:
        """Change what is given. All products are judged anew within a minute."""
        given = SupplySettingsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(SupplySettingsSerializer(supplysettings.edit_settings(acting(request), **given.validated_data)).data)
