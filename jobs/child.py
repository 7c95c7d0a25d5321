"""Runs `manage.py qcluster` so that none of its processes outlives the supervisor: python -m jobs.child CLUSTER SUPERVISOR_PID.

Linux sends each process SIGKILL when its parent dies (prctl(2), PR_SET_PDEATHSIG). The setting is lost at a fork, so every child sets it
again, and the whole family falls with the supervisor. Elsewhere the supervisor's next start ends what was left (jobs.leftovers).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask the system to kill this process when its parent dies; end at once when `parent` is dead already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def run(cluster: str, supervisor: int) -> None:
    die_with(supervisor)
    # A fork keeps the memory of its parent, where this variable still holds the parent's id.
    family = {"parent": os.getpid()}

    def in_child() -> None:
        die_with(family["parent"])
        family["parent"] = os.getpid()

    os.register_at_fork(after_in_child=in_child)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "qcluster", "-n", cluster])


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
