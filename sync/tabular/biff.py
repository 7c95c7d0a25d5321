"""XLS from the inside: which cells of a BIFF8 workbook hold formulas or errors, and how far its sheets reach.

Records as in Microsoft's [MS-XLS] 2.4; the container is read by olefile.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

from sync.tabular import problems
from sync.tabular.biffstrings import longest_text
from sync.tabular.marks import Marks, bounded_texts

_BOF, _FORMULA, _EOF, _FILEPASS, _BOUNDSHEET, _DIMENSIONS, _BOOLERR, _TEXTS, _CONTINUE = (
    0x09,
    0x0006,
    0x000A,
    0x002F,
    0x0085,
    0x0200,
    0x0205,
    0x00FC,
    0x003C,
)
_ONE_CELL = {0x0006, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E}
"""Formula, number, label, boolean or error, rich text, shared text, short number."""
_MANY_NUMBERS = 0x00BD
_LAST_ROW, _LAST_COLUMN = 65_536, 256
_WORKSHEET = 0


def marks_of(body: bytes) -> list[Marks]:
    """The reach, formulas and errors of every sheet, in the order of the workbook. Raises FeedProblem: unreadable, zip_bomb."""
    stream = _workbook(body)
    try:
        sheets = [_scanned(stream, start) if sort == _WORKSHEET else Marks() for sort, start in _sheets(stream)]
        longest = longest_text(_shared_texts(stream))
    except (struct.error, IndexError) as error:
        raise problems.damaged("XLS") from error
    bounded_texts(longest, sum(marks.cells for marks in sheets))
    return sheets


def _workbook(body: bytes) -> bytes:
    try:
        with olefile.OleFileIO(io.BytesIO(body)) as container:
            if container.exists("EncryptedPackage"):
                raise problems.protected()
            for name in ("Workbook", "Book"):
                if container.exists(name):
                    stream = container.openstream(name).read()
                    if len(stream) < container.get_size(name):
                        raise problems.damaged("XLS")
                    return bytes(stream)
    except (OSError, struct.error, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # olefile checks little of what it follows, so a broken container fails in whatever line meets the damage.
        raise problems.damaged("XLS") from error
    raise problems.unreadable("The file is an Office document, not a spreadsheet.")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Type, offset and length of each record up to the end of its part. Raises struct.error when the stream ends before."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, start)
        start += 4
        if start + length > len(stream):
            raise struct.error("a record ends after its stream")
        yield kind, start, length
        if kind & 0xFF == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        start += length


def _sheets(stream: bytes) -> list[tuple[int, int]]:
    """Sort and start of each sheet, in the order of the workbook."""
    found = []
    for kind, start, _length in _records(stream, 0):
        if kind == _FILEPASS:
            raise problems.protected()
        if kind == _BOUNDSHEET:
            place, _hidden, sort = struct.unpack_from("<IBB", stream, start)
            found.append((sort, place))
    return found


def _shared_texts(stream: bytes) -> list[bytes]:
    """The table of texts that cells refer to: its record and those that continue it."""
    found: list[bytes] = []
    last = 0
    for kind, start, length in _records(stream, 0):
        if kind == _TEXTS or (kind == _CONTINUE and last == _TEXTS):
            found.append(stream[start : start + length])
        last = last if kind == _CONTINUE else kind
    return found


def _scanned(stream: bytes, start: int) -> Marks:
    marks = Marks()
    for kind, place, length in _records(stream, start):
        if kind in _ONE_CELL:
            row, column = struct.unpack_from("<HH", stream, place)
            marks.reach(row, column)
            if kind == _FORMULA:
                marks.formulas.append((row, column))
            elif kind == _BOOLERR and stream[place + 7]:
                marks.errors.append((row, column))
        elif kind == _MANY_NUMBERS:
            row, column = struct.unpack_from("<HH", stream, place)
            marks.reach(row, column + (length - 6) // 6 - 1)
        elif kind == _DIMENSIONS and length >= 12:
            _first, last, _left, right = struct.unpack_from("<IIHH", stream, place)
            # The reader makes room for what this record announces before it sees a cell.
            if last > _LAST_ROW or right > _LAST_COLUMN:
                raise struct.error("a sheet larger than the format allows")
    return marks
