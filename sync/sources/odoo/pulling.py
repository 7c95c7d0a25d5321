"""Reading what has changed of a feed: pages by id within a window of changes, one after the other (docs/odoo.md, “Pull procedure”)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sync.engine.documents import Document, gather
from sync.engine.job import Job, Parked
from sync.engine.source import Held, Judged, Remark, Wanted
from sync.models import Connection, HeldRow, Verdict
from sync.sources.odoo import pages
from sync.sources.odoo.pages import Asked, Page
from sync.sources.odoo.system import FEEDS
from sync.wire.errors import BudgetSpent

MOST_HELD = 1_000


class Paged(Protocol):
    """What is needed of a client to read pages."""

    def page(self, feed: str, part: str = "") -> pages.Fetched: ...


@dataclass
class Pulled:
    """The pages of one window of a feed, changes from `since` on (None: all there is); `held` and `warnings` are what its rows told."""

    feed: str
    since: datetime | None
    documents: list[Document]
    held: list[Held] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    unheld: int = 0
    taken: set[str] = field(default_factory=set)
    """The numbers of the records that came, of a window that is not all there is."""

    def pages(self) -> Iterator[Page]:
        """Each page as it came, read from where it is stored: one at a time is in memory."""
        for document in self.documents:
            yield Page.read(document.content())

    def still_held(self, connection: Connection) -> None:
        """Records that were held before and did not come this time wait on: the window is not all there is."""
        if self.since is None:
            return
        for row in HeldRow.objects.filter(connection=connection, feed=self.feed).order_by("id"):
            if str(row.raw.get("id", "")) not in self.taken:
                self.hold(Held(row.row, row.code, row.sentence, row.raw))

    @property
    def rows(self) -> int:
        return sum(int(document.report.get("rows", 0)) for document in self.documents)

    def hold(self, row: Held) -> None:
        self.unheld += len(self.held) >= MOST_HELD
        if len(self.held) < MOST_HELD:
            self.held.append(row)

    def warn(self, sentence: str) -> None:
        """Count one more row of which `sentence` is true."""
        self.warnings[sentence] = self.warnings.get(sentence, 0) + 1

    def read_to(self) -> datetime | None:
        """Up to which change the window was read for certain; None where nothing came. See `certain`."""
        return certain(
            [datetime.fromisoformat(stamp) for document in self.documents if (stamp := str(document.report.get("newest", "")))],
            [document.taken_at for document in self.documents if document.taken_at],
        )

    def judged(self) -> Judged:
        """What the run makes of the feed: it may add and change; what is gone only the reading of all ids can tell."""
        more = [Remark("more_held", f"And {self.unheld:,} more rows are held.")] if self.unheld else []
        return Judged(
            self.feed,
            label=FEEDS.get(self.feed, self.feed),
            verdict=Verdict.PARTIAL,
            rows=self.rows,
            held=tuple(self.held),
            warnings=(*(Remark("data", f"{sentence} ({number:,})") for sentence, number in sorted(self.warnings.items())), *more),
            checksum=self.documents[-1].checksum if self.documents else "",
            taken_at=max((each.taken_at for each in self.documents if each.taken_at), default=None),
            document_id=self.documents[-1].document_id if self.documents else None,
        )


def certain(newest: list[datetime], taken: list[datetime]) -> datetime | None:
    """How far a window is known: up to its newest change, less the time that reading its pages took. Pure.

    A record that changes behind the page that was read is stamped no earlier than the first page was asked for. Where a window is read for
    longer than the overlap, because the run was put down, the newest stamp of its last page would pass over it. Lengths of time alone are
    taken from our clock, never a moment.
    """
    if not newest:
        return None
    took = max(taken) - min(taken) if taken else timedelta(0)
    return (max(newest) - took).replace(microsecond=0)


def pull(job: Job, client: Paged, feed: str, since: datetime | None, *, more: Callable[[], None] = lambda: None) -> Pulled:
    """All pages of a feed from `since` on; `more` hears of each that follows another. What an earlier attempt has read is not read again.

    Raises Problem and FeedProblem when a page can't be read, Parked when it goes on later, LeaseLost and Cancelled.
    """
    pulled, after = Pulled(feed, since, []), 0
    while True:
        document = fetched(job, feed, Asked(since, after).part, client.page)
        pulled.documents.append(document)
        if not document.report.get("full"):
            job.note(f"{FEEDS.get(feed, feed)}: {pulled.rows:,} {'changed' if since else 'in all'}.", feed=feed)
            return pulled
        after = int(document.report["last_id"])
        more()
        pause(job)


def fetched(job: Job, feed: str, part: str, fetch: Callable[[str, str], pages.Fetched]) -> Document:
    """One document of the run. Raises what kept it from coming; Parked where that is a spent budget."""
    document = gather(job, [Wanted(feed, part)], fetch, at_once=1, keep=False)[feed, part]
    if isinstance(document.problem, BudgetSpent):
        raise Parked(f"{document.problem.sentence} {document.problem.hint}".strip(), document.problem.until) from document.problem
    if document.problem is not None:
        raise document.problem
    return document


def pause(job: Job) -> None:
    """Put the run down when it has had its time. What was read is stored."""
    job.check()
    if job.slice_over:
        raise Parked("Goes on with its next part at once.")
