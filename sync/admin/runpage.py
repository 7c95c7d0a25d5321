"""What the page of one run shows, while it goes on and afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.acting import Actor
from sync import answers
from sync.admin.feedlines import FeedLine, feed_lines, spaced
from sync.admin.listing import listing
from sync.admin.words import COUNTERS, STATUS, feed_label, what
from sync.models import FeedConfirmation, Kind, Phase, RunEvent, RunFeed, Status, SyncRun

LOG_SHOWN = 500
ASK_AGAIN = 1500
"""Milliseconds between two looks at a run that goes on."""

PHASES: list[Phase] = [phase for phase in Phase if phase is not Phase.WAITING]


Problems = list[tuple[FeedLine, RunFeed, bool]]
"""A line, the feed of it that was not used, and whether a manager has said since that it is right."""


@dataclass(frozen=True)
class Step:
    """`state` is done, now or later."""

    label: str
    state: str
    symbol: str


@dataclass(frozen=True)
class LogLine:
    at: datetime
    label: str
    text: str
    level: str
    counted: str


def contents(run: SyncRun, actor: Actor, query: Mapping[str, str]) -> dict[str, Any]:
    """All that the page of `run` shows, for its template. `run` comes with its connection."""
    now = live(run, query)
    return {
        **now,
        **_allowed(run, actor),
        "what": what(run),
        "listing": listing(run, query) if _has_rows(run) else None,
        "counters": [(label, run.counters.get(name, 0)) for name, label in COUNTERS.items()] if run.counters else [],
        "processed": run.counters.get("processed", sum(run.counters.get(name, 0) for name in COUNTERS)),
        "buckets": [f"admin/sync/{run.connection.system}/buckets.html", "admin/sync/buckets.html"],
        "undone_by": SyncRun.objects.filter(undo_of=run, status__in=(Status.SUCCEEDED, Status.PARTIAL)).first(),
        "remarks": _remarks(run, now["problems"]),
        "figures": sorted(_figures(run.stats)),
    }


def _has_rows(run: SyncRun) -> bool:
    """Whether changes or a plan of the run can be looked at."""
    return run.applied_at is not None or not (run.is_active or run.kind == Kind.UNDO or run.status == Status.FAILED)


def _remarks(run: SyncRun, problems: Problems) -> list[Mapping[str, Any]]:
    """Held rows and warnings. Lists that were not used have a place of their own, so what is said of them is left out here."""
    unused = {(each.feed, each.part, each.error_code) for _, each, _ in problems}
    held = (each for each in run.errors if each.get("feed"))
    return [*(each for each in held if (each["feed"], each.get("part", ""), each.get("code")) not in unused), *run.warnings]


def _figures(stats: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in stats.items():
        if isinstance(value, Mapping):
            unit = " ms" if name == "durationMs" else ""
            yield from ((f"{spaced(name.removesuffix('Ms'))}: {spaced(part)}", f"{_number(each)}{unit}") for part, each in value.items())
        else:
            yield spaced(name), _number(value)


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def live(run: SyncRun, query: Mapping[str, str]) -> dict[str, Any]:
    """The part that changes while `run` goes on. Three queries."""
    feeds = list(RunFeed.objects.filter(run=run).defer("baseline").order_by("id"))
    # The newest lines: of a long log the end is what people look for.
    events = list(RunEvent.objects.filter(run=run).order_by("-seq")[:LOG_SHOWN])[::-1]
    lines = feed_lines(run, feeds, events)
    chosen = query.get("log", "")
    confirmed = _confirmed(run, lines)
    return {
        "run": run,
        "mark": STATUS[run.status],
        "sentence": answers.message(run),
        "took": took(run),
        "steps": steps(run),
        "feeds": lines,
        "unused": [line for line in lines if line.unused],
        "problems": [(line, each, (each.feed, each.checksum, each.error_code) in confirmed) for line in lines for each in line.bad],
        "log": [_said(run, event) for event in events if not chosen or event.feed == chosen],
        "log_chosen": chosen,
        "log_cut": len(events) == LOG_SHOWN,
        "live": reverse("admin:sync_run_live", args=[run.pk]) if run.is_active else "",
        "ask_again": ASK_AGAIN,
    }


def _confirmed(run: SyncRun, lines: list[FeedLine]) -> set[tuple[str, str, str]]:
    sums = {each.checksum for line in lines for each in line.bad if each.confirmable}
    known = FeedConfirmation.objects.filter(connection=run.connection_id, checksum__in=sums)
    return set(known.values_list("feed", "checksum", "code")) if sums else set()


def _allowed(run: SyncRun, actor: Actor) -> dict[str, bool]:
    review = run.status == Status.NEEDS_REVIEW
    return {
        "may_cancel": run.is_active and not run.cancel_requested and actor.may("run.cancel"),
        "review": review,
        "may_approve": review and actor.may("run.approve"),
        "may_undo": run.applied_at is not None and run.changes_logged > 0 and run.kind == Kind.SYNC and actor.may("run.undo"),
        "may_confirm": actor.may("feed.confirm"),
    }


def steps(run: SyncRun) -> list[Step]:
    """The phases of a run: those behind it, the one it is in, those to come."""
    here = PHASES.index(Phase(run.phase)) if run.phase else -1
    ended = run.status in (Status.SUCCEEDED, Status.PARTIAL)
    return [
        _step(phase, "done" if ended or place < here else "now" if place == here and run.is_active else "later")
        for place, phase in enumerate(PHASES)
    ]


def _step(phase: Phase, state: str) -> Step:
    symbols = {"done": "check", "now": "progress_activity", "later": "radio_button_unchecked"}
    return Step(str(phase.label), state, symbols[state])


def took(run: SyncRun) -> str:
    """How long `run` has taken so far, blank before it starts."""
    if run.started_at is None:
        return ""
    return in_words((run.finished_at or timezone.now()) - run.started_at)


def in_words(span: timedelta) -> str:
    """“0.4 s”, “48 s”, “3 min 20 s”, “2 h 5 min”."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _said(run: SyncRun, event: RunEvent) -> LogLine:
    counted = f"{event.done or 0:,} of {event.total:,}" if event.total else ""
    return LogLine(event.at, feed_label(run, event.feed) if event.feed else "", event.text, event.level, counted)
