"""Facts that wait, booked through the ledger's bulk verbs: in parts, each a transaction of its own (docs/facts.md)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.acting import Actor
from inventory import demand, ledger
from inventory.dialect import is_postgres, load
from inventory.ledger.counters import Key
from inventory.models import Product, Warehouse
from inventory.quantity import from_thousandths, to_thousandths
from sync.facts import known
from sync.facts.deciding import ISSUES, RECEIPTS, Books, Decision, Fact, decide
from sync.models import Connection, FactKind, FactState, SourceFact
from sync.references.statements import table_of, temporary

MOST_WAVES = 100
"""Transfers that go on from where others arrived are booked leg by leg: so many of them one after the other by one transaction."""
REFUSED = "refused"
SETTLED = "settled_fact"
_COLUMNS = (
    *("pk", "external_id", "kind", "product_there", "barcode", "barcode_key", "place_there", "place_to_there", "quantity", "happened_at"),
    *(
        "said_problem",
        "gone_at",
        "revision",
        "booked_revision",
        "booked_kind",
        "product_id",
        "warehouse_id",
        "warehouse_to_id",
        "first_seen_at",
    ),
)
_ABOUT = ("pk", "document", "pair_there", "unit_cost", "vendor_there")
_DEMAND = frozenset({FactKind.SALE, FactKind.SALE_RETURN, FactKind.CONSUMPTION})


@dataclass
class Booked:
    """How many facts ended in each state."""

    states: Counter[str] = field(default_factory=Counter)

    @property
    def facts(self) -> int:
        return sum(self.states.values())


def book_waiting(connection: Connection, *, own: Callable[[], None] | None = None, after: Callable[[int], None] | None = None) -> Booked:
    """Book all facts of the connection that wait, in the order in which they happened.

    Each part is a transaction that begins with `own`, which may raise, and `after` is told how many were done in all. Two that book at once
    take different facts. Called again, also after dying in the middle, it books what is missing and nothing twice.
    """
    done = Booked()
    while True:
        try:
            with transaction.atomic():
                if own is not None:
                    own()
                states = _book_part(connection)
        except (Product.DoesNotExist, Warehouse.DoesNotExist):
            # It went between the look for it and the booking: looked at again, the fact has lost it.
            continue
        if not states:
            return done
        done.states.update(states)
        if after is not None:
            after(done.facts)


def _book_part(connection: Connection) -> Counter[str]:
    waiting = SourceFact.objects.filter(connection=connection, state=FactState.WAITING).order_by("happened_at", "id")
    if is_postgres():
        waiting = waiting.select_for_update(skip_locked=True)
    stored = list(waiting.values_list(*_COLUMNS)[: settings.RUN_CHUNK_ROWS])
    zone = known.zone_there(connection)
    facts = [_fact(row, zone) for row in stored]
    if not facts:
        return Counter()
    books = known.about(connection, facts)
    decided = {fact.pk: decide(fact, books) for fact in facts}
    book = _Part(connection, facts, decided, books)
    if upto := book.beyond(MOST_WAVES):
        facts = facts[:upto]
        book = _Part(connection, facts, decided, books)
    book.lock()
    refused = book.tell()
    settle(facts, decided, refused)
    return Counter(FactState.HELD if fact.external_id in refused else decided[fact.pk].state for fact in facts)


def _fact(row: Sequence[Any], zone: ZoneInfo) -> Fact:
    values = dict(zip(_COLUMNS, row, strict=True))
    quantity = values["quantity"]
    return Fact(
        **{name: values[name] for name in _COLUMNS[:8]},
        quantity=None if quantity is None else to_thousandths(quantity),
        happened_at=values["happened_at"],
        said_problem=values["said_problem"],
        gone=values["gone_at"] is not None,
        revision=values["revision"],
        booked_revision=values["booked_revision"],
        booked_kind=values["booked_kind"],
        product=values["product_id"],
        warehouse=values["warehouse_id"],
        warehouse_to=values["warehouse_to_id"],
        day_only=values["happened_at"] is not None and values["happened_at"].astimezone(zone).time() == time.min,
        first_seen_at=values["first_seen_at"],
    )


class _Part:
    """Some facts, what was decided of each, and the ledger that is told of them."""

    def __init__(self, connection: Connection, facts: Sequence[Fact], decided: Mapping[int, Decision], books: Books) -> None:
        self._connection, self._facts, self._decided, self._books = connection, facts, decided, books
        self._actor = Actor.system(connection.account, connection.name)
        self._now = timezone.now()
        told = {fact.pk for fact in facts if decided[fact.pk].book or decided[fact.pk].undo}
        about = SourceFact.objects.filter(pk__in=told).values_list(*_ABOUT) if told else ()
        self._about = {row[0]: dict(zip(_ABOUT, row, strict=True)) for row in about}
        numbers = {decision.product for decision in decided.values() if decision.book} | {fact.product for fact in facts if fact.pk in told}
        kinds = Product.objects.filter(pk__in={number for number in numbers if number is not None}).values_list("pk", "unit_kind")
        self._unit_kinds = dict(kinds)
        self._vendors = known.vendors(connection, {row["vendor_there"] for row in self._about.values()})

    def beyond(self, most: int) -> int:
        """How many of the facts come before those whose transfers belong to none of the first `most` waves; 0 where none does."""
        places = {fact.external_id: place for place, fact in enumerate(self._facts)}
        found = [ledger.beyond(self._transfers(undo), most) for undo in (True, False)]
        return min((max(places[each.source_key], 1) for each in found if each is not None), default=0)

    def lock(self) -> None:
        """All levels of the part, in one go and so in one order, whatever is booked first."""
        keys = set()
        for fact in self._facts:
            decision = self._decided[fact.pk]
            if decision.book:
                keys |= self._keys(decision.product, decision.warehouse, decision.warehouse_to)
            if decision.undo or (decision.book and fact.is_booked):
                keys |= self._keys(fact.product, fact.warehouse, fact.warehouse_to)
        if keys:
            ledger.lock_levels(self._connection.account, keys)

    def _keys(self, product: int | None, *places: int | None) -> set[Key]:
        if product is None:
            return set()
        return {Key(product, number) for number in places if number is not None and self._books.warehouses[number].ledger}

    def tell(self) -> dict[str, str]:
        """Tell the ledger; what it refused, by external id, with its sentence."""
        refused: dict[str, str] = {}
        for undo in (True, False):
            receipts = [self._purchase(fact, undo) for fact in self._of(RECEIPTS, undo)]
            transfers = self._transfers(undo)
            issues = [self._sale(fact, undo) for fact in self._of(ISSUES, undo)]
            # What came in first, so that what goes out finds it.
            if receipts:
                refused.update(ledger.receive_many(self._actor, receipts).held)
            if transfers:
                refused.update(ledger.transfer_many(self._actor, transfers).held)
            if issues:
                refused.update(ledger.sell_many(self._actor, issues).held)
        self._keep_demand()
        return refused

    def _of(self, kinds: Collection[str], undo: bool) -> list[Fact]:
        """The facts that are booked as these kinds, or taken back as them."""
        if undo:
            return [fact for fact in self._facts if self._decided[fact.pk].undo and fact.booked_kind in kinds]
        return [fact for fact in self._facts if self._decided[fact.pk].book and fact.kind in kinds]

    def _transfers(self, undo: bool) -> list[ledger.TransferFact]:
        return [self._transfer(fact, undo) for fact in self._of((FactKind.TRANSFER,), undo)]

    def _sale(self, fact: Fact, undo: bool) -> ledger.SaleFact:
        product, where, _ = self._where(fact, undo)
        return ledger.SaleFact(
            **self._common(fact, product, undo), warehouse_id=where, sold_at=self._at(fact), purpose=_purpose(fact, undo)
        )

    def _purchase(self, fact: Fact, undo: bool) -> ledger.PurchaseFact:
        product, where, _ = self._where(fact, undo)
        about = self._about[fact.pk]
        return ledger.PurchaseFact(
            **self._common(fact, product, undo),
            warehouse_id=where,
            bought_at=self._at(fact),
            unit_cost=about["unit_cost"] or None,
            vendor_id=self._vendors.get(about["vendor_there"]),
            purpose=_purpose(fact, undo),
        )

    def _transfer(self, fact: Fact, undo: bool) -> ledger.TransferFact:
        product, where, to = self._where(fact, undo)
        pairs = tuple(filter(None, self._about[fact.pk]["pair_there"].split(",")))
        return ledger.TransferFact(**self._common(fact, product, undo), from_id=where, to_id=to, moved_at=self._at(fact), pairs=pairs)

    def _where(self, fact: Fact, undo: bool) -> tuple[int, int, int | None]:
        named = fact if undo else self._decided[fact.pk]
        assert named.product is not None
        return named.product, named.warehouse, named.warehouse_to  # type: ignore[return-value]

    def _at(self, fact: Fact) -> datetime:
        """When it happened; of one that is taken back and has lost its time, now."""
        return self._decided[fact.pk].at or fact.happened_at or self._now

    def _common(self, fact: Fact, product: int, undo: bool) -> dict[str, Any]:
        return {
            "source_key": fact.external_id,
            "product_id": product,
            "unit_kind": self._unit_kinds[product],
            "quantity": from_thousandths(fact.quantity or 0),
            "reference": self._about[fact.pk]["document"],
            "revision": fact.revision,
            "void": undo,
            "correlation": correlation_of(self._connection.pk, fact.external_id),
        }

    def _keep_demand(self) -> None:
        """What left a warehouse that follows an outside system counts as demand there; of ledgers their sales do."""
        documents: dict[str, list[demand.Line]] = {}
        for fact in self._facts:
            decision = self._decided[fact.pk]
            if fact.kind not in _DEMAND:
                continue
            if self._is_of_mirror(decision) and fact.happened_at is not None and fact.quantity is not None:
                day = timezone.localtime(fact.happened_at, known.zone_of(self._connection)).date()
                signed = -fact.quantity if fact.kind == FactKind.SALE_RETURN else fact.quantity
                assert decision.product is not None
                assert decision.warehouse is not None
                documents[fact.external_id] = [demand.Line(decision.product, decision.warehouse, day, signed)]
            elif fact.revision:
                documents[fact.external_id] = []
        demand.replace(self._connection.account, f"facts:{self._connection.pk}", documents)

    def _is_of_mirror(self, decision: Decision) -> bool:
        where = self._books.warehouses.get(decision.warehouse) if decision.warehouse is not None else None
        return decision.state == FactState.HISTORY and where is not None and not where.ledger


def correlation_of(connection: int, external_id: str) -> uuid.UUID:
    """What joins everything that comes of one fact: always the same for it."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"levelstock:fact:{connection}:{external_id}")


