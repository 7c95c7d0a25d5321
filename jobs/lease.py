"""Who may work on a row: leases that end by themselves, told apart by a growing fence.

All times are the database's, so that hosts with different clocks agree (docs/worker.md).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs.models import Lease, Leased

LEASE_SECONDS = 60
BEAT_SECONDS = 15

logger = logging.getLogger(__name__)


def worker_name() -> str:
    """This process, as leases name their holder: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def claim(
    model: type[Leased],
    pk: Any,
    *,
    worker: str = "",
    seconds: float = LEASE_SECONDS,
    extra_where: Q | None = None,
    changes: dict[str, Any] | None = None,
) -> int | None:
    """Take the lease of the row `pk` for `seconds`, unless another holds it, and return the new fence; None when it can't be had.

    `extra_where` narrows which rows may be claimed (a state, say); `changes` are columns written by the same statement. Of any number of
    claims at once exactly one succeeds. Fence and attempt grow by one.
    """
    rows = model._default_manager.filter(extra_where or Q(), Q(lease_until__isnull=True) | Q(lease_until__lte=Now()), pk=pk)
    seen = rows.values_list("fence", flat=True).first()
    if seen is None:
        return None
    taken = rows.filter(fence=seen).update(
        fence=seen + 1,
        attempt=F("attempt") + 1,
        lease_until=Now() + timedelta(seconds=seconds),
        worker=worker or worker_name(),
        **(changes or {}),
    )
    return seen + 1 if taken else None


def renew(model: type[Leased], pk: Any, fence: int, seconds: float = LEASE_SECONDS) -> bool:
    """Let the lease end `seconds` from now; False when it was released or another has claimed the row since."""
    held = model._default_manager.filter(pk=pk, fence=fence, lease_until__isnull=False)
    return held.update(lease_until=Now() + timedelta(seconds=seconds)) == 1


def release(model: type[Leased], pk: Any, fence: int) -> bool:
    """Give the lease back at once; False when it was no longer held."""
    return model._default_manager.filter(pk=pk, fence=fence, lease_until__isnull=False).update(lease_until=None, worker="") == 1


class Hold:
    """A claimed lease that is kept alive. `lost` turns true, for good, when another has taken the row over."""

    def __init__(self, model: type[Leased], pk: Any, fence: int, seconds: float, every: float) -> None:
        self.model, self.pk, self.fence = model, pk, fence
        self._seconds, self._every = seconds, every
        self._lost = threading.Event()
        self._stop = threading.Event()

    @property
    def lost(self) -> bool:
        return self._lost.is_set()

    def wait_lost(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the lease to be lost; whether it is."""
        return self._lost.wait(timeout)

    def _beat(self) -> None:
        try:
            while not self._stop.wait(self._every):
                try:
                    # The connection may have been cut since the last beat.
                    close_old_connections()
                    if not renew(self.model, self.pk, self.fence, self._seconds):
                        self._lost.set()
                        return
                except DatabaseError as error:
                    # The fence decides who owns the row, not this thread: try again until it answers.
                    what = f"{self.model._meta.label} {self.pk}"
                    logger.warning("The lease of %s could not be renewed, will try again: %s.", what, type(error).__name__)
                    connection.close()
        finally:
            connection.close()


@contextmanager
def hold(model: type[Leased], pk: Any, fence: int, *, seconds: float = LEASE_SECONDS, every: float = BEAT_SECONDS) -> Iterator[Hold]:
    """Keep a claimed lease alive while the block runs: renewed for `seconds` every `every` seconds, from a thread with its own connection.

    Open it outside of transactions: on SQLite the beat waits for the write lock, for up to its 30 seconds. The lease is not released at
    the end, because closing the work and releasing belong into one statement of the caller.
    """
    held = Hold(model, pk, fence, seconds, every)
    thread = threading.Thread(target=held._beat, name=f"lease {model._meta.label} {pk}", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        held._stop.set()
        thread.join()


@contextmanager
def named(name: str, *, seconds: float = LEASE_SECONDS, every: float = BEAT_SECONDS) -> Iterator[Hold | None]:
    """Run a block as the only one of that name, on all hosts; yields None when another is at it. Released at the end."""
    lease, _ = Lease.objects.get_or_create(name=name)
    fence = claim(Lease, lease.pk, seconds=seconds)
    if fence is None:
        yield None
        return
    try:
        with hold(Lease, lease.pk, fence, seconds=seconds, every=every) as held:
            yield held
    finally:
        release(Lease, lease.pk, fence)
