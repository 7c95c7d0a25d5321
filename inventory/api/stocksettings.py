from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.scoping import acting
from inventory import stocksettings
from inventory.api.fields import QuantityNumber
from inventory.models import StockSettings
from inventory.stocksettings import LIMITS, LONGEST_AHEAD, MOST_ALERTS


def _between(name: str) -> dict[str, Any]:
    least, most = LIMITS[name]
    return {"min_value": least, "max_value": most, "help_text": getattr(StockSettings, name).field.help_text}


class StockSettingsSerializer(serializers.ModelSerializer[StockSettings]):
    alert_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LONGEST_AHEAD),
        min_length=1,
        max_length=MOST_ALERTS,
        help_text="So many days before a batch expires it is told, once each.",
    )
    warn_days = serializers.IntegerField(**_between("warn_days"))
    stop_rows = serializers.IntegerField(**_between("stop_rows"))
    stop_percent = serializers.IntegerField(**_between("stop_percent"))
    stop_quantity = QuantityNumber(**_between("stop_quantity"))
    offender_times = serializers.IntegerField(**_between("offender_times"))
    offender_days = serializers.IntegerField(**_between("offender_days"))

    class Meta:
        model = StockSettings
        fields = list(stocksettings.COLUMNS)


class StockSettingsView(APIView):
    """How the business account keeps its ledger."""

    operations = {"get": "stock_settings.view", "patch": "stock_settings.edit"}

    @extend_schema(responses=StockSettingsSerializer, operation_id="stock_settings")
    def get(self, request: Request) -> Response:
        """All settings; the defaults where nobody has changed any."""
        return Response(StockSettingsSerializer(stocksettings.settings_of(acting(request).account)).data)

    @extend_schema(request=StockSettingsSerializer(partial=True), responses=StockSettingsSerializer, operation_id="stock_settings_change")
    def patch(self, request: Request) -> Response:
        """Change what is given."""
        given = StockSettingsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        return Response(StockSettingsSerializer(stocksettings.edit_settings(acting(request), **given.validated_data)).data)
