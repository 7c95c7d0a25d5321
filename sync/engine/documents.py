"""The documents of a run: fetched, several at a time where that is possible, and stored as they came."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connections
from django.db.models import Q

from accounts.errors import Problem
from sync.engine.job import Job, Key
from sync.engine.source import Wanted
from sync.feedproblem import FeedProblem
from sync.models import FeedDocument, RunFeed, SyncRun

AT_ONCE = 4
_BATCH = 20


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
    @property
    def report(self) -> Mapping[str, Any]: ...


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
    report: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        """The bytes as they came, read again from where they are stored unless they are at hand."""
        if self.body or self.document_id is None:
            return self.body
        return FeedDocument.objects.only("body").get(pk=self.document_id).content()


def gather(
    job: Job,
    wanted: Sequence[Wanted],
    fetch: Callable[[str, str], Fetched],
    *,
    at_once: int = AT_ONCE,
    keep: bool = True,
    fresh: bool = False,
) -> dict[Key, Document]:
    """What each of `wanted` says, for the job's run. What an earlier attempt of the run has stored is not fetched again.

    With `keep` off the bodies are not held in memory but read again when they are asked for. With `at_once` above 1, that many calls of
    `fetch` run in threads of their own. With `fresh` everything is fetched, whatever is stored. Raises LeaseLost and Cancelled.
    """
    known = {} if fresh else _known(job, {(each.feed, each.part) for each in wanted}, keep=keep)
    done = len(known)
    missing = [each for each in wanted if (each.feed, each.part) not in known]
    found = dict(known)
    waiting: list[tuple[Wanted, Fetched, int]] = []
    last_stored = time.monotonic()
    for each, outcome, milliseconds in _fetch(job, missing, fetch, at_once):
        key = (each.feed, each.part)
        done += 1
        if isinstance(outcome, Exception):
            found[key] = Document(each.feed, each.part, problem=outcome, milliseconds=milliseconds)
        elif outcome.document_id is not None:
            found[key] = _as_document(each, outcome, outcome.document_id, milliseconds)
        else:
            waiting.append((each, outcome, milliseconds))
        if waiting and (not keep or len(waiting) >= _BATCH or time.monotonic() - last_stored > 1):
            found.update(_store(job.run, waiting, keep=keep))
            job.progress(done)
            waiting, last_stored = [], time.monotonic()
    found.update(_store(job.run, waiting, keep=keep))
    job.progress(done, settled=True)
    return found


def _fetch(
    job: Job, wanted: Sequence[Wanted], fetch: Callable[[str, str], Fetched], at_once: int
) -> Iterator[tuple[Wanted, Fetched | FeedProblem | Problem, int]]:
    if at_once <= 1:
        for each in wanted:
            job.check()
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
                    job.check()
                for future in sorted(done, key=lambda each: (pending[each].feed, pending[each].part)):
                    each = pending.pop(future)
                    outcome, milliseconds = future.result()
                    yield each, outcome, milliseconds
        finally:
            for future in pending:
                future.cancel()


def _known(job: Job, keys: set[Key], *, keep: bool) -> dict[Key, Document]:
    """What is stored already: fetched for this run, or named by a verdict of an earlier attempt."""
    found: dict[Key, Document] = {}
    if job.run.attempt <= 1 and not job.run.slices and not job.approved:
        return found
    earlier = list(RunFeed.objects.filter(run=job.run))
    stored = FeedDocument.objects.filter(Q(run=job.run) | Q(pk__in=[row.document_id for row in earlier if row.document_id]))
    rows = list(stored if keep else stored.defer("body"))
    if job.approved:
        # An approval is of what was seen then: what could not be fetched is not tried again.
        found.update(
            {
                (row.feed, row.part): Document(row.feed, row.part, problem=FeedProblem(row.error_code, row.sentence, row.hint))
                for row in earlier
                if row.document is None and row.error_code
            }
        )
    for row in rows:
        for part in {row.part, *row.covers}:
            if (row.feed, part) in keys:
                body = row.content() if keep else b""
                found[row.feed, part] = Document(row.feed, part, body, row.filename, row.checksum, row.taken_at, row.pk, report=row.report)
    return found


def _store(run: SyncRun, fetched: Sequence[tuple[Wanted, Fetched, int]], *, keep: bool) -> dict[Key, Document]:
    if not fetched:
        return {}
    if run.attempt > 1:
        # It gets on: what counts are deaths at one and the same place.
        SyncRun.objects.filter(pk=run.pk).update(got_on=run.attempt)
    rows = FeedDocument.objects.bulk_create(
        [
            FeedDocument(
                account_id=run.account_id,
                connection=run.connection,
                run=run,
                feed=each.feed,
                part=each.part,
                transport=one.transport,
                filename=one.filename[:255],
                content_type=one.content_type[:100],
                checksum=one.checksum,
                size=len(one.body),
                body=zlib.compress(one.body, 3),
                taken_at=one.taken_at,
                report=dict(one.report),
            )
            for each, one, _ in fetched
        ]
    )
    return {
        (each.feed, each.part): _as_document(each, one, row.pk, milliseconds, keep=keep)
        for row, (each, one, milliseconds) in zip(rows, fetched, strict=True)
    }


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


def _as_document(wanted: Wanted, fetched: Fetched, document_id: int, milliseconds: int, *, keep: bool = True) -> Document:
    return Document(
        wanted.feed,
        wanted.part,
        fetched.body if keep else b"",
        fetched.filename,
        fetched.checksum,
        fetched.taken_at,
        document_id,
        milliseconds,
        report=fetched.report,
    )
