"""A run feed by feed: what was read of each, whether it counts, and what it said last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.marks import Mark
from sync.admin.words import VERDICT, feed_label
from sync.models import RunEvent, RunFeed, SyncRun, Verdict
from sync.systems import SYSTEMS

WAITING = Mark("Being read", "info", "progress_activity")


@dataclass
class FeedLine:
    """A feed of a run. One of several parts (rosters, say) is one line: `parts` is how many were judged, `bad` are those not used."""

    feed: str
    label: str
    mark: Mark
    rows: int = 0
    held: int = 0
    parts: int = 0
    taken_at: datetime | None = None
    footer: str = ""
    footer_mark: Mark | None = None
    bad: list[RunFeed] = field(default_factory=list)
    last: RunEvent | None = None

    @property
    def unused(self) -> bool:
        """Whether nothing of it counts."""
        return bool(self.bad) and len(self.bad) == self.parts


def feed_lines(run: SyncRun, feeds: Iterable[RunFeed], events: Iterable[RunEvent]) -> list[FeedLine]:
    """A line for each feed that was judged, or while the run goes on is spoken of in the log, in the order of the run's system."""
    lines: dict[str, FeedLine] = {}
    for event in events:
        if event.feed:
            line = lines.setdefault(event.feed, FeedLine(event.feed, feed_label(run, event.feed), WAITING))
            line.last = event
    judged: dict[str, list[RunFeed]] = {}
    for each in feeds:
        judged.setdefault(each.feed, []).append(each)
    for feed, parts in judged.items():
        lines[feed] = _line(run, feed, parts, lines.get(feed))
    if not run.is_active:
        lines = {feed: lines[feed] for feed in judged}
    kind = SYSTEMS.get(run.connection.system)
    order = list(kind.feeds) if kind else []
    return sorted(lines.values(), key=lambda line: order.index(line.feed) if line.feed in order else len(order))


def _line(run: SyncRun, feed: str, parts: list[RunFeed], heard: FeedLine | None) -> FeedLine:
    bad = [each for each in parts if each.verdict == Verdict.INVALID]
    best = next((verdict for verdict in Verdict if any(each.verdict == verdict for each in parts)), Verdict.INVALID)
    footer = parts[0].footer if len(parts) == 1 else None
    return FeedLine(
        feed,
        feed_label(run, feed),
        Mark("Some not used", "warning", "warning") if bad and len(bad) < len(parts) else VERDICT[best],
        rows=sum(each.rows for each in parts),
        held=sum(each.held for each in parts),
        parts=len(parts),
        taken_at=min((each.taken_at for each in parts if each.taken_at), default=None),
        footer=footer_words(footer),
        footer_mark=_adds_up(parts[0]) if footer else None,
        bad=bad,
        last=heard.last if heard else None,
    )


def footer_words(footer: Mapping[str, Any] | None) -> str:
    """What a document announces about itself, for example “bulk units 8, serial count 81”. Databases keep no order, so it is by name."""
    told = ((spaced(name), value) for name, value in sorted((footer or {}).items()) if value is not None)
    return ", ".join(f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in told)


def spaced(name: str) -> str:
    """“serial count” for “serialCount” and for “serial_count”, “total GE items” for “totalGEItems”."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_", " ", name).split()
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)


def _adds_up(feed: RunFeed) -> Mark:
    if feed.error_code == "footer_mismatch":
        return Mark("Does not add up", "danger", "error")
    return Mark("Adds up", "success", "check_circle")
