"""Rows as CSV that a spreadsheet program opens without running anything in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet program take a cell for a formula (owasp.org, CSV Injection)."""

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def harmless(value: Any) -> str:
    """`value` as the text of a cell: nothing for None, and an apostrophe before what would be a formula. Plain numbers stay as they are."""
    text = "" if value is None else str(value)
    if text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The header and each row as one CSV record, ended by CR LF (RFC 4180), made when it is asked for."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    yield _taken(buffer)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
