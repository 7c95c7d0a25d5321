"""Process groups of clusters: remembered in a file, ended as a whole, never mistaken for somebody else's."""

from __future__ import annotations

import json
import logging
import os
import signal
from pathlib import Path

import psutil

SAME_BIRTH = 1.0
"""Seconds by which two readings of one process's start time may differ."""

logger = logging.getLogger(__name__)


def remember(path: Path, pid: int) -> None:
    """Note the process group that `pid` leads in the file `path`, with the leader's start time."""
    waiting = path.with_suffix(".new")
    waiting.write_text(json.dumps({"group": pid, "born": psutil.Process(pid).create_time()}), encoding="utf-8")
    waiting.replace(path)


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)


def kill_group(group: int) -> None:
    """SIGKILL to every process of the group; none there is fine."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        # What macOS says of a group of zombies only.
        logger.debug("Group %d has no process left that could be ended.", group)


def end_leftovers(path: Path) -> bool:
    """End what is left of the group noted in `path` by a supervisor that was killed; whether there was anything. The file goes too.

    Process ids are used again, so a group only counts as ours when it is a cluster and none of it is older than the note says.
    """
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        group, born = int(note["group"]), float(note["born"])
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        # Cut off while it was written: nothing can be said about any process.
        forget(path)
        return False
    found = _is_ours(group, born)
    if found:
        kill_group(group)
    forget(path)
    return found


def _is_ours(group: int, born: float) -> bool:
    if group <= 1 or group == os.getpgrp():
        return False
    members = [process for process in psutil.process_iter() if _group_of(process) == group]
    try:
        leader = next((process for process in members if process.pid == group), None)
        if leader is not None and abs(leader.create_time() - born) > SAME_BIRTH:
            return False
        return bool(members) and all(
            process.create_time() >= born - SAME_BIRTH and any("qcluster" in part or "jobs.child" in part for part in process.cmdline())
            for process in members
            if process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def _group_of(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except (ProcessLookupError, PermissionError):
        return None
