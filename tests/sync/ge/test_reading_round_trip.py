"""The same table written as XLS, XLSX and CSV reads as equal rows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.keys import trimmed
from sync.sources.ge import mapping
from sync.tabular import normal_header, read_table
from tests.sync.ge import files

# What Excel itself can store: no control characters, no lone surrogates.
texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=40).filter(lambda text: not text.startswith(("=", "_x")))
tables = st.lists(st.tuples(*[texts] * 5), max_size=12)


def read(body: bytes) -> list[tuple[str, ...]]:
    lines = read_table(body, limit_bytes=10_000_000).rows
    while lines and not any(lines[-1]):
        lines.pop()
    return [(*line, "", "", "", "", "")[:5] for line in lines]


@settings(max_examples=60, deadline=None)
@given(tables)
def test_one_table_in_three_formats_reads_alike(rows: list[tuple[str, ...]]) -> None:
    expected = [tuple(map(trimmed, row)) for row in rows]
    while expected and not any(expected[-1]):
        expected.pop()
    assert read(files.xls(files.STOCK, rows)) == expected
    assert read(files.xlsx(files.STOCK, rows)) == expected
    assert read(files.csv_bytes(files.STOCK, rows)) == expected


serials = st.from_regex(r"ZZ[0-9]{6}(-AD[0-9])?", fullmatch=True)
stock_rows = st.lists(
    st.one_of(
        st.builds(files.unit, st.sampled_from(["QTX10FRIDGE", "QTX20WASHER"]), serials, st.sampled_from(["Available", "Reserved"])),
        st.builds(files.bulk, st.sampled_from(["QTXPARTKIT", "QTXTRIMKIT"]), st.integers(1, 500)),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(stock_rows)
def test_a_stock_list_is_the_same_feed_in_every_format_and_its_footer_fits(rows: list[files.Row]) -> None:
    feeds = [
        mapping.stock(read_table(write(rows), limit_bytes=10_000_000)) for write in (files.stock_xls, files.stock_xlsx, files.stock_csv)
    ]
    assert feeds[0] == feeds[1] == feeds[2]
    assert mapping.check_footer(feeds[0], promised=True) is None
    assert [row.serial for row in feeds[0].rows] == [row[1] for row in rows]
    assert (feeds[0].held, feeds[0].warnings) == ((), ())


@given(st.text())
def test_trimming_twice_changes_nothing(text: str) -> None:
    assert trimmed(trimmed(text)) == trimmed(text)


@given(st.text())
def test_a_normal_header_is_normal(text: str) -> None:
    assert normal_header(normal_header(text)) == normal_header(text)


def test_normal_headers() -> None:
    assert normal_header(" Scanned Date/Time ") == "scanneddatetime"
    assert normal_header("Model #") == "model"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("Qé√"), st.integers(1, 20_000)), min_size=1, max_size=12, unique=True))
def test_long_texts_that_an_xls_splits_over_records_are_read_whole(lengths: list[tuple[str, int]]) -> None:
    texts = [character * length for character, length in lengths]
    table = read_table(files.xls(("A", "B"), [(text, "x") for text in texts]), limit_bytes=10_000_000)
    assert [row[0] for row in table.rows] == texts
