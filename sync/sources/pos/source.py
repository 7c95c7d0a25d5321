"""A till's part of a run: which days it reads, what their lines come to, and what is booked of them (docs/till.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import Problem
from jobs import lease
from sync.engine.brake import Limits
from sync.engine.compare import Diff
from sync.engine.documents import gather
from sync.engine.job import Job, LeaseLost, Parked
from sync.engine.source import Judged, Plan, Remark, Told, Wanted, Withheld
from sync.engine.tables import Missing, TablePlan, Target
from sync.facts import following, keys
from sync.facts.said import FactSaid
from sync.facts.tables import FACTS
from sync.feedproblem import FeedProblem
from sync.models import Connection, Phase, SyncRun, Verdict, WarehouseRef
from sync.references.tables import PLACES
from sync.sources.pos import cursors, said, telling, windows
from sync.sources.pos.client import client_for
from sync.sources.pos.days import Reading, read_days, read_today
from sync.sources.pos.fetched import lines_in
from sync.sources.pos.mapping import NO_BRANCH, Lines, prefix_letters
from sync.sources.pos.options import options_of
from sync.sources.pos.system import BRANCHES, FEEDS, RETURNS, SALES, TODAY
from sync.sources.pos.vanished import Vanished
from sync.systems import values_of

_FEEDS: Mapping[str, str] = {"sales": SALES, "today": SALES, "sales-returns": RETURNS, "branches": BRANCHES}
WAIT = timedelta(seconds=20)
INSECURE = Remark("insecure", "The line to the till is not encrypted: everybody in between can read the login and the sales.")


class Source:
    """One till connection in one run."""

    targets: Sequence[Target] = (PLACES, FACTS)
    units_of = ""
    atomic = False

    def __init__(self, connection: Connection, scope: str) -> None:
        self.connection, self.scope = connection, scope
        self.feed = _FEEDS[scope]
        self.options = options_of(connection)
        self._client = client_for(connection)
        self._reading: Reading | None = None
        self._vanished = Vanished()
        self._gone: list[int] = []
        self._places: set[str] = set()
        self._not_asked = ""
        self._held = Withheld()
        self._locks = ExitStack()
        self._lock: lease.Hold | None = None

    def place(self) -> int:
        return self.connection.pk

    def limits(self, target: Target) -> Limits:
        """The brake of the connection's settings: shares are of the stored lines of what was read, not of all there ever were."""
        values = values_of(self.connection)

        def most(name: str) -> int:
            return max(int(values[f"brake_{name}_rows"]), self._vanished.stored * int(values[f"brake_{name}_percent"]) // 100)

        return Limits(most("removed"), 0, most("changed"), 0) if target is FACTS else Limits()

    def plan(self, job: Job) -> Plan:
        """Read the days of the scope and say what should be stored. Raises Problem, FeedProblem and Parked."""
        job.phase(Phase.READING)
        if self.feed == BRANCHES:
            return Plan((self._branches(job),))
        if self.feed == RETURNS and not self.options.returns:
            job.judge([Judged(RETURNS, label=FEEDS[RETURNS], warnings=(Remark("off", "They are switched off in the settings."),))])
            return Plan((TablePlan(FACTS, FactSaid._fields, [], in_thousandths=True),))
        if self.feed == SALES:
            self._alone()
        marks = cursors.marks_of(self.connection, self.feed, self.options.zone)
        if self.scope == "today":
            since = cursors.marks_of(self.connection, TODAY, self.options.zone).day
            reading = self._or_problem(lambda: read_today(job, self._client, self.options, self.feed, since=since))
        else:
            reading = self._or_problem(lambda: read_days(job, self._client, self.options, self.feed, marks))
        self._reading = reading
        self._judge(job, reading)
        job.phase(Phase.CHECKING)
        # Filled when all rows were taken, before they are compared.
        missing = (Missing("remove", ids=self._gone),) if reading.documents else ()
        return Plan((TablePlan(FACTS, FactSaid._fields, self._rows(reading), missing=missing, in_thousandths=True),))

    def _alone(self) -> None:
        """The syncs of sales and of today's sales tell of the same lines: one after the other. Raises Parked."""
        self._lock = self._locks.enter_context(lease.named(f"till lines {self.connection.pk}"))
        if self._lock is None:
            raise Parked("Another sync is at the sales of this till; this one goes on after it.", timezone.now() + WAIT)

    def _or_problem(self, read: Callable[[], Reading]) -> Reading:
        try:
            return read()
        except (Problem, FeedProblem) as problem:
            # Not even the till's day or its tables could be asked for.
            return Reading(self.feed, date.min, date.min, problem=problem)

    def _judge(self, job: Job, reading: Reading) -> None:
        label, problem = FEEDS[self.feed], reading.problem
        warnings = [*reading.warnings, *([] if self.options.encrypted or not self.options.host else [INSECURE])]
        for each in warnings:
            job.note(each.sentence, feed=self.feed, level="warning")
        if problem is not None and not reading.documents:
            code = getattr(problem, "code", "") or "problem"
            job.judge([Judged(self.feed, label=label, verdict=Verdict.INVALID, code=code, sentence=problem.sentence, hint=problem.hint)])
            job.note(f"{label}: {problem.sentence}", feed=self.feed, level="error")
            return
        if problem is not None:
            upto = f"{reading.upto:%-d %B %Y}" if reading.upto else "none"
            job.note(f"{label}: {problem.sentence} The days up to then count: {upto}.", feed=self.feed, level="error")
        checksum = sha256("".join(document.checksum for document in reading.documents).encode()).hexdigest()
        job.judge(
            [
                Judged(
                    self.feed,
                    label=label,
                    verdict=Verdict.COMPLETE if problem is None else Verdict.PARTIAL,
                    rows=reading.rows,
                    warnings=tuple(warnings),
                    lacking=problem is not None,
                    code=(getattr(problem, "code", "") or "problem") if problem is not None else "",
                    sentence=f"{problem.sentence} What was read of earlier days was used." if problem is not None else "",
                    hint=problem.hint if problem is not None else "",
                    checksum=checksum,
                    taken_at=reading.documents[0].taken_at,
                )
            ]
        )
        job.note(f"{label}: {reading.rows:,} lines of {len(reading.documents):,} parts.", feed=self.feed)

    def _rows(self, reading: Reading) -> Iterator[tuple[Any, ...]]:
        """The lines of all parts, each key once; then those that have moved to a day which was not read."""
        prefix = keys.prefix(self.connection, prefix_letters(self.feed))
        lines = self._empty(prefix, reading)
        for document in reading.documents:
            today = date.fromisoformat(document.report["today"])
            for line in lines_in(document.content()):
                fact = lines.fact(line, today)
                self._places.add(fact.place_there or fact.place_to_there)
                yield fact
        parts = [document.part for document in reading.documents]
        self._vanished.look(self.connection, self.feed, prefix, parts, lines.seen)
        yield from self._moved(reading, prefix, lines.seen)
        self._gone.extend(self._vanished.ids())

    def _moved(self, reading: Reading, prefix: str, seen: set[str]) -> Iterator[tuple[Any, ...]]:
        """Lines of bills that are not voided but have another date now, on a day that was not read."""
        found = []
        try:
            for branch, bill in self._vanished.bills():
                lines = self._empty(prefix, reading)
                found += [
                    lines.fact(line, reading.today) for line in self._client.bill(self.feed, "" if branch == NO_BRANCH else branch, bill)
                ]
        except Problem as problem:
            # Whether they are voided can't be asked: they stay as they are until it can.
            self._vanished.lines.clear()
            self._not_asked = f"Lines that are missing were left as they are: {problem.sentence}"
        for fact in found:
            if fact.external_id not in seen:
                seen.add(fact.external_id)
                self._vanished.lines.pop(fact.external_id, None)
                yield fact

    def _empty(self, prefix: str, reading: Reading) -> Lines:
        """No line yet. Whether the till numbers its lines was asked when they were read, and is kept with them."""
        numbered = all(document.report.get("numbered", True) for document in reading.documents)
        return Lines(self.feed, prefix, self.options.zone, self.options.earliest, numbered)

    def _branches(self, job: Job) -> TablePlan:
        document = gather(job, [Wanted(BRANCHES)], self._client.fetch, at_once=1)[BRANCHES, ""]
        if document.problem is not None:
            raise document.problem
        found = [row for line in lines_in(document.content()) if (row := said.branch(line)) is not None]
        rows = {row.external_id: row for row in found}
        job.judge(
            [
                Judged(
                    BRANCHES,
                    label=FEEDS[BRANCHES],
                    rows=len(rows),
                    checksum=document.checksum,
                    taken_at=document.taken_at,
                    document_id=document.document_id,
                )
            ]
        )
        job.note(f"{FEEDS[BRANCHES]}: {len(rows):,}.", feed=BRANCHES)
        return TablePlan(PLACES, said.BranchSaid._fields, list(rows.values()))

    def gone_through(self, job: Job, plan: Plan) -> None:
        """What could not be asked for while the lines were taken."""
        if self._not_asked:
            job.note(self._not_asked, feed=self.feed, level="warning")

    def follow_chunk(self, job: Job, diff: Diff, at: datetime) -> None:
        """Lines that were told anew wait to be booked anew; those that are held for their branch learn its name."""
        if self._lock is not None and self._lock.lost:
            raise LeaseLost
        if diff.target is FACTS:
            following.follow_chunk(diff)
        elif diff.target is PLACES:
            following.follow_places(self.connection, diff)

    def carry_on(self, job: Job, plan: Plan) -> None:
        """Branches nobody knew are there to be assigned; then everything that waits is booked."""
        if self.feed == BRANCHES:
            return
        with transaction.atomic():
            job.own()
            self._add_places()
        following.book(job, self.connection)

    def _add_places(self) -> None:
        wanted = self._places - {""}
        known = set(WarehouseRef.objects.filter(connection=self.connection).values_list("external_id", flat=True))
        now = timezone.now()
        WarehouseRef.objects.bulk_create(
            [
                WarehouseRef(
                    account_id=self.connection.account_id,
                    connection=self.connection,
                    external_id=code,
                    code=code[:80],
                    name="Lines without a branch" if code == NO_BRANCH else "",
                    first_seen_at=now,
                )
                for code in sorted(wanted - known)
            ],
            ignore_conflicts=True,
        )

    def withheld(self, job: Job, diffs: Sequence[Diff]) -> Withheld:
        """Lines that are stored and held."""
        self._held = following.withheld(self.connection, diffs)
        return self._held

    def follow_up(self, job: Job, plan: Plan, diffs: Sequence[Diff], at: datetime) -> Told:
        """How far the till was read now."""
        reading = self._reading
        if reading is None or not reading.documents:
            return Told()
        if self.scope == "today":
            if reading.problem is None:
                cursors.keep(self.connection, TODAY, self.options.zone, day=reading.today, branches={}, at=at)
            return Told()
        self._move_on(reading, at)
        if reading.more:
            SyncRun.objects.filter(pk=job.run.pk, again_scope="").update(again_scope=self.scope)
        return Told(stats={"readTo": reading.upto.isoformat() if reading.upto else None})

    def _move_on(self, reading: Reading, at: datetime) -> None:
        marks = cursors.marks_of(self.connection, self.feed, self.options.zone)
        if reading.upto is None:
            return
        day = windows.complete(reading.upto, reading.today)
        if marks.day is not None and day < marks.day and marks.day < reading.today:
            day = marks.day
        found = reading.last_days(until=day)
        branches = {branch: max(last, marks.branches.get(branch, last)) for branch, last in found.items()}
        if marks.day is not None:
            # One that was never seen may have been offline since before: the next sync looks further back for it.
            back = max(self.options.start or date.min, reading.today - self.options.offline_days * windows.DAY)
            branches |= {branch: min(back, day) for branch in found if branch not in marks.branches}
        cursors.keep(self.connection, self.feed, self.options.zone, day=day, branches=branches, at=at)

    def tied(self, entity: str, ids: Sequence[int]) -> Mapping[int, str]:
        """Nothing: what was booked of a line is taken back with it."""
        return {}

    def restate(self, at: datetime) -> None:
        """Lines that were taken back are booked as they stand then."""
        following.restate(self.connection)

    def figures(self, job: Job, plan: Plan, diffs: Sequence[Diff]) -> dict[str, Any]:
        """Lines read and what became of them."""
        return telling.figures(self.scope, job.judged, diffs, _written(job))

    def sentence(self, job: Job, plan: Plan, diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
        """What was read and written, for people."""
        held = following.in_words(self._held.details.get("byCode", {}))
        more = self._reading is not None and self._reading.more
        judged, written = list(job.judged.values()), _written(job)
        return telling.sentence(judged, diffs, preview=preview, changes=changes, held=held, more=more, written=written)

    def close(self) -> None:
        self._client.close()
        self._locks.close()


def _written(job: Job) -> Mapping[str, int] | None:
    """What the run has written so far, by counter; None before it has written anything."""
    return job.run.counters if job.run.changes_logged else None
