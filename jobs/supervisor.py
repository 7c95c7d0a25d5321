"""Keeps the clusters push and sync working: starts, watches, repairs and stops them (docs/worker.md)."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from jobs import leftovers
from jobs.cluster import SupervisedCluster

GLANCE_SECONDS = 0.2
"""How often processes and signals are looked at."""
DATABASE_GRACE = 10.0
"""django-q2's pusher pauses this long after a database error."""

logger = logging.getLogger(__name__)


class AlreadyRunning(Exception):
    """Another supervisor works with the same data folder."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, which the system gives back however this process ends. Raises AlreadyRunning when another holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AlreadyRunning(
                f"A worker with the data folder {folder.parent} is running already (process {holder}). "
                "Stop it first, or set another DATA_DIR."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@dataclass
class Supervisor:
    """Runs until it is told to stop by SIGTERM or SIGINT; a second signal ends the clusters at once."""

    folder: Path
    workers: dict[str, int]
    beat_seconds: float = 3.0
    wedge_seconds: float = 12.0
    stop_seconds: float = 30.0
    _signals: int = field(init=False, default=0)
    _waited: float = field(init=False, default=0.0)
    _next_look: float = field(init=False, default=0.0)
    _away_since: float | None = field(init=False, default=None)

    def run(self) -> None:
        """Returns after a clean stop. Raises AlreadyRunning."""
        with only_one(self.folder):
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
            clusters = [
                SupervisedCluster(name, workers=count, wedge_seconds=self.wedge_seconds, folder=self.folder)
                for name, count in self.workers.items()
            ]
            try:
                self._begin(clusters)
                self._watch(clusters)
                self._stop(clusters)
            finally:
                for cluster in clusters:
                    cluster.kill()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def _clock(self) -> float:
        """Seconds, without those spent waiting for the database: a long write transaction elsewhere must not look like a silent cluster."""
        return monotonic() - self._waited

    def _begin(self, clusters: list[SupervisedCluster]) -> None:
        for cluster in clusters:
            if leftovers.end_leftovers(cluster.file):
                logger.warning("Ended what an earlier worker had left of cluster %s.", cluster.name)
            cluster.take_over()
            cluster.start(self._clock())

    def _watch(self, clusters: list[SupervisedCluster]) -> None:
        while not self._signals:
            for cluster in clusters:
                if cluster.ended():
                    self._repair(cluster, "its first process ended")
                # Without a database a cluster ends at its start, so it waits for it.
                elif cluster.process is None and self._away_since is None and monotonic() >= cluster.next_start:
                    cluster.start(self._clock())
            if monotonic() >= self._next_look:
                self._next_look = monotonic() + self.beat_seconds
                self._look(clusters)
            sleep(GLANCE_SECONDS)

    def _look(self, clusters: list[SupervisedCluster]) -> None:
        at, before = self._clock(), monotonic()
        wedged: dict[str, str] = {}
        try:
            close_old_connections()
            for cluster in clusters:
                cluster.settle()
                if cluster.process is not None and (why := cluster.look(at)):
                    wedged[cluster.name] = why
        except DatabaseError as error:
            self._database_is_away(error)
        else:
            self._database_answered(clusters)
        self._waited += monotonic() - before
        for cluster in clusters:
            if cluster.name in wedged:
                self._repair(cluster, wedged[cluster.name])

    def _repair(self, cluster: SupervisedCluster, why: str) -> None:
        cluster.kill()
        pause = cluster.pause_before_restart()
        # What it had taken goes back to the queue at the next look, so that comes at once.
        self._next_look = 0.0
        logger.error("Cluster %s is restarted%s: %s.", cluster.name, f" in {pause:.0f} seconds" if pause else "", why)

    def _database_is_away(self, error: DatabaseError) -> None:
        connection.close()
        if self._away_since is None:
            self._away_since = monotonic()
            logger.error("The database does not answer (%s). The clusters go on, and are judged again when it does.", type(error).__name__)

    def _database_answered(self, clusters: list[SupervisedCluster]) -> None:
        if self._away_since is None:
            return
        logger.info("The database answers again after %.0f seconds.", monotonic() - self._away_since)
        self._away_since = None
        for cluster in clusters:
            cluster.forgive(self._clock(), DATABASE_GRACE)

    def _stop(self, clusters: list[SupervisedCluster]) -> None:
        logger.info("Stopping: tasks in hand are finished first, for up to %.0f seconds.", self.stop_seconds)
        for cluster in clusters:
            cluster.ask_to_stop()
        end = monotonic() + self.stop_seconds
        while self._signals < 2 and monotonic() < end and not all(cluster.process is None or cluster.ended() for cluster in clusters):
            sleep(GLANCE_SECONDS / 4)
        for cluster in clusters:
            if cluster.process is not None and not cluster.ended():
                logger.warning("Cluster %s did not stop in time and is ended; its tasks run again at the next start.", cluster.name)
            cluster.kill()
        try:
            for cluster in clusters:
                cluster.sign_off()
        except DatabaseError as error:
            logger.warning("The database did not take the sign-off (%s).", type(error).__name__)
        logger.info("Stopped.")
