"""A run being worked on: its log, its documents, its verdicts, and whether it may go on."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import connection, connections
from django.db.models import F

from accounts.errors import Problem
from jobs.lease import Hold
from sync.engine.source import Judged, Wanted
from sync.feedproblem import FeedProblem
from sync.models import FeedConfirmation, FeedDocument, FeedState, Phase, RunEvent, RunFeed, Status, SyncRun, Verdict

AT_ONCE = 4
_BATCH = 20
_TOLD_AS = {Phase.READING: "fetch", Phase.CHECKING: "parse", Phase.COMPARING: "plan", Phase.SAVING: "apply", Phase.SESSIONS: "sessions"}


class LeaseLost(Exception):
    """Another worker has taken the run over: this one writes nothing more."""


class Cancelled(Exception):
    """Somebody cancelled the run."""


class Fetched(Protocol):
    """A document as a client brings it. `document_id` is set when it is stored already."""

    @property
    def body(self) -> bytes: ...
    @property
    def content_type(self) -> str: ...
    @property
    def filename(self) -> str: ...
    @property
    def taken_at(self) -> datetime: ...
    @property
    def checksum(self) -> str: ...
    @property
    def transport(self) -> str: ...
    @property
    def document_id(self) -> int | None: ...


@dataclass(frozen=True)
class Document:
    """What there is to read of a feed, and where it is stored; or the problem that kept it from coming."""

    feed: str
    part: str
    body: bytes = b""
    filename: str = ""
    checksum: str = ""
    taken_at: datetime | None = None
    document_id: int | None = None
    milliseconds: int = 0
    problem: FeedProblem | Problem | None = None


Key = tuple[str, str]


class Job:
    """The run as its worker sees it. All writes to the database happen on the worker's own thread."""

    def __init__(self, run: SyncRun, fence: int, held: Hold) -> None:
        self.run, self.fence, self._held = run, fence, held
        self._seq = RunEvent.objects.filter(run=run).order_by("-seq").values_list("seq", flat=True).first() or 0
        self._spent: dict[str, float] = {}
        self._done_before = 0
        self._phase_began = time.monotonic()
        self.judged: dict[Key, Judged] = {}
        self.confirmed: set[tuple[str, str, str]] = set(
            FeedConfirmation.objects.filter(connection=run.connection).values_list("feed", "checksum", "code")
        )
        self.states: dict[str, FeedState] = {state.feed: state for state in FeedState.objects.filter(connection=run.connection)}

    @property
    def approved(self) -> bool:
        return bool(self.run.approved_digest)

    def phase(self, phase: Phase, *, total: int = 0, told: bool = True) -> None:
        """The run enters `phase`. Raises LeaseLost and Cancelled.

        With `told` off only its time is taken: what is written within the transaction that ends the run nobody would see before.
        """
        self._close_phase()
        self._done_before = 0
        self.run.phase, self.run.progress_done, self.run.progress_total = phase, 0, total
        if told:
            self._update(phase=phase, progress_done=0, progress_total=total)

    def expect(self, total: int) -> None:
        """The phase has `total` steps, of which those fetched before are done."""
        self._update(progress_done=self._done_before, progress_total=total)

    def _close_phase(self) -> None:
        now = time.monotonic()
        if self.run.phase:
            self._spent[self.run.phase] = self._spent.get(self.run.phase, 0.0) + now - self._phase_began
        self._phase_began = now

    def milliseconds(self) -> dict[str, int]:
        """Spent in each phase so far, and in total."""
        self._close_phase()
        spent = {name: round(self._spent.get(phase, 0.0) * 1000) for phase, name in _TOLD_AS.items()}
        return {**spent, "total": sum(spent.values())}

    def note(self, text: str, *, feed: str = "", level: str = "info", done: int | None = None, total: int | None = None) -> None:
        """A line of the log."""
        self.notes([(text, feed, level, done, total)])

    def notes(self, lines: Sequence[tuple[str, str, str, int | None, int | None]]) -> None:
        """Several lines at once: (text, feed, level, done, total)."""
        rows = []
        for text, feed, level, done, total in lines:
            self._seq += 1
            rows.append(
                RunEvent(
                    account_id=self.run.account_id,
                    run=self.run,
                    seq=self._seq,
                    phase=self.run.phase,
                    feed=feed,
                    level=level,
                    text=text[:1000],
                    done=done,
                    total=total,
                )
            )
        RunEvent.objects.bulk_create(rows)

    def check(self) -> None:
        """Raises LeaseLost and Cancelled."""
        if self._held.lost:
            raise LeaseLost
        state = (
            SyncRun.objects.filter(pk=self.run.pk, fence=self.fence, status=Status.RUNNING)
            .values_list("cancel_requested", flat=True)
            .first()
        )
        self._judge_state(state)

    def own(self) -> None:
        """The first statement of each transaction that writes: the run is this worker's still, and nobody can take it before the commit.

        Raises LeaseLost and Cancelled.
        """
        mine = SyncRun.objects.filter(pk=self.run.pk, fence=self.fence, status=Status.RUNNING)
        if not mine.filter(cancel_requested=False).update(fence=F("fence")):
            self._judge_state(mine.values_list("cancel_requested", flat=True).first())

    def _judge_state(self, cancel_requested: bool | None) -> None:
        if cancel_requested is None:
            raise LeaseLost
        if cancel_requested:
            raise Cancelled

    def _update(self, **values: object) -> None:
        if self._held.lost:
            raise LeaseLost
        if not SyncRun.objects.filter(pk=self.run.pk, fence=self.fence, status=Status.RUNNING, cancel_requested=False).update(**values):
            self.check()

    def documents(self, wanted: Sequence[Wanted], fetch: Callable[[str, str], Fetched], *, at_once: int = AT_ONCE) -> dict[Key, Document]:
        """What each of `wanted` says. What an earlier attempt of this run has stored is not fetched again.

        With `at_once` above 1, that many calls of `fetch` run in threads of their own. Raises LeaseLost and Cancelled.
        """
        known = self._known({(each.feed, each.part) for each in wanted})
        done = len(known)
        missing = [each for each in wanted if (each.feed, each.part) not in known]
        found = dict(known)
        waiting: list[tuple[Wanted, Fetched, int]] = []
        last_stored = time.monotonic()
        for each, outcome, milliseconds in self._fetch(missing, fetch, at_once):
            key = (each.feed, each.part)
            done += 1
            if isinstance(outcome, Exception):
                found[key] = Document(each.feed, each.part, problem=outcome, milliseconds=milliseconds)
            elif outcome.document_id is not None:
                found[key] = _as_document(each, outcome, outcome.document_id, milliseconds)
            else:
                waiting.append((each, outcome, milliseconds))
            if waiting and (len(waiting) >= _BATCH or time.monotonic() - last_stored > 1):
                found.update(self._store(waiting))
                self._update(progress_done=self._done_before + done)
                waiting, last_stored = [], time.monotonic()
        found.update(self._store(waiting))
        self._done_before += done
        return found

    def _fetch(
        self, wanted: Sequence[Wanted], fetch: Callable[[str, str], Fetched], at_once: int
    ) -> Iterator[tuple[Wanted, Fetched | FeedProblem | Problem, int]]:
        if at_once <= 1:
            for each in wanted:
                self.check()
                outcome, milliseconds = _timed(fetch, each)
                yield each, outcome, milliseconds
            return
        with ThreadPoolExecutor(min(at_once, max(len(wanted), 1)), thread_name_prefix="fetch") as pool:
            pending: dict[Future[tuple[Fetched | FeedProblem | Problem, int]], Wanted] = {
                pool.submit(_in_thread, fetch, each): each for each in wanted
            }
            try:
                while pending:
                    done, _ = wait(pending, timeout=2, return_when=FIRST_COMPLETED)
                    if not done:
                        self.check()
                    for future in sorted(done, key=lambda each: (pending[each].feed, pending[each].part)):
                        each = pending.pop(future)
                        outcome, milliseconds = future.result()
                        yield each, outcome, milliseconds
            finally:
                for future in pending:
                    future.cancel()

    def _known(self, keys: set[Key]) -> dict[Key, Document]:
        """What is stored already: fetched for this run, or named by a verdict of an earlier attempt."""
        found: dict[Key, Document] = {}
        if self.run.attempt <= 1 and not self.approved:
            return found
        earlier = RunFeed.objects.filter(run=self.run).select_related("document")
        rows = [row.document for row in earlier if row.document is not None]
        if self.approved:
            # An approval is of what was seen then: what could not be fetched is not tried again.
            found.update(
                {
                    (row.feed, row.part): Document(row.feed, row.part, problem=FeedProblem(row.error_code, row.sentence, row.hint))
                    for row in earlier
                    if row.document is None and row.error_code
                }
            )
        rows += FeedDocument.objects.filter(run=self.run)
        for row in rows:
            for part in {row.part, *row.covers}:
                if (row.feed, part) in keys:
                    found[row.feed, part] = Document(row.feed, part, row.content(), row.filename, row.checksum, row.taken_at, row.pk)
        return found

    def _store(self, fetched: Sequence[tuple[Wanted, Fetched, int]]) -> dict[Key, Document]:
        if not fetched:
            return {}
        rows = FeedDocument.objects.bulk_create(
            [
                FeedDocument(
                    account_id=self.run.account_id,
                    connection=self.run.connection,
                    run=self.run,
                    feed=each.feed,
                    part=each.part,
                    transport=one.transport,
                    filename=one.filename[:255],
                    content_type=one.content_type[:100],
                    checksum=one.checksum,
                    size=len(one.body),
                    body=zlib.compress(one.body, 3),
                    taken_at=one.taken_at,
                )
                for each, one, _ in fetched
            ]
        )
        return {
            (each.feed, each.part): _as_document(each, one, row.pk, milliseconds)
            for row, (each, one, milliseconds) in zip(rows, fetched, strict=True)
        }

    def judge(self, verdicts: Sequence[Judged]) -> None:
        """Keep the verdicts on feeds, with a line of the log for each."""
        for each in verdicts:
            self.judged[each.feed, each.part] = each
        rows = [
            RunFeed(
                account_id=self.run.account_id,
                run=self.run,
                feed=each.feed,
                part=each.part,
                verdict=each.verdict,
                rows=each.rows,
                footer=each.footer,
                held=len(each.held),
                error_code=each.code,
                sentence=each.sentence[:1000],
                hint=each.hint[:500],
                confirmable=each.confirmable,
                document_id=each.document_id,
                checksum=each.checksum,
                taken_at=each.taken_at,
                milliseconds=each.milliseconds,
                baseline=self._baseline(each),
            )
            for each in verdicts
        ]
        fields = [field.name for field in RunFeed._meta.concrete_fields if field.name not in ("id", "account", "run", "feed", "part")]
        RunFeed.objects.bulk_create(rows, update_conflicts=True, unique_fields=["run", "feed", "part"], update_fields=fields)

    def _baseline(self, judged: Judged) -> Mapping[str, object] | None:
        state = self.states.get(judged.feed)
        if judged.part or state is None:
            return None
        return {
            "rows": state.rows,
            "footer": state.footer,
            "checksum": state.checksum,
            "taken_at": state.taken_at.isoformat(),
            "valid_at": state.valid_at.isoformat(),
            "run": state.run_id,
        }

    def is_confirmed(self, feed: str, checksum: str) -> set[str]:
        """The doubts about this content that a manager has put aside."""
        return {code for known, sum_, code in self.confirmed if (known, sum_) == (feed, checksum)}

    @property
    def invalid(self) -> list[Judged]:
        return [each for each in self.judged.values() if each.verdict == Verdict.INVALID]


def _timed(fetch: Callable[[str, str], Fetched], wanted: Wanted) -> tuple[Fetched | FeedProblem | Problem, int]:
    began = time.monotonic()
    outcome: Fetched | FeedProblem | Problem
    try:
        outcome = fetch(wanted.feed, wanted.part)
    except (FeedProblem, Problem) as problem:
        outcome = problem
    return outcome, round((time.monotonic() - began) * 1000)


def _in_thread(fetch: Callable[[str, str], Fetched], wanted: Wanted) -> tuple[Fetched | FeedProblem | Problem, int]:
    try:
        return _timed(fetch, wanted)
    finally:
        connections.close_all()


def _as_document(wanted: Wanted, fetched: Fetched, document_id: int, milliseconds: int) -> Document:
    return Document(wanted.feed, wanted.part, fetched.body, fetched.filename, fetched.checksum, fetched.taken_at, document_id, milliseconds)


@contextmanager
def statements(into: dict[str, int]) -> Iterator[None]:
    """Counts into `into["statements"]` what this thread sends to the database."""

    def count(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        into["statements"] = into.get("statements", 0) + 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield
