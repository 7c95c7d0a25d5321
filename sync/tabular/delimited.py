"""CSV, and the web pages that come in its place."""

from __future__ import annotations

import csv
import io
import re

from inventory.keys import trimmed
from sync.feedproblem import FeedProblem
from sync.tabular import problems
from sync.tabular.table import CELL_LIMIT, Sheet

_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_EXCEL_XML = "urn:schemas-microsoft-com:office:spreadsheet"
_SAMPLE = 4096


def text_of(body: bytes) -> str:
    """The text of a file that is no workbook: UTF-8, else Windows-1252; UTF-16 where a byte-order mark says so.

    Raises FeedProblem: html for a web page, unreadable for what is no text.
    """
    text = _decoded(body)
    start = text[:_SAMPLE].lstrip("\ufeff\u200b \t\r\n\f\v\0\xa0")
    if start.startswith("<") and _EXCEL_XML in text:
        raise problems.unreadable("The file is an XML spreadsheet of 2003.", "Open it in a spreadsheet program and save it as XLSX or CSV.")
    if start.startswith("<") or _PAGE.search(text):
        raise problems.html()
    sample = text[:_SAMPLE]
    if 10 * sum(1 for character in sample if character < " " and character not in "\t\r\n\f") > len(sample):
        raise problems.unreadable("The file is neither a spreadsheet nor text.")
    return text


def _decoded(body: bytes) -> str:
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if wide else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise problems.unreadable("The file is neither a spreadsheet nor text.")


def read_text(text: str, limit_rows: int) -> Sheet:
    """The lines of a CSV text, separated by commas, semicolons or tabs.

    Raises FeedProblem: unreadable when a quote is not closed or not doubled, too_large above `limit_rows` lines or CELL_LIMIT cells.
    """
    lines: list[tuple[str, ...]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), skipinitialspace=True, strict=True)
    try:
        for line in reader:
            if len(lines) >= limit_rows:
                raise problems.too_large(f"it has more than {limit_rows:,} rows")
            cells += len(line)
            if cells > CELL_LIMIT:
                raise problems.too_large(f"it has more than {CELL_LIMIT:,} cells")
            lines.append(tuple(map(trimmed, line)))
    except csv.Error as error:
        raise _quoting(len(lines) + 1) from error
    return Sheet("", lines)


def _quoting(row: int) -> FeedProblem:
    return problems.unreadable(
        f"Row {row} can't be read: a text in quotes is not closed, or a quote inside a text is not doubled.",
        "Download the file again; if it stays so, open it in a spreadsheet program and save it as XLSX.",
    )


def _delimiter(text: str) -> str:
    """The separator that stands most often outside quotes in the first line that has any."""
    for line in io.StringIO(text[: 16 * _SAMPLE]):
        bare = re.sub(r'"[^"]*"', "", line)
        counts = {mark: bare.count(mark) for mark in ",;\t"}
        if any(counts.values()):
            return max(counts, key=lambda mark: counts[mark])
    return ","
