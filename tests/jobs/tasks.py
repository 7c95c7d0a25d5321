"""Tasks that a real worker process runs for these tests. They leave lines in a file."""

from __future__ import annotations

import os
import time
from pathlib import Path


def note(path: str, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def work(path: str, name: str, until: str) -> None:
    """Takes until there is a file of that name."""
    note(path, f"begin {name}")
    while not Path(until).exists():
        time.sleep(0.02)
    note(path, f"end {name}")


def fail(path: str) -> None:
    note(path, "failing")
    raise ValueError("as it should")
