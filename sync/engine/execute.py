"""Working on a run, from its claim to its end (docs/engine.md)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.module_loading import import_string

from accounts.errors import Problem
from jobs import lease
from sync.choosing import usable
from sync.engine import changes, counters, undo
from sync.engine.apply import Outcome, apply
from sync.engine.brake import brake
from sync.engine.closing import close, park, written
from sync.engine.compare import CHANGED, MOVED, REMOVED, Diff, compare
from sync.engine.digest import digest
from sync.engine.job import Cancelled, Job, LeaseLost, Parked
from sync.engine.remarks import errors_of, held_of, in_short, usable_of, warnings_of
from sync.engine.source import Plan, Source
from sync.engine.stage import drop, staged
from sync.engine.statements import statements
from sync.feedproblem import FeedProblem
from sync.models import ACTIVE, Kind, Phase, PlanRow, Status, SyncRun, Verdict
from sync.systems import system

MOST_ATTEMPTS = 3
"""A run that three workers died of is not given to a fourth."""

logger = logging.getLogger(__name__)


class NothingRead(Problem):
    """No feed of the run could be used. What is wrong with each is in the run's errors."""

    status = 502


class GivenUp(Problem):
    """Needs a person: the run was taken over too often."""

    status = 500


def execute(run_id: int) -> str:
    """Work on a queued or abandoned run, unless another worker is at it. A task: it may come twice and be killed anywhere."""
    fence = lease.claim(
        SyncRun,
        run_id,
        seconds=settings.RUN_LEASE_SECONDS,
        extra_where=Q(status__in=ACTIVE) & (Q(resume_at__isnull=True) | Q(resume_at__lte=Now())),
        changes={"status": Status.RUNNING, "started_at": Coalesce(F("started_at"), Now()), "resume_at": None},
    )
    if fence is None:
        return f"Run {run_id} needs no worker."
    run = SyncRun.objects.select_related("account", "connection__account", "connection__warehouse", "requested_by").get(pk=run_id)
    with lease.hold(SyncRun, run_id, fence, seconds=settings.RUN_LEASE_SECONDS, every=settings.RUN_BEAT_SECONDS) as held:
        job = Job(run, fence, held)
        try:
            _closed(job)
        except LeaseLost:
            logger.warning("Run %s was taken over by another worker; this one wrote nothing more.", run_id)
            return f"Run {run_id} was lost to another worker."
    return f"Run {run_id} is done."


def _closed(job: Job) -> None:
    """Work on the run until it is closed, whatever happens, except when the database does not answer: then the lease runs out."""
    try:
        _work(job)
    except LeaseLost:
        raise
    except Parked as parked:
        park(job, parked)
    except Cancelled:
        who = SyncRun.objects.filter(pk=job.run.pk).values_list("cancelled_by", flat=True).first()
        _fail(job, Status.CANCELLED, f"Cancelled by {who}; {written(job.run)}." if who else f"Cancelled; {written(job.run)}.")
    except (Problem, FeedProblem) as problem:
        _fail(job, Status.FAILED, f"{problem.sentence} {problem.hint}".strip(), problem.code)
    except (OperationalError, InterfaceError, InternalError):
        # The last is what PostgreSQL says when it ends a transaction that was idle for too long.
        logger.exception("The database failed run %s; it is taken over when its lease has run out.", job.run.pk)
        raise
    except Exception as error:
        logger.exception("Run %s broke.", job.run.pk)
        said = f"Something unexpected happened ({type(error).__name__}); {written(job.run)}. The operator finds the details in the log."
        _fail(job, Status.FAILED, said, "unexpected")


def _fail(job: Job, status: Status, message: str, code: str = "") -> None:
    errors = errors_of(job)
    if not errors and code:
        errors = [{"feed": "", "part": "", "code": code, "message": message, "hint": ""}]
    close(job.run, job.fence, status, message, errors=errors, stats={"durationMs": job.milliseconds()})


def _work(job: Job) -> None:
    run = job.run
    job.check()
    if run.attempt - max(run.got_on, 1) >= MOST_ATTEMPTS:
        raise GivenUp(
            f"The worker stopped {MOST_ATTEMPTS} times while it was at this run; {written(run)}.",
            hint="Look into the worker's log, then start it again.",
        )
    if run.attempt > 1 and not job.approved:
        job.note(f"Taken over after the worker before stopped (attempt {run.attempt}).", level="warning")
    if run.kind != Kind.UNDO:
        usable(run.connection)
    source: Source = import_string(system(run.connection.system).source)(run.connection, run.scope)
    drop(list(source.targets))
    count: dict[str, int] = {"statements": 0}
    with closing(source), statements(count):
        if run.kind == Kind.UNDO:
            undo.perform(job, source, count)
        else:
            _sync(job, source, count)


