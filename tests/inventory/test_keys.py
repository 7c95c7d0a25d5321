from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.keys import model_key, serial_key, sku_key, trimmed


@pytest.mark.parametrize(
    ("text", "key"),
    [("zz900101", "ZZ900101"), (" ZZ900104-AD1 ", "ZZ900104-AD1"), ("\ufeffZZ 900101\u00a0\u200b", "ZZ 900101"), ("  ", "")],
)
def test_serials_are_compared_without_case_and_blanks_around_them(text: str, key: str) -> None:
    assert serial_key(text) == sku_key(text) == key


@pytest.mark.parametrize(("text", "key"), [("qtx-10 Fridge/#2", "QTX10FRIDGE2"), ("---", ""), ("Kühl10", "KÜHL10")])
def test_models_are_compared_by_letters_and_digits(text: str, key: str) -> None:
    assert model_key(text) == key


@given(st.text())
def test_keys_of_keys_are_themselves(text: str) -> None:
    for key in (trimmed, serial_key, model_key):
        assert key(key(text)) == key(text)


@given(st.text(), st.sampled_from(["", " ", "\u200b", "\ufeff \u00a0", "\t"]))
def test_blanks_around_a_text_make_no_difference(text: str, blanks: str) -> None:
    for key in (trimmed, serial_key, model_key):
        assert key(blanks + text + blanks) == key(text)
