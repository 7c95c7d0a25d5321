from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from django.conf import settings
from django.db import connection

from jobs.models import Beat

PATIENCE = 150.0
"""Seconds: a busy machine may take long for what is done at once elsewhere. Only a test that fails waits for all of them."""


def wait_until(what: str, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Waits for `condition`; fails the test with `what` when it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:.0f} seconds in vain: {what}")
        time.sleep(0.05)


def gone(processes: Iterable[psutil.Process]) -> bool:
    """Whether all have ended; zombies have, too: in a container nobody may be there to collect them."""

    def ended(process: psutil.Process) -> bool:
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return all(ended(process) for process in processes)


def database_url() -> str:
    """The address of the test database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


class Worker:
    """`manage.py worker` as a process of its own, on the test database.

    Whoever wants to see a wedged cluster repaired says after how many seconds it counts as one. Otherwise a busy machine would be taken
    for a wedged cluster, which is restarted in the middle of the test.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / f"worker-{time.monotonic_ns()}.log"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(folder),
            "PYTHONUNBUFFERED": "1",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--beat-seconds=0.3", "--wedge-seconds=600", "--stop-seconds=600", *options],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_for_beats(self) -> None:
        wait_until("both clusters beat", lambda: Beat.objects.filter(beat_at__isnull=False).count() == 2 or self.process.poll() is not None)
        assert self.process.poll() is None, self.log.read_text()

    def cluster(self, name: str) -> psutil.Process:
        return psutil.Process(Beat.objects.get(cluster=name).pid)

    def part(self, name: str, title: str) -> list[psutil.Process]:
        """The processes of a cluster whose title ends like this."""
        children = self.cluster(name).children(recursive=True)
        return [process for process in children if " ".join(process.cmdline()).rstrip().endswith(f" {title}")]

    def wedge(self, name: str) -> None:
        """Kill both workers of a cluster while they wait for tasks: one of them takes the lock of their queue along.

        Nothing must be on its way to them meanwhile: who has just taken a task has given the lock back.
        """
        [pusher] = self.part(name, "pusher")
        pusher.suspend()
        workers: list[psutil.Process] = []

        def wait_for_tasks() -> bool:
            workers[:] = [process for process in self.part(name, "idle") if process.status() == psutil.STATUS_SLEEPING]
            return len(workers) == 2

        wait_until("both workers wait for tasks", wait_for_tasks)
        for process in workers:
            process.kill()
        pusher.resume()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def end(self) -> bool:
        """Send a signal, of which the second no longer waits for tasks; two at once may be seen as one. Whether it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.poll() is not None


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers that are gone after the test, whatever happens in it."""
    started: list[Worker] = []

    def start(*options: str) -> Worker:
        worker = Worker(tmp_path, *options)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        wait_until("the worker has ended", worker.end)


@pytest.fixture
def notes(tmp_path: Path) -> Callable[[], list[str]]:
    """The lines that tasks of tests.jobs.tasks have left so far."""
    path = tmp_path / "notes"
    return lambda: path.read_text().splitlines() if path.exists() else []
