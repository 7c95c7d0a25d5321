"""Processes that end when we end. Standard library only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

GRACE = 15.0
LOG_LIMIT = 10 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Broken(Exception):
    """The start can't go on; the message says why and what to do."""


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _popen(command: Sequence[str], env: Mapping[str, str] | None, cwd: Path | None, out: IO[bytes] | int) -> subprocess.Popen[bytes]:
    # An own session: Ctrl-C in the terminal reaches us alone, and we end the children in order.
    return subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


def lines_of(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Iterator[str]:
    """The output of `command`, line by line. Raises Broken when it ends with an error; ends it when the caller stops listening."""
    process = _popen(command, env, cwd, subprocess.PIPE)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            yield line.decode(errors="replace").rstrip("\n")
        if process.wait():
            raise Broken(f"{' '.join(command[1:4])} ended with {process.returncode}.")
    finally:
        end([process])


def shown(command: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> int:
    """Run `command` with its output going to our terminal, so that it can draw a progress bar; its exit code."""
    process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent)
    try:
        return process.wait()
    finally:
        end([process])


def logged(command: Sequence[str], log: Path, *, env: Mapping[str, str], cwd: Path) -> subprocess.Popen[bytes]:
    """Start `command` in the background, its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    mode = "wb" if log.exists() and log.stat().st_size > LOG_LIMIT else "ab"
    with log.open(mode) as out:
        return _popen(command, env, cwd, out)


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask each process group to stop, wait, then force what is left."""
    running = [process for process in processes if process.poll() is None]
    _signal(running, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
    left = [process for process in running if process.poll() is None]
    _signal(left, signal.SIGKILL)
    for process in left:
        process.wait()


def _signal(processes: Sequence[subprocess.Popen[bytes]], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
