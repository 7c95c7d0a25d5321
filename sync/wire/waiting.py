"""Waiting for the end of a minute whose calls are used up, so that a thousand short calls go through as one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import sleep
from typing import TypeVar

from sync.wire.errors import BudgetSpent

LONGEST_WAIT = 65.0
"""Seconds that a spent minute, ours or the other side's, is waited for; what lasts longer is for another slice of the run."""
MOST_WAITS = 3

T = TypeVar("T")


def waited(call: Callable[[], T]) -> T:
    """What `call` brings, tried again when calls fit. Raises BudgetSpent when that takes too long or does not help."""
    for _ in range(MOST_WAITS):
        try:
            return call()
        except BudgetSpent as spent:
            left = (spent.until - datetime.now(UTC)).total_seconds()
            if left > LONGEST_WAIT:
                raise
        # The clocks of the database and of this machine may differ a little.
        sleep(max(left, 0.0) + 0.1)
    return call()
