"""GE's part of a run: which lists it needs, what they come to, and what follows from it (docs/ge-rules.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from inventory import sessions
from inventory.models import Load, LoadUnit, Scan, Unit
from sync.engine.brake import Limits
from sync.engine.compare import Diff
from sync.engine.documents import AT_ONCE, Document, gather
from sync.engine.job import Job
from sync.engine.source import Plan, Told, Wanted, Withheld
from sync.engine.tables import Target
from sync.models import Connection, Phase
from sync.sources.ge import following, telling
from sync.sources.ge.client import client_for
from sync.sources.ge.judging import Judge, line_of
from sync.sources.ge.lists import HISTORY, LISTS, OPEN, ROSTERS, STOCK, bucket_of
from sync.sources.ge.loadlists import merge_loads
from sync.sources.ge.loadplan import KnownLoad, not_delivered, wanted_rosters
from sync.sources.ge.options import options_of
from sync.sources.ge.plan import EVERYTHING, Facts, Inputs, plan
from sync.sources.ge.rows import LoadFeed, LoadRow, StockFeed
from sync.sources.ge.tables import LOADS, UNITS
from sync.sources.ge.tables import ROSTERS as ROSTER_TABLE
from sync.systems import values_of

_FIRST = {
    EVERYTHING: ("stock:FG", "stock:ASIS", OPEN, HISTORY),
    "fg": ("stock:FG",),
    "asis": ("stock:ASIS", OPEN, HISTORY),
    "sta": (),
}
_AFTER = {EVERYTHING: ("stock:STA",), "sta": ("stock:STA",)}
"""Staged units are read after ASIS: a unit that is staged in between is then seen twice, and not nowhere."""
_CHUNK = 5000


@dataclass(frozen=True)
class Extra:
    """What a plan hands on to its follow-up."""

    facts: Facts
    rosters_wanted: int
    rosters_read: int
    loads_judged: bool


class Source:
    """One GE connection in one run."""

    targets = (LOADS, UNITS, ROSTER_TABLE)
    units_of = UNITS.entity
    atomic = True

    def __init__(self, connection: Connection, scope: str) -> None:
        self.connection, self.scope = connection, scope

    def place(self) -> int:
        """The warehouse that the connection's rows belong to."""
        assert self.connection.warehouse_id is not None
        return self.connection.warehouse_id

    def limits(self, target: Target) -> Limits:
        """The brake of the connection's settings."""
        values = values_of(self.connection)
        names = ("removed_rows", "removed_percent", "changed_rows", "changed_percent")
        return Limits(**{name: int(values[f"brake_{name}"]) for name in names})

    def plan(self, job: Job) -> Plan:
        """Read the lists of the scope, judge them and say what should be stored. Raises Problem when nothing can be reached at all."""
        options = options_of(self.connection)
        client = client_for(self.connection)
        at_once = AT_ONCE if client.in_parallel else 1
        judge = Judge(job, self.connection, options, client.footer_promised, complete=self.scope == EVERYTHING)
        first, after = _FIRST[self.scope], _AFTER.get(self.scope, ())
        job.phase(Phase.READING, total=len(first) + len(after))
        if not job.approved:
            client.probe()
        documents = gather(job, [Wanted(feed) for feed in first], client.fetch, at_once=at_once)
        judge.meet(documents)
        for feed in (HISTORY, OPEN):
            if (feed, "") in documents:
                judge.whole(documents[feed, ""])
        loads, stored = self._loads(judge)
        needed = wanted_rosters(loads, stored) if loads is not None else []
        job.expect(len(first) + len(after) + len(needed))
        late = gather(
            job, [*(Wanted(feed) for feed in after), *(Wanted(ROSTERS, number) for number in needed)], client.fetch, at_once=at_once
        )
        job.phase(Phase.CHECKING)
        documents.update(late)
        judge.meet(documents)
        for feed in STOCK:
            if (feed, "") in documents:
                judge.whole(documents[feed, ""])
        by_number = {row.number: row for row in loads or ()}
        rosters = judge.rosters({number: documents[ROSTERS, number] for number in needed}, by_number)
        self._keep(job, judge, documents)
        return self._planned(judge, loads, rosters, needed)

    def _loads(self, judge: Judge) -> tuple[list[LoadRow] | None, dict[str, tuple[str, str, int | None, bool]]]:
        """The loads of both lists, or None while one of them can't be believed; and the stored ones by number."""
        opened, history = judge.believed.get(OPEN), judge.believed.get(HISTORY)
        if not isinstance(opened, LoadFeed) or not isinstance(history, LoadFeed):
            return None, {}
        rows = Load.objects.filter(warehouse=self.place()).values_list("number", "sale_status", "order_status", "units", "roster_stale")
        return merge_loads(opened, history), {number: (sale, order, units, stale) for number, sale, order, units, stale in rows}

    def _keep(self, job: Job, judge: Judge, documents: Mapping[tuple[str, str], Document]) -> None:
        judge.verdicts.sort(key=lambda each: (LISTS.index(each.feed), each.part))
        job.judge(judge.verdicts)
        rosters = {each.part: each.rows for each in judge.verdicts if each.part and not (each.code or each.held or each.warnings)}
        lines = []
        for each in judge.verdicts:
            if each.part not in rosters:
                text, level = line_of(each)
                lines.append((text, each.feed, level, None, None))
        if rosters:
            lines.append((f"Rosters of {len(rosters):,} loads: {sum(rosters.values()):,} rows.", ROSTERS, "info", None, None))
        job.notes(lines)

    def _planned(self, judge: Judge, loads: list[LoadRow] | None, rosters: Mapping[str, Any], needed: Sequence[str]) -> Plan:
        stock = {bucket_of(feed): read for feed, read in judge.believed.items() if isinstance(read, StockFeed)}
        known = dict[str, KnownLoad]()
        listed: list[tuple[str, str]] = []
        if loads is not None:
            rows = Load.objects.filter(warehouse=self.place()).values_list("number", "order_status", "order_number")
            known = {number: KnownLoad(status, order) for number, status, order in rows}
            here = not_delivered(loads, {number: load.order_status for number, load in known.items()})
            lines = LoadUnit.objects.filter(
                warehouse=self.place(), load__number__in=sorted(here - (set(rosters) - judge.with_held))
            ).exclude(serial_key="")
            listed = list(lines.order_by().values_list("load__number", "serial_key"))
        desired = plan(
            Inputs(
                scope=self.scope,
                stock=stock,
                loads=loads,
                rosters=rosters,
                with_held=frozenset(judge.with_held),
                unread=frozenset(needed) - frozenset(rosters),
                known_loads=known,
                known_rosters=listed,
                rostered=self._rostered(stock.get("STA")),
                loads_held=any(judge.believed[feed].held for feed in (OPEN, HISTORY) if feed in judge.believed),
                zone=ZoneInfo(self.connection.account.time_zone),
                patient=bool(values_of(self.connection)["patient"]),
            )
        )
        facts = desired.facts
        return Plan(
            desired.tables,
            skipped=facts.skipped,
            extra=Extra(facts, len(needed), len(rosters), loads_judged=loads is not None),
        )

    def _rostered(self, staged: StockFeed | None) -> frozenset[str]:
        """Which staged serials are on a stored roster."""
        keys = sorted({row.serial_key for row in staged.rows if row.serial_key}) if staged else []
        found: set[str] = set()
        for start in range(0, len(keys), _CHUNK):
            lines = LoadUnit.objects.filter(warehouse=self.place(), serial_key__in=keys[start : start + _CHUNK])
            found.update(lines.order_by().values_list("serial_key", flat=True))
        return frozenset(found)

    def gone_through(self, job: Job, plan: Plan) -> None:
        """Nothing: lists are judged before."""

    def carry_on(self, job: Job, plan: Plan) -> None:
        """Nothing."""

    def withheld(self, job: Job, diffs: Sequence[Diff]) -> Withheld:
        """Nothing: what waits for a person is held when it is read."""
        return Withheld()

    def close(self) -> None:
        """Nothing is held."""

    def follow_up(self, job: Job, plan: Plan, diffs: Sequence[Diff], at: datetime) -> Told:
        """Product links, names of loads, sessions and conflicts."""
        assert self.connection.warehouse is not None
        return following.follow_up(job.run, self.connection.warehouse, plan.extra, diffs, at)

    def follow_chunk(self, job: Job, diff: Diff, at: datetime) -> None:
        """Nothing: a dealer's plan is written in one transaction."""

    def tied(self, entity: str, ids: Sequence[int]) -> Mapping[int, str]:
        """Units that were scanned or noted upon, and loads that people have worked on."""
        if entity == UNITS.entity:
            scanned = set(Scan.objects.filter(unit__in=ids).values_list("unit_id", flat=True))
            noted = set(Unit.objects.filter(pk__in=ids).exclude(local_notes="").values_list("pk", flat=True))
            return {**dict.fromkeys(noted, "Somebody has written a note on it."), **dict.fromkeys(scanned, "It was scanned.")}
        worked = Load.objects.filter(pk__in=ids) & (
            Load.objects.exclude(sanity_check="")
            | Load.objects.exclude(local_notes="")
            | Load.objects.filter(tagged=True)
            | Load.objects.filter(wrapped=True)
            | Load.objects.filter(session__scans__isnull=False)
        )
        return dict.fromkeys(worked.distinct().values_list("pk", flat=True), "People have worked on the load.")

    def restate(self, at: datetime) -> None:
        """Sessions in line with stock and loads as they are."""
        assert self.connection.warehouse is not None
        sessions.follow(self.connection.warehouse, loads_judged=True, at=at)

    def figures(self, job: Job, plan: Plan, diffs: Sequence[Diff]) -> dict[str, Any]:
        """The counters of docs/ge-rules.md that need nothing but the plan."""
        return telling.figures(plan.extra, diffs)

    def sentence(self, job: Job, plan: Plan, diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
        """What was applied and what was not, and how many units that meant."""
        return telling.sentence(list(job.judged.values()), diffs, preview=preview, changes=changes)
