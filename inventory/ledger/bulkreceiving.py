"""Purchases that outside systems tell of, many at a time (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from accounts.acting import Actor
from inventory import moment
from inventory.ledger.booking import Booking, booking
from inventory.ledger.bought import returned
from inventory.ledger.bulkaudit import tell
from inventory.ledger.bulkchecks import Catalogue, is_void
from inventory.ledger.bulkchunks import Work, chunks
from inventory.ledger.bulkfacts import BulkOutcome, PurchaseFact, Tally, once
from inventory.ledger.bulkgoods import sold_last
from inventory.ledger.bulkposting import post
from inventory.ledger.bulkpurchasesplan import Books, Plan, Stored, plan
from inventory.ledger.bulkreleasing import Release, latest_of, released
from inventory.ledger.bulksifting import require, to_do
from inventory.ledger.bulktables import (
    BATCH_EDITS,
    CAME_BACK,
    CHANGES,
    KEYS,
    NEEDS,
    PURCHASE_EDITS,
    RECEIPTS,
    RELEASES,
    WANTED,
    fill,
    insert,
    made,
    reserve,
    update,
)
from inventory.ledger.bulktaking import settle
from inventory.ledger.counters import Key
from inventory.models import Arrival, Batch, Cause, Purchase, ReceiptPurpose
from inventory.quantity import to_thousandths
from inventory.stocksettings import settings_of

RELEASED = "Its purchase was corrected to less than was sold of it."
TABLES = (CHANGES, NEEDS, KEYS, RELEASES, WANTED, CAME_BACK, RECEIPTS, BATCH_EDITS, PURCHASE_EDITS)


def receive_many(actor: Actor, facts: Iterable[PurchaseFact], *, cause: Cause = Cause.SOURCE_SYNC) -> BulkOutcome:
    """Book purchases that have happened, also of goods that expired meanwhile; sales that are short take from them, the oldest first.

    Chunks and repetitions are as with `sell_many`. A fact that is known in an earlier revision corrects it. Where less came in than was
    sold of it, the latest sales of it give back what is too much and are short of it, until other goods come. What can't be booked is held,
    with a sentence, and the rest goes on.

    Raises NotAllowed, also for purposes of which who sends it may not tell; a correction by who may only add is held.
    """
    actor.require("purchase.add")
    tally = Tally()
    catalogue = Catalogue(actor.account, settings_of(actor.account), moment.now())

    def may_change(fact: PurchaseFact) -> bool:
        return actor.may("purchase.void" if is_void(fact) else "purchase.edit")

    told = once(facts, tally)
    require(actor, told)
    works = list(to_do(told, catalogue, partial(stored_of, actor), may_change, tally))
    for chunk in chunks(works):
        tally.add(book(actor, chunk, catalogue, cause))
    return tally.outcome()


def book(actor: Actor, works: Sequence[Work[PurchaseFact]], catalogue: Catalogue, cause: Cause) -> Tally:
    """Book a chunk that has been looked through, in one transaction."""
    tally = Tally()
    keys = {key for work in works for key in work.keys}
    with booking(actor, keys, cause, by_hand=False) as booked, made(*TABLES):
        # Whatever the booking found to do comes before what happens now.
        booked.store()
        known = stored_of(actor, [work.fact.source_key for work in works])
        back = {(work.fact.key, str(work.fact.unit_kind)) for work in works if work.fact.purpose == ReceiptPurpose.SALE_RETURN}
        books = Books(
            purchases=known,
            sold_last=sold_last(back),
            returned={batch: to_thousandths(back) for batch, back in returned([stored.batch for stored in known.values()]).items()},
            sound={key: level.quarantined_at is None for key, level in booked.levels.items()},
            warehouses=booked.warehouses,
            products=booked.products,
            catalogue=catalogue,
            now=booked.now,
        )
        ids = reserve(Batch, len(works)), reserve(Purchase, len(works))
        found = plan(works, books, *ids, iter(uuid.uuid4, None), tally)
        _write(booked, found)
        tally.settled = settle(booked, found.touched)
        booked.touched |= found.touched
        tell(booked, "Purchase", tally, found.touched)
    return tally


def _write(booked: Booking, found: Plan) -> None:
    back = released(booked, list(_releases(found)))
    if found.purchases:
        fill(PURCHASE_EDITS, found.purchases)
        update(Purchase, PURCHASE_EDITS)
    if found.receipts:
        fill(RECEIPTS, found.receipts)
        _store_fresh(booked, arrived=any(row["transfer_key"] is not None for row in found.receipts))
    changes = [*back, *found.changes]
    if changes:
        fill(CHANGES, [{**row, "seq": number} for number, row in enumerate(changes)])
        post(booked)
    if found.batches:
        # After what they hold has moved: only an empty batch can be void.
        fill(BATCH_EDITS, found.batches)
        update(Batch, BATCH_EDITS)


def _releases(found: Plan) -> Iterator[Release]:
    for batch, parts in latest_of(found.wanted).items():
        fact, stored = found.because[batch]
        for held, quantity in parts:
            correlation = fact.correlation or stored.correlation
            yield Release(held, quantity, stored.key, stored.unit_kind, fact.movement_key, correlation, short=True, reason=RELEASED)


def _store_fresh(booked: Booking, *, arrived: bool) -> None:
    about = ("unit_kind", "received", "unit_cost", "lot", "expires_on", "expires_at", "expiry_booked_at", "received_at")
    packing = ("packs_per_pallet", "units_per_pack", "parent_id", "origin")
    insert(
        Batch,
        {
            "id": "r.batch_id",
            "remaining": "r.received",
            **{name: f"r.{name}" for name in ("product_id", "warehouse_id", *about, *packing)},
        },
        f"FROM {RECEIPTS.name} r ORDER BY r.position",
        account_id=booked.account.pk,
        created_at=booked.now,
    )
    documents = ("batch_id", "vendor_id", "purpose", "free_goods", "reference", "source_key", "revision", "correlation")
    insert(
        Purchase,
        {"id": "r.purchase_id", **{name: f"r.{name}" for name in documents}},
        f"FROM {RECEIPTS.name} r ORDER BY r.position",
        account_id=booked.account.pk,
        entered_by=booked.actor.label[:200],
        created_at=booked.now,
    )
    if arrived:
        insert(
            Arrival,
            {name: f"r.{name}" for name in ("purchase_id", "transfer_key", "sent_id", "arrived_at")},
            f"FROM {RECEIPTS.name} r WHERE r.transfer_key IS NOT NULL ORDER BY r.position",
            account_id=booked.account.pk,
        )


def stored_of(actor: Actor, source_keys: Sequence[str]) -> dict[str, Stored]:
    """The purchases with these source keys, as stored."""
    quantities = ("batch__received", "batch__gained", "batch__remaining", "batch__sold")
    about = ("unit_cost", "lot", "expires_on", "expires_at", "expiry_booked_at", "received_at", "voided_at", "warned_days")
    own = ("vendor_id", "free_goods", "reference", "status", "voided_at", "source_key", "revision", "correlation", "arrival__arrived_at")
    stored = Purchase.objects.filter(account=actor.account, source_key__in=source_keys).order_by()
    rows = stored.values_list(
        "pk",
        "batch_id",
        "batch__product_id",
        "batch__warehouse_id",
        "purpose",
        "batch__unit_kind",
        *quantities,
        *(f"batch__{name}" for name in about),
        *own,
    )
    return {each.source_key: each for each in map(_stored, rows)}


def _stored(row: Any) -> Stored:
    pk, batch, product, warehouse, purpose, kind, received, gained, remaining, sold, *rest = row
    quantities = (to_thousandths(each) for each in (received, gained, remaining, sold))
    return Stored(pk, batch, Key(product, warehouse), purpose, kind, *quantities, *rest)  # type: ignore[arg-type]
