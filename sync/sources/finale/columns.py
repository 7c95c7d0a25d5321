"""Finale's collections: one JSON object of parallel arrays, read column by column (docs/finale.md, “Columns”).

Position i of every array belongs to the same record. A list of 120,000 products is never in memory as objects: the text is decoded piece by
piece, each column goes to a temporary file in blocks, and the blocks of all columns are joined again when the rows are taken.
"""

from __future__ import annotations

import codecs
import gc
import json
import marshal
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from sync.engine.source import Remark
from sync.sources.finale import problems

BLOCK = 2_000
CHANGED = "lastUpdatedDate"
_PIECE = 4 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_BLANKS = " \t\n\r"
_BOM = b"\xef\xbb\xbf"

_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

Row = tuple[Any, ...]


@dataclass
class _Column:
    """Where a column's blocks are: offset and length in the file, and how many entries it has."""

    blocks: list[tuple[int, int]]
    length: int


@dataclass(frozen=True)
class Measured:
    """How many rows a list has, and the latest of its stamps as sent; blank where it has none."""

    rows: int
    newest: str


class Columns:
    """A list that was read. Rows are taken by `blocks`, by one reader at a time; `close` frees the file.

    `newest` is the latest of its stamps as sent, blank where it has none.
    `absent` are wanted columns that the list has not or that are `short`: their entries are None in every row and mean “not said”.
    """

    def __init__(self, wanted: Sequence[str], columns: dict[str, _Column], rest: Sequence[str], file: Any, length: int) -> None:
        self.absent = frozenset(name for name in wanted if name not in columns)
        self.short: tuple[str, ...] = ()
        self.warnings: tuple[Remark, ...] = ()
        self.repeated = 0
        self.newest = ""
        self._wanted, self._columns, self._rest, self._file, self._length = tuple(wanted), columns, tuple(rest), file, length
        self._dropped: frozenset[int] = frozenset()

    @property
    def count(self) -> int:
        """How many rows `blocks` gives."""
        return self._length - self.repeated

    @property
    def received(self) -> int:
        """How many rows came, repeated ones included: what tells whether the answer was cut."""
        return self._length

    def blocks(self, rest: bool = False) -> Iterator[list[Row]]:
        """The rows in lists of up to 2,000, each a tuple in the order of the wanted columns.

        With `rest` one more entry: the other columns that the reader was asked to keep, as JSON without nulls; blank where all are.
        """
        names = (*self._wanted, *(self._rest if rest else ()))
        for block, first in enumerate(range(0, self._length, BLOCK)):
            size = min(BLOCK, self._length - first)
            lists = [self._block(name, block, size) for name in names]
            if rest:
                lists[len(self._wanted) :] = [_as_json(self._rest, lists[len(self._wanted) :], size)]
            rows = list(zip(*lists, strict=True))
            yield [row for number, row in enumerate(rows, first) if number not in self._dropped] if self._dropped else rows

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Columns:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep_newest(self, anchor: str) -> None:
        """Of rows with the same anchor keep the one that changed last, and count the others as repeated."""
        kept: dict[str, tuple[str, int]] = {}
        dropped = set()
        number = 0
        for block in range(len(self._columns[anchor].blocks)):
            size = min(BLOCK, self._length - number)
            for name, changed in zip(self._block(anchor, block, size), self._block(CHANGED, block, size), strict=True):
                if isinstance(name, str):
                    this = (changed if isinstance(changed, str) else "", number)
                    other = kept.setdefault(name, this)
                    if other is not this:
                        kept[name] = max(other, this)
                        dropped.add(min(other, this)[1])
                number += 1
        self._dropped, self.repeated = frozenset(dropped), len(dropped)

    def _block(self, name: str, block: int, size: int) -> list[Any]:
        column = self._columns.get(name)
        if column is None:
            return [None] * size
        offset, length = column.blocks[block]
        self._file.seek(offset)
        content = self._file.read(length)
        with _uncollected():
            found: list[Any] = marshal.loads(content)
        return found


