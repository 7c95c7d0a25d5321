from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from django.conf import settings
from django.db import connection

from jobs.models import Beat


def wait_until(what: str, condition: Callable[[], object], seconds: float = 40.0) -> None:
    """Waits for `condition`; fails the test with `what` when it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:.0f} seconds in vain: {what}")
        time.sleep(0.05)


def database_url() -> str:
    """The address of the test database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


class Worker:
    """`manage.py worker` as a process of its own, on the test database."""

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
                [sys.executable, "manage.py", "worker", "--beat-seconds=0.3", "--wedge-seconds=3", *options],
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

    def idle_workers(self, name: str) -> list[psutil.Process]:
        return [
            process for process in self.cluster(name).children(recursive=True) if " ".join(process.cmdline()).rstrip().endswith(" idle")
        ]

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=40)


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
        if worker.process.poll() is None:
            # Twice: the second signal does not wait for tasks.
            worker.process.send_signal(signal.SIGTERM)
            worker.process.send_signal(signal.SIGTERM)
        worker.process.wait(timeout=40)


@pytest.fixture
def notes(tmp_path: Path) -> Callable[[], list[str]]:
    """The lines that tasks of tests.jobs.tasks have left so far."""
    path = tmp_path / "notes"
    return lambda: path.read_text().splitlines() if path.exists() else []
