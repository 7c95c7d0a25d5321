"""Bodies that were streamed to disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

_PREFIX = "levelstock-download-"
# No download lasts that long: a file of that age was left by a process that was killed.
_LEFTOVER_SECONDS = 86_400


@dataclass(frozen=True, eq=False)
class DownloadedBody:
    """A downloaded body in the temporary file `path`, `bytes` long after decoding.

    It is deleted by `close()`, at the latest with the object.
    """

    path: Path
    content_type: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "_delete", weakref.finalize(self, self.path.unlink, missing_ok=True))

    def open(self) -> BinaryIO:
        """The file, to read from its beginning."""
        return self.path.open("rb")

    def close(self) -> None:
        self._delete()  # type: ignore[attr-defined]

    def __enter__(self) -> DownloadedBody:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class FileSink:
    """Takes a body piece by piece; `restart` forgets what came before, `finish` makes the DownloadedBody, `discard` deletes the file."""

    def __init__(self) -> None:
        _delete_leftovers()
        number, name = tempfile.mkstemp(prefix=_PREFIX)
        self._path = Path(name)
        self._file = os.fdopen(number, "wb")
        self._digest = hashlib.sha256()
        self._bytes = 0

    def restart(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.sha256()
        self._bytes = 0

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._digest.update(piece)
        self._bytes += len(piece)

    def finish(self, content_type: str) -> DownloadedBody:
        self._file.close()
        return DownloadedBody(self._path, content_type, self._bytes, self._digest.hexdigest())

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


class MemorySink:
    """The same in memory, for answers that are parsed as a whole."""

    def __init__(self) -> None:
        self.content = bytearray()

    def restart(self) -> None:
        self.content.clear()

    def write(self, piece: bytes) -> None:
        self.content += piece


def _delete_leftovers() -> None:
    oldest = time.time() - _LEFTOVER_SECONDS
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except OSError:
            # Another process was quicker, or the file is another user's.
            continue
