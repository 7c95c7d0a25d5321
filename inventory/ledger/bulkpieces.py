"""Of which batches what arrives by a transfer is, and in which order transfers are booked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.ledger.bulkfacts import TransferFact
from inventory.ledger.bulkgoods import Like

UNKNOWN = "short"


@dataclass(frozen=True, slots=True)
class Source:
    """Goods of one batch that have left by an issue: `left` thousandths of them have not arrived by any other transfer.

    `tail` names the piece that they arrive as.
    """

    tail: str
    left: int
    like: Like
    received_at: datetime
    sent: int


@dataclass(frozen=True, slots=True)
class Part:
    """So many thousandths that arrive, and what they are; None where nobody knows."""

    tail: str
    quantity: int
    source: Source | None = None


def parts(sources: Iterable[Source], quantity: int, booked: Mapping[str, int]) -> list[Part]:
    """As which pieces `quantity` thousandths arrive, besides those that are booked: of what left first, and the rest of unknown origin."""
    rest, found = quantity - sum(booked.values()), []
    for source in sources:
        taken = min(source.left, rest)
        if taken > 0 and source.tail not in booked:
            found.append(Part(source.tail, taken, source))
            rest -= taken
    if rest > 0:
        found.append(Part(f"{UNKNOWN}.{len(booked)}" if UNKNOWN in booked else UNKNOWN, rest))
    return found


def waves(facts: Iterable[TransferFact]) -> list[list[TransferFact]]:
    """All of them, in groups to be booked one after the other, each in the order in which they happened.

    What arrives somewhere and leaves from there again is in an earlier group than where it goes to, else it would not be there yet.
    """
    found: list[list[TransferFact]] = []
    for wave, fact in _numbered(facts):
        if wave == len(found):
            found.append([])
        found[wave].append(fact)
    return found


def beyond(facts: Iterable[TransferFact], most: int) -> TransferFact | None:
    """The first in time that belongs to none of the first `most` waves."""
    return next((fact for wave, fact in _numbered(facts) if wave >= most), None)


def _numbered(facts: Iterable[TransferFact]) -> Iterator[tuple[int, TransferFact]]:
    """Each with the number of its wave, in the order in which they happened."""
    arrived: dict[tuple[int, int, str], int] = {}
    left: dict[tuple[int, int, str], int] = {}
    sent: dict[str, int] = {}
    for fact in sorted(facts, key=lambda fact: fact.moved_at):
        out_of, into = ((fact.product_id, place, str(fact.unit_kind)) for place in (fact.from_id or 0, fact.to_id or 0))
        after = [arrived[out_of] + 1] if fact.from_id is not None and out_of in arrived else [0]
        # What left a place before leaves it first, and what arrives comes after what sent it.
        after += [left[out_of]] if fact.from_id is not None and out_of in left else []
        after += [sent[pair] for pair in fact.pairs if pair in sent]
        wave = max(after)
        yield wave, fact
        left[out_of], sent[fact.source_key] = wave, wave
        arrived[into] = max(wave, arrived.get(into, 0))


def in_order(facts: Sequence[TransferFact], size: int) -> Iterable[list[TransferFact]]:
    """A wave in chunks, product by product so that few transactions touch many levels."""
    ordered = sorted(facts, key=lambda fact: (fact.product_id, fact.moved_at))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def together(found: Iterable[Sequence[TransferFact]], size: int) -> Iterator[list[list[TransferFact]]]:
    """Waves in chunks, and in each group the chunks that one transaction books, one after the other: `size` transfers at most."""
    group: list[list[TransferFact]] = []
    for chunk in (chunk for wave in found for chunk in in_order(wave, size)):
        if group and sum(map(len, group)) + len(chunk) > size:
            yield group
            group = []
        group.append(chunk)
    if group:
        yield group
