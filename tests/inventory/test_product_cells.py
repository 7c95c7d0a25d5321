from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import productcells as cell
from inventory.categories import joined
from inventory.keys import name_key
from inventory.models import Product
from inventory.productrules import wrong

prices = st.decimals(min_value=0, max_value=10**9, places=4)
names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=">"), min_size=1, max_size=20)


@given(prices)
def test_a_number_with_a_point_is_that_number(price: Decimal) -> None:
    assert cell.number(f"{price:f}") == price


@given(prices)
def test_a_comma_is_read_only_where_it_can_t_stand_between_thousands(price: Decimal) -> None:
    assert cell.number(f"{price:f}".replace(".", ",")) == price
    with pytest.raises(ValueError, match="in two ways"):
        cell.number(f"{int(price) % 999 + 1},{int(price) % 1000:03}")


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for read in (cell.number, cell.quantity, cell.whole, cell.yes_or_no, cell.unit_kind, cell.category, cell.names, cell.sku, cell.vendor):
        with suppress(ValueError):
            read(text)


@given(st.lists(names, min_size=1, max_size=cell.DEEPEST))
def test_a_path_is_read_as_it_is_written(path: list[str]) -> None:
    if max(len(name_key(name)) for name in path) <= 120:
        assert cell.category(joined(path)) == tuple(path)


@given(st.none() | prices, st.none() | st.integers(1, 1_000_000), st.none() | st.integers(0, 3650), st.booleans())
def test_nothing_is_wrong_with_what_is_in_range(price: Decimal | None, inside: int | None, days: int | None, fractional: bool) -> None:
    product = Product(packs_per_pallet=inside, units_per_pack=inside, lead_time_days=days, sale_price=price, fractional=fractional)
    assert wrong(product) == {}


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_price_without_a_sentence_fits_its_column(price: Decimal) -> None:
    if not wrong(Product(sale_price=price)):
        assert 0 <= price < 10**10
        assert price == round(price, 4)
