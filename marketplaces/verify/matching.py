"""Which item a lot could be that we do not know yet. Pure (docs/verify.md).

Three rules, the first that finds anything decides: it was ours, or bears our mark; it bears the number that another marketplace has given a
lot of ours; it is of the same kind as an item without a lot. Where more than one lot or item is meant, a person chooses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from marketplaces.lots import RemoteLot

MOST_CANDIDATES = 20

Kind = tuple[str, str, int | None, str, str]
"""Number, type, colour, condition and completeness, in our words."""


@dataclass(frozen=True)
class Known:
    """What the items are known by.

    `ours` are lots that were ours before, `elsewhere` those of other marketplaces, `kinds` of items that have no lot at the shop. `numbers`
    is what the shop's catalogue calls our numbers: of each of its ids the types and numbers.
    """

    ours: Mapping[str, int] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[Kind, Sequence[int]] = field(default_factory=dict)
    numbers: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """The item a lot is, or `candidates` of which a person chooses; neither where there is none."""

    item: int | None = None
    candidates: tuple[int, ...] = ()


def kind_of(number: str, item_type: str, color: int | None, condition: str, completeness: str) -> Kind:
    """What must be the same for a lot and an item to be the same thing.

    A set that is not said to be anything else is as sets are by custom: sealed when new, complete when used.
    """
    if item_type == "SET" and not completeness:
        completeness = "sealed" if condition == "new" else "complete"
    return number.strip().lower(), item_type, color, condition, completeness if item_type == "SET" else ""


def kinds_of_lot(lot: RemoteLot, known: Known) -> Iterator[Kind]:
    """The same of a lot: in its own words, then by what its catalogue calls our numbers; nothing where it could not be translated."""
    if lot.color_id is None or not lot.condition:
        return
    if lot.part_number:
        yield kind_of(lot.part_number, lot.item_type, lot.color_id, lot.condition, lot.completeness)
    for value in lot.identity.values():
        for item_type, number in known.numbers.get(str(value), ()):
            yield kind_of(number, item_type, lot.color_id, lot.condition, lot.completeness)


def match(lots: Iterable[RemoteLot], known: Known) -> Iterator[tuple[RemoteLot, Match]]:
    """What each of the unknown lots of a shop could be."""
    listed = list(lots)
    found = [_candidates(lot, known) for lot in listed]
    # Two lots for one item: neither is it without a person's word.
    claims = Counter(items[0] for items in found if len(items) == 1)
    for lot, items in zip(listed, found, strict=True):
        if len(items) == 1 and claims[items[0]] == 1:
            yield lot, Match(item=items[0])
        else:
            yield lot, Match(candidates=tuple(items[:MOST_CANDIDATES]))


def _candidates(lot: RemoteLot, known: Known) -> Sequence[int]:
    for mark, items in ((lot.lot_id, known.ours), (lot.token, known.tokens), *((other, known.elsewhere) for other in lot.others)):
        if mark in items:
            return (items[mark],)
    found: dict[int, None] = {}
    for kind in kinds_of_lot(lot, known):
        found.update(dict.fromkeys(known.kinds.get(kind, ())))
    return tuple(found)
