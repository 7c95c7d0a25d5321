from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sources.odoo import units
from sync.sources.odoo.pages import Page
from sync.sources.odoo.values import Unclear
from sync.sources.odoo.versions import Version

UNIT, DOZEN, KILOGRAM = 1, 2, 3
PLAIN = Page("purchases", Version(19), [])


def row(quantity: Any, *, demand: Any, asked: Any = None, unit: int = UNIT, **more: Any) -> dict[str, Any]:
    """A move of product 13: what was done, what was asked for in the same unit, and that in the product's unit."""
    return {
        "quantity": quantity,
        "product_uom_qty": demand,
        "product_qty": demand if asked is None else asked,
        "product_id": [13, "[RICE] Rice"],
        "product_uom": [unit, "Unit"],
        **more,
    }


@pytest.mark.parametrize(
    ("move", "thousandths"),
    [
        # Twelve of ten came; seven of ten came.
        (row("12.0", demand="10.0"), 12_000),
        (row("7.0", demand="10.0"), 7_000),
        # Two dozen, of two and of five that were asked for.
        (row("2.0", demand="2.0", asked="24.0", unit=DOZEN), 24_000),
        (row("2.0", demand="5.0", asked="60.0", unit=DOZEN), 24_000),
        # What floats make of 0.3 and of a third.
        (row("0.30000000000000004", demand="0.30000000000000004"), 300),
        (row("0.3333333333333333", demand=1), 333),
        # A half of a thousandth goes up.
        (row("0.0005", demand=1), 1),
        (row(0, demand="10.0"), 0),
        (row(0, demand=0), 0),
    ],
)
def test_what_moved_is_in_the_product_s_unit(move: dict[str, Any], thousandths: int) -> None:
    assert units.moved(move, PLAIN) == thousandths


def test_version_16_calls_it_quantity_done() -> None:
    move = row("x", demand="10.0", quantity_done="7.0")
    del move["quantity"]
    assert units.moved(move, PLAIN) == 7_000


def test_demand_is_never_taken_for_what_moved() -> None:
    with pytest.raises(Unclear):
        units.moved({"product_uom_qty": "10.0", "product_qty": "10.0"}, PLAIN)


@pytest.mark.parametrize(
    ("one", "dozen"),
    [
        ({"factor": "1.0"}, {"factor": "0.08333333333333333"}),
        ({"factor": "1.0", "relative_factor": "1.0"}, {"factor": "12.0", "relative_factor": "12.0"}),
    ],
)
def test_move_that_nobody_asked_for_is_converted_by_its_units(one: dict[str, Any], dozen: dict[str, Any]) -> None:
    sizes = {UNIT: units.size_of(one), DOZEN: units.size_of(dozen)}
    page = Page("adjustments", Version(19), [], unit_of={13: UNIT}, unit_size=sizes)
    assert units.moved(row("2.0", demand=0, unit=DOZEN), page) == 24_000
    page = Page("adjustments", Version(19), [], unit_of={13: DOZEN}, unit_size=sizes)
    assert units.moved(row("6.0", demand=0, unit=UNIT), page) == 500
    assert units.moved(row("3.0", demand=0, unit=DOZEN), page) == 3_000


def test_what_can_not_be_converted_is_not_guessed() -> None:
    with pytest.raises(Unclear, match="can't be converted"):
        units.moved(row("2.0", demand=0, unit=DOZEN), Page("adjustments", Version(19), [], unit_of={13: UNIT}, unit_size={UNIT: "1"}))
    assert units.size_of({"factor": 0}) == ""
    assert units.size_of({"factor": "n/a"}) == ""
    assert units.size_of({}) == ""


def test_units_are_only_asked_for_where_they_are_needed() -> None:
    assert units.needs_units(row("2.0", demand=0))
    assert not units.needs_units(row("2.0", demand="2.0"))
    assert not units.needs_units(row(0, demand=0))
    assert not units.needs_units(row("n/a", demand=0))


@given(
    done=st.decimals("0.001", "100000", places=3),
    demand=st.decimals("0.001", "100000", places=3),
    size=st.integers(1, 1000),
)
def test_conversion_does_not_depend_on_what_was_asked_for(done: Decimal, demand: Decimal, size: int) -> None:
    move = row(str(done), demand=str(demand), asked=str(demand * size))
    assert units.moved(move, PLAIN) == int(done * size * 1000)
