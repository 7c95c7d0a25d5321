"""What came of each of GE's lists in a run: read, doubted, and put into the words its verdict is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from accounts.errors import Problem
from sync.engine.documents import Document
from sync.engine.job import Job
from sync.engine.source import Judged, Remark
from sync.feedproblem import FeedProblem
from sync.models import Connection, Verdict
from sync.sources.ge.doubts import Known, doubts, standing
from sync.sources.ge.lists import HISTORY, LABELS, OPEN, ROSTERS, STOCK, bucket_of
from sync.sources.ge.options import Options
from sync.sources.ge.reading import Parsed, read, size_of
from sync.sources.ge.rows import LoadFeed, LoadRow, RosterFeed, RosterRow, StockFeed
from sync.sources.ge.stored import Overlap, overlap_of

_NOT_THERE = ("not_uploaded", "not_there")


@dataclass
class Judge:
    """Reads and judges the documents of one run. Judge the load history before the loads for sale, whose measure it is."""

    job: Job
    connection: Connection
    options: Options
    footer_promised: bool
    complete: bool
    """Whether the run reads every list, so that absence can prove something."""
    others: dict[str, str] = field(default_factory=dict)
    """Checksums by feed: what the same content in another place is told by."""
    verdicts: list[Judged] = field(default_factory=list)
    believed: dict[str, Parsed] = field(default_factory=dict)
    with_held: set[str] = field(default_factory=set)
    """Loads whose roster is believed and has held rows, so that it may not name all of its units."""
    _parsed: dict[str, Parsed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.others = {feed: state.checksum for feed, state in self.job.states.items()}

    def meet(self, documents: Mapping[tuple[str, str], Document]) -> None:
        """These lists are of this run: what is known of earlier ones in their places does not count any more."""
        for (feed, part), document in documents.items():
            if not part:
                self.others[feed] = document.checksum

    def whole(self, document: Document) -> None:
        """Judge one of the lists that a run reads once."""
        parsed = self._read(document)
        if isinstance(parsed, Judged):
            self.verdicts.append(parsed)
            return
        self.believe(document, parsed, self._known(document.feed, parsed))

    def rosters(self, documents: Mapping[str, Document], loads: Mapping[str, LoadRow]) -> dict[str, list[RosterRow]]:
        """The rosters by load, of those that can be believed. What nobody has uploaded yet is remarked upon once, and no failure."""
        found: dict[str, list[RosterRow]] = {}
        told: set[str] = set()
        absent = [number for number, document in sorted(documents.items()) if _code(document) in _NOT_THERE]
        for number, document in sorted(documents.items()):
            if number in absent:
                continue
            parsed = self._read(document)
            if isinstance(parsed, Judged):
                self.verdicts.append(parsed)
                continue
            assert isinstance(parsed, RosterFeed)
            known = Known(org=self.options.org, part=number, announced=loads[number].units, zone=self._zone)
            rows = [row for row in parsed.rows if row.load_number == number]
            # What is said of a file with many rosters is said once.
            again = document.checksum in told
            told.add(document.checksum)
            share = replace(parsed, rows=tuple(rows), held=() if again else parsed.held, warnings=() if again else parsed.warnings)
            if self.believe(document, parsed, known, share=share):
                found[number] = rows
                if parsed.held:
                    self.with_held.add(number)
        if absent:
            self.verdicts.append(self._absent(absent))
        return found

    def believe(self, document: Document, parsed: Parsed, known: Known, *, share: Parsed | None = None) -> bool:
        """Keep the verdict on a list that could be read; whether it counts. `share` is what of it belongs to the document's part."""
        feed = document.feed
        counted = parsed if share is None else share
        found = doubts(
            feed,
            parsed,
            known=known,
            checksum=document.checksum,
            others=self.others,
            taken_at=document.taken_at,
            filename=document.filename,
        )
        doubt = standing(found, self.job.put_aside(feed, document.checksum))
        remarks = [Remark(each.code, each.sentence) for each in counted.warnings]
        remarks += [Remark(each.code, each.sentence) for each in found if each.level == "warning"]
        footer = parsed.footer if isinstance(parsed, StockFeed) else None
        self.verdicts.append(
            Judged(
                feed,
                document.part,
                label=_label(document),
                verdict=Verdict.INVALID if doubt else Verdict.COMPLETE if self.complete else Verdict.PARTIAL,
                rows=size_of(counted),
                footer={"serialCount": footer.serial_count, "bulkUnits": footer.bulk_units} if footer else None,
                held=() if doubt else counted.held,
                warnings=remarks,
                code=doubt.code if doubt else "",
                sentence=doubt.sentence if doubt else "",
                hint=doubt.hint if doubt else "",
                confirmable=doubt.confirmable if doubt else False,
                checksum=document.checksum,
                taken_at=document.taken_at,
                document_id=document.document_id,
                milliseconds=document.milliseconds,
            )
        )
        if not doubt and not document.part:
            self.believed[feed] = parsed
        return doubt is None

    def _read(self, document: Document) -> Parsed | Judged:
        problem = document.problem
        try:
            if problem is not None:
                raise problem
            # One uploaded file may hold the rosters of many loads.
            key = f"{document.feed} {document.checksum}"
            if key not in self._parsed:
                self._parsed[key] = read(document.feed, document.body, filename=document.filename)[0]
            return self._parsed[key]
        except (FeedProblem, Problem) as found:
            return Judged(
                document.feed,
                document.part,
                label=_label(document),
                verdict=Verdict.INVALID,
                code=found.code,
                sentence=found.sentence,
                hint=found.hint,
                checksum=document.checksum,
                taken_at=document.taken_at,
                document_id=document.document_id,
                milliseconds=document.milliseconds,
            )

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.connection.account.time_zone)

    def _known(self, feed: str, parsed: Parsed) -> Known:
        state = self.job.states.get(feed)
        overlap = Overlap({}, {})
        if isinstance(parsed, StockFeed):
            overlap = overlap_of(self.connection.warehouse_id, {row.serial_key for row in parsed.rows if row.serial_key})
        history = self.believed.get(HISTORY)
        return Known(
            org=self.options.org,
            footer_promised=self.footer_promised,
            shrink_percent=self.options.shrink_percent,
            shrink_rows=self.options.shrink_rows,
            baseline=state.rows if state else None,
            last_taken_at=state.taken_at if state else None,
            overlap=overlap.listed,
            stored=overlap.stored.get(bucket_of(feed), 0),
            for_sale=_for_sale(history) if feed == OPEN and isinstance(history, LoadFeed) else None,
            zone=self._zone,
        )

    def _absent(self, numbers: list[str]) -> Judged:
        shown = ", ".join(numbers[:5]) + (f" and {len(numbers) - 5:,} more" if len(numbers) > 5 else "")
        loads = "load" if len(numbers) == 1 else "loads"
        return Judged(
            ROSTERS,
            label=_capital(LABELS[ROSTERS]),
            verdict=Verdict.PARTIAL,
            code="not_uploaded",
            sentence=f"There is no roster of the {loads} {shown} yet; which units belong to them is not known better than before.",
            hint="Bring the units of these loads as rosters.",
        )


def _code(document: Document) -> str:
    return document.problem.code if document.problem is not None else ""


def _label(document: Document) -> str:
    return f"Roster of load {document.part}" if document.part else _capital(LABELS[document.feed])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _for_sale(history: LoadFeed) -> int:
    return sum(1 for row in history.rows if row.sale_status == "FOR SALE")


def line_of(judged: Judged) -> tuple[str, str]:
    """The verdict as a line of the log, with its level."""
    if judged.verdict == Verdict.INVALID:
        return f"{judged.label}: not used. {judged.sentence}", "error"
    if judged.code:
        return f"{judged.label}: {judged.sentence}", "warning"
    held = f", {len(judged.held):,} held" if judged.held else ""
    footer = ", the total row adds up" if judged.footer and judged.feed in STOCK else ""
    rows = "row" if judged.rows == 1 else "rows"
    return f"{judged.label}: {judged.rows:,} {rows}{held}{footer}.", "warning" if judged.held or judged.warnings else "info"
