"""What a broken export looks like. Pure: a good document in, a bad one out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sandbox.ge.documents import Document, counted, stock
from sandbox.ge.world import BUCKETS, World
from sandbox.switches import Board, Switch

SWITCHES: dict[str, str] = {
    "expired_session": "A sign-in page instead of data: HTML with 200, or with `way` = redirect a 302 to the sign-in host.",
    "truncated": "Rows at the end are missing; the footer still announces them.",
    "no_footer": "The end of the file is missing, footer included.",
    "empty": "Headings only.",
    "blank": "Not one byte.",
    "duplicates_equal": "Three rows come twice.",
    "duplicates_unequal": "Three rows come twice, the second time with another model and status.",
    "missing_column": "One column is left out: `column` by its JSON name (default the model, or the load number in load lists).",
    "shrunken": "One row in five, with a footer that fits.",
    "flood": "Stock lists are filled up with invented units to `size` rows (default 2500), with a footer that fits.",
    "wrong_bucket": "Another subinventory's rows (FG answers ASIS, ASIS answers STA, STA answers FG).",
    "yesterday": "Yesterday's data, taken a day ago.",
    "load_fails": "The roster of one load answers 500: `load`, by default the newest for sale.",
    "page_size": "`size` rows per page of the JSON answers (default 500).",
}
"""Switches of GE beside the ones of every system."""


def damaged(document: Document, world: World, board: Board, load: str, faults: list[str]) -> Document:
    """`document` as the switches leave it; the names of those that struck are appended to `faults`."""
    for name, change in _CHANGES.items():
        switch = board.take(name, document.kind, load)
        if switch is not None:
            document = change(document, world, switch)
            faults.append(name)
    return document


def _wrong_bucket(document: Document, world: World, switch: Switch) -> Document:
    if not document.kind.startswith("stock:"):
        return document
    bucket = BUCKETS[(BUCKETS.index(document.kind.removeprefix("stock:")) + 1) % len(BUCKETS)]
    return replace(stock(world, bucket), kind=document.kind)


def _shrunken(document: Document, world: World, switch: Switch) -> Document:
    return _refooted(replace(document, rows=document.rows[::5]))


def _flood(document: Document, world: World, switch: Switch) -> Document:
    if not document.kind.startswith("stock:"):
        return document
    missing = (switch.size or 2500) - len(document.rows)
    # Letters of its own per list: an invented unit must not be in two of them.
    letters = f"ZZ{document.kind.removeprefix('stock:')}"
    added = [{**document.rows[0], "serial": f"{letters}{number:06d}"} for number in range(missing)]
    return counted(replace(document, rows=[*document.rows, *added]))


def _repeated(document: Document, *, equal: bool) -> Document:
    # Load lists have no status column to differ in; their number of units differs instead.
    differing: dict[str, object] = {"units": 1} if document.kind.startswith("loads:") else {"model": "QTXOTHER", "status": "Reserved"}
    changes = {} if equal else {key: value for key, value in differing.items() if key in document.columns}
    rows = [*document.rows, *({**row, **changes} for row in document.rows[:3])]
    return _refooted(replace(document, rows=rows))


def _refooted(document: Document) -> Document:
    return document if document.totals is None else counted(document)


def _missing_column(document: Document, world: World, switch: Switch) -> Document:
    column = switch.column or ("loadNumber" if document.kind.startswith("loads:") else "model")
    return replace(document, columns={name: heading for name, heading in document.columns.items() if name != column})


def _truncated(document: Document, world: World, switch: Switch) -> Document:
    return replace(document, rows=document.rows[: len(document.rows) * 9 // 10])


_CHANGES: dict[str, Callable[[Document, World, Switch], Document]] = {
    "wrong_bucket": _wrong_bucket,
    "shrunken": _shrunken,
    "flood": _flood,
    "duplicates_equal": lambda document, world, switch: _repeated(document, equal=True),
    "duplicates_unequal": lambda document, world, switch: _repeated(document, equal=False),
    "missing_column": _missing_column,
    "truncated": _truncated,
    "no_footer": lambda document, world, switch: replace(_truncated(document, world, switch), totals=None),
    "empty": lambda document, world, switch: replace(document, rows=[], totals=None),
}
