"""Several processes on one ledger at the same time, and processes that die."""

from __future__ import annotations

import json
import os
import signal
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections

from accounts.errors import Problem

KILLED = "killed"


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each gives, done by a process of its own, all let go at the same moment. A Problem is told by its class's name.

    Raises AssertionError for one that ended in any other way.
    """
    gate, let_go = os.pipe()
    started = [_fork(work, gate, let_go) for work in works]
    os.close(let_go)
    told = [_result(*each) for each in started]
    os.close(gate)
    assert not any(isinstance(each, dict) and "broke" in each for each in told), told
    return told


def dies_at(work: Callable[[], Any], statement: int) -> Any:
    """KILLED when the process was killed (-9) right after its so-manieth statement; what `work` gives when it had fewer."""

    def doomed() -> Any:
        left = statement

        def watch(execute: Any, *arguments: Any) -> Any:
            nonlocal left
            found = execute(*arguments)
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        with connection.execute_wrapper(watch):
            return work()

    return together(doomed)[0]


def _fork(work: Callable[[], Any], gate: int, let_go: int) -> tuple[int, int]:
    # A forked process must not talk over its parent's connection.
    connections.close_all()
    reads, writes = os.pipe()
    process = os.fork()
    if process:
        os.close(writes)
        return process, reads
    code = 1
    try:
        os.close(let_go)
        connection.ensure_connection()
        os.read(gate, 1)
        os.write(writes, json.dumps(_told(work)).encode())
        code = 0
    except BaseException:
        # Leaving at once, as a forked process must, would leave without a word.
        traceback.print_exc()
    finally:
        os._exit(code)


def _told(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Problem as problem:
        return type(problem).__name__


def _result(process: int, reads: int) -> Any:
    with os.fdopen(reads, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return KILLED
    return json.loads(told) if os.waitstatus_to_exitcode(status) == 0 else {"broke": status}


def times(number: int, work: Callable[[], Any]) -> Callable[[], list[Any]]:
    """The work so often in a row."""
    return lambda: [_told(work) for _ in range(number)]


def flat(lists: Sequence[Sequence[Any]]) -> list[Any]:
    return [each for part in lists for each in part]
