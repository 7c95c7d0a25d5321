"""Opening pallets and packs: `POST /api/stock/open`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import OwnedRelatedField
from accounts.scoping import acting
from inventory import ledger
from inventory.api.fields import KindField, KnownFieldsOnly, QuantityNumber
from inventory.api.saleanswers import OpenedSerializer
from inventory.models import Product, Warehouse
from jobs.api.keyed import KEY, answered_once


class OpenSerializer(KnownFieldsOnly):
    product = OwnedRelatedField(queryset=Product.objects.all())
    warehouse = OwnedRelatedField(queryset=Warehouse.objects.all())
    unit_kind = KindField(help_text="pallets, into packs, or packs, into units.")
    quantity = QuantityNumber(help_text="How many pallets or packs.")


class AllOpenedSerializer(serializers.Serializer[Any]):
    opened = OpenedSerializer(many=True)


class OpenView(APIView):
    """Pallets become packs, and packs units, as movements that everybody can see."""

    operation = "stock.open"

    @extend_schema(operation_id="stock_open", request=OpenSerializer, responses={201: AllOpenedSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        """Open whole pallets or packs, those that expire first: all that is asked, or none."""
        given = OpenSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        actor = acting(request)

        def do() -> tuple[int, Any]:
            opened = ledger.open_packs(actor, **given.validated_data)
            return 201, {"opened": [dict(OpenedSerializer(each).data) for each in opened]}

        return answered_once(request, actor, "stock.open", do)
