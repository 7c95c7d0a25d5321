"""The documents of a run: fetched, several at a time where that is possible, and stored as they came."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import connections

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


def gather(job: Job, wanted: Sequence[Wanted], fetch: Callable[[str, str], Fetched], *, at_once: int = AT_ONCE) -> dict[Key, Document]:
    """What each of `wanted` says, for the job's run. What an earlier attempt of the run has stored is not fetched again.

    With `at_once` above 1, that many calls of `fetch` run in threads of their own. Raises LeaseLost and Cancelled.
    """
    known = _known(job, {(each.feed, each.part) for each in wanted})
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
        if waiting and (len(waiting) >= _BATCH or time.monotonic() - last_stored > 1):
            found.update(_store(job.run, waiting))
            job.progress(done)
            waiting, last_stored = [], time.monotonic()
    found.update(_store(job.run, waiting))
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


def _known(job: Job, keys: set[Key]) -> dict[Key, Document]:
    """What is stored already: fetched for this run, or named by a verdict of an earlier attempt."""
    found: dict[Key, Document] = {}
    if job.run.attempt <= 1 and not job.approved:
        return found
    earlier = RunFeed.objects.filter(run=job.run).select_related("document")
    rows = [row.document for row in earlier if row.document is not None]
    if job.approved:
        # An approval is of what was seen then: what could not be fetched is not tried again.
        found.update(
            {
                (row.feed, row.part): Document(row.feed, row.part, problem=FeedProblem(row.error_code, row.sentence, row.hint))
                for row in earlier
                if row.document is None and row.error_code
            }
        )
    rows += FeedDocument.objects.filter(run=job.run)
    for row in rows:
        for part in {row.part, *row.covers}:
            if (row.feed, part) in keys:
                found[row.feed, part] = Document(row.feed, part, row.content(), row.filename, row.checksum, row.taken_at, row.pk)
    return found


def _store(run: SyncRun, fetched: Sequence[tuple[Wanted, Fetched, int]]) -> dict[Key, Document]:
    if not fetched:
        return {}
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
            )
            for each, one, _ in fetched
        ]
    )
    return {
        (each.feed, each.part): _as_document(each, one, row.pk, milliseconds)
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


def _as_document(wanted: Wanted, fetched: Fetched, document_id: int, milliseconds: int) -> Document:
    return Document(wanted.feed, wanted.part, fetched.body, fetched.filename, fetched.checksum, fetched.taken_at, document_id, milliseconds)
