"""One supervised cluster: a qcluster in a process group of its own, its beat, and its repair."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import psutil
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from jobs import beating, leftovers
from jobs.models import Beat
from jobs.queue import broker_is_database, free_taken
from jobs.watch import Look, Watch

NEIGHBOUR_SECONDS = 60
"""A cluster of the same name on another host that was looked at within this time is alive."""
LONGEST_PAUSE = 60.0

logger = logging.getLogger(__name__)


class SupervisedCluster:
    """Call `start`, then `look` every few seconds; `ended` and `wedged` tell when to `restart`.

    Every method that speaks to the database raises Django's database errors and may simply be called again.
    """

    def __init__(self, name: str, *, workers: int, wedge_seconds: float, folder: Path) -> None:
        self.name, self.workers, self.wedge_seconds = name, workers, wedge_seconds
        self.host = socket.gethostname()
        self.file = folder / f"{name}.json"
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.restarts = 0
        self.next_start = 0.0
        self._announced = False
        self._started_at = timezone.now()
        self._free: tuple[datetime | None, datetime] | None = None
        self._waiting: int | None = None
        self._seen_by: object = None
        self._watch = self._new_watch(0.0)

    def _new_watch(self, at: float) -> Watch:
        seconds = float(settings.Q_CLUSTER["timeout"])
        return Watch(workers=self.workers, wedge_seconds=self.wedge_seconds, task_seconds=seconds, began=at)

    def start(self, at: float) -> None:
        """Start the processes. `at` is the supervisor's clock, as in `look`."""
        environment = {
            **os.environ,
            # Read when django_q is imported: the command's own -n comes too late on Linux.
            "Q_CLUSTER_NAME": self.name,
            f"{self.name.upper()}_WORKERS": str(self.workers),
        }
        self._started_at = timezone.now()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jobs.child", self.name, str(os.getpid())],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        leftovers.remember(self.file, self.process.pid)
        self._announced = False
        self._watch = self._new_watch(at)
        logger.info("Cluster %s started with %d workers.", self.name, self.workers)

    def ended(self) -> bool:
        """Whether the cluster's first process is gone by itself."""
        return self.process is not None and self.process.poll() is not None

    def kill(self) -> None:
        """End every process of the cluster at once. What they were at comes back to the queue with the next `settle`."""
        if self.process is None:
            return
        leftovers.kill_group(self.process.pid)
        self.process.wait()
        self.process = None
        leftovers.forget(self.file)
        self._free = (self._free[0] if self._free else self._started_at, timezone.now())

    def pause_before_restart(self) -> float:
        """Seconds to wait before the next start: none after a healthy life, then 1, 2, 4 … up to a minute."""
        self.failures = 0 if self._watch.healthy else self.failures + 1
        self.restarts += 1
        pause = 0.0 if not self.failures else min(LONGEST_PAUSE, 2.0 ** (self.failures - 1))
        self.next_start = monotonic() + pause
        return pause

    def take_over(self) -> None:
        """Before the first start: tasks that an earlier supervisor's cluster took and never finished are to be freed."""
        self._free = (None, timezone.now())

    def settle(self) -> None:
        """Put back the tasks that dead processes of this cluster had taken, and announce the present ones on the beat row."""
        if self._free is not None:
            since, until = self._free
            if self._has_neighbours():
                minutes = settings.Q_CLUSTER["retry"] // 60
                logger.info("Cluster %s also works on another host, so tasks in hand come back within %d minutes.", self.name, minutes)
            elif freed := free_taken(self.name, since=since, until=until):
                logger.info("Put %d tasks of cluster %s back on the queue.", freed, self.name)
            self._free = None
        if not self._announced and self.process is not None:
            values = {
                "pid": self.process.pid,
                "started_at": self._started_at,
                "workers": self.workers,
                "restarts": self.restarts,
                "busy": 0,
            }
            row, _ = Beat.objects.update_or_create(cluster=self.name, host=self.host, defaults=values)
            self._waiting = row.waiting
            self._announced = True

    def _has_neighbours(self) -> bool:
        others = Beat.objects.filter(cluster=self.name).exclude(host=self.host)
        return others.filter(looked_at__gt=Now() - timedelta(seconds=NEIGHBOUR_SECONDS)).exists()

    def busy(self) -> dict[int, str]:
        """The worker processes that have a task in hand: process id → title. django-q2 puts the task into the title (setproctitle)."""
        found: dict[int, str] = {}
        if self.process is None:
            return found
        try:
            members = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            return found
        for member in members:
            try:
                title = " ".join(member.cmdline())
            except psutil.Error:
                continue
            if " processing " in title:
                found[member.pid] = title
        return found

    def look(self, at: float) -> str | None:
        """See how the cluster does and send the next beat when the last one is back; why it is wedged, or None."""
        busy = self.busy()
        mine = Beat.objects.filter(cluster=self.name, host=self.host)
        started = mine.values_list("beat_at", flat=True).first()
        answered = self._beat_is_back()
        if answered or self._waiting is None:
            self._waiting = self._send_beat()
        mine.update(looked_at=Now(), busy=len(busy), waiting=self._waiting)
        return self._watch.judge(Look(at=at, busy=busy, started=started, answered=answered))

    def _beat_is_back(self) -> bool:
        if self._waiting is None:
            return False
        return not beating.is_waiting(self._waiting) if broker_is_database() else self._last_mark() != self._seen_by

    def _send_beat(self) -> int:
        self._seen_by = None if broker_is_database() else self._last_mark()
        # With Redis a beat has no row; 0 says that one is on its way.
        return beating.send(self.name) or 0

    def _last_mark(self) -> object:
        return Beat.objects.filter(cluster=self.name).order_by("-beat_at").values_list("beat_at", flat=True).first()

    def forgive(self, at: float, seconds: float) -> None:
        """The database was away until `at`: leave the cluster `seconds` to find back, and start it now if it had ended for that."""
        self._watch.forgive(at, seconds)
        self.failures, self.next_start = 0, 0.0

    def ask_to_stop(self) -> None:
        """Finish the tasks in hand and end: to the first process only, whose children don't know what the signal means."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def sign_off(self) -> None:
        """After a clean stop: nothing waits for this cluster, and nobody needs to miss it."""
        if self._waiting is not None and broker_is_database():
            beating.withdraw(self._waiting)
        Beat.objects.filter(cluster=self.name, host=self.host).delete()
