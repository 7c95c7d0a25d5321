from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from hypothesis import given
from hypothesis import strategies as st

from inventory.models import Unit, Warehouse
from inventory.quantity import QuantityField, from_thousandths, plain, to_thousandths
from tests.build import make_account
from tests.inventory.build import make_bulk, make_warehouse

thousandths = st.integers(min_value=1 - 10**15, max_value=10**15 - 1)


@pytest.fixture
def warehouse(db: None) -> Warehouse:
    return make_warehouse(make_account())


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (5, 5000),
        ("0.25", 250),
        (0.1, 100),
        (Decimal("1.500"), 1500),
        (" 7 ", 7000),
        ("1e3", 1000000),
        (-2, -2000),
        ("999999999999.999", 999999999999999),
    ],
)
def test_stored_as_thousandths(value: object, stored: int) -> None:
    assert to_thousandths(value) == stored


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("five", "“five” is not a number."),
        ("", "“” is not a number."),
        ("NaN", "“NaN” is not a quantity below 1,000,000,000,000."),
        ("-Infinity", "“-Infinity” is not a quantity below 1,000,000,000,000."),
        (10**12, "“1000000000000” is not a quantity below 1,000,000,000,000."),
        ("1e400", "“1e400” is not a quantity below 1,000,000,000,000."),
        ("0.0001", "“0.0001” is finer than a thousandth."),
        ("1." + "0" * 40 + "1", f"“1.{'0' * 40}1” is finer than a thousandth."),
        ("1e-400", "“1e-400” is finer than a thousandth."),
    ],
)
def test_what_is_no_quantity_is_said_so(value: object, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        to_thousandths(value)
    assert str(caught.value) == sentence


@given(thousandths)
def test_there_and_back(stored: int) -> None:
    quantity = from_thousandths(stored)
    assert to_thousandths(quantity) == to_thousandths(str(quantity)) == stored
    assert quantity * 1000 == stored


@given(thousandths)
def test_written_without_needless_noughts_or_exponent(stored: int) -> None:
    text = str(from_thousandths(stored))
    assert "E" not in text
    assert not (text.endswith("0") and "." in text)


@given(st.decimals(min_value=-(10**12) + 1, max_value=10**12 - 1, allow_nan=False))
def test_any_number_is_kept_exactly_or_refused(number: Decimal) -> None:
    try:
        kept = from_thousandths(to_thousandths(number))
    except ValueError:
        kept = None
    is_fine = number == number.quantize(Decimal("0.001"))
    assert kept == (number if is_fine else None)


def test_plain() -> None:
    assert [str(plain(Decimal(text))) for text in ("5.000", "1E+3", "0.250", "0.0", "-0.500")] == ["5", "1000", "0.25", "0", "-0.5"]


def test_database_holds_whole_thousandths(warehouse: Warehouse) -> None:
    line = make_bulk(warehouse, "QTXROPE", Decimal("2.5"))  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("SELECT quantity FROM inventory_unit")
        assert cursor.fetchone() == (2500,)
    line.refresh_from_db()
    assert (line.quantity, str(line.quantity)) == (Decimal("2.5"), "2.5")


def test_sums_and_differences_are_exact(warehouse: Warehouse) -> None:
    for number in range(10):
        make_bulk(warehouse, f"QTX{number}", Decimal("0.1"))  # type: ignore[arg-type]
    assert Unit.objects.aggregate(total=Sum("quantity"))["total"] == 1
    Unit.objects.filter(model="QTX0").update(quantity=F("quantity") + F("quantity"))
    assert Unit.objects.get(model="QTX0").quantity == Decimal("0.2")


@pytest.mark.parametrize(
    ("lookup", "value", "found"),
    [
        ("quantity", "2.5", True),
        ("quantity__gte", 2.5, True),
        ("quantity__gte", Decimal("2.501"), False),
        ("quantity__lt", 2.5, False),
        ("quantity__lt", 2.6, True),
        ("quantity__lte", 2.4, False),
        ("quantity__gt", 2.4, True),
        ("quantity__in", [1, Decimal("2.5")], True),
        ("quantity__range", (2, 3), True),
    ],
)
def test_lookups_speak_of_quantities(warehouse: Warehouse, lookup: str, value: Any, found: bool) -> None:
    make_bulk(warehouse, "QTXROPE", Decimal("2.5"))  # type: ignore[arg-type]
    assert Unit.objects.filter(**{lookup: value}).exists() is found


def test_constraints_hold_in_the_database(warehouse: Warehouse) -> None:
    line = make_bulk(warehouse, "QTXROPE", 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(pk=line.pk).update(quantity=Decimal("-0.001"))


def test_models_and_forms_refuse_with_the_sentence() -> None:
    field = Unit._meta.get_field("quantity")
    assert isinstance(field, QuantityField)
    assert field.clean("999999999999.5", None) == Decimal("999999999999.5")
    with pytest.raises(ValidationError, match="finer than a thousandth"):
        field.clean("0.0005", None)
    form = field.formfield()
    assert form.clean("2.5") == Decimal("2.5")
    with pytest.raises(ValidationError):
        form.clean("2.5555")
