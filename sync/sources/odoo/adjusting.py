"""Stock counted in Odoo where a till sells from the same warehouse: a count is proposed, no difference booked (docs/odoo.md, “Counts”).

Odoo does not know what the till has sold, so its difference is wrong; what it found on the shelf is not.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError

from accounts.acting import Actor
from accounts.errors import Problem
from inventory import ledger
from inventory.dialect import quoted
from inventory.ledger.countedlines import CountedLine
from inventory.models import Product, UnitKind, Warehouse, WarehouseMode
from sync.engine.compare import NEW, Diff
from sync.engine.job import Job
from sync.engine.stage import diff_table
from sync.facts.said import FactSaid
from sync.facts.tables import FACTS
from sync.models import Connection, FactKind, ProductRef, SourceFact, WarehouseRef
from sync.references.places import warehouses_of
from sync.sources.odoo import mapping, quants
from sync.sources.odoo.client import Client
from sync.sources.odoo.mapping import Facts
from sync.sources.odoo.pages import Fetched
from sync.sources.odoo.pulling import Pulled, fetched

FEED = "adjustments"
TILLS = "pos"
"""The system whose connections are tills."""


@dataclass
class Adjusting:
    """The adjustments of a run. `counted` is what lies in each till's warehouse of the products that were counted, by external id."""

    connection: Connection
    places: Mapping[str, int] = field(init=False)
    tills: Mapping[int, datetime | None] = field(init=False)
    """The ledgers that a till sells from, and when each was opened: what was counted before is in its opening."""
    counted: dict[int, dict[str, Decimal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = warehouses_of(self.connection)
        tilled = WarehouseRef.objects.filter(connection__system=TILLS, connection__account=self.connection.account_id)
        mine = Warehouse.objects.filter(pk__in=set(self.places.values()), mode=WarehouseMode.LEDGER)
        self.tills = dict(mine.filter(pk__in=tilled.values("warehouse")).values_list("pk", "opened_at"))

    def read(self, job: Job, client: Client, pulled: Pulled, facts: Facts) -> None:
        """Ask what is there of the products that were counted since, warehouse by warehouse. Raises as `fetched` does."""
        if not self.tills:
            return
        wanted: dict[int, set[str]] = defaultdict(set)
        for page in pulled.pages():
            counted = [said for said in mapping.moves(page, facts) if self._till_of(said) is not None]
            known = self._kinds(counted)
            for said in counted:
                warehouse = self._till_of(said)
                if warehouse is not None and self._matters(warehouse, said.happened_at) and said.external_id not in known:
                    wanted[warehouse].add(said.product_there)
        for warehouse, products in sorted(wanted.items()):
            locations = quants.locations_of(self.connection, warehouse)

            def ask(_feed: str, part: str, locations: list[int] = locations, products: set[str] = products) -> Fetched:
                return quants.fetch(client, part, locations, products)

            document = fetched(job, quants.FEED, quants.part_of(warehouse, products), ask)
            self.counted[warehouse] = quants.told(document.content())

    def settle(self, page: Sequence[FactSaid]) -> Sequence[FactSaid]:
        """The facts of a page, those that a count stands for without effect. What a move was taken for at first it stays."""
        if not self.tills:
            return page
        mine = [said for said in page if said.feed == FEED]
        known = self._kinds(mine)
        return [self._settled(said, known) if said.feed == FEED else said for said in page]

    def _settled(self, said: FactSaid, known: Mapping[str, str]) -> FactSaid:
        before = known.get(said.external_id)
        ignored = before == FactKind.IGNORED if before is not None else self._till_of(said) is not None
        return said._replace(kind=FactKind.IGNORED) if ignored else said

    def _till_of(self, said: FactSaid) -> int | None:
        """The warehouse of a count that a till sells from."""
        if said.feed != FEED:
            return None
        return next((number for there in (said.place_there, said.place_to_there) if (number := self.places.get(there)) in self.tills), None)

    def _matters(self, warehouse: int, at: datetime | None) -> bool:
        opened = self.tills[warehouse]
        return at is not None and (opened is None or at >= opened)

    def _kinds(self, said: Iterable[FactSaid]) -> dict[str, str]:
        keys = [each.external_id for each in said]
        if not keys:
            return {}
        return dict(SourceFact.objects.filter(connection=self.connection, external_id__in=keys).values_list("external_id", "kind"))

    def propose(self, job: Job, diff: Diff) -> None:
        """Enter a count for what a chunk tells for the first time. In the transaction that writes the chunk, so once for each move."""
        if not self.counted or not diff.rows(NEW):
            return
        fresh = SourceFact.objects.filter(connection=self.connection, feed=FEED, kind=FactKind.IGNORED).extra(
            where=[f"id IN (SELECT id FROM {quoted(diff_table(FACTS))} WHERE kind = '{NEW}')"]
        )
        told: dict[int, list[SourceFact]] = defaultdict(list)
        for fact in fresh.order_by("external_id"):
            warehouse = next(
                (number for there in (fact.place_there, fact.place_to_there) if (number := self.places.get(there)) in self.counted), None
            )
            if warehouse is not None and self._matters(warehouse, fact.happened_at):
                told[warehouse].append(fact)
        for warehouse, facts in sorted(told.items()):
            self._enter(job, warehouse, facts)

    def _enter(self, job: Job, warehouse: int, facts: Sequence[SourceFact]) -> None:
        there = {fact.product_there for fact in facts}
        known = dict(
            ProductRef.objects.filter(connection=self.connection, external_id__in=there, product__isnull=False).values_list(
                "external_id", "product_id"
            )
        )
        products = Product.objects.filter(account=self.connection.account_id).in_bulk(set(known.values()))
        lines, left_out = lines_of({each: self.counted[warehouse].get(each, Decimal(0)) for each in there}, known, products)
        name = facts[0].place_there or facts[0].place_to_there
        if left_out:
            job.note(
                f"Counted in Odoo, and in no count here: {', '.join(left_out[:5])}{' …' if len(left_out) > 5 else ''}. "
                "The product is not matched, or its quantity is no whole number.",
                feed=FEED,
                level="warning",
            )
        if not lines:
            return
        key = hashlib.sha256(" ".join(sorted(fact.external_id for fact in facts)).encode()).hexdigest()[:24]
        try:
            count = ledger.enter_count(
                Actor.system(self.connection.account, self.connection.name),
                warehouse=Warehouse.objects.get(pk=warehouse, account=self.connection.account_id),
                lines=lines,
                note=f"Counted in Odoo: {', '.join(sorted({fact.document for fact in facts if fact.document})) or len(facts)}"[:300],
                source_key=f"odoo:{self.connection.pk}:count:{key}",
            )
        except (Problem, ValidationError) as refused:
            said = refused.sentence if isinstance(refused, Problem) else "; ".join(refused.messages)
            job.note(f"No count was proposed for {name}: {said}", feed=FEED, level="warning")
            return
        job.note(f"Count {count.pk} is proposed for {count.warehouse}: {len(lines):,} products.", feed=FEED)


def lines_of(
    counted: Mapping[str, Decimal], known: Mapping[str, int], products: Mapping[int, Product], *, costs: Mapping[int, Decimal] | None = None
) -> tuple[list[CountedLine], list[str]]:
    """The lines of a count, and the external ids of what can't be in it: not matched, or a fraction of what is counted whole. Pure.

    `counted` and `known`, the products here, are by external id. Two things there that are one product here are added up. `costs` are what
    one of a product costs that was not known to be there.
    """
    sums: dict[int, Decimal] = {}
    left_out: list[str] = []
    for there, quantity in sorted(counted.items()):
        number = known.get(there)
        if number is None or number not in products:
            left_out.append(there)
        else:
            sums[number] = sums.get(number, Decimal(0)) + quantity
    lines = []
    for number, quantity in sorted(sums.items()):
        product = products[number]
        if quantity != quantity.to_integral_value() and not product.fractional:
            left_out += [there for there in sorted(counted) if known.get(there) == number]
        else:
            lines.append(CountedLine(product, UnitKind(product.unit_kind), quantity, unit_cost=(costs or {}).get(number)))
    return lines, left_out
