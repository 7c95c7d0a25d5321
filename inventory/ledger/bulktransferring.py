"""Transfers that outside systems tell of, many at a time: never refused because stock is short (docs/ledger.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction

from accounts.acting import Actor
from inventory import moment
from inventory.ledger import bulkreceiving, bulkselling
from inventory.ledger.bulkarrivals import OUT, OnTheWay, Sent, in_key, out_key, sent_by
from inventory.ledger.bulkchecks import Catalogue, is_void, slices, wrong
from inventory.ledger.bulkchunks import Work
from inventory.ledger.bulkfacts import BulkOutcome, PurchaseFact, SaleFact, Tally, TransferFact, once
from inventory.ledger.bulkgoods import Like, Piece
from inventory.ledger.bulkpieces import Part, parts, together, waves
from inventory.ledger.bulktables import made
from inventory.ledger.bulktransfers import Transfers
from inventory.ledger.counters import Key
from inventory.ledger.locking import lock_levels
from inventory.models import Cause, IssuePurpose, ReceiptPurpose, WarehouseMode
from inventory.quantity import from_thousandths, to_thousandths
from inventory.stocksettings import settings_of

AT_ONCE = 500
"""Transfers booked by one transaction; each has two levels, and a piece for each batch it takes from."""
LONGEST_KEY = 150
"""Leaves room for the side, the issue and the batch behind it."""


def transfer_many(actor: Actor, facts: Iterable[TransferFact], *, cause: Cause = Cause.SOURCE_SYNC) -> BulkOutcome:
    """Book transfers that have happened, each as an issue where it left and as receipts where it arrived, in one transaction.

    It is taken first expired first. What is not there is a shortfall of the issue, and arrives all the same, without expiry or known cost.
    Each batch that it is taken from is a receipt of its own, with lot, expiry, cost and time of receipt. What comes from the way is of the
    batches that its `pairs` have sent and that did not arrive yet, else of unknown origin. A side that follows an outside system, or was
    not open here then, is left out.

    Chunks, repetitions and corrections are as with `sell_many`. A correction changes the issue first, then the receipts, by what the issue
    holds then. Raises NotAllowed; a correction by who may only add is held.
    """
    actor.require("transfer.add")
    tally = Tally()
    catalogue = Catalogue(actor.account, settings_of(actor.account), moment.now())
    fit = [fact for part in slices(once(facts, tally)) for fact in _sifted(part, catalogue, tally)]
    for group in together(waves(fit), AT_ONCE):
        tally.add(_book_together(actor, group, catalogue, cause))
    return tally.outcome()


def _sifted(facts: Sequence[TransferFact], catalogue: Catalogue, tally: Tally) -> list[TransferFact]:
    """Those that can be booked; the others are held, with a sentence."""
    catalogue.read([_side(fact, Key(fact.product_id, place)) for fact in facts for place in fact.places])
    fit = []
    for fact in facts:
        if sentence := _wrong(fact, catalogue):
            tally.hold(fact, sentence)
        else:
            fit.append(fact)
    return fit


def _wrong(fact: TransferFact, catalogue: Catalogue) -> str:
    if len(fact.source_key) > LONGEST_KEY:
        return f"its source key has more than {LONGEST_KEY} characters. Let the source name a shorter one."
    if not fact.places and not fact.void:
        return "it says neither where it left nor where it arrived. Correct it where it comes from."
    if fact.from_id is not None and fact.from_id == fact.to_id:
        return "it goes where it came from. Correct it where it comes from."
    for place in fact.places:
        warehouse = catalogue.warehouses.get(place)
        follows = warehouse is not None and warehouse.mode != WarehouseMode.LEDGER
        if not follows and (sentence := wrong(_side(fact, Key(fact.product_id, place)), catalogue)):
            return sentence
    return ""


def _book_together(actor: Actor, group: Sequence[Sequence[TransferFact]], catalogue: Catalogue, cause: Cause) -> Tally:
    """Book chunks, each of which may go on from where the one before arrived, in one transaction."""
    tally = Tally()
    with transaction.atomic(), made(*bulkselling.TABLES, *bulkreceiving.TABLES):
        # Looked at before anything is locked, for where it is booked, and again behind the locks.
        lock_levels(actor.account, Transfers(actor, catalogue, [fact for chunk in group for fact in chunk]).keys())
        for chunk in group:
            tally.add(_book(actor, chunk, catalogue, cause))
    return tally


def _book(actor: Actor, facts: Sequence[TransferFact], catalogue: Catalogue, cause: Cause) -> Tally:
    tally = Tally()
    stored = Transfers(actor, catalogue, facts)
    todo = [fact for fact in facts if stored.is_to_do(fact, tally)]
    refused: dict[str, str] = {}
    issues = [Work(issue, place, stored.before(issue)) for place, fact in enumerate(todo) if (issue := _issue(fact, stored))]
    if issues:
        outcome = bulkselling.book(actor, issues, cause)
        tally.settled += outcome.settled
        refused = {key.removesuffix(OUT): _without(key, sentence) for key, sentence in outcome.held}
    going_on = [fact for fact in todo if fact.source_key not in refused]
    sent = sent_by(actor.account, {key for fact in going_on for key in (fact.source_key, *fact.pairs)})
    way = OnTheWay(actor.account, sent, {pair for fact in going_on for pair in fact.pairs})
    owners: dict[str, str] = {}
    pieces: list[Work[PurchaseFact]] = []
    for fact in going_on:
        for piece in _pieces(fact, stored, sent.get(fact.source_key), way):
            owners[piece.source_key] = fact.source_key
            pieces.append(Work(piece, len(pieces), stored.before(piece)))
    if pieces:
        outcome = bulkreceiving.book(actor, pieces, catalogue, cause)
        tally.settled += outcome.settled
        refused.update((owners[key], _without(key, sentence)) for key, sentence in outcome.held)
    told = {issue.fact.source_key.removesuffix(OUT) for issue in issues} | set(owners.values())
    for fact in todo:
        _count(fact, stored, sent.get(fact.source_key), told, refused, tally)
    return tally


def _issue(fact: TransferFact, stored: Transfers) -> SaleFact | None:
    """What there is to tell of where the transfer left."""
    known, place = stored.issues.get(fact.source_key), stored.place(fact, fact.from_id)
    if known is not None and known.revision >= fact.revision:
        return None
    if place is not None and not is_void(fact):
        return _side(fact, Key(fact.product_id, place), key=out_key(fact.source_key))
    if known is None or not stored.is_kept_here(known.key.warehouse_id):
        return None
    return _side(fact, known.key, key=out_key(fact.source_key), void=True)


def _pieces(fact: TransferFact, stored: Transfers, sent: Sent | None, way: OnTheWay) -> Iterable[PurchaseFact]:
    """What there is to tell of where it arrived: pieces that are new or others than before, and void ones."""
    known, place = stored.arrived.get(fact.source_key, ()), stored.place(fact, fact.to_id)
    correlation = fact.correlation or next((each.correlation for each in (*known, *filter(None, [sent]))), None) or uuid.uuid4()
    wanted: list[Part] = []
    if place is not None and not is_void(fact):
        booked = {each.tail: each.quantity for each in known if each.revision >= fact.revision}
        sources = sent.sources() if sent is not None else way.sources(fact.pairs, fact.source_key)
        wanted = parts(sources, to_thousandths(fact.quantity), booked)
        for part in wanted:
            if sent is None and part.source is not None:
                way.bring(part.source, fact.source_key, part.quantity)
            yield _piece(fact, part, Key(fact.product_id, place), correlation)
    tails = {part.tail for part in wanted}
    for each in known:
        gone = each.quantity and each.revision < fact.revision and each.tail not in tails
        if gone and stored.is_kept_here(each.key.warehouse_id):
            yield _piece(fact, Part(each.tail, each.quantity), each.key, correlation, void=True)


def _piece(fact: TransferFact, part: Part, level: Key, correlation: uuid.UUID, *, void: bool = False) -> Piece:
    source = part.source
    return Piece(
        source_key=in_key(fact.source_key, part.tail),
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        unit_kind=str(fact.unit_kind),
        quantity=from_thousandths(part.quantity),
        bought_at=fact.moved_at,
        purpose=ReceiptPurpose.TRANSFER,
        reference=fact.reference,
        revision=fact.revision,
        void=void,
        correlation=correlation,
        transfer_key=fact.source_key,
        like=source.like if source is not None else Like(),
        received_at=source.received_at if source is not None else fact.moved_at,
        sent=source.sent if source is not None else None,
    )


def _side(fact: TransferFact, level: Key, *, key: str = "", void: bool = False) -> SaleFact:
    """The transfer as an issue of a warehouse."""
    return SaleFact(
        source_key=key or fact.source_key,
        product_id=level.product_id,
        warehouse_id=level.warehouse_id,
        unit_kind=fact.unit_kind,
        quantity=fact.quantity,
        sold_at=fact.moved_at,
        purpose=IssuePurpose.TRANSFER,
        reference=fact.reference,
        revision=fact.revision,
        void=void or fact.void,
        correlation=fact.correlation,
    )


def _count(fact: TransferFact, stored: Transfers, sent: Sent | None, told: set[str], refused: dict[str, str], tally: Tally) -> None:
    if fact.source_key in refused:
        tally.hold(fact, refused[fact.source_key])
    elif fact.source_key not in told:
        tally.repeated += 1
    elif stored.newest(fact) >= 0:
        tally.corrected += 1
    elif sent is not None and sent.shortfall:
        tally.short += 1
    else:
        tally.booked += 1


def _without(key: str, sentence: str) -> str:
    """A sentence about a side without the side's own key before it."""
    return sentence.removeprefix(f"{key}: ")
