"""What has to be done for a chunk of facts of purchases, with what is stored in hand. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from inventory.ledger.bulkchecks import Catalogue, is_history, is_void, reference_of
from inventory.ledger.bulkchunks import Work
from inventory.ledger.bulkfacts import PurchaseFact, Tally
from inventory.ledger.bulkgoods import Level, Like, Piece, corrected, goods_of, in_thousandths
from inventory.ledger.bulksalesplan import BUSY, QUARANTINED
from inventory.ledger.counters import Key
from inventory.ledger.purposes import ORIGINS, RECEIVED
from inventory.models import MovementKind, Product, PurchaseStatus, ReceiptPurpose, Warehouse
from inventory.quantity import to_thousandths


@dataclass(frozen=True, slots=True)
class Stored:
    """A purchase and its batch as they are stored; quantities in thousandths. `used` is what left it in other ways than by sales."""

    pk: int
    batch: int
    key: Key
    purpose: str
    unit_kind: str
    received: int
    gained: int
    remaining: int
    sold: int
    unit_cost: Any
    lot: str
    expires_on: date | None
    expires_at: datetime | None
    expiry_booked_at: datetime | None
    received_at: datetime
    voided_at: datetime | None
    warned_days: int | None
    vendor: int | None
    free_goods: bool
    reference: str
    status: str
    purchase_voided_at: datetime | None
    source_key: str
    revision: int
    correlation: Any
    arrived_at: datetime | None = None

    @property
    def used(self) -> int:
        return self.received + self.gained - self.remaining - self.sold

    @property
    def goods(self) -> Like:
        return Like(self.unit_cost, self.lot, self.expires_on, self.expires_at)


@dataclass
class Plan:
    """Rows for the tables, in the order in which they are booked. `wanted` is how much sales give back, by batch and for which fact."""

    wanted: dict[int, int] = field(default_factory=dict)
    because: dict[int, tuple[PurchaseFact, Stored]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    batches: list[dict[str, Any]] = field(default_factory=list)
    purchases: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    touched: set[Key] = field(default_factory=set)


@dataclass(frozen=True)
class Books:
    """What is stored about the facts of a chunk."""

    purchases: Mapping[str, Stored]
    returned: Mapping[int, int]
    """What customers brought back into these batches, in thousandths, beside what was bought."""
    sold_last: Mapping[Level, Like]
    sound: Mapping[Key, bool]
    """By level that is locked: whether its batches agree with themselves."""
    warehouses: Mapping[int, Warehouse]
    products: Mapping[int, Product]
    catalogue: Catalogue
    now: datetime


def plan(
    works: Sequence[Work[PurchaseFact]], books: Books, batches: Iterator[int], purchases: Iterator[int], uuids: Iterator[Any], tally: Tally
) -> Plan:
    """Decide for each fact; what becomes of it is counted in `tally`. `batches` and `purchases` are ids for new rows."""
    found = Plan()
    for work in works:
        fact, stored = work.fact, books.purchases.get(work.fact.source_key)
        early = is_history(fact, books.warehouses[fact.warehouse_id])
        if stored is not None and stored.revision >= fact.revision:
            tally.repeated += 1
        elif stored is None and is_void(fact):
            tally.empty += 1
        elif early and (stored is None or _is_history_too(stored, books)):
            tally.history += 1
        elif stored is None:
            _anew(fact, books, (next(batches), next(purchases)), fact.correlation or next(uuids), found)
            tally.booked += 1
        elif stored.key not in books.sound:
            tally.hold(fact, BUSY)
        elif not books.sound[stored.key]:
            tally.hold(fact, QUARANTINED)
        elif sentence := _correct(fact, stored, books, early, (next(batches), next(purchases)), found):
            tally.hold(fact, sentence)
        else:
            tally.corrected += 1
    return found


def _correct(fact: PurchaseFact, stored: Stored, books: Books, early: bool, ids: tuple[int, int], found: Plan) -> str:
    """Note what makes of the stored purchase what the fact says now; a sentence where that can't be."""
    moved = (stored.key, stored.unit_kind, stored.purpose) != (fact.key, fact.unit_kind, fact.purpose)
    if is_void(fact) or early:
        return _void(fact, stored, books, found, revision=fact.revision)
    if stored.status != PurchaseStatus.BOOKED or moved:
        # What the earlier revision was stays, under a key of its own.
        sentence = _void(fact, stored, books, found, source_key=f"{stored.source_key}#{stored.revision}")
        if not sentence:
            _anew(fact, books, ids, fact.correlation or stored.correlation, found)
        return sentence
    return _resize(fact, stored, books, found)


