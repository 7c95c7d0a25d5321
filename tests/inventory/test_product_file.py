from __future__ import annotations

import codecs
import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.csvtable import MOST_ROWS
from inventory.errors import UnreadableFile
from inventory.keys import trimmed
from inventory.productfile import ProductRow, read


def problems(content: str) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.sentence) for problem in read(content.encode()).problems]


def test_columns_by_many_headings_in_any_order() -> None:
    file = read(b"Model Number;Product-SKU;Colour;Description\nQTX10;FRIDGE;red;A fridge\n")
    assert file.rows == (ProductRow(2, "FRIDGE", "FRIDGE", name="A fridge", models={"QTX10": "QTX10"}),)
    assert file.ignored == ("Colour",)


@pytest.mark.parametrize(
    "content",
    [
        b"SKU,Name\nA,K\xc3\xbchlschrank\n",
        codecs.BOM_UTF8 + b"SKU\tName\r\nA\tK\xc3\xbchlschrank\r\n",
        "SKU;Name\nA;Kühlschrank\n".encode("utf-16"),
        b'\nSKU,Name\n\n"A","K\xc3\xbchlschrank"\n,\n',
    ],
)
def test_shapes_that_spreadsheet_programs_write(content: bytes) -> None:
    assert [(row.sku, row.name) for row in read(content).rows] == [("A", "Kühlschrank")]


def test_several_names_in_a_cell() -> None:
    row = read(b'SKU,Models\nA,"QTX-10|qtx10 ; QTX11, QTX12\nQTX13"\n').rows[0]
    assert row.models == {"QTX10": "QTX-10", "QTX11": "QTX11", "QTX12": "QTX12", "QTX13": "QTX13"}


@pytest.mark.parametrize(("word", "meaning"), [("yes", True), ("X", True), ("0", False), ("No", False), ("", None)])
def test_yes_and_no(word: str, meaning: bool | None) -> None:
    assert read(f"SKU,Active\nA,{word}\n".encode()).rows[0].active is meaning


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        (",x", "SKU", "The SKU is missing."),
        ("b,x", "SKU", "The SKU b stands in row 2 already."),
        ("C,QTX-1", "Model", "The model QTX-1 stands in row 2 already."),
        ("C,--", "Model", "“--” has no letter and no digit, or too many."),
        (
            "1.23457E+12,x",
            "SKU",
            "1.23457E+12 is a number that a spreadsheet program has rounded; format the column as text and enter it again.",
        ),
        ("C\x07C,x", "SKU", "The text holds an invisible character; type it again."),
        (f"{'C' * 81},x", "SKU", "The text has 81 characters, at most 80 are possible."),
    ],
)
def test_problem_names_row_and_column(line: str, column: str, sentence: str) -> None:
    content = f"SKU,Model\nB,QTX1\n{line}\n"
    assert problems(content)[0] == (3, column, sentence)
    assert [row.sku for row in read(content.encode()).rows] == ["B"]


def test_neither_yes_nor_no() -> None:
    assert problems("SKU,Fractional\nA,maybe\n") == [(2, "Fractional", "“maybe” is neither yes nor no.")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no column SKU"),
        (b"Name,Type\nFridge,x\n", "no column SKU"),
        (b"SKU,Model,Models\nA,B,C\n", "The columns Model and Models mean the same"),
        (b"PK\x03\x04rest", "This is a workbook"),
        (b"\xd0\xcf\x11\xe0rest", "This is a workbook"),
        (b"SKU\nK\xfchl\n", "not a text in UTF-8"),
        (b'SKU,Name\nA,B\nC,"never closed\n', "Row 3 can't be read"),
    ],
)
def test_file_that_is_no_such_file(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told):
        read(content)


def test_too_many_rows_are_refused() -> None:
    assert len(read(b"SKU\n" + b"".join(b"S%d\n" % row for row in range(MOST_ROWS))).rows) == MOST_ROWS
    with pytest.raises(UnreadableFile, match="more than 20,000 rows"):
        read(b"SKU\n" + b"S\n" * (MOST_ROWS + 1))


printable = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20).filter(lambda text: "|" not in text)


@given(st.lists(st.tuples(printable, printable), max_size=8), st.sampled_from(",;\t"))
def test_every_row_is_read_or_has_a_problem(lines: list[tuple[str, str]], delimiter: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([("SKU", "Name"), *lines])
    file = read(written.getvalue().encode())
    held = {problem.row for problem in file.problems}
    taken = {row.number: (row.sku, row.name or "") for row in file.rows}
    assert not held & taken.keys()
    assert len({row.key for row in file.rows}) == len(file.rows)
    for number, line in enumerate(lines, start=2):
        cells = tuple(map(trimmed, line))
        if number in taken:
            assert taken[number] == cells
        else:
            assert number in held or not any(cells)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(UnreadableFile):
        read(content)
