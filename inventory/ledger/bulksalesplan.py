"""What has to be done for a chunk of facts of sales, with what is stored in hand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.ledger.bulkchecks import is_history, is_void, money, reference_of
from inventory.ledger.bulkchunks import Work
from inventory.ledger.bulkfacts import SaleFact, Tally
from inventory.ledger.bulkreleasing import Held, Release, split
from inventory.ledger.counters import Key
from inventory.models import SaleStatus, Warehouse
from inventory.quantity import to_thousandths

BUSY = "it is being changed by somebody else at this moment. It is booked when it is read again."
QUARANTINED = (
    "the batches of its product contradict themselves, so nothing goes back to them. "
    "Rebuild the product from its movements, then read it again."
)
UNKNOWN_BATCHES = "it is not known which batches it came from. Enter a return by hand, and choose the batch it goes to."


@dataclass(frozen=True, slots=True)
class Stored:
    """A sale as it is stored; quantities in thousandths."""

    pk: int
    key: Key
    purpose: str
    unit_kind: str
    quantity: int
    returned: int
    shortfall: int
    price: Any
    reference: str
    sold_at: datetime
    status: str
    cancelled_at: datetime | None
    source_key: str
    revision: int
    correlation: Any


@dataclass
class Plan:
    """Rows for the tables of needs and of changed sales, what goes back to batches, and the ids of sales never known before."""

    needs: list[dict[str, Any]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    back: list[Release] = field(default_factory=list)
    fresh: set[int] = field(default_factory=set)
    touched: set[Key] = field(default_factory=set)


@dataclass(frozen=True)
class Books:
    """What is stored about the facts of a chunk."""

    sales: Mapping[str, Stored]
    held: Mapping[int, list[Held]]
    sound: Mapping[Key, bool]
    """By level that is locked: whether its batches agree with themselves."""
    warehouses: Mapping[int, Warehouse]
    now: datetime


def plan(works: Sequence[Work[SaleFact]], books: Books, new_ids: Iterator[int], correlations: Iterator[Any], tally: Tally) -> Plan:
    """Decide for each fact; what is not to be booked is counted in `tally`."""
    found = Plan()
    for work in works:
        _decide(work.fact, books, new_ids, correlations, found, tally)
    return found


def _decide(fact: SaleFact, books: Books, new_ids: Iterator[int], correlations: Iterator[Any], found: Plan, tally: Tally) -> None:
    stored = books.sales.get(fact.source_key)
    early = is_history(fact, books.warehouses[fact.warehouse_id])
    if stored is not None and stored.revision >= fact.revision:
        tally.repeated += 1
    elif stored is None and is_void(fact):
        tally.empty += 1
    elif early and (stored is None or _is_history_too(stored, books)):
        tally.history += 1
    elif stored is None:
        pk = next(new_ids)
        _anew(fact, books, pk, fact.correlation or next(correlations), found)
        found.fresh.add(pk)
    elif stored.key not in books.sound:
        tally.hold(fact, BUSY)
    elif is_void(fact) or early:
        _cancel(fact, stored, books, found, tally, revision=fact.revision)
    elif stored.status != SaleStatus.BOOKED or (stored.key, stored.unit_kind, stored.purpose) != (fact.key, fact.unit_kind, fact.purpose):
        # What the earlier revision was stays, under a key of its own.
        if _cancel(fact, stored, books, found, tally, source_key=f"{stored.source_key}#{stored.revision}"):
            _anew(fact, books, next(new_ids), fact.correlation or stored.correlation, found)
            tally.corrected += 1
    else:
        _resize(fact, stored, books, found, tally)


def _is_history_too(stored: Stored, books: Books) -> bool:
    """Whether what is stored happened before the warehouse was opened (anew), so that its count has seen it."""
    opened = books.warehouses[stored.key.warehouse_id].opened_at if stored.key.warehouse_id in books.warehouses else None
    return opened is not None and stored.sold_at < opened


def _anew(fact: SaleFact, books: Books, pk: int, correlation: Any, found: Plan) -> None:
    total = to_thousandths(fact.quantity)
    found.needs.append(
        {
            **_need(fact, pk, total if books.sound[fact.key] else 0, correlation, len(found.needs)),
            "fresh": True,
            "total": total,
            "price": money(fact.price),
            "reference": reference_of(fact),
            "source_key": fact.source_key,
            "revision": fact.revision,
        }
    )
    found.touched.add(fact.key)


def _need(fact: SaleFact, pk: int, quantity: int, correlation: Any, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "sale_id": pk,
        **fact.key._asdict(),
        "purpose": str(fact.purpose),
        "unit_kind": str(fact.unit_kind),
        "quantity": quantity,
        "sold_at": fact.sold_at,
        "reason": "",
        "movement_key": fact.movement_key,
        "correlation": correlation,
        "fresh": False,
        "total": None,
        "price": None,
        "reference": None,
        "source_key": None,
        "revision": None,
    }


def _cancel(fact: SaleFact, stored: Stored, books: Books, found: Plan, tally: Tally, **changed: Any) -> bool:
    """Give all of a sale back; whether that can be done."""
    if stored.status == SaleStatus.BOOKED:
        if not _give_back(fact, stored, stored.quantity - stored.returned - stored.shortfall, books, found, tally):
            return False
        changed.update(status=SaleStatus.CANCELLED.value, cancelled_at=books.now, shortfall=0)
    if "revision" in changed:
        tally.corrected += 1
    found.edits.append({**_row(stored), **changed})
    found.touched.add(stored.key)
    return True


def _resize(fact: SaleFact, stored: Stored, books: Books, found: Plan, tally: Tally) -> None:
    quantity = to_thousandths(fact.quantity)
    if quantity < stored.returned:
        tally.hold(fact, f"{stored.returned / 1000:g} of it came back already, so it can't be {fact.quantity}. Look at its returns.")
        return
    less = max(stored.quantity - quantity, 0)
    more = max(quantity - stored.quantity, 0)
    short = min(less, stored.shortfall)
    if not _give_back(fact, stored, less - short, books, found, tally):
        return
    found.edits.append(
        {
            **_row(stored),
            "quantity": quantity,
            "shortfall": stored.shortfall - short,
            "price": money(fact.price),
            "reference": reference_of(fact),
            "sold_at": fact.sold_at,
            "revision": fact.revision,
        }
    )
    if more:
        asked = more if books.sound[stored.key] else 0
        correlation = fact.correlation or stored.correlation
        found.needs.append({**_need(fact, stored.pk, asked, correlation, len(found.needs)), "total": more})
    found.touched.add(stored.key)
    tally.corrected += 1


def _give_back(fact: SaleFact, stored: Stored, quantity: int, books: Books, found: Plan, tally: Tally) -> bool:
    if not quantity:
        return True
    if not books.sound[stored.key]:
        tally.hold(fact, QUARANTINED)
        return False
    parts = split(books.held.get(stored.pk, ()), quantity)
    if parts is None:
        tally.hold(fact, UNKNOWN_BATCHES)
        return False
    correlation = fact.correlation or stored.correlation
    found.back += [Release(held, given, stored.key, stored.unit_kind, fact.movement_key, correlation) for held, given in parts]
    return True


def _row(stored: Stored) -> dict[str, Any]:
    return {
        "id": stored.pk,
        "quantity": stored.quantity,
        "shortfall": stored.shortfall,
        "price": stored.price,
        "reference": stored.reference,
        "sold_at": stored.sold_at,
        "status": stored.status,
        "cancelled_at": stored.cancelled_at,
        "source_key": stored.source_key,
        "revision": stored.revision,
    }
