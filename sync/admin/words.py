"""How states look on the pages: a symbol and a word, coloured besides."""

from __future__ import annotations

from inventory.marks import Mark
from jobs.health import State
from sync.freshness import Freshness
from sync.models import Kind, Status, SyncRun, Verdict
from sync.systems import SYSTEMS

STATUS: dict[str, Mark] = {
    Status.QUEUED: Mark("Queued", "info", "schedule"),
    Status.RUNNING: Mark("Running", "info", "progress_activity"),
    Status.SUCCEEDED: Mark("Succeeded", "success", "check_circle"),
    Status.PARTIAL: Mark("Partial", "warning", "warning"),
    Status.FAILED: Mark("Failed", "danger", "error"),
    Status.CANCELLED: Mark("Cancelled", "", "cancel"),
    Status.NEEDS_REVIEW: Mark("Needs review", "warning", "front_hand"),
}

VERDICT: dict[str, Mark] = {
    Verdict.COMPLETE: Mark("Complete", "success", "check_circle"),
    Verdict.PARTIAL: Mark("Adds and changes only", "info", "playlist_add_check"),
    Verdict.INVALID: Mark("Not used", "danger", "block"),
}

FRESHNESS: dict[str, Mark] = {
    Freshness.FRESH: Mark("Fresh", "success", "check_circle"),
    Freshness.AGEING: Mark("Older than a day", "warning", "schedule"),
    Freshness.STALE: Mark("Older than a week", "danger", "error"),
    Freshness.NEVER: Mark("Never read", "warning", "warning"),
}

HEALTH: dict[str, Mark] = {
    State.OK: Mark("OK", "success", "check_circle"),
    State.WARN: Mark("Look at it", "warning", "warning"),
    State.BAD: Mark("Not working", "danger", "error"),
}

COUNTERS: dict[str, str] = {
    "inserted": "New",
    "updated": "Changed",
    "moved": "Moved",
    "revived": "Back again",
    "removed": "Gone",
    "unchanged": "Unchanged",
    "skipped": "Skipped",
    "held": "Held",
    "unconfirmed": "Unconfirmed",
}
"""The parts of what was processed, in the order of the pages; together they are all of it."""


def what(run: SyncRun) -> str:
    """What a run was asked to do, for example “Sync All Inventory” or “Preview of Sync FG”. Needs the run's connection."""
    if run.kind == Kind.UNDO:
        return f"Undo of run {run.undo_of_id}"
    kind = SYSTEMS.get(run.connection.system)
    scope = kind.scopes.get(run.scope) if kind else None
    label = scope.action if scope else run.scope
    return f"Preview of {label}" if run.kind == Kind.PREVIEW else label


def feed_label(run: SyncRun, feed: str) -> str:
    """A feed in the words of its system. Needs the run's connection."""
    kind = SYSTEMS.get(run.connection.system)
    return kind.feeds.get(feed, feed) if kind else feed
