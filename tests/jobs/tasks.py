"""Tasks that a real worker process runs for these tests. They leave lines in a file."""

from __future__ import annotations

import os
import time


def note(path: str, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def work(path: str, name: str, seconds: float) -> None:
    note(path, f"begin {name}")
    time.sleep(seconds)
    note(path, f"end {name}")


def fail(path: str) -> None:
    note(path, "failing")
    raise ValueError("as it should")