def _purpose(fact: Fact, undo: bool) -> str:
    return str(fact.booked_kind if undo else fact.kind)


def settle(facts: Iterable[Fact], decided: Mapping[int, Decision], refused: Mapping[str, str]) -> None:
    """Note on each fact what became of it. Two statements and a temporary table, however many there are."""
    now = timezone.now()
    rows = []
    for fact in facts:
        decision = decided[fact.pk]
        sentence = refused.get(fact.external_id)
        if sentence is not None:
            # The ledger names the fact first, as it speaks of many.
            sentence = sentence.removeprefix(f"{fact.external_id}: ")
            sentence = sentence[:1].upper() + sentence[1:]
            rows.append(
                (fact.pk, FactState.HELD.value, REFUSED, sentence[:500], *_named(decision), fact.booked_revision, fact.booked_kind, 0)
            )
            continue
        booked, kind = _booked_as(fact, decision)
        # The ledger knows this revision as void: booked again, also without a word of its source, the fact needs another one.
        again = int(decision.undo)
        rows.append((fact.pk, decision.state, decision.code, decision.sentence, *_named(decision), booked, kind, again))
    columns = {
        "pk": "bigint PRIMARY KEY",
        "state": "varchar(10)",
        "code": "varchar(40)",
        "sentence": "varchar(500)",
        "product_id": "bigint",
        "warehouse_id": "bigint",
        "warehouse_to_id": "bigint",
        "booked_revision": "integer",
        "booked_kind": "varchar(20)",
        "again": "integer",
    }
    fact_table = table_of(SourceFact)
    stamp = SourceFact._meta.get_field("tried_at").get_db_prep_save(now, database)
    with temporary(SETTLED, ", ".join(f"{name} {kind}" for name, kind in columns.items())):
        load(SETTLED, list(columns), rows)
        with database.cursor() as cursor:
            cursor.execute(
                f"UPDATE {fact_table} SET state = d.state, code = d.code, sentence = d.sentence, product_id = d.product_id, "
                "warehouse_id = d.warehouse_id, warehouse_to_id = d.warehouse_to_id, booked_revision = d.booked_revision, "
                f"booked_kind = d.booked_kind, revision = {fact_table}.revision + d.again, tried_at = %s, "
                f"held_at = CASE WHEN d.state <> 'held' THEN NULL ELSE COALESCE({fact_table}.held_at, %s) END "
                f"FROM {SETTLED} d WHERE {fact_table}.id = d.pk",
                [stamp, stamp],
            )


def _named(decision: Decision) -> tuple[int | None, int | None, int | None]:
    return decision.product, decision.warehouse, decision.warehouse_to


def _booked_as(fact: Fact, decision: Decision) -> tuple[int | None, str]:
    """Which revision the ledger knows now, and as what."""
    if decision.state == FactState.BOOKED:
        return fact.revision, fact.kind
    if decision.undo or decision.book:
        return None, ""
    return fact.booked_revision, fact.booked_kind


def release(connection: Connection, **where: Any) -> int:
    """Let held facts of the connection wait again, those that `where` names; how many."""
    held = SourceFact.objects.filter(connection=connection, state=FactState.HELD, **where)
    return held.update(state=FactState.WAITING)


def bump(ids: str) -> None:
    """The facts that the query `ids` names were told anew: they wait, in their next revision."""
    SourceFact.objects.extra(where=[f"id IN ({ids})"]).update(revision=F("revision") + 1, state=FactState.WAITING)
