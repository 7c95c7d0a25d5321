"""Purchase orders: what is to be bought, until it has come."""

from __future__ import annotations

from typing import Any

from django.db.models import Count as Number
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, DateFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountScoped
from accounts.api.filters import IdFilter, between
from accounts.scoping import acting
from config.pagination import NewestFirst
from inventory import purchasing
from inventory.api.itembodies import IF_MATCH, version_wanted
from inventory.api.orderbodies import (
    CancelSerializer,
    NewLinesSerializer,
    NewPurchaseOrderSerializer,
    PurchaseOrderChangeSerializer,
    PurchaseOrderLineChangeSerializer,
    PurchaseOrderLineSerializer,
    PurchaseOrderReceiptSerializer,
    PurchaseOrderSerializer,
    ReceivedPurchaseOrderSerializer,
    ReceiveSerializer,
    SentSerializer,
    VersionedSerializer,
    WholePurchaseOrderSerializer,
    arrivals_of,
    lines_of,
)
from inventory.models import OPEN_ORDERS, OrderReceipt, OrderState, PurchaseOrder, PurchaseOrderLine
from inventory.purchasing import paper
from inventory.purchasing.standing import overdue
from jobs.api.keyed import KEY, answered_once

LINE = OpenApiParameter("line", OpenApiTypes.INT, OpenApiParameter.PATH, description="The line's id.")
FILES = {"csv": (paper.as_csv, "text/csv"), "text": (paper.text, "text/plain"), "html": (paper.page, "text/html")}
AS = OpenApiParameter("as", OpenApiTypes.STR, OpenApiParameter.QUERY, enum=list(FILES), description="A table when left out.")
# Not by a join: it would count the lines of all orders before the page is cut.
LINES = PurchaseOrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(number=Number("pk")).values("number")


@between("created_at", "Not drafted before this time.", "Drafted before this time.")
class PurchaseOrderFilter(FilterSet):  # type: ignore[misc]
    state = ChoiceFilter(choices=OrderState.choices)
    open = BooleanFilter(method="of_open", label="Those on which something is expected, or the others.")
    overdue = BooleanFilter(method="of_overdue", label="Those that should have come before today, or the others.")
    vendor = IdFilter("vendor_id", "The vendor's id.")
    warehouse = IdFilter("warehouse_id", "The warehouse's id.")
    product = IdFilter("product", "The id of a product that is on it.", method="of_product")
    number = CharFilter(lookup_expr="iexact", label="Its number, in any case.")
    upstream = CharFilter(label="What the warehouse's outside system calls it.")
    expected_before = DateFilter(field_name="expected_on", lookup_expr="lt", label="Expected before this day.")

    class Meta:
        model = PurchaseOrder
        fields: list[str] = []

    def of_open(self, rows: QuerySet[PurchaseOrder], _name: str, wanted: bool) -> QuerySet[PurchaseOrder]:
        return rows.filter(state__in=OPEN_ORDERS) if wanted else rows.exclude(state__in=OPEN_ORDERS)

    def of_overdue(self, rows: QuerySet[PurchaseOrder], _name: str, wanted: bool) -> QuerySet[PurchaseOrder]:
        late = overdue(acting(self.request).account)
        return rows.filter(late) if wanted else rows.exclude(late)

    def of_product(self, rows: QuerySet[PurchaseOrder], _name: str, product: int) -> QuerySet[PurchaseOrder]:
        return rows.filter(pk__in=PurchaseOrderLine.objects.filter(product=product).values("order"))


class AsEntered(NewestFirst):
    ordering = "id"


