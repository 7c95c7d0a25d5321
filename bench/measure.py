"""Time and memory of a block, with the garbage collector kept out."""

from __future__ import annotations

import gc
import json
import os
import resource
import statistics
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"


@dataclass
class Taken:
    """Seconds a block took, the highest resident memory of the process meanwhile, and what it had before, both in MiB."""

    seconds: float = 0.0
    peak: float = 0.0
    before: float = 0.0


@contextmanager
def taken() -> Iterator[Taken]:
    """Measure the block. Where the system cannot forget an earlier peak, `peak` is the highest since the process started."""
    gc.collect()
    found = Taken(before=_resident("VmRSS"))
    with suppress(OSError):
        _CLEAR.write_text(_FORGET_PEAK)
    gc.disable()
    began = time.perf_counter()
    try:
        yield found
    finally:
        found.seconds = time.perf_counter() - began
        gc.enable()
        found.peak = _resident("VmHWM")


def apart(do: Callable[[], Any]) -> Any:
    """What `do` gives, in JSON's types, done in a forked process: its memory is none of ours. The caller has no connection open."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        code = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(do(), pipe)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("What was done apart broke; what it said is above.")
    return json.loads(said)


def _resident(name: str) -> float:
    try:
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)
