from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field(OpenApiTypes.NUMBER)
class QuantityNumber(serializers.DecimalField):
    """A quantity as a number of JSON: 5, 0.25."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 15, "decimal_places": 3, **options})

    def to_representation(self, value: Any) -> Any:
        number = Decimal(value)
        # Three decimal places below a million million are exact in what JSON readers make of them.
        return int(number) if number == number.to_integral_value() else float(number)