def _anew(fact: PurchaseFact, books: Books, ids: tuple[int, int], correlation: Any, found: Plan) -> None:
    batch, purchase = ids
    quantity = to_thousandths(fact.quantity)
    goods = goods_of(fact, books.products[fact.product_id], books.catalogue, books.sold_last)
    over = goods.expires_at is not None and goods.expires_at <= books.now
    found.receipts.append(
        {
            "position": len(found.receipts),
            "batch_id": batch,
            "purchase_id": purchase,
            **fact.key._asdict(),
            "unit_kind": str(fact.unit_kind),
            "origin": ORIGINS[fact.purpose].value,
            "received": quantity,
            "unit_cost": goods.unit_cost,
            "lot": goods.lot,
            "expires_on": goods.expires_on,
            "expires_at": goods.expires_at,
            "expiry_booked_at": books.now if over else None,
            "received_at": _came(fact),
            "packs_per_pallet": in_thousandths(goods.packs_per_pallet),
            "units_per_pack": in_thousandths(goods.units_per_pack),
            "parent_id": goods.parent,
            "vendor_id": fact.vendor_id,
            "purpose": str(fact.purpose),
            "free_goods": _is_free(fact, goods),
            "reference": reference_of(fact),
            "source_key": fact.source_key,
            "revision": fact.revision,
            "correlation": correlation,
            **_arrival(fact),
        }
    )
    change = _change(fact, fact.key, str(fact.unit_kind), batch, RECEIVED[fact.purpose], quantity, 0 if over else quantity)
    found.changes.append({**change, "document_id": purchase, "happened_at": fact.bought_at, "correlation": correlation})
    found.touched.add(fact.key)


def _void(fact: PurchaseFact, stored: Stored, books: Books, found: Plan, **changed: Any) -> str:
    if stored.status == PurchaseStatus.BOOKED:
        if stored.used > 0:
            return _used_up(stored, "can't be taken back")
        rest = stored.remaining + stored.sold
        _want(fact, stored, stored.sold, found)
        _move(fact, stored, books, MovementKind.RECEIPT_VOID, -rest, found)
        found.batches.append({**_batch(stored), "voided_at": books.now})
        changed.update(status=PurchaseStatus.VOIDED.value, voided_at=books.now)
    found.purchases.append({**_purchase(stored), **changed})
    found.touched.add(stored.key)
    return ""


def _resize(fact: PurchaseFact, stored: Stored, books: Books, found: Plan) -> str:
    quantity, goods = to_thousandths(fact.quantity), corrected(fact, stored.goods, books.catalogue)
    more = quantity - (stored.received - books.returned.get(stored.batch, 0))
    back = max(-more - stored.remaining, 0)
    if back > stored.sold:
        return _used_up(stored, f"can't be {fact.quantity}")
    _want(fact, stored, back, found)
    _move(fact, stored, books, MovementKind.RECEIPT_EDIT, more, found)
    left = stored.remaining + back + more
    booked = _expire(fact, stored, books, goods.expires_at, left, found)
    found.batches.append(
        {
            **_batch(stored),
            "unit_cost": goods.unit_cost,
            "lot": goods.lot,
            "expires_on": goods.expires_on,
            "expires_at": goods.expires_at,
            "expiry_booked_at": booked,
            "received_at": _came(fact),
            # Another expiry is told anew as it comes near.
            "warned_days": stored.warned_days if goods.expires_at == stored.expires_at else None,
        }
    )
    found.purchases.append(
        {
            **_purchase(stored),
            "vendor_id": fact.vendor_id,
            "free_goods": _is_free(fact, goods),
            "reference": reference_of(fact),
            "revision": fact.revision,
        }
    )
    found.touched.add(stored.key)
    return ""


