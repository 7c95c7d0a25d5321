"""What becomes of a fact, with everything that is known about it in hand. Pure (docs/facts.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from inventory.quantity import from_thousandths
from sync.facts import codes
from sync.models import FactKind, FactState

RECEIPTS = frozenset({FactKind.PURCHASE, FactKind.SALE_RETURN, FactKind.MANUFACTURE, FactKind.FOUND})
ISSUES = frozenset({FactKind.SALE, FactKind.VENDOR_RETURN, FactKind.CONSUMPTION, FactKind.WASTAGE})


Named = tuple[int | None, int | None, int | None]
"""A product, the warehouse it left (or the only one), and the one it went to."""


class Fact(NamedTuple):
    """A stored fact; `quantity` in thousandths. `day_only`: it says on which day it happened, and not when."""

    pk: int
    external_id: str
    kind: str
    product_there: str
    barcode: str
    barcode_key: str
    place_there: str
    place_to_there: str
    quantity: int | None
    happened_at: datetime | None
    said_problem: str
    gone: bool
    revision: int
    booked_revision: int | None
    booked_kind: str
    product: int | None
    warehouse: int | None
    warehouse_to: int | None
    day_only: bool = False
    first_seen_at: datetime | None = None

    @property
    def is_booked(self) -> bool:
        return self.booked_revision is not None


@dataclass(frozen=True)
class Place:
    """A place there: the warehouse here that it belongs to, whether what lies in it counts, and what it is called there."""

    warehouse: int | None
    counts: bool = True
    name: str = ""


@dataclass(frozen=True)
class Warehouse:
    """`ledger`: its stock is kept here. What happened before `opened_at` is in its opening count."""

    ledger: bool
    opened_at: datetime | None = None


@dataclass(frozen=True)
class Books:
    """What is known here about the facts of a chunk. `by_barcode` holds for each key the products with it and whether they are active."""

    by_barcode: Mapping[str, Sequence[tuple[int, bool]]] = field(default_factory=dict)
    by_product: Mapping[str, int | None] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    warehouses: Mapping[int, Warehouse] = field(default_factory=dict)
    fractional: Mapping[int, bool] = field(default_factory=dict)
    rules: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    """(about, key) to the product that is meant; None is never booked."""
    unmapped: str = "unmapped_place"
    """What a place without a warehouse is called in this system."""


class Decision(NamedTuple):
    """`state` is what the fact becomes once the ledger has taken it. With `undo` what was booked of it is taken back first.

    `book` says that the ledger has to be told of the fact as it is now, and that it happened `at`.
    """

    state: str
    code: str = ""
    sentence: str = ""
    product: int | None = None
    warehouse: int | None = None
    warehouse_to: int | None = None
    book: bool = False
    undo: bool = False
    at: datetime | None = None


def decide(fact: Fact, books: Books) -> Decision:
    """What is to be done with one fact."""
    if fact.gone:
        return _back(fact, books, FactState.VOID)
    if fact.kind == FactKind.IGNORED:
        return _back(fact, books, FactState.IGNORED, "moves_nothing")
    if fact.said_problem == "zero_quantity":
        return _back(fact, books, FactState.IGNORED, fact.said_problem)
    if fact.said_problem:
        return _hold(fact, fact.said_problem)
    if _is_ignored(fact, books):
        return _back(fact, books, FactState.IGNORED, "rule")
    left, came = _place(fact.place_there, books), _place(fact.place_to_there, books)
    for asked, found in ((fact.place_there, left), (fact.place_to_there, came)):
        if asked and _matters(fact, asked) and (found is None or (found.counts and found.warehouse is None)):
            return _hold(fact, books.unmapped, place=asked, named=found.name if found is not None else "")
    where, to = _warehouse(left), _warehouse(came)
    if fact.kind in RECEIPTS:
        where, to = to, None
    elif fact.kind in ISSUES:
        to = None
    if where is None and to is None:
        return _back(fact, books, FactState.IGNORED, "uncounted_place")
    if where == to:
        return _back(fact, books, FactState.IGNORED, "same_warehouse")
    product, problem = _product(fact, books)
    if product is None:
        return _hold(fact, problem)
    if fact.quantity is None or fact.happened_at is None:
        return _hold(fact, "bad_quantity" if fact.quantity is None else "bad_date")
    if fact.quantity % 1000 and not books.fractional.get(product):
        held = _hold(fact, "fraction", quantity=f"{from_thousandths(fact.quantity):f}")
        # Of one that is booked it stays known as what it was; else it is found by its product once that has fractions.
        return held if fact.is_booked else held._replace(product=product)
    named = (product, where, to)
    kept_here = [number for number in (where, to) if number is not None and books.warehouses[number].ledger]
    if not kept_here:
        return _back(fact, books, FactState.HISTORY, named=named)
    if fact.is_booked and fact.booked_kind != fact.kind:
        # What it was is taken back under its old kind; it waits to be booked as what it is now.
        return Decision(FactState.WAITING, undo=True)
    at = _at(fact, fact.happened_at, [books.warehouses[number] for number in kept_here])
    early = all(_is_early(at, books.warehouses[number]) for number in kept_here)
    if early and not fact.is_booked:
        # Years of moves from before the opening: the ledger would only count them.
        return Decision(FactState.HISTORY, "", "", *named)
    return Decision(FactState.HISTORY if early else FactState.BOOKED, "", "", *named, book=True, at=at)


def _back(fact: Fact, books: Books, state: str, code: str = "", *, named: Named | None = None) -> Decision:
    kept = named or (fact.product, fact.warehouse, fact.warehouse_to)
    where = [books.warehouses.get(number) for number in (fact.warehouse, fact.warehouse_to) if number is not None]
    # A warehouse that follows an outside system by now has nothing of it left to take back.
    undo = fact.is_booked and any(each is not None and each.ledger for each in where)
    return Decision(state, code, "", *kept, undo=undo)


def _hold(fact: Fact, code: str, *, place: str = "", named: str = "", quantity: str = "") -> Decision:
    said = codes.sentence(code, place=place, named=named, barcode=fact.barcode, product=fact.product_there, quantity=quantity)
    return Decision(FactState.HELD, code, said, fact.product, fact.warehouse, fact.warehouse_to)


def _is_ignored(fact: Fact, books: Books) -> bool:
    named = (("barcode", fact.barcode_key), ("product", fact.product_there), ("place", fact.place_there), ("place", fact.place_to_there))
    return any(value and books.rules.get((about, value), 0) is None for about, value in named)


def _matters(fact: Fact, place: str) -> bool:
    """Whether the fact is about this side: a receipt's source and an issue's destination are outside."""
    if fact.kind in RECEIPTS:
        return place == fact.place_to_there
    return fact.kind not in ISSUES or place == fact.place_there


def _place(there: str, books: Books) -> Place | None:
    return books.places.get(there) if there else None


def _warehouse(place: Place | None) -> int | None:
    return place.warehouse if place is not None and place.counts else None


def _product(fact: Fact, books: Books) -> tuple[int | None, str]:
    """The product that is meant, or why that is not known. What people said comes first."""
    for about, value in (("barcode", fact.barcode_key), ("product", fact.product_there)):
        ruled = books.rules.get((about, value)) if value else None
        if ruled is not None:
            return ruled, ""
    if fact.product_there:
        found = books.by_product.get(fact.product_there)
        return found, "" if found is not None else "unmatched_product"
    if not fact.barcode_key:
        return None, "missing_barcode"
    candidates = books.by_barcode.get(fact.barcode_key, ())
    if len(candidates) > 1:
        # One that is sold no more gives way: its old label may be on the shelf of the other.
        candidates = [each for each in candidates if each[1]]
    if len(candidates) == 1:
        return candidates[0][0], ""
    known = books.by_barcode.get(fact.barcode_key, ())
    return None, "ambiguous_barcode" if known else "unknown_barcode"


def _at(fact: Fact, happened_at: datetime, warehouses: Sequence[Warehouse]) -> datetime:
    """When it happened: what only tells its day, and was first seen after a warehouse was opened that day, was after the opening."""
    if not fact.day_only or fact.first_seen_at is None:
        return happened_at
    opened = [each.opened_at for each in warehouses if each.opened_at is not None]
    same_day = [each for each in opened if happened_at < each <= fact.first_seen_at and each - happened_at < timedelta(days=1)]
    return max(same_day, default=happened_at)


def _is_early(at: datetime, warehouse: Warehouse) -> bool:
    return warehouse.opened_at is not None and at < warehouse.opened_at
