"""CSV as GE writes it, and as people save it again."""

from __future__ import annotations

import pytest

from sync.feedproblem import FeedProblem
from sync.tabular import read_table
from tests.sync.ge import files


def rows(body: bytes) -> list[tuple[str, ...]]:
    return read_table(body, limit_bytes=1_000_000).rows


def test_quotes_and_commas_inside_a_text() -> None:
    assert rows(b'"Model #","Notes"\n"QTX10FRIDGE","door 30"" wide, white"\n') == [("QTX10FRIDGE", 'door 30" wide, white')]


def test_a_text_may_go_over_two_lines() -> None:
    assert rows(b'"Model #","Notes"\r\n"QTX10FRIDGE","dented,\r\nleft side"\r\n"QTX20WASHER",""\r\n') == [
        ("QTX10FRIDGE", "dented,\r\nleft side"),
        ("QTX20WASHER", ""),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end(line_end: str) -> None:
    body = files.csv_bytes(files.STOCK, [files.unit("QTX10FRIDGE", "ZZ900001"), files.unit("QTX20WASHER", "ZZ900002")], line_end=line_end)
    assert [row[1] for row in rows(body)] == ["ZZ900001", "ZZ900002"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_separator(delimiter: str) -> None:
    body = files.csv_bytes(files.STOCK, [files.unit("QTX10FRIDGE", "ZZ900001")], delimiter=delimiter)
    assert rows(body) == [("QTX10FRIDGE", "ZZ900001", "", "Available", "")]


def test_a_separator_inside_quotes_is_not_counted() -> None:
    assert rows(b'"Model; #";"a,b,c,d"\n"QTX10FRIDGE";"x"\n') == [("QTX10FRIDGE", "x")]


def test_no_quotes_at_all() -> None:
    assert rows(b"Model #,Serial #\nQTX10FRIDGE, ZZ900001\n") == [("QTX10FRIDGE", "ZZ900001")]


def test_a_blank_before_a_quote() -> None:
    assert rows(b'Model #, Serial #\n"QTX10FRIDGE", "ZZ,1"\n') == [("QTX10FRIDGE", "ZZ,1")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_spreadsheet_programs_save(encoding: str) -> None:
    body = files.csv_bytes(("Load Number", "Notes"), [("7QX1", "café – 1/7")], encoding=encoding)
    table = read_table(body, limit_bytes=1_000_000)
    assert table.header == ("Load Number", "Notes")
    assert table.rows == [("7QX1", "café – 1/7")]


def test_a_quote_that_is_never_closed_names_the_row() -> None:
    body = files.stock_csv(files.on_hand(3))
    with pytest.raises(FeedProblem) as problem:
        read_table(body[: body.index(b"ZZ000002") + 3], limit_bytes=1_000_000)
    assert problem.value.code == "unreadable"
    assert problem.value.sentence == "Row 3 can't be read: a text in quotes is not closed, or a quote inside a text is not doubled."


def test_a_quote_that_is_not_doubled_names_the_row() -> None:
    with pytest.raises(FeedProblem, match="Row 2 can't be read"):
        rows(b'"Model #","Notes"\n"QTX10FRIDGE","30" wide"\n')
