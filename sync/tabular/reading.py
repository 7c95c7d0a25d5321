"""Bytes to a table. What a file is, its content says, never its name."""

from __future__ import annotations

from sync.tabular import problems
from sync.tabular.delimited import read_text, text_of
from sync.tabular.table import Table, table_of
from sync.tabular.workbook import read_xls, read_xlsx

OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
OTHERS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"PK\x05\x06": "an empty zip archive",
}


def read_table(body: bytes, *, limit_bytes: int, limit_rows: int = 500_000) -> Table:
    """The rows of an XLS (Excel 97), XLSX or CSV file as trimmed text.

    `limit_bytes` bounds the body, `limit_rows` the lines of all its sheets. Numbers lose a ".0", times become `YYYY/MM/DD HH:MM:SS`,
    a formula without a value reads `=`, a cell that shows an error reads `#ERROR`.
    Raises FeedProblem: too_large, zip_bomb, html, blank, unreadable.
    """
    if len(body) > limit_bytes:
        raise problems.too_large(f"it has {len(body):,} bytes, {limit_bytes:,} are allowed")
    for start, kind in OTHERS.items():
        if body.startswith(start):
            raise problems.unreadable(f"The file is {kind}, not a spreadsheet.")
    if body.startswith(OLE2):
        table = table_of("xls", read_xls(body, limit_rows))
    elif body.startswith(ZIP):
        table = table_of("xlsx", read_xlsx(body, limit_rows))
    else:
        table = table_of("csv", [read_text(text_of(body), limit_rows)])
    if table is None:
        raise problems.blank()
    return table
