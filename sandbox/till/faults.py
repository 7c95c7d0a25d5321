"""What goes wrong at a till, one thing at a time."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime, timedelta

from sandbox.till.world import Till

_BARCODE = "8964000100024"


def odd_lines(till: Till, now: datetime) -> None:
    """One of each: no barcode, an unknown one, no quantity, none sold, no date, a date far ahead, no branch, no number, twice the same."""
    till.sell("001", [(None, 1), ("4000000000006", 1), (_BARCODE, None), (_BARCODE, 0), (_BARCODE, "two")], now)
    till.sell("001", [(_BARCODE, 1)], None)
    till.sell("001", [(_BARCODE, 1)], now + timedelta(days=400))
    till.sell("001", [(_BARCODE, 1)], datetime(1900, 1, 1))
    till.sell("", [(_BARCODE, 1)], now)
    till.sell(None, [(_BARCODE, 1)], now)
    till.sell("001", [(_BARCODE, 1)], now, bill=None)
    till.sell("002", [(_BARCODE, 1)], now, bill="B-TWICE")
    till.sell("002", [(_BARCODE, 2)], now, bill="B-TWICE")
    till.sell("099", [(_BARCODE, 1)], now)


def late_bill(till: Till, now: datetime, days: int) -> str:
    """A bill of some days ago that is typed in now; its number."""
    return till.sell("002", [(_BARCODE, 1)], now - timedelta(days=days), recorded=now)


def clock_ahead(till: Till, now: datetime) -> str:
    """A counter whose clock is a day ahead sells something; the bill's number."""
    return till.sell("010", [(_BARCODE, 1)], now + timedelta(days=1))


def locked(till: Till, seconds: float) -> threading.Thread:
    """Somebody at the till writes for so long that nobody can read."""
    begun = threading.Event()

    def hold() -> None:
        raw = sqlite3.connect(till.path, timeout=10, isolation_level=None)
        try:
            raw.execute("BEGIN EXCLUSIVE")
            begun.set()
            threading.Event().wait(seconds)
            raw.execute("ROLLBACK")
        finally:
            begun.set()
            raw.close()

    thread = threading.Thread(target=hold, name="till lock", daemon=True)
    thread.start()
    begun.wait(15)
    return thread
