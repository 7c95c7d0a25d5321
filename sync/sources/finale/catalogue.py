"""The catalogue of a Finale account: read at once, or by windows where one answer would be cut, and what a second too full takes."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.utils import timezone

from accounts.errors import Problem
from sync.engine.documents import Document, gather
from sync.engine.job import Job, Parked
from sync.engine.source import Held, Judged, Remark, Wanted
from sync.engine.tables import Same
from sync.feedproblem import FeedProblem
from sync.models import Connection, FeedDocument, ProductRef, Verdict
from sync.sources.finale import graphql, mapping, problems
from sync.sources.finale.client import Client
from sync.sources.finale.options import Options
from sync.sources.finale.windows import Window, catch_up, step
from sync.wire.errors import BudgetSpent

FEED = "products"
AT_ONCE = 3
ROUND = 6
"""Windows that are asked for between two looks at the time and at whether the run goes on."""
MOST_HELD = 1_000
READ_AS = 1
"""Grows when the same row comes to mean something else here: then every product is read again."""


@dataclass
class Catalogue:
    """What was read of the products: `documents`, the newest changes first. Its rows are taken once; then `held` and so on are known."""

    documents: list[Document]
    pages: list[Document] = field(default_factory=list)
    complete: bool = False
    problem: FeedProblem | Problem | None = None
    held: list[Held] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    repeated: int = 0
    unheld: int = 0
    count: int = 0

    def rows(self, connection: Connection) -> Iterator[tuple[Any, ...] | Same]:
        """Each product once, as it was read last, or Same where its row is the one that was read before. Raises FeedProblem."""
        seen: set[str] = set()
        known = _digests(connection)
        for document in self.documents:
            with mapping.table(FEED, document.content()) as table:
                self.repeated += table.repeated
                self.warnings += [each for each in table.warnings if each not in self.warnings]
                number = 0
                read_as = blake2b(f"{READ_AS} {sorted(table.absent)}".encode(), digest_size=16).digest()
                for block in table.blocks(rest=True):
                    for row in block:
                        number += 1
                        there, digest = row[0], blake2b(marshal.dumps(row, 2), digest_size=16, key=read_as).hexdigest()
                        if isinstance(there, str) and known.get(there) == digest:
                            yield from self._same(there, seen)
                        else:
                            yield from self._new(mapping.product(row, number, table.absent), digest, seen)
        number = 0
        for page in self.pages:
            read = graphql.page_of(FEED, page.content())
            for said in graphql.products(read, number + 1):
                yield from self._new(said, "", seen, repeats=False)
            number += len(read.nodes)

    @property
    def is_empty(self) -> bool:
        return not self.pages and not any(document.report.get("rows") for document in self.documents)

    def _same(self, there: str, seen: set[str]) -> Iterator[Same]:
        if there in seen:
            self.repeated += 1
        else:
            seen.add(there)
            self.count += 1
            yield Same(there)

    def _new(self, said: Any, digest: str, seen: set[str], *, repeats: bool = True) -> Iterator[tuple[Any, ...]]:
        if isinstance(said, Held):
            self.unheld += len(self.held) >= MOST_HELD
            if len(self.held) < MOST_HELD:
                self.held.append(said)
        elif said.external_id in seen:
            self.repeated += repeats
        else:
            seen.add(said.external_id)
            self.count += 1
            yield (*said, digest)

    def judged(self) -> Judged:
        """What the run makes of the feed; once more when the rows were taken."""
        newest = max((document.taken_at for document in self.documents if document.taken_at), default=None)
        problem = self.problem
        rows = self.count or sum(int(document.report.get("rows", 0)) for document in self.documents)
        more = [Remark("more_held", f"And {self.unheld:,} more rows are held.")] if self.unheld else []
        return Judged(
            FEED,
            label="Products",
            verdict=Verdict.COMPLETE if self.complete else Verdict.PARTIAL,
            rows=rows,
            held=tuple(self.held),
            warnings=(*self.warnings, *more),
            code=getattr(problem, "code", "") if problem else "",
            sentence=getattr(problem, "sentence", "") if problem else "",
            hint=getattr(problem, "hint", "") if problem else "",
            lacking=problem is not None,
            # A partial reading is no measure for the next complete one.
            checksum=self.documents[0].checksum if self.complete and self.documents else "",
            taken_at=newest,
            document_id=self.documents[0].document_id if self.documents else None,
        )


def whole(job: Job, client: Client, options: Options) -> Catalogue:
    """Everything: in one answer, else by windows from the oldest change on, else what is missing then through GraphQL.

    Raises Problem and FeedProblem when nothing can be read, Parked when it goes on later.
    """
    (first,) = _gathered(job, client, [""])
    if int(first.report.get("rows", 0)) < options.cut_rows:
        job.note(f"Products: {first.report.get('rows', 0):,} in one answer.", feed=FEED)
        return Catalogue([first], complete=True)
    job.note("Products: more than one answer holds; read by date of change.", feed=FEED)
    began = job.run.started_at or timezone.now()
    found, stuck = _walked(job, client, options, options.start, began)
    late = _late(job, began)
    again, stuck_again = _walked(job, client, options, late.start, late.end)
    documents = [*reversed(again), *reversed(found)]
    stuck = [*stuck, *stuck_again]
    if not stuck:
        return Catalogue(documents, complete=True)
    problem = problems.stuck(FEED, stuck, options.cut_rows)
    job.note(f"{problem.sentence} {problem.hint}", feed=FEED, level="warning")
    try:
        pages = read_pages(job, client, FEED)
    except (FeedProblem, Problem) as error:
        job.note(f"GraphQL: {getattr(error, 'sentence', error)}", feed=FEED, level="error")
        return Catalogue(documents, problem=problem)
    return Catalogue(documents, pages, complete=True)


def recent(job: Job, client: Client, options: Options) -> Catalogue:
    """What was changed within the days of an active sync; what was not is not spoken of. Raises as `whole`."""
    began = job.run.started_at or timezone.now()
    found, stuck = _walked(job, client, options, began - timedelta(days=options.active_days), began)
    problem = problems.stuck(FEED, stuck, options.cut_rows) if stuck else None
    return Catalogue(list(reversed(found)), problem=problem)


def read_pages(job: Job, client: Client, feed: str) -> list[Document]:
    """All GraphQL pages of a feed, in their order. Raises FeedProblem and Problem, Parked when it goes on later."""
    following, cursor = graphql.Walk(feed), ""
    pages: list[Document] = []
    while True:
        part = graphql.part_of(len(pages) + 1, cursor)
        (page,) = _gathered(job, client, [part], feed=feed)
        pages.append(page)
        if not (cursor := following.after(graphql.page_of(feed, page.content()))):
            return pages
        pause(job)


def _walked(job: Job, client: Client, options: Options, start: datetime, until: datetime) -> tuple[list[Document], list[Window]]:
    documents, stuck = walk(job, client, FEED, start, until, width_days=options.window_days, cut=options.cut_rows)
    return documents, stuck


def walk(
    job: Job, client: Client, feed: str, start: datetime, until: datetime, *, width_days: int, cut: int
) -> tuple[list[Document], list[Window]]:
    """The documents of a stretch of time, oldest first and none of them cut, and the seconds that are too full to be read."""
    answers: dict[Window, int] = {}
    documents: dict[Window, Document] = {}
    while True:
        now = step(start, until, answers, width_days=width_days, cut=cut)
        if now.done:
            good = sorted(window for window, rows in answers.items() if rows < cut)
            return [documents[window] for window in good if answers[window]], list(now.stuck)
        windows = list(now.read[:ROUND])
        job.expect(len(answers) + len(now.read))
        for window, document in zip(windows, _gathered(job, client, [each.part for each in windows], feed=feed), strict=True):
            documents[window], answers[window] = document, int(document.report.get("rows", 0))
        pause(job)


def _gathered(job: Job, client: Client, parts: Sequence[str], *, feed: str = FEED) -> list[Document]:
    """The documents of these parts. The first problem is raised; what came before it is kept for the next slice."""
    at_once = AT_ONCE if client.in_parallel else 1
    found = gather(job, [Wanted(feed, part) for part in parts], client.fetch, at_once=at_once, keep=False)
    documents = [found[feed, part] for part in parts]
    for document in documents:
        if isinstance(document.problem, BudgetSpent):
            raise Parked(document.problem.sentence, document.problem.until)
        if document.problem is not None:
            raise document.problem
    return documents


def pause(job: Job) -> None:
    """Put the run down when it has had its time. What was read is stored."""
    job.check()
    if job.slice_over:
        raise Parked("Goes on with its next part at once.")


def _digests(connection: Connection) -> dict[str, str]:
    """What is known of the rows that stored products were read from; those that are gone have to be read again."""
    rows = ProductRef.objects.filter(connection=connection, gone_at=None).exclude(digest="").order_by()
    return dict(rows.values_list("external_id", "digest").iterator(chunk_size=10_000))


def _late(job: Job, began: datetime) -> Window:
    """What was changed while the catalogue was walked; of an approved run the same stretch as was seen then."""
    window = catch_up(began, timezone.now())
    if job.approved:
        parts = FeedDocument.objects.filter(run=job.run, feed=FEED, part__startswith=window.part.partition("/")[0])
        known = parts.order_by("-id").values_list("part", flat=True).first()
        return Window.of(known) if known else window
    return window
