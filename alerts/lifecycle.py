"""The life of an alert: open, reminded, recovered, armed again. Pure; what is told to whom is decided elsewhere (docs/alerts.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.models import AlertState, Tell


@dataclass(frozen=True)
class Rules:
    """`settle`: what is over and comes back within it was never over. `remind_after` None is never."""

    settle: timedelta
    remind_after: timedelta | None
    remind_times: int


@dataclass(frozen=True)
class Life:
    """Where an alert is. `remind_at` is None when it will not be told again by itself."""

    state: AlertState
    opened_at: datetime
    remind_at: datetime | None = None
    reminders: int = 0
    acknowledged: bool = False
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Step:
    """What becomes of an alert, what is told of it, and whether the word that it was over is taken back."""

    life: Life
    tell: Tell | None = None
    withdraw: bool = False


def seen(life: Life | None, now: datetime, rules: Rules) -> Step:
    """The trouble is there. An alert that is over stays over, and a new one begins, unless it ended within the settling time."""
    if life is not None and life.state in (AlertState.OPEN, AlertState.HELD):
        return Step(life)
    if life is not None and settles(life, now, rules):
        return Step(replace(life, state=AlertState.OPEN, ended_at=None, remind_at=_next(life.reminders, now, rules, life)), withdraw=True)
    return Step(Life(AlertState.OPEN, now, _next(0, now, rules)), Tell.OPENED)


def gone(life: Life, now: datetime) -> Step:
    """The trouble is not there any more. Told once; an alert that was held back was never told, so its end is not either."""
    if life.state is AlertState.OPEN:
        return Step(replace(life, state=AlertState.RECOVERED, ended_at=now, remind_at=None), Tell.RECOVERED)
    if life.state is AlertState.HELD:
        return Step(replace(life, state=AlertState.CLOSED, ended_at=now, remind_at=None))
    return Step(life)


def passed(life: Life, now: datetime, rules: Rules) -> Step:
    """Time has gone by: an open alert that nobody acknowledged is told again when that is due."""
    if life.state is not AlertState.OPEN or life.acknowledged or life.remind_at is None or life.remind_at > now:
        return Step(life)
    if rules.remind_after is None or life.reminders >= rules.remind_times:
        return Step(replace(life, remind_at=None))
    times = life.reminders + 1
    return Step(replace(life, reminders=times, remind_at=_next(times, now, rules)), Tell.REMINDED)


def acknowledged(life: Life) -> Step:
    """Somebody has seen it: it is not told again, and is still open until it is over."""
    if life.state is not AlertState.OPEN:
        return Step(life)
    return Step(replace(life, acknowledged=True, remind_at=None))


def settles(life: Life, now: datetime, rules: Rules) -> bool:
    """Whether trouble that comes back at `now` is the old one."""
    return life.state is AlertState.RECOVERED and life.ended_at is not None and now < life.ended_at + rules.settle


def _next(reminders: int, now: datetime, rules: Rules, life: Life | None = None) -> datetime | None:
    if rules.remind_after is None or reminders >= rules.remind_times or (life is not None and life.acknowledged):
        return None
    return now + rules.remind_after
