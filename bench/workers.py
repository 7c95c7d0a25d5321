"""The real worker (`manage.py worker`) killed while it is at a sync, on the database that the environment names. Prints JSON.

Nobody helps here: the minute job of the worker has to find the run and take it over.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import django

from bench.place import ROOT
from bench.told import Told

LONGEST = 240.0
"""Seconds within which a run has to be over: the minute job is started at the next full minute, some half a minute late at worst."""
BUSY, WHOLE = "the process at the run", "the whole worker"


def main() -> int:
    """Go through the points and print what came of them."""
    parser = argparse.ArgumentParser(prog="bench.workers")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--points", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    json.dump(_points(given, Random(given.seed), settings.DATA_DIR).content(), sys.stdout)
    return 0


def _points(given: argparse.Namespace, rng: Random, data: Path) -> Told:
    from bench.control import Control
    from bench.shop import open_shop

    told, world = Told(), Control(given.sandbox)
    shop = open_shop(given.sandbox, "Worked")
    with _worker(data) as worker:
        # The worker reads a new connection for the first time by itself.
        _over(shop.connection, after=0, kill=None)
        for number in range(1, given.points + 1):
            what = BUSY if number % 2 else WHOLE
            world.act("next-day")
            world.act("switch", name="slow", seconds=0.2, feeds="load:units")
            began = time.monotonic()
            run = _over(shop.connection, after=_start(shop), kill=lambda pid, what=what: _kill(worker, what, pid, rng))
            world.act("clear")
            _judge(told, run, world, what, f"{what} killed, run {run.pk}")
            seconds = time.monotonic() - began
            print(f"{given.name}: {what} was killed; the run was over {seconds:.0f} s after its start", file=sys.stderr)
    return told


def _start(shop: Any) -> int:
    from sync import runs
    from sync.models import Trigger

    return int(runs.start(shop.owner, shop.connection, "inventory", trigger=Trigger.COMMAND).pk)


def _judge(told: Told, run: Any, world: Any, what: str, where: str) -> None:
    from bench import invariants
    from bench.outside import difference

    told.points += 1
    told.killed += run.attempt > 1
    told.kills += run.attempt > 1
    told.not_killed += run.attempt == 1
    told.statuses[run.status] += 1
    told.moments[what] += 1
    for invariant, wrong in invariants.violations(run).items():
        told.judge(invariant, wrong, where)
    told.judge("the store is what the outside says", difference(run.connection, world), where)


def _over(connection: Any, *, after: int, kill: Any) -> Any:
    """The connection's run from `after` on as it is when it is over; with `kill`, its first worker's process is handed to that.

    Raises RuntimeError when it is never over.
    """
    from sync.models import SyncRun

    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        run = SyncRun.objects.select_related("connection", "account").filter(connection=connection, pk__gte=after).first()
        if run is not None and not run.is_active:
            return run
        if run is not None and kill is not None and run.worker:
            kill(int(run.worker.rpartition(":")[2]))
            kill = None
        time.sleep(0.02)
    raise RuntimeError(f"No run of {connection} was over after {LONGEST:.0f} seconds.")


class Worker:
    """`manage.py worker` as a process that can be started again."""

    def __init__(self, data: Path) -> None:
        self._log = data / "worker.log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--push-workers", "1", "--sync-workers", "2"], cwd=ROOT, stdout=log, stderr=log
            )


@contextmanager
def _worker(data: Path) -> Iterator[Worker]:
    worker = Worker(data)
    try:
        yield worker
    finally:
        worker.process.send_signal(signal.SIGTERM)
        try:
            worker.process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            worker.process.kill()


def _kill(worker: Worker, what: str, at_it: int, rng: Random) -> None:
    time.sleep(rng.uniform(0.0, 1.5))
    if what == BUSY:
        # It may have been done before its moment came.
        with suppress(ProcessLookupError):
            os.kill(at_it, signal.SIGKILL)
        return
    worker.process.kill()
    worker.process.wait()
    worker.start()


if __name__ == "__main__":
    sys.exit(main())
