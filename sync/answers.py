"""A run as an answer: one envelope for what was asked, what is going on and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.acting import Actor
from sync.models import ACTIVE, Phase, RunFeed, Status, SyncRun, Verdict

if TYPE_CHECKING:
    from sync.runs import AlreadyRunning

WORDS: Mapping[str, str] = {
    Status.QUEUED: "pending",
    Status.RUNNING: "in_progress",
    Status.NEEDS_REVIEW: "pending",
    Status.SUCCEEDED: "success",
    Status.PARTIAL: "failed",
    Status.FAILED: "failed",
    Status.CANCELLED: "failed",
}
"""A run's state in the four words that callers act upon."""

INSERTED = ("inserted",)
UPDATED = ("updated", "moved", "revived", "removed")
SKIPPED = ("unchanged", "skipped", "held", "unconfirmed")


def envelope(run: SyncRun) -> dict[str, Any]:
    """`run` as the API and `--json` answer it: {"success", "message", "data"}.

    Asks for the run's feeds and its connection and for nothing else: prefetch both. `success` is false as soon as it is known that not
    everything asked for was or will be done without a person. `data.state` is the run's own word, `data.status` one of WORDS; the counts
    add up: recordsProcessed = recordsInserted + recordsUpdated + recordsSkipped, each with its parts in `breakdown`. `duration` is in
    milliseconds, null while the run goes on.
    """
    success = run.status in (*ACTIVE, Status.SUCCEEDED)
    errors = list(run.errors)
    return {
        "success": success,
        "message": message(run),
        "data": {
            "run": run.pk,
            "state": run.status,
            "status": WORDS[run.status],
            "kind": run.kind,
            "system": run.connection.system,
            "scope": run.scope,
            "askedScope": run.asked_scope or run.scope,
            "why": run.asked_why,
            "connection": {"id": run.connection_id, "name": run.connection.name},
            "trigger": run.trigger,
            "requestedBy": run.requested_label,
            "undoOf": run.undo_of_id,
            "phase": run.phase if run.is_active else "",
            "progress": {"done": run.progress_done, "total": run.progress_total},
            "resumesAt": run.resume_at if run.is_active else None,
            **records(run.counters),
            "changes": run.changes_logged,
            "createdAt": run.created_at,
            "startedAt": run.started_at,
            "finishedAt": run.finished_at,
            "duration": duration(run),
            "error": None if success else errors[0]["message"] if errors else message(run),
            "errors": errors,
            "warnings": list(run.warnings),
            "stats": run.stats,
            "feeds": {feed_name(feed): feed_answer(feed) for feed in run.feeds.all()},
            "details": run.details,
        },
    }


def answerable(actor: Actor, number: int) -> SyncRun:
    """The run as it is now, with all that its envelope needs. Raises SyncRun.DoesNotExist for one of another account."""
    return SyncRun.objects.select_related("connection").prefetch_related("feeds").get(account=actor.account, pk=number)


def already_running(actor: Actor, problem: AlreadyRunning) -> dict[str, Any]:
    """The answer to who wanted to start a run while another is at it: that one, and that nothing was started."""
    running = envelope(answerable(actor, problem.run.pk))
    return {"code": problem.code, "success": False, "message": problem.sentence, "hint": problem.hint, "data": running["data"]}


def records(counters: Mapping[str, int]) -> dict[str, Any]:
    """The counts of a run: what came in, what of it was written as new or as changed, and what was not."""
    breakdown = {name: counters.get(name, 0) for name in (*INSERTED, *UPDATED, *SKIPPED)}
    inserted, updated, skipped = (sum(breakdown[name] for name in names) for names in (INSERTED, UPDATED, SKIPPED))
    return {
        "recordsProcessed": inserted + updated + skipped,
        "recordsInserted": inserted,
        "recordsUpdated": updated,
        "recordsSkipped": skipped,
        "breakdown": breakdown,
    }


def message(run: SyncRun) -> str:
    """One sentence on how `run` stands; never empty."""
    if run.status == Status.QUEUED:
        return waiting(run)
    if run.status == Status.RUNNING:
        return progress(run)
    return run.message or f"{run.get_status_display()}."


def waiting(run: SyncRun) -> str:
    """What a queued one waits for; one that has put itself down said why."""
    if run.resume_at is None:
        return "Waiting for a worker."
    until = f"It goes on by itself at {timezone.localtime(run.resume_at):%H:%M}." if run.resume_at > timezone.now() else ""
    return f"{run.message} {until}".strip() or "Waiting for a worker."


def progress(run: SyncRun) -> str:
    """Where a running one is: its phase, and how much of it is done where that is known."""
    phase = Phase(run.phase).label if run.phase else "Starting"
    stopping = " It will stop: somebody cancelled it." if run.cancel_requested else ""
    if run.progress_total:
        return f"{phase}: {run.progress_done:,} of {run.progress_total:,}.{stopping}"
    return f"{phase}.{stopping}"


def duration(run: SyncRun) -> int | None:
    """Milliseconds from start to end; None for what has not ended, 0 for what ended without a start."""
    if run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds() * 1000) if run.started_at else 0


def feed_name(feed: RunFeed) -> str:
    """What a feed is called in answers: one of several parts has its part behind the feed's name."""
    return f"{feed.feed}:{feed.part}" if feed.part else feed.feed


def feed_answer(feed: RunFeed) -> dict[str, Any]:
    """What was read of one feed and whether it counts; `error` says why not."""
    problem = {"code": feed.error_code, "message": feed.sentence, "hint": feed.hint, "confirmable": feed.confirmable}
    return {
        "valid": feed.verdict != Verdict.INVALID,
        "verdict": feed.verdict,
        "rows": feed.rows,
        "held": feed.held,
        "footer": feed.footer,
        "error": problem if feed.error_code else None,
        "checksum": feed.checksum,
        "takenAt": feed.taken_at,
    }
