"""The stock of a Finale account: read whole, added up, and believed as far as it can be proved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.errors import Problem
from sync.engine.documents import Document, gather
from sync.engine.job import Job, Parked
from sync.engine.source import Held, Judged, Remark, Wanted
from sync.engine.tables import Missing, TablePlan
from sync.feedproblem import FeedProblem
from sync.models import Connection, StockRef, Verdict
from sync.references.tables import STOCK
from sync.sources.finale import graphql, mapping, problems
from sync.sources.finale.catalogue import read_pages
from sync.sources.finale.client import Client
from sync.sources.finale.options import Options
from sync.sources.finale.said import StockLine
from sync.wire.errors import BudgetSpent

FEED = "stock"
AT_ONCE = 2_000
STILL_FRESH = timedelta(minutes=5)
"""A stock list that an earlier attempt has fetched is used for so long."""


class NewerStock(Problem):
    """Refused: what was to be written is older than the stock that another run has written since."""

    status = 409
    hint = "Sync again: that reads the stock as it is now."


@dataclass
class Stock:
    """Stock by product and place. `complete`: what is not in it is zero; `unclear` are keys of which nothing is known this time."""

    lines: list[StockLine]
    judged: Judged
    complete: bool
    unclear: Collection[str] = ()

    def table(self) -> TablePlan:
        """All lines; where the list is complete, others are gone."""
        missing = (Missing("remove", but=sorted(self.unclear)),) if self.complete else ()
        return TablePlan(STOCK, StockLine._fields, self.lines, missing=missing, in_thousandths=True)

    def table_of(self, connection: Connection, products: Collection[str]) -> TablePlan:
        """The lines of some products alone; where the list is complete, their other places hold nothing."""
        chosen = [line for line in self.lines if line.product_id_there in products]
        if self.complete:
            listed = {line.key for line in chosen}
            chosen += [line for line in _stored(connection, products) if line.key not in listed and line.key not in self.unclear]
        return TablePlan(STOCK, StockLine._fields, chosen, in_thousandths=True)


def read(job: Job, client: Client, options: Options, only_place: str) -> Stock:
    """All stock, proved. `only_place` is the one location of an account that has just one, else blank: totals are booked there.

    Raises FeedProblem and Problem when nothing of it can be used, Parked when it goes on later, NewerStock.
    """
    document = _document(job, client)
    with mapping.table(FEED, document.content()) as table:
        received, remarks = table.received, table.warnings
        sums = mapping.StockSums()
        number = 0
        for block in table.blocks():
            for row in block:
                number += 1
                sums.add(row, number)
    if received >= options.cut_rows:
        return _beyond_the_cut(job, client, options, document, received, only_place)
    doubt = _shrunken(job, options, document, received)
    lost = bool(sums.unplaced)
    more = sums.held_count - len(sums.held)
    held = [Remark("more_held", f"And {more:,} more rows are held.")] if more else []
    judged = Judged(
        FEED,
        label="Stock",
        verdict=Verdict.PARTIAL if doubt or lost else Verdict.COMPLETE,
        rows=received,
        held=tuple(sums.held),
        warnings=(*remarks, *held),
        code=doubt.code if doubt else "",
        sentence=doubt.sentence if doubt else "",
        hint=doubt.hint if doubt else "",
        confirmable=doubt is not None,
        lacking=doubt is not None,
        checksum=document.checksum,
        taken_at=document.taken_at,
        document_id=document.document_id,
    )
    return Stock(list(sums.rows()), judged, complete=not doubt and not lost, unclear=sums.unclear)


def _document(job: Job, client: Client) -> Document:
    wanted = [Wanted(FEED)]
    document = gather(job, wanted, client.fetch, at_once=1, keep=False)[FEED, ""]
    known = job.states.get(FEED)
    if known and document.taken_at and document.taken_at < known.taken_at:
        if job.approved:
            raise NewerStock("Stock has been read again since this plan was made.")
        document = gather(job, wanted, client.fetch, at_once=1, keep=False, fresh=True)[FEED, ""]
    elif not job.approved and document.taken_at and document.taken_at < timezone.now() - STILL_FRESH:
        document = gather(job, wanted, client.fetch, at_once=1, keep=False, fresh=True)[FEED, ""]
    if isinstance(document.problem, BudgetSpent):
        raise Parked(document.problem.sentence, document.problem.until)
    if document.problem is not None:
        raise document.problem
    return document


def _shrunken(job: Job, options: Options, document: Document, rows: int) -> FeedProblem | None:
    """Why an absence in this list proves nothing, unless a manager has said that it is right."""
    before = job.states.get(FEED)
    # Where no list was ever proved, what was taken from such lists is the measure: a row for each line at least.
    known = before.rows if before else StockRef.objects.filter(connection=job.run.connection, gone_at=None).count()
    if rows >= known * (100 - options.stock_shrink_percent) / 100:
        return None
    problem = problems.shrunken(FEED, rows, known)
    return None if problem.code in job.put_aside(FEED, document.checksum) else problem


def _beyond_the_cut(job: Job, client: Client, options: Options, document: Document, rows: int, only_place: str) -> Stock:
    """The list has no end: totals by product come from GraphQL, where they can be booked anywhere; else what came is used as it is."""
    problem = problems.cut(FEED, rows, options.cut_rows)
    lines: list[StockLine] = []
    if only_place:
        job.note(f"{problem.sentence} {problem.hint}", feed=FEED, level="warning")
        try:
            lines = _totals(job, client, only_place)
        except (FeedProblem, Problem) as error:
            job.note(f"GraphQL: {getattr(error, 'sentence', error)}", feed=FEED, level="error")
    else:
        problem = FeedProblem(
            problem.code,
            f"{problem.sentence} GraphQL tells stock of all locations together, and this account has several.",
            "Nothing is set to zero. Ask Finale for a report by location, or read one location only.",
        )
    judged = Judged(
        FEED,
        label="Stock",
        verdict=Verdict.COMPLETE if lines else Verdict.PARTIAL,
        rows=len(lines) or rows,
        code="" if lines else problem.code,
        sentence="" if lines else problem.sentence,
        hint="" if lines else problem.hint,
        lacking=not lines,
        checksum=document.checksum if lines else "",
        taken_at=document.taken_at,
        document_id=document.document_id,
    )
    # Of a cut list the sums themselves are wrong: a product's other rows may be beyond its end.
    return Stock(lines, judged, complete=bool(lines))


def _totals(job: Job, client: Client, place: str) -> list[StockLine]:
    lines: list[StockLine] = []
    for page in read_pages(job, client, FEED):
        for said in graphql.stock(graphql.page_of(FEED, page.content())):
            if isinstance(said, Held):
                raise FeedProblem("unclear", said.sentence, "Nothing of the list is used.")
            lines.append(said._replace(key=f"{said.product_id_there} {place}", place_id_there=place))
    return lines


def _stored(connection: Connection, products: Collection[str]) -> list[StockLine]:
    """Zero for each stored key of these products."""
    wanted = sorted(products)
    zeros = []
    for start in range(0, len(wanted), AT_ONCE):
        rows = StockRef.objects.filter(
            connection=connection, product_id_there__in=wanted[start : start + AT_ONCE], gone_at=None
        ).values_list("key", "product_id_there", "place_id_there", "sku")
        zeros += [StockLine(*row, 0, 0, 0) for row in rows]
    return zeros


def available(lines: Collection[StockLine], places: Mapping[str, int]) -> dict[str, int]:
    """On hand less reserved in thousandths for each product there, over the places that count. Pure."""
    found: dict[str, int] = {}
    for line in lines:
        if line.place_id_there in places:
            found[line.product_id_there] = found.get(line.product_id_there, 0) + line.on_hand - line.reserved
    return found
