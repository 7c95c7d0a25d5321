"""The nightly look at what is gone: stored rows against all ids that Odoo has (docs/odoo.md, “What is gone”)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.engine.job import Job
from sync.engine.tables import Missing, TablePlan, Target
from sync.facts.said import FactSaid
from sync.facts.tables import FACTS
from sync.models import Connection, HeldRow
from sync.references.tables import CATEGORIES, ORDERS, PLACES, PRODUCTS, REORDER, VENDORS
from sync.sources.odoo import catalogue, ids, said
from sync.sources.odoo.client import Client
from sync.sources.odoo.mapping import CONFIRMED, Facts
from sync.sources.odoo.options import Options
from sync.sources.odoo.pages import Domain
from sync.sources.odoo.pulling import Pulled
from sync.sources.odoo.said import OrderSaid


@dataclass(frozen=True)
class Look:
    """One look: at the records of `feed`, or of a `model` in a `domain`, which are stored in `target` under keys that begin with `kind`."""

    target: Target
    kind: str
    feed: str
    model: str = ""
    domain: Domain | None = None


MASTER: tuple[Look, ...] = (
    Look(CATEGORIES, said.CATEGORY, "categories"),
    Look(PLACES, said.WAREHOUSE, "warehouses"),
    Look(PLACES, said.LOCATION, "locations"),
    Look(VENDORS, said.VENDOR, "vendors"),
    Look(PRODUCTS, said.PRODUCT, "products"),
    Look(REORDER, said.RULE, "reorder"),
)
"""Of these, what Odoo has and what is not stored is read, too."""


def looks(options: Options, facts: Facts) -> list[Look]:
    """What a connection is asked for: master data, orders, and moves or ordered lines where those may be deleted."""
    found = [*MASTER, Look(ORDERS, said.ORDER, "orders")]
    if options.ordered:
        confirmed: Domain = [["order_id.state", "in", sorted(CONFIRMED)], ["product_id", "!=", False]]
        found.append(Look(FACTS, facts.line_key(0).removesuffix("0"), "lines", "purchase.order.line", confirmed))
    if options.moves_deletable:
        done: Domain = [["state", "=", "done"]]
        found.append(Look(FACTS, facts.key(0).removesuffix("0"), "moves", "stock.move", done))
    return found


class Gone:
    """What one run has found out about what is gone."""

    def __init__(self, job: Job, connection: Connection, client: Client) -> None:
        self._job, self._connection, self._client = job, connection, client
        self.pulled: dict[str, Pulled] = {}
        self._absent: dict[str, list[str]] = {}
        self._there: dict[str, set[str]] = {}

    def read(self, look: Look) -> None:
        """Compare what is stored with what Odoo has. Raises Problem, FeedProblem, Parked, LeaseLost and Cancelled."""
        # Before the ids are read: what another run stores meanwhile is not looked for among them.
        alive = self._alive(look)
        found = ids.read(self._job, self._client, look.feed, model=look.model, domain=look.domain)
        absent, unknown = ids.compared(look.kind, found.numbers, alive)
        ids.doubt(look.feed, absent)
        if look in MASTER and unknown:
            self.pulled[look.feed] = ids.missing(self._job, self._client, look.feed, unknown)
        self._there[look.feed] = {str(number) for number in found.numbers}
        self._absent.setdefault(look.target.entity, []).extend(absent)
        self._job.judge([found.judged()])
        self._job.note(f"{found.judged().label}: {len(found.numbers):,} there, {len(absent):,} gone.", feed=look.feed)

    def tables(self, targets: Sequence[Target]) -> list[TablePlan]:
        """What is gone, and what was missing here, as tables in the order of `targets`."""
        columns: Mapping[str, tuple[str, ...]] = {ORDERS.entity: OrderSaid._fields, FACTS.entity: FactSaid._fields}
        found = []
        for target in targets:
            if target.entity not in self._absent:
                continue
            absent = sorted(self._absent[target.entity])
            missing = (Missing("remove", keys=absent),) if absent else ()
            mine = [self.pulled[feed] for feed, its in catalogue.TARGETS.items() if its is target and feed in self.pulled]
            if target.entity in columns:
                found.append(TablePlan(target, columns[target.entity], [], missing=missing, in_thousandths=True))
            else:
                found.append(catalogue.table(target, mine, missing=missing))
        return found

    def release(self) -> None:
        """Records that are held and were deleted there wait for nobody any more. Within the transaction that closes the run."""
        held = HeldRow.objects.filter(connection=self._connection, feed__in=self._there)
        gone = [row.pk for row in held if str(row.raw.get("id", "")) not in self._there[row.feed]]
        HeldRow.objects.filter(pk__in=gone).delete()

    def _alive(self, look: Look) -> set[str]:
        stored = look.target.model._default_manager.filter(connection=self._connection, gone_at=None, external_id__startswith=look.kind)
        return set(stored.values_list("external_id", flat=True))