def _expire(fact: PurchaseFact, stored: Stored, books: Books, expires_at: datetime | None, left: int, found: Plan) -> datetime | None:
    """Note that the batch does not count any more, or does again, by its new expiry; when its expiry was booked then."""
    over = expires_at is not None and expires_at <= books.now
    # What expired when it was sold out has left the counter already: nothing was there.
    booked = stored.expiry_booked_at or (books.now if _is_over(stored, books) else None)
    if over and booked is None and left:
        change = _change(fact, stored.key, stored.unit_kind, stored.batch, MovementKind.EXPIRY, 0, -left)
        found.changes.append({**change, "happened_at": expires_at, "correlation": fact.correlation or stored.correlation})
        return books.now
    if not over and booked is not None:
        if left:
            change = _change(fact, stored.key, stored.unit_kind, stored.batch, MovementKind.EXPIRY_LIFTED, 0, left)
            found.changes.append({**change, "happened_at": books.now, "correlation": fact.correlation or stored.correlation})
        return None
    return booked


def _want(fact: PurchaseFact, stored: Stored, quantity: int, found: Plan) -> None:
    if quantity:
        found.wanted[stored.batch] = quantity
        found.because[stored.batch] = fact, stored


def _move(fact: PurchaseFact, stored: Stored, books: Books, kind: MovementKind, delta: int, found: Plan) -> None:
    if not delta:
        return
    counts = stored.expiry_booked_at is None and not _is_over(stored, books)
    change = _change(fact, stored.key, stored.unit_kind, stored.batch, kind, delta, delta if counts else 0)
    correlation = fact.correlation or stored.correlation
    found.changes.append({**change, "document_id": stored.pk, "happened_at": books.now, "correlation": correlation})


def _change(fact: PurchaseFact, key: Key, unit_kind: str, batch: int, kind: MovementKind, delta: int, level: int) -> dict[str, Any]:
    return {
        **key._asdict(),
        "unit_kind": unit_kind,
        "batch_id": batch,
        "kind": kind.value,
        "batch_delta": delta,
        "level_delta": level,
        "document_id": None,
        "reason": "",
        "source_key": fact.movement_key,
        "unit_cost": None,
    }


def _is_over(stored: Stored, books: Books) -> bool:
    return stored.expires_at is not None and stored.expires_at <= books.now


def _is_history_too(stored: Stored, books: Books) -> bool:
    """Whether what is stored came before the warehouse was opened (anew), so that its count has seen it."""
    warehouse = books.warehouses.get(stored.key.warehouse_id)
    return warehouse is not None and warehouse.opened_at is not None and (stored.arrived_at or stored.received_at) < warehouse.opened_at


def _came(fact: PurchaseFact) -> datetime:
    """When the goods first came in, which decides what is taken first."""
    return fact.received_at if isinstance(fact, Piece) else fact.bought_at


def _arrival(fact: PurchaseFact) -> dict[str, Any]:
    if isinstance(fact, Piece):
        return {"transfer_key": fact.transfer_key, "arrived_at": fact.bought_at, "sent_id": fact.sent}
    return dict.fromkeys(("transfer_key", "arrived_at", "sent_id"))


def _is_free(fact: PurchaseFact, goods: Like) -> bool:
    return fact.purpose == ReceiptPurpose.PURCHASE and goods.unit_cost == 0


def _used_up(stored: Stored, what: str) -> str:
    return (
        f"{stored.used / 1000:g} of batch {stored.batch} were written off, moved, opened or voided here, so it {what}. "
        "Take that back first, then read it again."
    )


def _batch(stored: Stored) -> dict[str, Any]:
    return {
        "id": stored.batch,
        "unit_cost": stored.unit_cost,
        "lot": stored.lot,
        "expires_on": stored.expires_on,
        "expires_at": stored.expires_at,
        "expiry_booked_at": stored.expiry_booked_at,
        "received_at": stored.received_at,
        "voided_at": stored.voided_at,
        "warned_days": stored.warned_days,
    }


def _purchase(stored: Stored) -> dict[str, Any]:
    return {
        "id": stored.pk,
        "vendor_id": stored.vendor,
        "free_goods": stored.free_goods,
        "reference": stored.reference,
        "status": stored.status,
        "voided_at": stored.purchase_voided_at,
        "source_key": stored.source_key,
        "revision": stored.revision,
    }
