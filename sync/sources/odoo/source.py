"""Odoo's part of a run: which feeds its scope needs, what they come to, and what follows from them (docs/odoo.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.errors import Problem
from inventory import supply
from sync.engine.brake import Limits
from sync.engine.compare import Diff
from sync.engine.job import Job
from sync.engine.source import Judged, Plan, Told, Withheld
from sync.engine.tables import TablePlan, Target
from sync.facts import following, keys
from sync.facts.known import zone_of
from sync.facts.tables import FACTS
from sync.feedproblem import FeedProblem
from sync.models import Connection, Phase, ProductRef, Verdict
from sync.references.tables import CATEGORIES, ORDERS, PLACES, PRODUCTS, REORDER, VENDORS
from sync.sources.odoo import gone, late, orders, telling
from sync.sources.odoo.client import client_for
from sync.sources.odoo.following import Following
from sync.sources.odoo.gone import Gone
from sync.sources.odoo.late import Late
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.options import options_of
from sync.sources.odoo.pages import MOVE_FEEDS
from sync.sources.odoo.reading import Reading
from sync.sources.odoo.system import FEEDS, KEY
from sync.systems import values_of

IDS = "ids"
NEEDS: Mapping[str, tuple[str, ...]] = {
    "master": ("categories", "warehouses", "locations", "vendors", "products", "reorder"),
    "products": ("products",),
    "categories": ("categories",),
    "warehouses": ("warehouses", "locations"),
    "vendors": ("vendors",),
    "reorder": ("reorder",),
    "transactional": ("orders", *MOVE_FEEDS),
    "purchases": ("orders", "purchases"),
    "purchase-returns": ("vendor_returns",),
    "transfers": ("transfers",),
    "manufacturing": ("manufacturing",),
    "wastage": ("wastage",),
    "adjustments": ("adjustments",),
    "deliveries": ("deliveries",),
}
"""The feeds of each scope, in the order they are read."""


class Source:
    """One Odoo connection in one run."""

    targets: Sequence[Target] = (CATEGORIES, PLACES, VENDORS, PRODUCTS, REORDER, ORDERS, FACTS)
    units_of = ""
    atomic = False

    def __init__(self, connection: Connection, scope: str) -> None:
        self.connection, self.scope = connection, scope
        self.options = options_of(connection)
        self._client = client_for(connection)
        self._facts = Facts(keys.prefix(connection, KEY), zone_of(connection))
        self._follow = Following(connection, self.options)
        self._reading: Reading | None = None
        self._gone: Gone | None = None
        self._late: Late | None = None
        self._held: Mapping[str, int] = {}

    def place(self) -> int:
        return self.connection.pk

    def limits(self, target: Target) -> Limits:
        """The brake of the connection's settings. Purchases that are booked in the other way from now on always wait for a person."""
        if target is FACTS and self._reading is not None and self._reading.switched:
            return Limits(0, 0, 0, 0)
        values = values_of(self.connection)
        names = ("removed_rows", "removed_percent", "changed_rows", "changed_percent")
        return Limits(**{name: int(values[f"brake_{name}"]) for name in names})

    def plan(self, job: Job) -> Plan:
        """Read what has changed, feed by feed, and say what should be stored. Raises Parked, LeaseLost and Cancelled."""
        tables = self._look(job) if self.scope == IDS else self._read(job)
        job.phase(Phase.CHECKING)
        return Plan(tuple(tables))

    def _read(self, job: Job) -> list[TablePlan]:
        feeds = [feed for feed in NEEDS[self.scope] if self._is_wanted(feed)]
        job.phase(Phase.READING, total=len(feeds))
        reading = self._reading = Reading(job, self.connection, self.options, self._client, self._facts, len(feeds))
        for feed in feeds:
            self._or_judged(job, feed, reading.read, feed)
        return reading.tables(self.targets)

    def _look(self, job: Job) -> list[TablePlan]:
        looks = gone.looks(self.options, self._facts)
        job.phase(Phase.READING, total=len(looks))
        found = self._gone = Gone(job, self.connection, self._client)
        for look in looks:
            self._or_judged(job, look.feed, found.read, look)
        behind = self._late = Late(job, self.connection, self.options, self._client, self._facts)
        for feed in late.feeds(self.options):
            self._or_judged(job, feed, behind.look, feed)
        return found.tables(self.targets)

    def _is_wanted(self, feed: str) -> bool:
        if feed == "purchases":
            return not self.options.ordered
        return feed != "deliveries" or self.options.deliveries

    def _or_judged(self, job: Job, feed: str, read: Callable[[Any], None], what: Any) -> None:
        """What `read` does; a feed that can't be used is judged invalid and contributes nothing."""
        try:
            read(what)
        except (FeedProblem, Problem) as problem:
            label = FEEDS.get(feed, feed.capitalize())
            code = getattr(problem, "code", "") or "problem"
            job.judge([Judged(feed, label=label, verdict=Verdict.INVALID, code=code, sentence=problem.sentence, hint=problem.hint)])
            job.note(f"{label}: {problem.sentence}", feed=feed, level="error")

    def gone_through(self, job: Job, plan: Plan) -> None:
        """Records that can't be meant are known now that all were taken."""
        if self._reading is not None:
            for pulled in self._reading.pulled.values():
                pulled.still_held(self.connection)
            job.judge([pulled.judged() for pulled in self._reading.pulled.values()])

    def follow_chunk(self, job: Job, diff: Diff, at: datetime) -> None:
        """Categories, warehouses, vendors, products, points, our orders and proposed counts in line with a chunk of what was said."""
        reading = self._reading
        if diff.target is not FACTS:
            self._follow.chunk(diff.target, at)
            if diff.target is PLACES:
                following.follow_places(self.connection, diff)
            return
        following.follow_chunk(diff)
        if reading is not None and reading.adjusting is not None:
            reading.adjusting.propose(job, diff)

    def carry_on(self, job: Job, plan: Plan) -> None:
        """Book what moved, and tell our orders what came, in transactions of their own."""
        if self._reading is not None and self._reading.orders is not None:
            orders.came(job, self.connection, self._reading.orders)
        if any(table.target is FACTS for table in plan.tables):
            following.book(job, self.connection)

    def withheld(self, job: Job, diffs: Sequence[Diff]) -> Withheld:
        """Moves that were read and could not be booked."""
        found = following.withheld(self.connection, diffs)
        self._held = found.details.get("byCode", {})
        return found

    def follow_up(self, job: Job, plan: Plan, diffs: Sequence[Diff], at: datetime) -> Told:
        """How far each feed was read, and how the products stand now."""
        if self._reading is not None:
            self._reading.move_on()
        if self._gone is not None:
            self._gone.release()
        if self._late is not None:
            self._late.set_back()
        if job.run.changes_logged or any(not diff.is_empty for diff in diffs):
            supply.refresh(self.connection.account_id, correlation=job.run.correlation)
        return Told()

    def tied(self, entity: str, ids: Sequence[int]) -> Mapping[int, str]:
        """Products that were booked here since."""
        if entity != PRODUCTS.entity:
            return {}
        batches = ProductRef.objects.filter(pk__in=ids, product__batches__isnull=False)
        return dict.fromkeys(batches.values_list("pk", flat=True), "Stock of the product was booked here.")

    def restate(self, at: datetime) -> None:
        """Everything once more from all that is said; moves that were taken back are booked as they stand."""
        self._follow.all(at)
        following.restate(self.connection)
        supply.refresh(self.connection.account_id)

    def figures(self, job: Job, plan: Plan, diffs: Sequence[Diff]) -> dict[str, Any]:
        """How many records each feed had, and what became of them."""
        return telling.figures(job.judged, diffs)

    def sentence(self, job: Job, plan: Plan, diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
        """What was read and written, for people."""
        held = following.in_words(self._held)
        return telling.sentence(list(job.judged.values()), diffs, lines_held=held, preview=preview, changes=changes)

    def close(self) -> None:
        """Nothing is held open."""
