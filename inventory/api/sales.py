"""Sales: what goes out, corrected and cancelled."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import BooleanFilter, CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from inventory import ledger
from inventory.api.filters import KindedFilter
from inventory.api.purposes import PurposeFilter, usual
from inventory.api.returns import ReturnOfSaleSerializer, ReturnWithMovementsSerializer, taken_back
from inventory.api.saleanswers import (
    CancelledSerializer,
    PreviewSerializer,
    SaleSerializer,
    SaleWithBatchesSerializer,
    previewed,
    shown,
)
from inventory.api.salebodies import AskedSaleSerializer, NewSaleSerializer, SaleChangeSerializer
from inventory.models import IssuePurpose, Sale, SaleStatus
from jobs.api.keyed import KEY, answered_once


@between("sold_at", "Not sold before this time.", "Sold before this time.")
class SaleFilter(KindedFilter):
    status = ChoiceFilter(choices=SaleStatus.choices)
    batch = IdFilter("allocations__batch_id", "The id of a batch it took from.", distinct=True)
    short = BooleanFilter(method="is_short", label="Sold before it was known here, in part at least.")
    purpose = PurposeFilter(IssuePurpose, "What it went out for. Sales only, where no purpose, batch or source key is named.")
    reference = CharFilter(label="The bill or order.")
    source_key = CharFilter(label="What your own system calls it.")

    class Meta:
        model = Sale
        fields: list[str] = []

    def is_short(self, rows: QuerySet[Sale], _name: str, wanted: bool) -> QuerySet[Sale]:
        return rows.filter(shortfall__gt=0) if wanted else rows.filter(shortfall=0)


class SaleViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Sale]):
    """Each sale is of one product and takes from batches, first expired first. It is cancelled, never deleted.

    What went out for another `purpose` is here, too: returned to the vendor, used in production, thrown away, sent elsewhere.
    """

    queryset = Sale.objects.select_related("product", "warehouse")
    serializer_class = SaleSerializer
    filterset_class = SaleFilter
    operations = {
        "list": "sale.view",
        "retrieve": "sale.view",
        "create": "sale.add",
        "preview": "sale.add",
        "partial_update": "sale.edit",
        "destroy": "sale.cancel",
        "take_back": "return.add",
    }

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        return usual(rows, self.request, IssuePurpose.SALE) if self.action == "list" else rows

    @extend_schema(responses=SaleWithBatchesSerializer)
    def retrieve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """One sale with the batches it came from."""
        return Response(shown(self.get_object()))

    @extend_schema(request=NewSaleSerializer, responses={201: SaleWithBatchesSerializer}, parameters=[KEY])
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Book a sale, all of it or nothing: 409 `INSUFFICIENT_STOCK` says in `details` what is available, `NO_BATCHES` that nothing is."""
        given = NewSaleSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)

        def do() -> tuple[int, Any]:
            return 201, self._shown(ledger.sell(self.actor, **given.validated_data).sale)

        return answered_once(request, self.actor, "sale.add", do)

    @extend_schema(request=AskedSaleSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What a sale would take now, or why it can't be. Writes nothing."""
        given = AskedSaleSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return Response(previewed(ledger.preview_sale(self.actor, **given.validated_data)))

    @extend_schema(request=SaleChangeSerializer, responses=SaleWithBatchesSerializer)
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change a sale. More is taken first expired first; less goes back to what was taken last."""
        sale = self.get_object()
        given = SaleChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        if wanted.get("price", "") is None:
            # Null takes the price away; None would leave it.
            wanted["price"] = ""
        return Response(self._shown(ledger.edit_sale(self.actor, sale, **wanted)))

    @extend_schema(responses={200: CancelledSerializer})
    def destroy(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Cancel a sale: everything goes back to the very batches it came from. `notes` say what is not for sale all the same."""
        cancelled = ledger.cancel_sale(self.actor, self.get_object())
        return Response({**self._shown(cancelled.sale), "notes": list(cancelled.notes)})

    @extend_schema(request=ReturnOfSaleSerializer, responses={201: ReturnWithMovementsSerializer}, parameters=[KEY])
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Book what the customer brought back: it goes to the batches of the sale, what was taken last first."""
        sale = self.get_object()
        given = ReturnOfSaleSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return answered_once(
            request, self.actor, f"return.add {sale.pk}", lambda: taken_back(self.actor, {**given.validated_data, "sale": sale})
        )

    def _shown(self, sale: Sale) -> dict[str, Any]:
        return shown(self.get_queryset().get(pk=sale.pk))
