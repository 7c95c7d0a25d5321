"""The windows that a run reads, and the tables they come to (docs/odoo.md, “Pull procedure”)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync.engine.job import Job
from sync.engine.tables import Missing, TablePlan, Target
from sync.facts.said import FactSaid
from sync.facts.tables import FACTS
from sync.models import Connection, SourceFact
from sync.references.tables import ORDERS
from sync.sources.odoo import catalogue, cursors, mapping, moves
from sync.sources.odoo.adjusting import Adjusting
from sync.sources.odoo.client import Client
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.options import Options
from sync.sources.odoo.orders import Orders
from sync.sources.odoo.pages import MOVE_FEEDS
from sync.sources.odoo.pulling import Pulled, pull
from sync.sources.odoo.said import OrderSaid

TYPES = "picking_types"


class Reading:
    """What one run has read of a connection. `switched`: purchases were booked in the other way until now."""

    def __init__(self, job: Job, connection: Connection, options: Options, client: Client, facts: Facts, feeds: int) -> None:
        self.job, self.connection, self.options, self._client, self._facts = job, connection, options, client, facts
        self._expected = feeds
        self.pulled: dict[str, Pulled] = {}
        self.orders: Orders | None = None
        self.adjusting: Adjusting | None = None
        self.switched = False
        self._beginnings: dict[str, datetime | None] = {}

    def read(self, feed: str) -> None:
        """Read the window of a feed. Raises Problem, FeedProblem, Parked, LeaseLost and Cancelled."""
        self._beginnings[feed] = cursors.position(self.connection, feed)
        pulled = pull(self.job, self._client, feed, self._since(feed), more=self._more)
        if feed == "orders":
            types = pull(self.job, self._client, TYPES, None, more=self._more)
            self.orders = Orders(pulled, mapping.warehouses_of_types([row for page in types.pages() for row in page.rows]), self._facts)
        if feed == "adjustments":
            self.adjusting = Adjusting(self.connection)
            self.adjusting.read(self.job, self._client, pulled, self._facts)
        if feed == self._purchases:
            self.switched = self._is_switched()
        self.pulled[feed] = pulled
        self.job.judge([pulled.judged()])

    def tables(self, targets: Sequence[Target]) -> list[TablePlan]:
        """What was read, as tables in the order of `targets`; none for what could not be read."""
        found: dict[str, TablePlan] = {}
        for target in catalogue.TARGETS.values():
            mine = [self.pulled[feed] for feed, its in catalogue.TARGETS.items() if its is target and feed in self.pulled]
            if mine:
                found[target.entity] = catalogue.table(target, mine)
        if self.orders is not None and "orders" in self.pulled:
            found[ORDERS.entity] = TablePlan(ORDERS, OrderSaid._fields, self.orders.rows(), in_thousandths=True)
        feeds = [feed for feed in MOVE_FEEDS if feed in self.pulled]
        booked = self.orders if self.options.ordered and "orders" in self.pulled else None
        if feeds or booked is not None:
            rows = moves.rows([self.pulled[feed] for feed in feeds], booked, self._facts, self._settle)
            found[FACTS.entity] = TablePlan(FACTS, FactSaid._fields, rows, missing=self._missing(booked), in_thousandths=True)
        return [found[target.entity] for target in targets if target.entity in found]

    def move_on(self) -> None:
        """Note how far each feed was read. Within the transaction that closes the run."""
        for feed, pulled in self.pulled.items():
            cursors.move_on(self.connection, feed, pulled.read_to(), beginning=self._beginnings[feed])
        if self._purchases not in self.pulled:
            return
        # Whoever books purchases in the other way again reads them from the beginning.
        if self.options.ordered:
            cursors.move_on(self.connection, cursors.ORDERED, self.pulled["orders"].read_to())
            cursors.forget(self.connection, "purchases")
        else:
            cursors.forget(self.connection, cursors.ORDERED)

    @property
    def _purchases(self) -> str:
        """The feed that purchases are booked by."""
        return "orders" if self.options.ordered else "purchases"

    def _since(self, feed: str) -> datetime | None:
        if feed == "orders" and self.options.ordered and not cursors.is_known(self.connection, cursors.ORDERED):
            return None
        return cursors.window_start(self.connection, feed, self.options.overlap)

    def _more(self) -> None:
        """Another page follows: there is more to do than was expected."""
        self._expected += 1
        self.job.expect(self._expected)

    def _is_switched(self) -> bool:
        other = self._facts.key(0) if self.options.ordered else self._facts.line_key(0)
        stored = SourceFact.objects.filter(connection=self.connection, feed="purchases", gone_at=None)
        return stored.filter(external_id__startswith=other.removesuffix("0")).exists()

    def _settle(self, page: Sequence[FactSaid]) -> Sequence[FactSaid]:
        return page if self.adjusting is None else self.adjusting.settle(page)

    def _missing(self, booked: Orders | None) -> tuple[Missing, ...]:
        """What was booked of purchases in the other way, or lines that their orders don't have any more."""
        if self.switched:
            return (Missing("remove", where=("feed", ["purchases"])),)
        gone = booked.taken_back(self.connection) if booked is not None else []
        return (Missing("remove", keys=gone),) if gone else ()
