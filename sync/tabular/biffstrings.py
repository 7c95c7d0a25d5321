"""The lengths of the texts an XLS shares between its cells ([MS-XLS] 2.4.265 and 2.5.293)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_WIDE, _PHONETIC, _RICH = 0x01, 0x04, 0x08


def longest_text(records: Sequence[bytes]) -> int:
    """Characters of the longest text of the shared table, given its record and the ones that continue it; 0 without a table.

    Raises struct.error when the table ends before its last text.
    """
    if not records:
        return 0
    tape = _Tape(records)
    _, count = struct.unpack("<II", tape.take(8))
    longest = 0
    for _ in range(count):
        characters, flags = struct.unpack("<HB", tape.take(3))
        runs = struct.unpack("<H", tape.take(2))[0] if flags & _RICH else 0
        phonetic = struct.unpack("<I", tape.take(4))[0] if flags & _PHONETIC else 0
        tape.skip_text(characters, wide=bool(flags & _WIDE))
        tape.skip(4 * runs + phonetic)
        longest = max(longest, characters)
    return longest


class _Tape:
    """The bytes of the records as one stretch. A text that is cut by the end of a record says anew, in the next, how wide it is."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self._records = records
        self._index = 0
        self._place = 0

    def _left(self) -> int:
        """Bytes left in the current record; goes to the next one when there are none."""
        while self._place >= len(self._records[self._index]):
            if self._index + 1 >= len(self._records):
                raise struct.error("the table of texts is cut off")
            self._index += 1
            self._place = 0
        return len(self._records[self._index]) - self._place

    def take(self, count: int) -> bytes:
        taken = b""
        while len(taken) < count:
            step = min(count - len(taken), self._left())
            taken += self._records[self._index][self._place : self._place + step]
            self._place += step
        return taken

    def skip(self, count: int) -> None:
        while count:
            step = min(count, self._left())
            self._place += step
            count -= step

    def skip_text(self, characters: int, *, wide: bool) -> None:
        while characters:
            index = self._index
            left = self._left()
            if self._index != index:
                wide = bool(self.take(1)[0] & _WIDE)
                left = self._left()
            size = 2 if wide else 1
            step = min(characters, left // size)
            if not step:
                raise struct.error("half a character")
            self._place += step * size
            characters -= step
