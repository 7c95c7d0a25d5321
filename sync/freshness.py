"""How old what we know of a feed is, in four steps and in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices

from sync.models import Connection, FeedState
from sync.systems import System, system

AGEING_AFTER = timedelta(hours=24)
STALE_AFTER = timedelta(days=7)


class Freshness(TextChoices):
    FRESH = "fresh", "Fresh"
    AGEING = "ageing", "Older than a day"
    STALE = "stale", "Older than a week"
    NEVER = "never", "Never read"


def freshness(valid_at: datetime | None, now: datetime) -> Freshness:
    """How fresh a feed is that was last found valid at `valid_at`; a moment in the future (a clock was set back) counts as now."""
    if valid_at is None:
        return Freshness.NEVER
    age = now - valid_at
    if age < AGEING_AFTER:
        return Freshness.FRESH
    return Freshness.AGEING if age < STALE_AFTER else Freshness.STALE


@dataclass(frozen=True)
class FeedAge:
    """A feed and when a run last found it valid. `rows` is what it held then."""

    feed: str
    label: str
    valid_at: datetime | None
    rows: int | None
    freshness: Freshness


def feed_ages(connections: Iterable[Connection], now: datetime) -> dict[int, list[FeedAge]]:
    """For each connection's id the feeds of its system, in the system's order; those that come in parts have no one age. One query."""
    chosen = list(connections)
    states = {(state.connection_id, state.feed): state for state in FeedState.objects.filter(connection__in=chosen)}
    return {
        connection.pk: [_age(feed, label, states.get((connection.pk, feed)), now) for feed, label in _whole(system(connection.system))]
        for connection in chosen
    }


def _whole(kind: System) -> list[tuple[str, str]]:
    return [(feed, label) for feed, label in kind.feeds.items() if feed not in kind.in_parts]


def _age(feed: str, label: str, state: FeedState | None, now: datetime) -> FeedAge:
    if state is None:
        return FeedAge(feed, label, None, None, Freshness.NEVER)
    return FeedAge(feed, label, state.valid_at, state.rows, freshness(state.valid_at, now))
