"""Writing a plan: the tables, the log, what follows from them and the end of the run, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from inventory.dialect import quoted
from inventory.signals import units_changed
from sync.engine import changes, counters, evidence, unconfirmed, write
from sync.engine.chunks import apply_in_chunks, restore_whole
from sync.engine.closing import close
from sync.engine.compare import CHANGED, MOVED, NEW, REMOVED, REVIVED, Diff
from sync.engine.job import Job
from sync.engine.source import Extra, Plan, Source, Withheld
from sync.engine.tables import Target
from sync.models import Phase, Status, SyncChange, SyncRun


@dataclass(frozen=True)
class Outcome:
    """How a run that could read something ends: its state, its counters, and the remarks for its row."""

    status: Status
    counters: dict[str, int]
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


def apply(job: Job, source: Source, plan: Plan, diffs: Sequence[Diff], outcome: Outcome, *, statements: dict[str, int]) -> None:
    """Write the plan and close the run: all or nothing, or, where the source is not `atomic`, in chunks first and then what follows.

    Raises LeaseLost, Cancelled, Parked, and Miscounted when a sum does not come out.
    """
    run = job.run
    logged = 0
    withheld = Withheld()
    if not source.atomic:
        logged = apply_in_chunks(job, source, diffs)
        restore_whole(diffs)
        source.carry_on(job, plan)
        withheld = source.withheld(job, diffs)
    with transaction.atomic():
        job.own()
        at = timezone.now()
        if source.atomic:
            logged = write_tables(run, diffs, source.place(), at)
        job.phase(Phase.SESSIONS, told=False)
        told = source.follow_up(job, plan, diffs, at)
        _add(run, told.changes, first=logged + 1, at=at)
        logged += len(told.changes)
        evidence.keep(job, at)
        for diff in diffs:
            if diff.target.counted:
                unconfirmed.keep(diff, run)
        _supersede(run)
        stored, in_log = recounted(run, diffs, source.place())
        counters.check(diffs, stored, logged=logged, in_log=in_log)
        tell(run, source, diffs)
        figures = {**source.figures(job, plan, diffs), **told.stats, "changesLogged": logged}
        details = {**_merged(figures.pop("details", {}), told.details)}
        if withheld.details:
            details["held"] = dict(withheld.details)
        warnings = [*outcome.warnings, *({"code": each.code, "message": each.sentence} for each in told.warnings)]
        figures["durationMs"], figures["dbStatements"] = job.milliseconds(), statements["statements"]
        close(
            run,
            job.fence,
            outcome.status,
            source.sentence(job, plan, diffs, preview=False, changes=logged),
            counters=counters.withhold(outcome.counters, withheld.rows),
            stats=figures,
            details=details,
            errors=[*outcome.errors, *withheld.errors],
            warnings=warnings,
            changes_logged=logged,
            applied_at=at,
        )


def write_tables(run: SyncRun, diffs: Sequence[Diff], place: int, at: datetime) -> int:
    """Write and log what the difference tables hold, one after the other; how many change rows."""
    logged = 0
    for diff in diffs:
        write.add(diff, account=run.account_id, place=place, at=at)
        logged += changes.log(diff, run, first=logged + 1, at=at)
        write.change(diff, place=place)
        write.remove(diff, at=at)
    return logged


def _add(run: SyncRun, extras: Sequence[Extra], *, first: int, at: datetime) -> None:
    SyncChange.objects.bulk_create(
        [
            SyncChange(
                account_id=run.account_id,
                run=run,
                correlation=run.correlation,
                at=at,
                seq=seq,
                entity=each.entity,
                entity_id=each.entity_id,
                label=each.label[:140],
                group=each.group,
                scope=each.scope,
                type=each.type,
                field=each.field,
                old=each.old,
                new=each.new,
                before=each.before,
                after=each.after,
            )
            for seq, each in enumerate(extras, start=first)
        ],
        batch_size=1000,
    )


def _supersede(run: SyncRun) -> None:
    """What waits for a review was planned against stock that is no more."""
    waiting = SyncRun.objects.filter(connection_id=run.connection_id, dataset=run.dataset, status=Status.NEEDS_REVIEW).exclude(pk=run.pk)
    waiting.update(status=Status.CANCELLED, message=f"Run {run.pk} has replaced it; nothing of it was written.", finished_at=Now())


def recounted(run: SyncRun, diffs: Sequence[Diff], place: int) -> tuple[list[int], int]:
    """How many rows the table of each of `diffs` has there now, the gone ones not counted, and how many change rows the run has."""
    tables = [_alive(diff.target) for diff in diffs]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(tables)}, (SELECT COUNT(*) FROM {quoted(SyncChange._meta.db_table)} WHERE run_id = %s)",
            [*([place] * len(tables)), run.pk],
        )
        *stored, in_log = cursor.fetchone()
    return stored, in_log


def _alive(target: Target) -> str:
    gone = f" AND {quoted(target.gone)} IS NULL" if target.gone else ""
    return f"(SELECT COUNT(*) FROM {quoted(target.model._meta.db_table)} WHERE {quoted(target.place)} = %s{gone})"


def tell(run: SyncRun, source: Source, diffs: Sequence[Diff]) -> None:
    """Signal the rows that were written, because bulk writes send no signals of their own."""
    for diff in diffs:
        if diff.target.entity == source.units_of and not diff.is_empty:
            touched = write.touched(diff.target, NEW, CHANGED, MOVED, REVIVED, REMOVED)
            cause = f"sync run {run.pk}"
            units_changed.send(sender=SyncRun, account_id=run.account_id, unit_ids=touched, cause=cause, correlation=run.correlation)


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {name: {**first.get(name, {}), **second.get(name, {})} for name in (*first, *(key for key in second if key not in first))}
