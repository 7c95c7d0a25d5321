"""What expires soon: `GET /api/batches/expiring`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from config.pagination import NewestFirst
from inventory import expiring, moment
from inventory.api.fields import KindField, MoneyField, QuantityNumber
from inventory.api.filters import KindedFilter
from inventory.expiring import Urgency
from inventory.models import Batch


class ExpiringSerializer(serializers.Serializer[Any]):
    batch = serializers.IntegerField(source="batch.pk", help_text="Its id.")
    product = serializers.IntegerField(source="batch.product_id", help_text="Its id.")
    sku = serializers.CharField(source="batch.product.sku")
    product_name = serializers.CharField(source="batch.product.name")
    warehouse = serializers.IntegerField(source="batch.warehouse_id", help_text="Its id.")
    warehouse_code = serializers.CharField(source="batch.warehouse.code")
    unit_kind = KindField(source="batch.unit_kind")
    lot = serializers.CharField(source="batch.lot", allow_blank=True)
    expires_on = serializers.DateField(source="batch.expires_on", allow_null=True, help_text="The day on the package.")
    expires_at = serializers.DateTimeField(source="batch.expires_at")
    days_left = serializers.IntegerField(help_text="Begun days count.")
    urgency = serializers.ChoiceField(choices=Urgency.choices, help_text="critical within 7 days, high within 14, medium within 30.")
    remaining = QuantityNumber(source="batch.remaining")
    unit_cost = MoneyField(source="batch.unit_cost", allow_null=True)
    value_at_risk = MoneyField(source="value", allow_null=True, decimal_places=2, max_digits=40, help_text="What the rest cost.")
    expected_revenue = MoneyField(
        source="revenue",
        allow_null=True,
        decimal_places=2,
        max_digits=40,
        help_text="What the rest would bring; null without a price for this unit kind.",
    )
    percent_sold = serializers.FloatField(help_text="Of all that came in.")


class TotalsSerializer(serializers.Serializer[Any]):
    batches = serializers.IntegerField()
    value_at_risk = MoneyField(source="value", decimal_places=2, max_digits=40)
    expected_revenue = MoneyField(source="revenue", decimal_places=2, max_digits=40)
    without_cost = serializers.IntegerField(source="uncosted", help_text="So many batches are missing in `value_at_risk`.")
    without_price = serializers.IntegerField(source="unpriced", help_text="So many batches are missing in `expected_revenue`.")


class SummarySerializer(serializers.Serializer[Any]):
    total = TotalsSerializer()
    critical = TotalsSerializer()
    high = TotalsSerializer()
    medium = TotalsSerializer()


class ExpiringPageSerializer(serializers.Serializer[Any]):
    summary = SummarySerializer(help_text="Of all that the filters leave, not only of this page.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ExpiringSerializer(many=True)


class ExpiringFilter(KindedFilter):
    urgency = ChoiceFilter(choices=Urgency.choices, method="as_urgent")
    category = IdFilter("product__category_id", "The id of a category; those that lie in it count too.", method="in_category")

    class Meta:
        model = Batch
        fields: list[str] = []

    def as_urgent(self, rows: QuerySet[Batch], _name: str, urgency: str) -> QuerySet[Batch]:
        return expiring.urgent(rows, Urgency(urgency), self.request.parser_context["view"].now)


class SoonestFirst(NewestFirst):
    ordering = ("expires_at", "id")


PAGES = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous` of another page."),
    OpenApiParameter("limit", OpenApiTypes.INT, description=SoonestFirst.page_size_query_description),
]


class ExpiringView(AccountScoped, generics.GenericAPIView[Batch]):
    """Batches of which something remains that expires within 30 days, the soonest first."""

    queryset = Batch.objects.select_related("product", "warehouse")
    serializer_class = ExpiringSerializer
    filterset_class = ExpiringFilter
    pagination_class = SoonestFirst
    operation = "batch.view"

    @extend_schema(operation_id="batches_expiring", filters=True, parameters=PAGES, responses=ExpiringPageSerializer)
    def get(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What expires soon, with what it is worth, and a summary of all of it."""
        self.now = moment.now()
        rows = expiring.soon(self.filter_queryset(self.get_queryset()), self.now)
        page = self.paginate_queryset(rows)
        assert page is not None
        answer = self.get_paginated_response(ExpiringSerializer(expiring.figures(page, self.now), many=True).data)
        by_urgency = expiring.summary(rows.select_related(None), self.now)
        parts = {"total": expiring.total(by_urgency.values()), **{each.value: totals for each, totals in by_urgency.items()}}
        return Response({"summary": SummarySerializer(parts).data, **answer.data})
