"""Which calls came in, in which order."""

from __future__ import annotations

import threading
from collections import Counter, deque
from datetime import UTC, datetime
from typing import Any

from sandbox.exchange import Feed

KEPT = 500


class Journal:
    """Counts and the last calls of one system. Keeps paths and feeds; never headers, bodies or query strings, where secrets travel."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._calls: Counter[str] = Counter()
        self._feeds: Counter[str] = Counter()
        self._last: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def arrived(self, method: str, path: str, feed: Feed | None) -> dict[str, Any]:
        """Write down a call as it comes in; the entry's status is filled in by `answered`."""
        with self._lock:
            self._number += 1
            self._calls[f"{method} {path}"] += 1
            if feed is not None:
                self._feeds[feed.kind] += 1
            entry: dict[str, Any] = {
                "number": self._number,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "method": method,
                "path": path,
                "feed": feed.kind if feed else "",
                "load": feed.load if feed else "",
                "status": None,
                "faults": [],
            }
            self._last.append(entry)
            return entry

    def answered(self, entry: dict[str, Any], status: int | None, faults: list[str]) -> None:
        """Complete `entry`: the status that was sent (None when the connection was reset) and the switches that struck."""
        with self._lock:
            entry["status"] = status
            entry["faults"] = faults

    def forget(self) -> None:
        """Begin to count at nought."""
        with self._lock:
            self._number = 0
            self._calls.clear()
            self._feeds.clear()
            self._last.clear()

    def report(self) -> dict[str, Any]:
        """Counts per path and per feed, and the last calls, oldest first."""
        with self._lock:
            return {"calls": dict(self._calls), "feeds": dict(self._feeds), "requests": [dict(entry) for entry in self._last]}
