"""A worker in a process of its own, and its death at a chosen moment: forked, so that two hundred of them take minutes."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connection, connections


@dataclass(frozen=True)
class Moment:
    """When a worker is killed: after so many seconds, or at one of its statements or commits, before or after the database has done it."""

    kind: str
    at: float
    after: bool = False

    def __str__(self) -> str:
        if self.kind == "clock":
            return f"after {self.at:.2f} s"
        return f"{'after' if self.after else 'before'} {self.kind} {self.at:.0f}"


@dataclass(frozen=True)
class Usual:
    """What the work takes when nobody disturbs it."""

    seconds: float
    statements: int
    commits: int


def some_moment(rng: Random, usual: Usual) -> Moment:
    """A moment of the work, by the clock or by what it does; a few come too late."""
    kind = rng.choice(("clock", "statement", "statement", "commit"))
    after = rng.random() < 0.5
    if kind == "clock":
        return Moment(kind, rng.uniform(0.0, usual.seconds * 1.05))
    return Moment(kind, rng.randint(1, usual.statements if kind == "statement" else usual.commits), after)


def work(task: Callable[[], object], moment: Moment | None = None) -> bool:
    """A worker does `task` and is killed at `moment`; whether that happened before it was done."""
    process = begin(task, moment)
    if moment is not None and moment.kind == "clock":
        time.sleep(moment.at)
        os.kill(process, signal.SIGKILL)
    return end(process)


def begin(task: Callable[[], object], moment: Moment | None = None) -> int:
    """Start a worker on `task`; its process."""
    # A forked process must not talk over its parent's connection.
    connections.close_all()
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        if moment is not None:
            _watch(moment)
        task()
        code = 0
    except BaseException:
        # Leaving at once, as a forked process must, would leave without a word.
        traceback.print_exc()
    finally:
        os._exit(code)


def end(process: int) -> bool:
    """Wait for a worker; whether it was killed. Raises RuntimeError when it broke."""
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("A worker broke by itself; what it said is above.")
    return False


def usual(task: Callable[[], object]) -> Usual:
    """Do `task` here and see what it takes."""
    counted = {"statement": 0, "commit": 0}

    def count(kind: str, do: Callable[[], Any]) -> Any:
        counted[kind] += 1
        return do()

    began = time.monotonic()
    undo = _hook(count)
    try:
        task()
    finally:
        undo()
    return Usual(time.monotonic() - began, counted["statement"], counted["commit"])


def _watch(moment: Moment) -> None:
    seen = 0

    def maybe(kind: str, do: Callable[[], Any]) -> Any:
        nonlocal seen
        if kind != moment.kind:
            return do()
        seen += 1
        if seen == moment.at and not moment.after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = do()
        if seen == moment.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    _hook(maybe)


def _hook(around: Callable[[str, Callable[[], Any]], Any]) -> Callable[[], None]:
    """Have `around` called with each statement and each commit of this thread; what ends that."""
    commit = connection.commit

    def statement(execute: Callable[..., Any], *args: Any) -> Any:
        return around("statement", lambda: execute(*args))

    connection.execute_wrappers.append(statement)
    connection.commit = lambda: around("commit", commit)  # type: ignore[method-assign]

    def undo() -> None:
        connection.execute_wrappers.remove(statement)
        connection.commit = commit  # type: ignore[method-assign]

    return undo
