"""Sales that outside systems tell of, many at a time: never refused because stock is short (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from accounts.acting import Actor
from inventory import moment
from inventory.ledger.booking import Booking, booking
from inventory.ledger.bulkaudit import tell
from inventory.ledger.bulkchecks import Catalogue, is_void
from inventory.ledger.bulkchunks import Work, chunks
from inventory.ledger.bulkfacts import BulkOutcome, SaleFact, Tally, once
from inventory.ledger.bulkposting import post
from inventory.ledger.bulkreleasing import held_by, released
from inventory.ledger.bulksalesplan import Books, Plan, Stored, plan
from inventory.ledger.bulksifting import require, to_do
from inventory.ledger.bulktables import CHANGES, KEYS, NEEDS, RELEASES, SALE_EDITS, fill, made, reserve, update
from inventory.ledger.bulktaking import settle, take
from inventory.ledger.counters import Key
from inventory.models import Cause, Sale
from inventory.quantity import to_thousandths
from inventory.stocksettings import settings_of

TABLES = (CHANGES, NEEDS, KEYS, RELEASES, SALE_EDITS)


def sell_many(actor: Actor, facts: Iterable[SaleFact], *, cause: Cause = Cause.SOURCE_SYNC) -> BulkOutcome:
    """Book sales that have happened, first expired first; what is not there is the sale's shortfall, which the next receipt settles.

    Booked in chunks, each in a transaction of its own (within the caller's, where there is one), in a number of statements that does not
    depend on how many facts it has. Called again, also after dying in the middle, it books what is missing and nothing twice. A fact that
    is known in an earlier revision corrects it: what it is smaller by goes back, of the shortfall first, then what was taken last; what it
    is larger by is taken. What can't be booked is held, with a sentence, and the rest goes on.

    Raises NotAllowed, also for purposes of which who sends it may not tell; a correction by who may only add is held.
    """
    actor.require("sale.add")
    tally = Tally()
    catalogue = Catalogue(actor.account, settings_of(actor.account), moment.now())

    def may_change(fact: SaleFact) -> bool:
        return actor.may("sale.cancel" if is_void(fact) else "sale.edit")

    told = once(facts, tally)
    require(actor, told)
    works = list(to_do(told, catalogue, partial(stored_of, actor), may_change, tally))
    for chunk in chunks(works):
        tally.add(book(actor, chunk, cause))
    return tally.outcome()


def book(actor: Actor, works: Sequence[Work[SaleFact]], cause: Cause) -> Tally:
    """Book a chunk that has been looked through, in one transaction."""
    tally = Tally()
    keys = {key for work in works for key in work.keys}
    with booking(actor, keys, cause, by_hand=False) as booked, made(*TABLES):
        # Whatever the booking found to do comes before what happens now.
        booked.store()
        known = stored_of(actor, [work.fact.source_key for work in works])
        books = Books(
            sales=known,
            held=held_by(stored.pk for stored in known.values()) if known else {},
            sound={key: level.quarantined_at is None for key, level in booked.levels.items()},
            warehouses=booked.warehouses,
            now=booked.now,
        )
        found = plan(works, books, reserve(Sale, len(works)), iter(uuid.uuid4, None), tally)
        _write(booked, found, tally)
        booked.touched |= found.touched
        tell(booked, "Sale", tally, found.touched)
    return tally


def _write(booked: Booking, found: Plan, tally: Tally) -> None:
    if found.edits:
        fill(SALE_EDITS, found.edits)
        update(Sale, SALE_EDITS)
    back = released(booked, found.back)
    if back:
        fill(CHANGES, [{**row, "seq": number} for number, row in enumerate(back)])
        post(booked)
        # Somebody may have waited for it.
        tally.settled = settle(booked, {each.key for each in found.back})
    if found.needs:
        fill(NEEDS, found.needs)
        short = len(found.fresh.intersection(take(booked).short))
        tally.short += short
        tally.booked += len(found.fresh) - short


def stored_of(actor: Actor, source_keys: Sequence[str]) -> dict[str, Stored]:
    """The sales with these source keys, as stored."""
    columns = ("pk", "product_id", "warehouse_id", "purpose", "unit_kind", "quantity", "returned", "shortfall")
    about = ("price", "reference", "sold_at", "status", "cancelled_at", "source_key", "revision", "correlation")
    stored = Sale.objects.filter(account=actor.account, source_key__in=source_keys).order_by()
    return {each.source_key: each for each in map(_stored, stored.values_list(*columns, *about))}


def _stored(row: Any) -> Stored:
    pk, product, warehouse, purpose, kind, quantity, returned, shortfall, *rest = row
    quantities = (to_thousandths(each) for each in (quantity, returned, shortfall))
    return Stored(pk, Key(product, warehouse), purpose, kind, *quantities, *rest)  # type: ignore[arg-type]
