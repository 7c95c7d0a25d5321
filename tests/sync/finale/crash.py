"""Works on a run of Finale's and is killed (-9) at a named point of it: `python -m tests.sync.finale.crash POINT RUN`."""

from __future__ import annotations

import sys

import django

POINTS = {
    "reading": ("sync.sources.finale.client.Client", "fetch", 6),
    "staging": ("inventory.dialect", "load", 5),
    "chunks": ("sync.engine.chunks", "_write", 4),
    "shipments": ("sync.sources.finale.moves", "_write", 1),
    "end": ("sync.engine.apply", "close", 1),
}
"""Where the function is, and at which of its calls, once it has done its work, the process dies."""

if __name__ == "__main__":
    django.setup()
    from sync.runs import execute
    from sync.sources.finale.client import Client
    from tests.sync.ge.crash import arm

    Client.in_parallel = False
    arm(*POINTS[sys.argv[1]])
    execute(int(sys.argv[2]))
