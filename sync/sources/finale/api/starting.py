"""`POST /api/sync-finale` and its three parts: start a Finale sync."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sync.api.starts import ANSWERED, ASKED, StartSerializer, StartView
from sync.sources.finale.api.asking import FINALE
from sync.sources.finale.strategies import ACTIVE, CRITICAL, FULL, INVENTORY, SMART

STRATEGIES = (SMART, CRITICAL, INVENTORY, ACTIVE, FULL, "vendors", "orders")
ALSO_CALLED = {"purchaseOrders": "orders"}


class FinaleStrategySerializer(StartSerializer):
    strategy = serializers.ChoiceField(required=False, choices=STRATEGIES, help_text="Smart where it is left out.")
    syncType = serializers.ChoiceField(required=False, choices=(*STRATEGIES, *ALSO_CALLED), help_text="The same as `strategy`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        named = ALSO_CALLED.get(attrs.get("syncType", ""), attrs.get("syncType"))
        if named and attrs.setdefault("strategy", named) != named:
            raise ValidationError({"syncType": ["It names another strategy than `strategy`. Give one of them."]})
        return attrs


class StrategyView(StartView):
    """Read Finale."""

    system = FINALE
    body = FinaleStrategySerializer

    @extend_schema(request=FinaleStrategySerializer, parameters=ASKED, responses=ANSWERED, operation_id="finale_start")
    def post(self, request: Request) -> Response:
        """Start the strategy that the body names. With smart, `data.scope` is what was chosen and `data.why` the reason."""
        return super().post(request)

    def scope_of(self, wanted: dict[str, Any]) -> str:
        return str(wanted.get("strategy", SMART))


class InventoryView(StartView):
    """Read all stock."""

    system, scope = FINALE, INVENTORY

    @extend_schema(request=StartSerializer, parameters=ASKED, responses=ANSWERED, operation_id="finale_start_inventory")
    def post(self, request: Request) -> Response:
        """Start an inventory sync: all stock, no catalogue."""
        return super().post(request)


class VendorsView(StartView):
    """Read the suppliers."""

    system, scope = FINALE, "vendors"

    @extend_schema(request=StartSerializer, parameters=ASKED, responses=ANSWERED, operation_id="finale_start_vendors")
    def post(self, request: Request) -> Response:
        """Start a vendors sync: suppliers with their contacts."""
        return super().post(request)
