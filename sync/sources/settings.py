"""What connections to several systems are set by alike: numbers, days, the brake, schedules, and the test of a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.module_loading import import_string

from sync.models import Connection
from sync.schedules import TASK
from sync.systems import ScheduleSpec, Setting, SettingKind
from sync.wire.verdict import Verdict

BRAKE = "Brake"
_FIRST, _LAST = date(1990, 1, 1), date(2999, 1, 1)


def number(name: str, label: str, note: str, default: int, section: str, *, least: int = 1, most: int = 1_000_000) -> Setting:
    """A whole number."""
    return Setting(name, label, note, SettingKind.NUMBER, default, section=section, least=least, most=most)


def switch(name: str, label: str, note: str, default: bool, section: str = "") -> Setting:
    """On or off."""
    return Setting(name, label, note, SettingKind.SWITCH, default, section=section)


def day_of(text: str) -> date:
    """A day as 2026-01-31. Raises ValueError with the end of a sentence that begins with the setting's name."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.max
    if not _FIRST <= found <= _LAST:
        raise ValueError("must be a day written as YYYY-MM-DD, for example 2026-01-31.")
    return found


def day(text: str) -> str:
    """The same, for a setting's `check`."""
    return day_of(text).isoformat()


class Limits(NamedTuple):
    """From how much on a run waits for a review: rows, and their share in percent."""

    rows: int
    percent: int


_REMOVED, _CHANGED = Limits(25, 20), Limits(200, 60)


def brake(
    things: str,
    *,
    removed: Limits = _REMOVED,
    changed: Limits = _CHANGED,
    remove: str = "remove",
    change: str = "change",
    gone: str = "Removed",
    among: str = "the stored ones",
    each: str = "rows",
) -> tuple[Setting, ...]:
    """The four settings of the brake: of `things` that would be removed and changed, in the system's words."""
    share = f"… and more than this share of {among} in percent."
    return (
        number(
            "brake_removed_rows",
            f"{gone}, {each}",
            f"A run waits for a review when it would {remove} more than this many {things} …",
            removed.rows,
            BRAKE,
            least=0,
        ),
        number("brake_removed_percent", f"{gone}, share", share, removed.percent, BRAKE, most=100),
        number(
            "brake_changed_rows",
            f"Changed, {each}",
            f"The same when it would {change} more than this many {things} …",
            changed.rows,
            BRAKE,
            least=0,
        ),
        number("brake_changed_percent", "Changed, share", share, changed.percent, BRAKE, most=100),
    )


class Timed(NamedTuple):
    """When a scope is synced, and what the schedule says that it is."""

    cron: str
    scope: str
    words: str


def schedules(system: str, timed: Mapping[str, Timed]) -> Callable[[Connection], Sequence[ScheduleSpec]]:
    """What makes a connection's schedules; each has a name of its own among them."""

    def made(connection: Connection) -> Sequence[ScheduleSpec]:
        return [
            ScheduleSpec(
                key=f"{system}:{connection.pk}:{name}",
                name=f"{connection.name}: {each.words}",
                task=TASK,
                cron=each.cron,
                arguments={"connection": connection.pk, "scope": each.scope},
            )
            for name, each in timed.items()
        ]

    return made


def tested_by(path: str) -> Callable[[Connection], Verdict]:
    """What tests a connection, by its path: the client itself reads the settings that its system names."""

    def test(connection: Connection) -> Verdict:
        found: Verdict = import_string(path)(connection)
        return found

    return test
