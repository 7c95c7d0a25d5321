"""When a cluster counts as wedged. Pure: what was seen goes in, a verdict comes out (the rule in words: docs/worker.md)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

START_SECONDS = 30
"""How much longer than usual the first beat may take: processes start, the database may be cold."""
OVERDUE_SECONDS = 60
"""How long after the task timeout a task that still runs proves that nobody enforces the timeout any more."""


@dataclass(frozen=True)
class Look:
    """One look at a cluster. `at` is in seconds of a clock that only grows and stands still while the supervisor waits for the database."""

    at: float
    busy: Mapping[int, str]
    """What each working worker process works on: process id → its title, which names the task."""
    started: Hashable
    """Changes whenever a worker of the cluster has started a task."""
    answered: bool
    """Whether a beat task has come back since the last look: taken, run and acknowledged."""


@dataclass
class Watch:
    """Judges one life of a cluster from looks in the order they were taken."""

    workers: int
    wedge_seconds: float
    task_seconds: float
    began: float
    progress_at: float = field(init=False)
    healthy: bool = field(init=False, default=False)
    _started: Hashable = field(init=False, default=None)
    _since: dict[tuple[int, str], float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.progress_at = self.began + START_SECONDS

    def judge(self, look: Look) -> str | None:
        """Why the cluster must be restarted, as a sentence; None while it is well, merely busy, or not yet long enough silent."""
        since = {seen: self._since.get(seen, look.at) for seen in look.busy.items()}
        new_work = any(seen not in self._since for seen in since)
        started = look.started != self._started
        self._since, self._started = since, look.started
        if look.answered and not self.healthy:
            self.healthy = True
            self.progress_at = look.at
        elif look.answered or new_work or started or len(since) >= self.workers:
            self.progress_at = max(self.progress_at, look.at)
        longest = max((look.at - first for first in since.values()), default=0.0)
        if longest >= self.task_seconds + OVERDUE_SECONDS:
            return f"a task has run for {longest:.0f} seconds although tasks are stopped after {self.task_seconds:.0f}"
        silent = look.at - self.progress_at
        if silent >= self.wedge_seconds:
            return f"no task was started for {silent:.0f} seconds although a beat is waiting and a worker is free"
        return None

    def forgive(self, at: float, seconds: float) -> None:
        """Judge anew from `at` plus `seconds`: the database was gone, which is not the cluster's fault."""
        self.progress_at = max(self.progress_at, at + seconds)