class PurchaseOrderViewSet(AccountScoped, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PurchaseOrder]):
    """A draft is changed until it is approved; what came of it is received in parts. There is one draft per vendor and warehouse."""

    queryset = PurchaseOrder.objects.select_related("vendor", "warehouse", "account").annotate(
        line_count=Coalesce(Subquery(LINES, output_field=IntegerField()), 0)
    )
    serializer_class = PurchaseOrderSerializer
    filterset_class = PurchaseOrderFilter
    operations = {
        "list": "purchase_order.view",
        "retrieve": "purchase_order.view",
        "create": "purchase_order.add",
        "partial_update": "purchase_order.edit",
        "lines": "purchase_order.view",
        "add_lines": "purchase_order.edit",
        "change_line": "purchase_order.edit",
        "remove_line": "purchase_order.edit",
        "receipts": "purchase_order.view",
        "approve": "purchase_order.approve",
        "take_back": "purchase_order.approve",
        "cancel": "purchase_order.cancel",
        "sent": "purchase_order.edit",
        "receive": "purchase_order.receive",
        "export": "purchase_order.view",
    }

    @extend_schema(
        request=NewPurchaseOrderSerializer,
        responses={200: WholePurchaseOrderSerializer, 201: WholePurchaseOrderSerializer},
        parameters=[KEY],
    )
    def create(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Draft an order, or put lines onto the draft that there is for this vendor and warehouse.

        201 for a new draft, 200 for one that was there. What is on it stays as it is, with a warning.
        """
        given = self._given(NewPurchaseOrderSerializer, request)

        def do() -> tuple[int, Any]:
            wanted = {**given, "lines": lines_of(self.actor, given["lines"])}
            drafted = purchasing.draft(self.actor, **wanted)
            return 201 if drafted.made else 200, self._answer(drafted.order, drafted.warnings)

        return answered_once(request, self.actor, "purchase_order.add", do)

    @extend_schema(responses=WholePurchaseOrderSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One order, with what it comes to. `ETag` is its version."""
        return self._shown(self.get_object())

    @extend_schema(request=PurchaseOrderChangeSerializer, responses=WholePurchaseOrderSerializer, parameters=[IF_MATCH])
    def partial_update(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Change what is given, all of it or nothing. With `version` or If-Match, only if nobody has changed it: else 409."""
        order, given = self.get_object(), self._given(PurchaseOrderChangeSerializer, request)
        version = version_wanted(request, given)
        lines = {line.pop("line"): line for line in given.pop("lines", [])}
        return self._shown(purchasing.edit(self.actor, order, version=version, lines=lines, **given))

    @extend_schema(responses=PurchaseOrderLineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=AsEntered)
    def lines(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What is ordered, line by line, and what came of each."""
        page = self.paginate_queryset(PurchaseOrderLine.objects.filter(order=self.get_object()).select_related("product"))
        assert page is not None
        return self.get_paginated_response(PurchaseOrderLineSerializer(page, many=True).data)

    @extend_schema(
        request=NewLinesSerializer, responses={201: PurchaseOrderLineSerializer(many=True)}, parameters=[KEY, IF_MATCH], filters=False
    )
    @lines.mapping.post
    def add_lines(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Put lines onto a draft. 409 `already_on_order` where a product is on it."""
        order, given = self.get_object(), self._given(NewLinesSerializer, request)
        version = version_wanted(request, given)

        def do() -> tuple[int, Any]:
            added = purchasing.add_lines(self.actor, order, lines_of(self.actor, given["lines"]), version=version).added
            return 201, [dict(line) for line in PurchaseOrderLineSerializer(added, many=True).data]

        return answered_once(request, self.actor, f"purchase_order.edit lines {order.pk}", do)

    @extend_schema(request=PurchaseOrderLineChangeSerializer, responses=PurchaseOrderLineSerializer, parameters=[LINE, IF_MATCH])
    @action(detail=True, methods=["patch"], url_path="lines/(?P<line>[0-9]+)")
    def change_line(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Change a line of a draft."""
        order, line = self._line(path["line"])
        given = self._given(PurchaseOrderLineChangeSerializer, request)
        version = version_wanted(request, given)
        purchasing.edit(self.actor, order, version=version, lines={line.pk: given})
        return Response(PurchaseOrderLineSerializer(PurchaseOrderLine.objects.select_related("product").get(pk=line.pk)).data)

    @extend_schema(responses={204: None}, parameters=[LINE, IF_MATCH])
    @change_line.mapping.delete
    def remove_line(self, request: Request, *_args: Any, **path: Any) -> Response:
        """Take a line off a draft."""
        order, line = self._line(path["line"])
        purchasing.remove_line(self.actor, order, line.pk, version=version_wanted(request, {}))
        return Response(status=204)

    @extend_schema(responses=PurchaseOrderReceiptSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=NewestFirst)
    def receipts(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """What came, newest first: booked here, where `purchase` is its receipt, or told by the warehouse's outside system."""
        rows = OrderReceipt.objects.filter(line__order=self.get_object()).select_related("line__product")
        page = self.paginate_queryset(rows)
        assert page is not None
        return self.get_paginated_response(PurchaseOrderReceiptSerializer(page, many=True).data)

    @extend_schema(request=VersionedSerializer, responses=WholePurchaseOrderSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Decide that a draft is to be bought. One that is approved stays as it is."""
        order, given = self.get_object(), self._given(VersionedSerializer, request)
        return self._shown(purchasing.approve(self.actor, order, version=version_wanted(request, given)))

    @extend_schema(request=VersionedSerializer, responses=WholePurchaseOrderSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Make an approved order a draft again, before anybody outside has it: 409 `settled` afterwards. A draft stays as it is."""
        order, given = self.get_object(), self._given(VersionedSerializer, request)
        return self._shown(purchasing.take_back(self.actor, order, version=version_wanted(request, given)))

    @extend_schema(request=CancelSerializer, responses=WholePurchaseOrderSerializer, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Expect nothing more on it. What came in part is received then, and the rest given up."""
        order, given = self.get_object(), self._given(CancelSerializer, request)
        version = version_wanted(request, given)
        return self._shown(purchasing.cancel(self.actor, order, version=version, **given))

    @extend_schema(request=SentSerializer, responses=WholePurchaseOrderSerializer)
    @action(detail=True, methods=["post"])
    def sent(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Note that an approved order went to its vendor."""
        order, given = self.get_object(), self._given(SentSerializer, request)
        return self._shown(purchasing.mark_sent(self.actor, order, **given))

    @extend_schema(request=ReceiveSerializer, responses=ReceivedPurchaseOrderSerializer, parameters=[KEY])
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, *_args: Any, **_path: Any) -> Response:
        """Note what came, all of it or nothing. In a warehouse that is kept here each line becomes a purchase with its batch."""
        order, given = self.get_object(), self._given(ReceiveSerializer, request)

        def do() -> tuple[int, Any]:
            received = purchasing.receive(self.actor, order, arrivals_of(given.pop("lines")), **given)
            receipts = PurchaseOrderReceiptSerializer(received.receipts, many=True).data
            answer = self._answer(received.order, received.warnings)
            return 200, {"order": answer, "receipts": [dict(each) for each in receipts], "repeated": received.repeated}

        return answered_once(request, self.actor, f"purchase_order.receive {order.pk}", do)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR, (200, "text/html"): OpenApiTypes.STR}, parameters=[AS], filters=False)
    @action(detail=True, methods=["get"])
    def export(self, request: Request, *_args: Any, **_path: Any) -> HttpResponse:
        """The order as it goes to the vendor. No cell of the table is taken for a formula."""
        order, wanted = self.get_object(), request.query_params.get("as", "csv")
        if wanted not in FILES:
            raise serializers.ValidationError({"as": [f"Use {', '.join(FILES)}."]})
        render, kind = FILES[wanted]
        name = paper.filename(order, {"text": "txt"}.get(wanted, wanted))
        shown = "inline" if wanted == "html" else "attachment"
        return HttpResponse(
            render(order), content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": f'{shown}; filename="{name}"'}
        )

    def _given(self, form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        given = form(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _line(self, number: str) -> tuple[PurchaseOrder, PurchaseOrderLine]:
        """The order and its line. Raises Http404."""
        order = self.get_object()
        return order, get_object_or_404(PurchaseOrderLine, order=order, pk=number)

    def _shown(self, order: PurchaseOrder) -> Response:
        return Response(self._answer(order), headers={"ETag": f'"{order.version}"'})

    def _answer(self, order: PurchaseOrder, warnings: tuple[str, ...] = ()) -> dict[str, Any]:
        stored = self.get_queryset().get(pk=order.pk)
        return dict(WholePurchaseOrderSerializer(stored, context={**self.get_serializer_context(), "warnings": warnings}).data)