def _sync(job: Job, source: Source, count: dict[str, int]) -> None:
    run = job.run
    plan = source.plan(job)
    # Counted from here: what reading costs depends on how many lists there are, not on how the engine works.
    count["statements"] = 0
    if not any(each.verdict != Verdict.INVALID for each in job.judged.values() if not each.part):
        raise NothingRead(f"Nothing was changed. {in_short(job.invalid)}")
    job.phase(Phase.COMPARING)
    with staged(list(plan.tables)):
        source.gone_through(job, plan)
        diffs = [compare(table, source.place()) for table in plan.tables]
        outcome = Outcome(
            status=Status.PARTIAL if job.invalid or any(each.lacking for each in job.judged.values()) else Status.SUCCEEDED,
            counters=counters.count(diffs, held=held_of(job), skipped=plan.skipped, before=run.counters if run.changes_logged else None),
            errors=errors_of(job),
            warnings=warnings_of(job),
        )
        # What has begun was looked at before: the rest of it is no plan of its own.
        why = "" if run.changes_logged else _brakes(job, source, diffs)
        if run.kind == Kind.PREVIEW:
            if why:
                outcome.warnings.append({"feed": "", "part": "", "code": "needs_review", "message": why, "hint": ""})
            _show(job, source, plan, diffs, outcome)
            return
        if why:
            _show(job, source, plan, diffs, outcome, why=why)
            return
        job.phase(Phase.SAVING)
        apply(job, source, plan, diffs, outcome, statements=count)


def _brakes(job: Job, source: Source, diffs: Sequence[Diff]) -> str:
    """Why a person has to look at the plan first; blank when it may be written."""
    doubts = [why for diff in diffs if (why := _doubt(source, diff))]
    if not job.approved:
        return doubts[0] if doubts else ""
    if not source.atomic and not doubts:
        return ""
    same = _fingerprint(source, diffs) == job.run.approved_digest
    return "" if same else "What was approved is not what would be written now: the stock has changed since. Look at the plan again."


def _doubt(source: Source, diff: Diff) -> str:
    if not diff.target.counted:
        return ""
    removed, changed = diff.rows(REMOVED), diff.rows(CHANGED, MOVED)
    limits, what = source.limits(diff.target), diff.target.people_say
    return brake(stored=diff.stored, removed=removed, changed=changed, limits=limits, what=what) or ""


def _fingerprint(source: Source, diffs: Sequence[Diff]) -> str:
    """Of what a person approves: all of it where it is written at once, else the tables that are doubted.

    Of a source that writes in chunks the others go on being synced meanwhile, so that they are never the same for long.
    """
    return digest(diffs if source.atomic else [diff for diff in diffs if _doubt(source, diff)] or diffs)


def _show(job: Job, source: Source, plan: Plan, diffs: Sequence[Diff], outcome: Outcome, *, why: str = "") -> None:
    """Keep the plan for people, and write nothing else."""
    run = job.run
    found = _fingerprint(source, diffs)
    with transaction.atomic():
        job.own()
        PlanRow.objects.filter(run=run).delete()
        rows = 0
        for diff in diffs:
            rows += changes.propose(diff, run, first=rows + 1)
        _propose_held(job, first=rows + 1)
        figures = source.figures(job, plan, diffs)
        details = figures.pop("details", {})
        planned = sum(diff.rows(CHANGED, MOVED, REMOVED) for diff in diffs if diff.target.logged)
        sentence = source.sentence(job, plan, diffs, preview=True, changes=planned)
        close(
            run,
            job.fence,
            Status.NEEDS_REVIEW if why else outcome.status,
            f"{why} {sentence}".strip(),
            counters=outcome.counters,
            stats={**figures, "durationMs": job.milliseconds()},
            details=details,
            errors=outcome.errors,
            warnings=outcome.warnings,
            plan_digest=found,
            approved_digest="",
        )


def _propose_held(job: Job, *, first: int) -> None:
    rows = [
        PlanRow(
            account_id=job.run.account_id,
            run=job.run,
            seq=seq,
            entity="row",
            label=f"{each.feed} {each.part}".strip()[:140],
            type="held",
            field=f"row {held.row}",
            new=held.sentence[:1000],
            after=dict(held.raw),
        )
        for seq, (each, held) in enumerate(((each, held) for each in usable_of(job) for held in each.held), start=first)
    ]
    PlanRow.objects.bulk_create(rows, batch_size=1000)
