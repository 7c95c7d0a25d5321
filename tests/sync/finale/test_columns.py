from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.feedproblem import FeedProblem
from sync.sources.finale import columns
from sync.sources.finale.columns import Columns, Measured, measure, read
from sync.sources.finale.shapes import table
from tests.sync.finale.tables import PRODUCTS, STOCK, body

Table = dict[str, list[Any]]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies come to the decoder seven bytes at a time, and blocks are three entries long."""
    monkeypatch.setattr(columns, "_PIECE", 7)
    monkeypatch.setattr(columns, "BLOCK", 3)


def rows(found: Columns, rest: bool = False) -> list[tuple[Any, ...]]:
    return [row for block in found.blocks(rest) for row in block]


def of(content: bytes, *wanted: str, needed: tuple[str, ...] = (), **more: Any) -> Columns:
    return read(content, "url", needed, wanted, feed="products", **more)


def refused(content: bytes, *needed: str) -> FeedProblem:
    with pytest.raises(FeedProblem) as caught:
        of(content, "url", needed=needed)
    return caught.value


def test_entries_of_one_position_are_one_row_in_the_wanted_order() -> None:
    found = of(body(n=[1, 2.50, None], url=["a", "b", "c"], list=[[], [{"x": 1.1}], None]), "url", "list", "n")
    assert rows(found) == [("a", [], 1), ("b", [{"x": "1.1"}], "2.5"), ("c", None, None)]
    assert (found.count, found.absent, found.short, found.repeated) == (3, frozenset(), (), 0)


@pytest.mark.parametrize("content", [b"{}", b" { } ", b'{"url": [], "n": []}', b'{"url": []}', b'\xef\xbb\xbf{"url": []}'])
def test_no_columns_or_empty_ones_are_no_rows(content: bytes) -> None:
    found = of(content, "url", "n", needed=("n",))
    assert (found.count, rows(found), measure(content, "url")) == (0, [], Measured(0, ""))


def test_missing_anchor_beside_other_columns_is_an_error_and_not_no_rows() -> None:
    assert refused(body(n=[1, 2])).code == "no_anchor"
    assert "“n”" in refused(body(n=[1, 2])).sentence
    assert refused(b'{"n": []}').code == "no_anchor"
    with pytest.raises(FeedProblem, match="“url”"):
        measure(body(n=[1]), "url")


def test_answer_that_tells_an_error_instead_of_columns_is_no_empty_list() -> None:
    assert refused(b'{"success": false, "errorMessage": "no"}').code == "no_anchor"
    assert refused(b'{"url": "/one/record", "n": 4}').code == "no_anchor"


def test_short_column_is_never_aligned() -> None:
    short = body(url=["a", "b", "c"], quantity=[5, 8], name=["A", "B", "C"])
    problem = refused(short, "quantity")
    assert problem.code == "short_column"
    assert "“quantity” has 2 entries for 3 rows" in problem.sentence
    found = of(short, "url", "quantity", "name")
    assert rows(found) == [("a", None, "A"), ("b", None, "B"), ("c", None, "C")]
    assert (found.short, found.absent) == (("quantity",), {"quantity"})
    assert [(each.code, "2 entries for 3 rows" in each.sentence) for each in found.warnings] == [("short_column", True)]


def test_column_that_is_too_long_is_left_out_as_well() -> None:
    assert of(body(url=["a"], n=[1, 2]), "url", "n").absent == {"n"}
    assert refused(body(url=[], n=[1]), "n").code == "short_column"


def test_renamed_column_that_is_needed_fails_and_another_is_not_said() -> None:
    assert refused(body(url=["a"], status=["x"]), "statusId").code == "no_column"
    assert of(body(url=["a"], status=["x"]), "url", "statusId").absent == {"statusId"}


def test_of_repeated_anchors_the_newest_counts() -> None:
    found = of(
        body(
            url=["a", "b", "a", "a", None],
            lastUpdatedDate=["2026-01-01", "2026-01-01", "2026-01-03", "2026-01-02", None],
            n=[1, 2, 3, 4, 5],
        ),
        "url",
        "n",
    )
    assert rows(found) == [("b", 2), ("a", 3), (None, 5)]
    assert (found.count, found.received, found.repeated, found.newest) == (3, 5, 2, "2026-01-03")


def test_repeated_anchors_without_dates_leave_the_last() -> None:
    assert rows(of(body(url=["a", "a"], n=[1, 2]), "n")) == [(2,)]


def test_stock_rows_repeat_their_product_by_design() -> None:
    found = table("stock", body(**STOCK))
    assert (found.count, found.repeated) == (7, 0)


def test_unknown_columns_are_kept_as_json_without_nulls_and_noise() -> None:
    found = table("products", body(**PRODUCTS))
    assert [row[-1] for row in rows(found, rest=True)] == [
        '{"priceList":[{"price":"14.5","productPriceTypeId":"LIST_PRICE"}],"productTypeId":"GOOD"}',
        '{"productTypeId":"GOOD","userFieldDataList":[{"attrName":"user_10001","attrValue":"1.25"}]}',
        '{"priceList":[{"productPriceTypeId":"##user2"}],"productTypeId":"GOOD"}',
        '{"productTypeId":"GOOD"}',
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[]", "not_a_table"),
        (b'"text"', "not_a_table"),
        (b"", "broken_off"),
        (b'{"url": ["a", "b"', "broken_off"),
        (b'{"url": ["a", "b"], ', "broken_off"),
        (b'{"url": ["a"]} x', "broken_off"),
        (b'{"url": ["a"] "n": []}', "broken_off"),
        (b'{"url": [1e]}', "broken_off"),
        (b'{"url": [NaN]}', "broken_off"),
        (b'{"url": ["\xff"]}', "broken_off"),
        (b'{"url": [' + b"[" * 100_000, "broken_off"),
    ],
)
def test_half_a_body_and_nonsense_are_named(content: bytes, code: str) -> None:
    assert refused(content).code == code
    with pytest.raises(FeedProblem) as caught:
        measure(content, "url")
    assert caught.value.code == code


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("content", [b'{"url": ["a", "b"', b'{"url": [tru', b'{"url": [1, 2'])
def test_half_a_body_in_pieces_is_named_too(content: bytes) -> None:
    assert refused(content).code == "broken_off"


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(max_size=12),
    st.lists(st.dictionaries(st.text(max_size=3), st.integers())),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    length = draw(st.integers(0, 11))
    names = draw(st.lists(st.text(max_size=5).filter(lambda name: name not in ("url", "lastUpdatedDate")), unique=True, max_size=4))
    return {name: draw(st.lists(_VALUES, min_size=length, max_size=length)) for name in names} | {"url": [str(n) for n in range(length)]}


@settings(max_examples=50, deadline=None)
@given(found=tables(), blanks=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_pieces_and_blocks_make_no_difference(found: Table, blanks: int | None, ascii_only: bool) -> None:
    """Read seven bytes at a time in blocks of three, a table is what it is when it is read at once."""
    content = json.dumps(found, indent=blanks, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    expected = list(zip(*found.values(), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        for piece, block in ((7, 3), (4_194_304, 2_000)):
            patch.setattr(columns, "_PIECE", piece)
            patch.setattr(columns, "BLOCK", block)
            assert rows(of(content, *found)) == expected
            assert measure(content, "url").rows == len(found["url"])


def many(count: int) -> Iterator[bytes]:
    """A collection of so many products with nested lists, built without holding it as objects."""
    yield b'{"url": ['
    yield b",".join(b'"/exampleco/api/product/%d"' % n for n in range(count))
    for name in range(12):
        yield b'], "c%d": [' % name
        yield b",".join([b'[{"supplierPartyUrl": "/exampleco/api/partygroup/10021", "price": 6.9, "leadTime": 14}]'] * count)
    yield b"]}"


def test_a_large_list_is_never_in_memory_as_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """3,000 rows with twelve nested columns would be some 20 MB as objects."""
    monkeypatch.setattr(columns, "_PIECE", 64 * 1024)
    monkeypatch.setattr(columns, "BLOCK", 100)
    content = b"".join(many(3_000))
    tracemalloc.start()
    try:
        with of(content, "url", *(f"c{n}" for n in range(12))) as found:
            count = sum(len(block) for block in found.blocks())
            _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 3_000
    assert peak < 5 * 1024 * 1024
