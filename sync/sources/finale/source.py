"""Finale's part of a run: which lists its strategy needs, what they come to, and what follows from them (docs/finale.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.errors import Problem
from inventory import supply
from inventory.dialect import quoted
from jobs import lease
from sync.engine.brake import Limits
from sync.engine.compare import Diff
from sync.engine.documents import gather
from sync.engine.job import Job, LeaseLost, Parked
from sync.engine.source import Held, Judged, Plan, Told, Wanted, Withheld
from sync.engine.stage import diff_table
from sync.engine.tables import Missing, TablePlan, Target
from sync.feedproblem import FeedProblem
from sync.models import Connection, Cursor, OrderRef, Phase, ProductRef, StockRef, Verdict, WarehouseRef
from sync.references import levels, places, reordering, vendors
from sync.references.products import Products
from sync.references.statements import Some
from sync.references.tables import ORDERS, PLACES, PRODUCTS, STOCK, VENDORS
from sync.sources.finale import catalogue, mapping, moves, problems, stockreading, telling
from sync.sources.finale.catalogue import Catalogue
from sync.sources.finale.client import client_for
from sync.sources.finale.critical import chosen
from sync.sources.finale.moves import Moves
from sync.sources.finale.options import options_of
from sync.sources.finale.said import OrderSaid, PlaceSaid, ProductSaid, VendorSaid
from sync.systems import values_of
from sync.wire.errors import BudgetSpent

NEEDS: Mapping[str, tuple[str, ...]] = {
    "full": ("places", "vendors", "products", "orders", "shipments", "stock"),
    "active": ("places", "products", "orders", "shipments", "stock"),
    "vendors": ("vendors",),
    "inventory": ("places", "stock"),
    "critical": ("places", "stock"),
    "orders": ("places", "orders", "shipments"),
}
"""The feeds of each scope, in the order they are read: stock comes last, so that it is as young as can be."""

PLACES_KEPT = timedelta(days=1)
FEW_PRODUCTS = 3
"""So many may leave a catalogue of any size without a person."""
MOST_TOUCHED = 2_000
"""Products whose supply is looked at one by one; beyond these all are."""
STOCK_WAIT = timedelta(seconds=20)


class Source:
    """One Finale connection in one run."""

    targets: Sequence[Target] = (PLACES, VENDORS, PRODUCTS, ORDERS, STOCK)
    units_of = ""
    atomic = False

    def __init__(self, connection: Connection, scope: str) -> None:
        self.connection, self.scope = connection, scope
        self.options = options_of(connection)
        self._client = client_for(connection)
        self._held = ExitStack()
        self._stock_lease: lease.Hold | None = None
        self._catalogue: Catalogue | None = None
        self._moves: Moves | None = None
        self._orders: Moves | None = None
        self._products: Products | None = None
        self._touched: set[int] | None = set()
        self._stock_is_known: bool | None = None
        self.sold = 0

    def place(self) -> int:
        return self.connection.pk

    def limits(self, target: Target) -> Limits:
        """The brake of the connection's settings; a catalogue that shrank is doubted sooner."""
        values = values_of(self.connection)
        names = ("removed_rows", "removed_percent", "changed_rows", "changed_percent")
        numbers = {name: int(values[f"brake_{name}"]) for name in names}
        if target is PRODUCTS:
            numbers["removed_percent"] = min(numbers["removed_percent"], self.options.catalogue_drop_percent)
            numbers["removed_rows"] = min(numbers["removed_rows"], FEW_PRODUCTS)
        return Limits(**numbers)

    def plan(self, job: Job) -> Plan:
        """Read the lists of the scope, oldest news first, and say what should be stored. Raises Problem, FeedProblem and Parked."""
        needs = [feed for feed in NEEDS[self.scope] if feed != "places" or self._places_are_due()]
        job.phase(Phase.READING, total=len(needs))
        readers: Mapping[str, Callable[[Job], TablePlan | None]] = {
            "places": self._read_places,
            "vendors": self._read_vendors,
            "products": self._read_products,
            "orders": self._read_orders,
            "shipments": self._read_shipments,
            "stock": self._read_stock,
        }
        tables = {}
        for feed in needs:
            table = self._or_judged(job, feed, readers[feed])
            if table is not None:
                tables[table.target.entity] = table
            catalogue.pause(job)
        job.phase(Phase.CHECKING)
        ordered = [tables[target.entity] for target in self.targets if target.entity in tables]
        if not ordered and self._moves is not None and job.judged:
            # Nothing but shipments: they are no table, and the run is none the less one.
            ordered = [TablePlan(ORDERS, OrderSaid._fields, [], in_thousandths=True)]
        return Plan(tuple(ordered))

    def _or_judged(self, job: Job, feed: str, read: Callable[[Job], TablePlan | None]) -> TablePlan | None:
        """What `read` makes of a feed; one that can't be used is judged invalid and contributes nothing."""
        try:
            return read(job)
        except BudgetSpent as spent:
            raise Parked(f"{spent.sentence} {spent.hint}", spent.until) from spent
        except stockreading.NewerStock as newer:
            # What was approved is the catalogue; its levels follow from the stock that is known by now.
            job.note(newer.sentence, feed=feed)
            return None
        except (FeedProblem, Problem) as problem:
            label = telling.LABELS[feed]
            code = getattr(problem, "code", "") or "problem"
            job.judge([Judged(feed, label=label, verdict=Verdict.INVALID, code=code, sentence=problem.sentence, hint=problem.hint)])
            job.note(f"{label}: {problem.sentence}", feed=feed, level="error")
            return None

    def _places_are_due(self) -> bool:
        """Locations change seldom: short syncs read them once a day."""
        if self.scope in ("full", "active"):
            return True
        read = Cursor.objects.filter(connection=self.connection, feed="places").values_list("complete_at", flat=True).first()
        return read is None or read < timezone.now() - PLACES_KEPT

    def _read_places(self, job: Job) -> TablePlan:
        rows = self._whole(job, "places", mapping.place)
        return TablePlan(PLACES, PlaceSaid._fields, rows, missing=(Missing("remove"),) if rows else ())

    def _read_vendors(self, job: Job) -> TablePlan:
        rows = self._whole(job, "vendors", mapping.vendor)
        return TablePlan(VENDORS, VendorSaid._fields, rows, missing=(Missing("remove"),) if rows else ())

    def _whole(self, job: Job, feed: str, said_of: Callable[..., Any]) -> list[Any]:
        """The rows of a short list that comes in one answer; held ones are judged with it."""
        document = gather(job, [Wanted(feed)], self._client.fetch, at_once=1, keep=False)[feed, ""]
        if document.problem is not None:
            raise document.problem
        held: list[Held] = []
        rows: dict[str, Any] = {}
        with mapping.table(feed, document.content()) as table:
            absent = {"absent": table.absent} if feed == "vendors" else {}
            number = 0
            for block in table.blocks():
                for row in block:
                    number += 1
                    said = said_of(row, number, **absent)
                    if isinstance(said, Held):
                        held.append(said)
                    elif said is not None:
                        rows[said.external_id] = said
            judged = Judged(
                feed,
                label=telling.LABELS[feed],
                rows=table.received,
                held=tuple(held),
                warnings=table.warnings,
                checksum=document.checksum,
                taken_at=document.taken_at,
                document_id=document.document_id,
            )
        job.judge([judged])
        job.note(f"{judged.label}: {judged.rows:,} rows.", feed=feed)
        return list(rows.values())

    def _read_products(self, job: Job) -> TablePlan:
        read = catalogue.whole if self.scope == "full" else catalogue.recent
        found = read(job, self._client, self.options)
        if found.is_empty and found.complete and ProductRef.objects.filter(connection=self.connection, gone_at=None).exists():
            raise problems.empty("products")
        self._catalogue = found
        job.judge([found.judged()])
        missing = (Missing("remove"),) if found.complete else ()
        columns = (*ProductSaid._fields, "digest")
        return TablePlan(PRODUCTS, columns, found.rows(self.connection), missing=missing, in_thousandths=True, knows_same=True)

    def _read_orders(self, job: Job) -> TablePlan:
        self._orders = moves.read(job, self._client, self.options, self.connection, moves.ORDERS)
        rows = moves.orders(self._orders, self._client, self.options)
        job.judge([self._orders.judged()])
        return TablePlan(ORDERS, OrderSaid._fields, rows)

    def _read_shipments(self, job: Job) -> None:
        self._moves = moves.read(job, self._client, self.options, self.connection, moves.SHIPMENTS)
        job.judge([self._moves.judged()])

    def _read_stock(self, job: Job) -> TablePlan:
        self._stock_lease = self._held.enter_context(lease.named(f"finale stock {self.connection.pk}"))
        if self._stock_lease is None:
            # It is a matter of seconds, or of minutes for a whole catalogue: no reason for a run to fail.
            raise Parked("Another sync is at the stock of this connection; this one goes on after it.", timezone.now() + STOCK_WAIT)
        job.states.update({state.feed: state for state in self.connection.feed_states.filter(feed=stockreading.FEED)})
        stock = stockreading.read(job, self._client, self.options, self._only_place())
        job.judge([stock.judged])
        job.note(f"Stock: {stock.judged.rows:,} rows, {len(stock.lines):,} of products and places.", feed=stockreading.FEED)
        if self.scope == "critical":
            counting = places.warehouses_of(self.connection)
            return stock.table_of(self.connection, chosen(self.connection, stock, counting))
        return stock.table()

    def _only_place(self) -> str:
        """The one location of the account, blank where it has several: GraphQL tells stock of all of them together."""
        alone = WarehouseRef.objects.filter(connection=self.connection, parent_id_there="", gone_at=None, counts=True)
        found = list(alone.values_list("external_id", flat=True)[:2])
        return found[0] if len(found) == 1 else ""

    def gone_through(self, job: Job, plan: Plan) -> None:
        """Held and repeated products are known now that all were taken."""
        if self._catalogue is not None:
            plan.skipped = self._catalogue.repeated
            judged = self._catalogue.judged()
            job.judge([judged])
            job.note(f"Products: {judged.rows:,}, {'all' if self._catalogue.complete else 'a part'} of the catalogue.", feed="products")

    def follow_chunk(self, job: Job, diff: Diff, at: datetime) -> None:
        """Warehouses, vendors, products, levels and purchase orders here in line with a chunk of what was said."""
        if diff.target is PLACES:
            self._follow_places(job, at)
        elif diff.target is VENDORS:
            vendors.follow(self.connection, _in_chunk(VENDORS))
        elif diff.target is PRODUCTS:
            self._follow_products(job, at)
        elif diff.target is STOCK:
            self._follow_stock(job)
        elif diff.target is ORDERS:
            self._follow_orders()

    def _follow_places(self, job: Job, at: datetime) -> None:
        changed = places.follow(self.connection, uncounted=self.options.uncounted, wanted=self.options.places)
        if changed and self._has_stock():
            everything = Some("r.connection_id = %s", [self.connection.pk])
            levels.hold(self.connection, everything)
            reordering.follow(self.connection, everything, at)
            levels.follow(self.connection, everything, correlation=job.run.correlation)
            self._touched = None

    def _follow_products(self, job: Job, at: datetime) -> None:
        if self._products is None:
            self._products = Products(self.connection, match_sku=self.options.match_sku)
        some = _in_chunk(PRODUCTS)
        self._products.follow(some, at)
        if self._has_stock():
            levels.hold(self.connection, some)
        reordering.follow(self.connection, some, at)
        if self._has_stock():
            # Stock may have been read before its product was known.
            levels.follow(self.connection, some, correlation=job.run.correlation)
        self._touched = None

    def _follow_stock(self, job: Job) -> None:
        if self._stock_lease is not None and self._stock_lease.lost:
            raise LeaseLost
        there = (
            f"SELECT s.product_id_there FROM {quoted(StockRef._meta.db_table)} s WHERE s.id IN (SELECT id FROM {quoted(diff_table(STOCK))})"
        )
        some = Some(f"r.connection_id = %s AND r.external_id IN ({there})", [self.connection.pk])
        keys = levels.follow(self.connection, some, correlation=job.run.correlation)
        if self._touched is not None:
            self._touched.update(key.product_id for key in keys)

    def _follow_orders(self) -> None:
        rows = OrderRef.objects.filter(connection=self.connection).extra(where=[f"id IN (SELECT id FROM {quoted(diff_table(ORDERS))})"])
        moves.seen(
            self.connection,
            [
                OrderSaid(row.external_id, row.number, row.reference, row.status, "", row.place_id_there, None, row.lines, None)
                for row in rows.iterator(chunk_size=500)
            ],
        )

    def _has_stock(self) -> bool:
        if self._stock_is_known is None:
            self._stock_is_known = StockRef.objects.filter(connection=self.connection).exists()
        return self._stock_is_known

    def carry_on(self, job: Job, plan: Plan) -> None:
        """Shipments, a document at a time."""
        if self._moves is not None:
            self.sold = moves.keep(job, self._client, self.options, self.connection, self._moves)
            job.judge([self._moves.judged()])

    def follow_up(self, job: Job, plan: Plan, diffs: Sequence[Diff], at: datetime) -> Told:
        """How far each feed was read, and how the products stand now."""
        if ("places", "") in job.judged:
            # Which places count may have been changed in the settings, with no news of the places themselves.
            self._follow_places(job, at)
        for read in (self._orders, self._moves):
            if read is not None:
                moves.move_on(self.connection, read)
        for feed in ("places", "vendors", "products", "stock"):
            judged = job.judged.get((feed, ""))
            if judged is not None and judged.verdict == Verdict.COMPLETE:
                Cursor.objects.update_or_create(
                    connection=self.connection,
                    feed=feed,
                    defaults={"account_id": self.connection.account_id, "read_to": judged.taken_at or at, "complete_at": at},
                )
        if job.run.changes_logged and (job.run.attempt > 1 or job.run.slices):
            # What an earlier attempt wrote, only that one knew.
            self._touched = None
        if self._touched is None or len(self._touched) > MOST_TOUCHED:
            supply.refresh(self.connection.account_id, correlation=job.run.correlation)
        elif self._touched:
            supply.refresh(self.connection.account_id, sorted(self._touched), correlation=job.run.correlation)
        return Told(stats=telling.after(self.connection, self.sold, self._moves))

    def tied(self, entity: str, ids: Sequence[int]) -> Mapping[int, str]:
        """Products that were booked here since."""
        if entity != PRODUCTS.entity:
            return {}
        batches = ProductRef.objects.filter(pk__in=ids, product__batches__isnull=False)
        return dict.fromkeys(batches.values_list("pk", flat=True), "Stock of the product was booked here.")

    def restate(self, at: datetime) -> None:
        """Products, points, levels and supply once more from all that is said."""
        everything = Some("r.connection_id = %s", [self.connection.pk])
        # What was taken back is not what was read: it has to be compared again.
        ProductRef.objects.filter(connection=self.connection).update(digest="")
        places.follow(self.connection, uncounted=self.options.uncounted, wanted=self.options.places)
        vendors.follow(self.connection, everything)
        Products(self.connection, match_sku=self.options.match_sku).follow(everything, at)
        levels.hold(self.connection, everything)
        reordering.follow(self.connection, everything, at)
        levels.follow(self.connection, everything, correlation=self.connection.runs.latest("id").correlation)
        supply.refresh(self.connection.account_id)

    def figures(self, job: Job, plan: Plan, diffs: Sequence[Diff]) -> dict[str, Any]:
        """The counters of docs/finale.md that need nothing but the plan."""
        return telling.figures(self.scope, job.judged, diffs)

    def sentence(self, job: Job, plan: Plan, diffs: Sequence[Diff], *, preview: bool, changes: int) -> str:
        """What was read and written, for people."""
        return telling.sentence(list(job.judged.values()), diffs, preview=preview, changes=changes)

    def withheld(self, job: Job, diffs: Sequence[Diff]) -> Withheld:
        """Nothing: what waits for a person is held when it is read."""
        return Withheld()

    def close(self) -> None:
        self._held.close()


def _in_chunk(target: Target) -> Some:
    return Some(f"r.id IN (SELECT id FROM {quoted(diff_table(target))})")
