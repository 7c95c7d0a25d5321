"""What came in at one time, and what has become of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, NumberFilter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter
from inventory import batchstate, moment
from inventory.api.fields import KindField, LedgerSerializer, QuantityNumber
from inventory.api.filters import KindedFilter
from inventory.issued import issued
from inventory.models import COUNTED, Allocation, Batch, BatchOrigin, BatchState, IssuePurpose, SaleStatus

SALES_SHOWN = 100
"""In one answer, the newest."""
FARTHEST = 36_500
"""Days ahead that a filter takes: a hundred years."""


class BatchSerializer(LedgerSerializer[Batch]):
    sku = serializers.CharField(source="product.sku", read_only=True)
    warehouse_code = serializers.CharField(source="warehouse.code", read_only=True)
    unit_kind = KindField(read_only=True)
    state = serializers.SerializerMethodField(help_text="As of now: expired from the very instant, whether that is booked yet or not.")

    class Meta:
        model = Batch
        fields = [
            "id",
            "product",
            "sku",
            "warehouse",
            "warehouse_code",
            "unit_kind",
            "origin",
            "parent",
            "state",
            "received",
            "gained",
            "sold",
            "written_off",
            "moved_out",
            "broken",
            "voided",
            "remaining",
            "unit_cost",
            "lot",
            "expires_on",
            "expires_at",
            "expiry_booked_at",
            "received_at",
            "packs_per_pallet",
            "units_per_pack",
            "voided_at",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=BatchState.choices))
    def get_state(self, batch: Batch) -> str:
        booked, voided = batch.expiry_booked_at is not None, batch.voided_at is not None
        found = batchstate.state(batch.remaining, batch.expires_at, expiry_booked=booked, voided=voided, now=self.context["now"])
        return found.value


class AllocatedSerializer(LedgerSerializer[Allocation]):
    sold_at = serializers.DateTimeField(source="sale.sold_at", read_only=True)
    status = serializers.ChoiceField(source="sale.status", choices=SaleStatus.choices, read_only=True)
    purpose = serializers.ChoiceField(source="sale.purpose", choices=IssuePurpose.choices, read_only=True)

    class Meta:
        model = Allocation
        fields = ["sale", "purpose", "sold_at", "status", "quantity", "released"]
        read_only_fields = fields


class BatchWithSalesSerializer(BatchSerializer):
    purchase = serializers.IntegerField(source="purchase.pk", default=None, allow_null=True, read_only=True, help_text="Its id, if any.")
    allocations = serializers.SerializerMethodField(
        help_text=f"The sales that took from it, the newest {SALES_SHOWN}; all of them are in /api/sales?batch=."
    )
    issued = serializers.SerializerMethodField(help_text="What `sold` is made of, by purpose.")
    movements = serializers.SerializerMethodField(help_text="The address of its movements.")

    class Meta(BatchSerializer.Meta):
        fields = [*BatchSerializer.Meta.fields, "purchase", "issued", "allocations", "movements"]
        read_only_fields = fields

    @extend_schema_field(AllocatedSerializer(many=True))
    def get_allocations(self, batch: Batch) -> Any:
        newest = batch.allocations.select_related("sale").order_by("-id")[:SALES_SHOWN]
        return AllocatedSerializer(newest, many=True).data

    @extend_schema_field(serializers.DictField(child=QuantityNumber()))
    def get_issued(self, batch: Batch) -> dict[str, Any]:
        shown = QuantityNumber()
        return {purpose: shown.to_representation(quantity) for purpose, quantity in issued([batch]).get(batch.pk, {}).items()}

    @extend_schema_field(serializers.CharField())
    def get_movements(self, batch: Batch) -> str:
        return f"{reverse('movement-list')}?batch={batch.pk}"


class BatchFilter(KindedFilter):
    origin = ChoiceFilter(choices=BatchOrigin.choices)
    state = ChoiceFilter(choices=BatchState.choices, method="in_state", label="As of now.")
    lot = CharFilter(lookup_expr="iexact", label="The lot number, in any case.")
    expired = BooleanFilter(method="is_expired", label="Something remains and its expiry has passed.")
    expiring_within = NumberFilter(
        method="expires_soon", min_value=0, max_value=FARTHEST, label="Something remains that expires within so many days."
    )
    vendor = IdFilter("purchase__vendor_id", "The id of the vendor it was bought from.")

    class Meta:
        model = Batch
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Batch], _name: str, state: str) -> QuerySet[Batch]:
        over = Q(expires_at__lte=moment.now())
        if state == BatchState.ACTIVE:
            return rows.filter(Q(expires_at__isnull=True) | ~over, state=BatchState.ACTIVE)
        if state == BatchState.EXPIRED:
            return rows.filter(Q(state=BatchState.EXPIRED) | Q(over, state=BatchState.ACTIVE))
        return rows.filter(state=state)

    def is_expired(self, rows: QuerySet[Batch], _name: str, wanted: bool) -> QuerySet[Batch]:
        found = self.in_state(rows, "state", BatchState.EXPIRED)
        return found if wanted else rows.exclude(pk__in=found.values("pk"))

    def expires_soon(self, rows: QuerySet[Batch], _name: str, days: Any) -> QuerySet[Batch]:
        now = moment.now()
        return rows.filter(COUNTED, expires_at__gt=now, expires_at__lte=now + timedelta(days=float(days)))


class BatchViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Batch]):
    """Batches come from purchases, counts, transfers, returns and opened pallets, and change by movements only."""

    queryset = Batch.objects.select_related("product", "warehouse")
    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    operation = "batch.view"

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": moment.now()}

    @extend_schema(responses=BatchWithSalesSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One batch with the sales that took from it."""
        rows = self.get_queryset().select_related("purchase")
        self.queryset = rows
        return Response(BatchWithSalesSerializer(self.get_object(), context=self.get_serializer_context()).data)
