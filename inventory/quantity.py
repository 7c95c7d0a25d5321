"""Quantities: exact to a thousandth, the same in both databases (SQLite has no exact decimals)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import GreaterThanOrEqual, LessThan
from django.utils.functional import cached_property

PLACES = 3
THOUSAND = Decimal(1000)
FINEST = 1 / THOUSAND
LARGEST = Decimal(10) ** 12
"""What anybody enters is below this in size."""
STORABLE = Decimal(2**63 - 1) / THOUSAND
"""What is added up may be larger: the column holds the sum of thousands of such entries."""


def to_thousandths(value: object, below: Decimal = LARGEST) -> int:
    """`value` in whole thousandths. Raises ValueError, in words, for what is no number, too large or finer than a thousandth."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"“{value}” is not a number.") from error
    if not number.is_finite() or abs(number) >= below:
        raise ValueError(f"“{value}” is not a quantity below {below:,}.")
    # Not by multiplying, which would round a number of many digits.
    stored = number.quantize(FINEST)
    if stored != number:
        raise ValueError(f"“{value}” is finer than a thousandth.")
    return int(stored * THOUSAND)


def from_thousandths(stored: int) -> Decimal:
    """The quantity that is stored as `stored`, without trailing zeros: 5, 0.25."""
    return plain(Decimal(stored) / THOUSAND)


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and never with an exponent."""
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


if TYPE_CHECKING:
    from django.core.validators import _ValidatorCallable

    # Only the type checker knows fields as generic.
    _Thousandths = models.BigIntegerField[Any, Any]
else:
    _Thousandths = models.BigIntegerField


class QuantityField(_Thousandths):
    """Decimal in Python, an integer of thousandths in the database. Sums and comparisons work in queries; products do not."""

    description = "A quantity with up to three decimal places"
    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_lookup_exact_type: Any

    @cached_property
    def validators(self) -> list[_ValidatorCallable]:
        # Those of any field: the integer field's own speak of the stored thousandths.
        return super(models.IntegerField, self).validators

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_thousandths(int(value))

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return from_thousandths(to_thousandths(value))
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_thousandths(value, STORABLE)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": forms.DecimalField, "decimal_places": PLACES, "max_digits": 15, **kwargs})


# The integer field's own round a float to a whole number before it becomes thousandths.
QuantityField.register_lookup(GreaterThanOrEqual)
QuantityField.register_lookup(LessThan)
