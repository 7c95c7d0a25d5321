from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from sync.sources.finale.filters import PURCHASE_ORDER, encoded, ranges
from sync.sources.finale.windows import Window

JANUARY = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 29, 23, 59, 59, tzinfo=UTC))


def test_window_is_the_documented_text() -> None:
    assert encoded(ranges(JANUARY)) == ("eyJsYXN0VXBkYXRlZERhdGUiOlsiMjAyNi0wMS0wMVQwMDowMDowMFoiLCIyMDI2LTAxLTI5VDIzOjU5OjU5WiJdfQ==")


def test_purchase_orders_of_a_window_have_their_type_second() -> None:
    assert encoded(ranges(JANUARY, orderTypeId=PURCHASE_ORDER)) == (
        "eyJsYXN0VXBkYXRlZERhdGUiOlsiMjAyNi0wMS0wMVQwMDowMDowMFoiLCIyMDI2LTAxLTI5VDIzOjU5OjU5WiJdLCJvcmRlclR5cGVJZCI6WyJQVVJDSEFTRV9P"
        "UkRFUiIsIlBVUkNIQVNFX09SREVSIl19"
    )


def test_slash_and_padding_of_base64_are_percent_encoded_in_the_line() -> None:
    text = encoded({"productId": ("BOLT??>M8", "BOLT??>M8")})
    assert text == "eyJwcm9kdWN0SWQiOlsiQk9MVD8/Pk04IiwiQk9MVD8/Pk04Il19"
    line = Request("GET", "https://app.example/exampleco/api/product/", params=[("filter", text)]).prepare().path_url
    assert line == "/exampleco/api/product/?filter=eyJwcm9kdWN0SWQiOlsiQk9MVD8%2FPk04IiwiQk9MVD8%2FPk04Il19"


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.tuples(st.text(max_size=80), st.text(max_size=80)), max_size=4))
def test_filter_is_one_line_that_reads_back(limits: dict[str, tuple[str, str]]) -> None:
    text = encoded(limits)
    assert not set(text) & set("\r\n-_")
    assert json.loads(base64.b64decode(text)) == {name: list(pair) for name, pair in limits.items()}
