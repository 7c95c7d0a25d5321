"""Works on a run and is killed (-9) at a named point of it: `python -m tests.sync.ge.crash POINT RUN`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import django

POINTS = {
    "fetch": ("sync.sources.ge.uploaded.UploadClient", "fetch", 3),
    "stage": ("inventory.dialect", "load", 2),
    "compare": ("sync.engine.execute", "compare", 2),
    "apply": ("sync.engine.write", "change", 2),
    "close": ("sync.engine.apply", "close", 1),
}
"""Where the function is, and at which of its calls, once it has done its work, the process dies."""


def arm(place: str, name: str, at: int) -> None:
    from django.utils.module_loading import import_string

    is_class = place.rsplit(".", 1)[1][0].isupper()
    holder: Any = import_string(place) if is_class else import_module(place)
    original: Callable[..., Any] = getattr(holder, name)
    calls = 0

    def deadly(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        result = original(*arguments, **options)
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, deadly)


if __name__ == "__main__":
    django.setup()
    from sync.runs import execute

    arm(*POINTS[sys.argv[1]])
    execute(int(sys.argv[2]))
