from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.models import UnitKind
from inventory.quantity import QuantityField

M = TypeVar("M", bound=Model)

SOURCE_KEY = "What your own system calls it. Sent again, it books nothing and answers with what it booked first."


@extend_schema_field(OpenApiTypes.NUMBER)
class QuantityNumber(serializers.DecimalField):
    """A quantity as a number of JSON: 5, 0.25."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 15, "decimal_places": 3, **options})

    def to_representation(self, value: Any) -> Any:
        number = Decimal(value)
        # Three decimal places below a million million are exact in what JSON readers make of them.
        return int(number) if number == number.to_integral_value() else float(number)


class MoneyField(serializers.DecimalField):
    """An amount of money as a text, to four places: "12.5000"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 14, "decimal_places": 4, **options})


class KindField(serializers.ChoiceField):
    """What is counted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=UnitKind.choices, **options)


class CountersSerializer(serializers.Serializer[Any]):
    """Three numbers that are never turned into each other."""

    pallets = QuantityNumber()
    packs = QuantityNumber()
    units = QuantityNumber()


class LedgerSerializer(serializers.ModelSerializer[M]):
    """For models with quantities."""

    serializer_field_mapping = {**serializers.ModelSerializer.serializer_field_mapping, QuantityField: QuantityNumber}


class KnownFieldsOnly(serializers.Serializer[Any]):
    """Refuses fields that it does not have: a misspelt one that is passed over would book something else than was meant."""

    def to_internal_value(self, data: Any) -> Any:
        taken = {name for name, field in self.fields.items() if not field.read_only}
        unknown = sorted(str(name) for name in data if name not in taken) if isinstance(data, Mapping) else []
        if unknown:
            known = ", ".join(sorted(taken))
            raise serializers.ValidationError({name: [f"There is no such field here. There are: {known}."] for name in unknown})
        return super().to_internal_value(data)