def read(
    body: bytes,
    anchor: str,
    needed: Collection[str],
    wanted: Sequence[str],
    *,
    feed: str = "",
    unique: bool = True,
    rest: Callable[[str], bool] = lambda _name: False,
) -> Columns:
    """The list in `body`, whose rows are as many as the column `anchor` has entries. No columns at all, or only empty ones, are no rows.

    Numbers with a fraction are texts, as they were written. A column of another length can't be aligned: it is left out with a warning.
    Unless the rows are `unique` by their anchor, repeated ones stay. `rest` says of other columns whether they are kept too.

    Raises FeedProblem: broken_off, not_a_table, no_anchor, and no_column and short_column for what is `needed`.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 it lives as long as the rows are taken
    columns: dict[str, _Column] = {}
    names = []
    newest = ""
    keep = {anchor, CHANGED, *needed, *wanted}
    with _uncollected():
        for name, blocks in _columns(body, feed):
            names.append(name)
            if blocks is not None and (name in keep or rest(name)):
                latest = [""]
                columns[name] = _spooled(_noting(blocks, latest) if name == CHANGED else blocks, file)
                newest = max(newest, latest[0])
    if anchor not in columns and names:
        raise problems.no_anchor(feed, anchor, names)
    length = columns[anchor].length if columns else 0
    short = {name: column.length for name, column in columns.items() if column.length != length}
    if length or short:
        for name in needed:
            if name in short:
                raise problems.short_column(feed, name, short[name], length)
            if name not in columns:
                raise problems.no_column(feed, name, names)
    good = {name: column for name, column in columns.items() if name not in short}
    found = Columns(wanted, good, [name for name in good if name not in wanted and rest(name)], file, length)
    found.newest = newest
    found.short = tuple(short)
    found.warnings = tuple(Remark("short_column", problems.short_column_left_out(feed, name, short[name], length)) for name in short)
    if unique and length:
        found.keep_newest(anchor)
    return found


def measure(body: bytes, anchor: str, *, feed: str = "", stamps: bool = True) -> Measured:
    """How long the list in `body` is, without keeping it. Unless the `stamps` are wanted too, it is read no further than that takes.

    Raises FeedProblem: broken_off, not_a_table, no_anchor.
    """
    rows: int | None = None
    newest = ""
    names = []
    for name, blocks in _columns(body, feed):
        names.append(name)
        latest = [""]
        length = sum(map(len, _noting(blocks, latest) if name == CHANGED else blocks)) if blocks is not None else 0
        newest = max(newest, latest[0])
        if name == anchor and blocks is not None:
            rows = length
            if not stamps:
                return Measured(rows, "")
    if rows is None and names:
        raise problems.no_anchor(feed, anchor, names)
    return Measured(rows or 0, newest)


def _spooled(blocks: Iterator[list[Any]], file: Any) -> _Column:
    column = _Column([], 0)
    file.seek(0, 2)
    for block in blocks:
        content = marshal.dumps(block)
        column.blocks.append((file.tell(), len(content)))
        column.length += len(block)
        file.write(content)
    return column


def _noting(blocks: Iterator[list[Any]], latest: list[str]) -> Iterator[list[Any]]:
    """The same blocks; the latest text that passed by is left in `latest`."""
    for block in blocks:
        latest[0] = max(latest[0], max((each for each in block if isinstance(each, str)), default=""))
        yield block


def _as_json(names: Sequence[str], lists: Sequence[list[Any]], size: int) -> list[str]:
    texts = []
    for number in range(size):
        said = {name: column[number] for name, column in zip(names, lists, strict=True) if column[number] not in (None, "", [])}
        texts.append(_ENCODE(said) if said else "")
    return texts


def _columns(body: bytes, feed: str) -> Iterator[tuple[str, Iterator[list[Any]] | None]]:
    """The name of each member and its entries in blocks, which are to be taken before the next; None for a member that is no array."""
    text = _Text(body, feed)
    if text.next() != "{":
        raise problems.not_a_table(feed)
    text.skip()
    if text.next() == "}":
        text.skip()
        text.end()
        return
    while True:
        if text.next() != '"':
            raise problems.broken_off(feed)
        name = text.value()
        text.expect(":")
        if text.next() == "[":
            blocks = text.blocks()
            yield name, blocks
            # What nobody took has to be passed over all the same.
            for _ in blocks:
                pass
        else:
            text.value()
            yield name, None
        if text.next() == "}":
            text.skip()
            text.end()
            return
        text.expect(",")


class _Text:
    """A JSON text that is decoded from UTF-8 a piece at a time: never more than a piece and one value of it in memory."""

    def __init__(self, body: bytes, feed: str) -> None:
        self._body, self._feed = memoryview(body), feed
        self._taken = len(_BOM) if body.startswith(_BOM) else 0
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._scan = json.JSONDecoder(parse_float=str, parse_constant=_no_number, strict=False).scan_once  # type: ignore[attr-defined]
        self._text, self._at = "", 0

    def next(self) -> str:
        """The next character that is no blank, which stays."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if not self._more():
                raise problems.broken_off(self._feed)

    def skip(self) -> None:
        self._at += 1

    def expect(self, character: str) -> None:
        if self.next() != character:
            raise problems.broken_off(self._feed)
        self.skip()

    def end(self) -> None:
        """Nothing but blanks may follow. Raises FeedProblem."""
        while not self._text[self._at :].strip(_BLANKS):
            self._at = len(self._text)
            if not self._more():
                return
        raise problems.broken_off(self._feed)

    def value(self) -> Any:
        """The value that begins at the next character."""
        self.next()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except (StopIteration, ValueError, RecursionError):
                end = len(self._text)
            else:
                # A number at the very end may go on in the next piece.
                if end < len(self._text) or self._at_end():
                    self._at = end
                    return value
            if not self._more():
                raise problems.broken_off(self._feed)

    def blocks(self) -> Iterator[list[Any]]:
        """The entries of the array that begins at the next character, in lists of BLOCK; the last one may be shorter."""
        if (entries := self._whole()) is not None:
            for first in range(0, len(entries), BLOCK):
                yield entries[first : first + BLOCK]
            return
        self.expect("[")
        block: list[Any] = []
        if self.next() != "]":
            while not self._entries(block):
                if len(block) == BLOCK:
                    yield block
                    block = []
        self.skip()
        if block:
            yield block

    def _whole(self) -> list[Any] | None:
        """The array that begins at the next character, in one go, where all of its text is here; else None, and it is still next."""
        try:
            entries, end = self._scan(self._text, self._at)
        except (StopIteration, ValueError, RecursionError):
            return None
        self._at = end
        found: list[Any] = entries
        return found

    def _entries(self, block: list[Any]) -> bool:
        """Add entries to `block` until it is full: false; or until the array's bracket is next: true."""
        # Millions of entries pass here, so all that can be is local. What the quick way can't read, for lack of text, the slow one does.
        scan, text, at = self._scan, self._text, self._at
        while len(block) < BLOCK:
            try:
                value, at = scan(text, at)
                follows = text[at]
                if follows == ",":
                    at += 2 if text[at + 1] == " " else 1
                    block.append(value)
                    self._at = at
                    continue
            except (StopIteration, ValueError, RecursionError, IndexError):
                pass
            block.append(self.value())
            if self.next() == "]":
                return True
            self.expect(",")
            self.next()
            text, at = self._text, self._at
        return False

    def _at_end(self) -> bool:
        return self._taken >= len(self._body)

    def _more(self) -> bool:
        if self._at_end():
            return False
        piece = self._body[self._taken : self._taken + _PIECE]
        self._taken += len(piece)
        try:
            self._text = self._text[self._at :] + self._decode(piece, self._at_end())
        except UnicodeDecodeError as error:
            raise problems.broken_off(self._feed) from error
        self._at = 0
        return True


@contextmanager
def _uncollected() -> Iterator[None]:
    """In the block millions of plain values are made and let go. None can be a cycle, and to look for any would take as long again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")
