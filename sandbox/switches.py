"""The faults a trainer or a test can turn on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

DELIVERY: dict[str, str] = {
    "slow": "Answers after `seconds` (default 2), or as soon as it is turned off.",
    "drip": "Sends the body in small pieces spread over `seconds` (default 5).",
    "status": "Answers with `status` (default 500); `times` = 1 for once.",
    "throttled": "Answers 429 with `retry_after`, in seconds or as an HTTP date (default 1).",
    "half_body": "Announces the whole length, sends half and hangs up.",
    "reset": "Resets the connection instead of answering.",
}
"""Switches of every system: they act on the way an answer travels."""


class SwitchError(ValueError):
    """A switch that doesn't exist or whose setting makes no sense; the message says which."""


@dataclass(frozen=True)
class Switch:
    """One fault that is on. No `feeds` means all of them, no `times` means until it is turned off."""

    name: str
    feeds: tuple[str, ...] = ()
    load: str = ""
    times: int | None = None
    seconds: float | None = None
    status: int = 500
    retry_after: str = "1"
    column: str = ""
    size: int = 0
    way: str = "page"

    def concerns(self, kind: str, load: str) -> bool:
        """Whether a call for the feed `kind` (and the load `load`) is hit."""
        return (not self.feeds or kind in self.feeds) and (not self.load or load == self.load)


LOOK_SECONDS = 0.05
"""How often a call that waits looks whether it has to go on waiting."""

_TEXT, _WHOLE = ("load", "column", "way", "retry_after"), ("times", "status", "size")


def switch_from(name: str, values: Mapping[str, Any], known: Iterable[str]) -> Switch:
    """The switch `name` with settings from a form or JSON. Raises SwitchError naming what doesn't fit."""
    if name not in known:
        raise SwitchError(f"There is no switch “{name}”. There are: {', '.join(known)}.")
    settings: dict[str, Any] = {}
    for key, value in values.items():
        if value in ("", None):
            continue
        try:
            if key == "feeds":
                parts = value.split(",") if isinstance(value, str) else value
                settings[key] = tuple(part.strip() for part in parts if part.strip())
            elif key in _TEXT:
                settings[key] = str(value)
            elif key in _WHOLE:
                settings[key] = int(value)
            elif key == "seconds":
                settings[key] = float(value)
            else:
                raise SwitchError(f"A switch has no setting “{key}”.")
        except (TypeError, ValueError) as error:
            if isinstance(error, SwitchError):
                raise
            raise SwitchError(f"“{value}” is no {key}.") from error
    return Switch(name, **settings)


class Board:
    """The switches of one system that are on; safe to use from several threads."""

    def __init__(self, known: Mapping[str, str], on: Iterable[Mapping[str, Any]], changed: Callable[[], None]) -> None:
        self.known = {**known, **DELIVERY}
        self._lock = threading.Lock()
        self._changed = changed
        self._eased = 0
        self._on = {row["name"]: switch_from(row["name"], {k: v for k, v in row.items() if k != "name"}, self.known) for row in on}

    def turn_on(self, name: str, values: Mapping[str, Any]) -> None:
        """Turn `name` on, replacing its earlier settings. Raises SwitchError."""
        switch = switch_from(name, values, self.known)
        with self._lock:
            self._on[name] = switch
        self._changed()

    def turn_off(self, name: str) -> None:
        """Turn `name` off. Raises SwitchError when there is no such switch."""
        if name not in self.known:
            raise SwitchError(f"There is no switch “{name}”.")
        with self._lock:
            self._on.pop(name, None)
            self._eased += name == "slow"
        self._changed()

    def clear(self) -> None:
        """Turn everything off."""
        with self._lock:
            self._on.clear()
            self._eased += 1
        self._changed()

    def take(self, name: str, kind: str, load: str = "") -> Switch | None:
        """The switch if it is on for this call; one of its `times` is spent."""
        with self._lock:
            switch = self._on.get(name)
            if switch is None or not switch.concerns(kind, load):
                return None
            if switch.times is None:
                return switch
            if switch.times <= 1:
                del self._on[name]
            else:
                self._on[name] = replace(switch, times=switch.times - 1)
        self._changed()
        return switch

    def rest(self, seconds: float, stopping: threading.Event) -> None:
        """Wait so long, or until `slow` is turned off or the server stops, whichever comes first."""
        eased, end = self._eased, time.monotonic() + seconds
        while self._eased == eased and (left := end - time.monotonic()) > 0:
            if stopping.wait(min(left, LOOK_SECONDS)):
                return

    def listed(self) -> list[dict[str, Any]]:
        """What is on, with its settings."""
        with self._lock:
            return [asdict(switch) for switch in self._on.values()]
