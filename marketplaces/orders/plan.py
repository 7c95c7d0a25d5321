"""What an order's lines say now, against what they said before, and what is to be booked of them. Pure (docs/orders.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from marketplaces.lots import RemoteLine
from marketplaces.models import OrderPhase, Restock

GROWN = " +"
"""Stands in the key of a line that was split off because the first part of it is history."""


@dataclass(frozen=True)
class KnownLine:
    """A line as it is stored."""

    pk: int
    key: str
    lot_id: str
    quantity: int
    refunded: int = 0
    history: bool = False


@dataclass(frozen=True)
class NewLine:
    """A line that is to be stored, with `quantity` and `refunded` instead of what the shop's line says."""

    key: str
    remote: RemoteLine
    quantity: int
    refunded: int


@dataclass(frozen=True)
class Lines:
    """What there is to write: lines never seen, and of stored ones, by id, the pieces ordered and refunded that are other than before."""

    new: tuple[NewLine, ...] = ()
    changed: tuple[tuple[int, int, int], ...] = ()


def compare(known: Sequence[KnownLine], told: Iterable[RemoteLine]) -> Lines:
    """What is new of an order whose stored lines are `known` and of which the shop says `told`.

    Lines of one lot are compared together: a shop that has no names for lines may give them back in another order, and pieces that only
    went from one line to another were neither sold nor refunded. So afterwards the stored lines of each lot hold as many pieces as the
    shop says, and reading the same again, in any order, finds nothing.
    """
    stored = {line.key: line for line in known}
    remote = _by_key(told)
    lots: dict[str, set[str]] = defaultdict(set)
    for key, line in stored.items():
        lots[_lot(key, line.lot_id)].add(key)
    for key, each in remote.items():
        # A shop may have forgotten the lot since.
        lots[_lot(key, stored[key].lot_id if key in stored else each.lot_id)].add(key)
    new: list[NewLine] = []
    changed: list[tuple[int, int, int]] = []
    for keys in lots.values():
        quantity, refunded = (
            settled(
                {key: getattr(stored[key], field) for key in keys if key in stored},
                {key: getattr(remote[key], field) for key in keys if key in remote},
            )
            for field in ("quantity", "refunded")
        )
        for key in sorted(keys & stored.keys()):
            _split(stored[key], quantity, refunded, remote)
        for key in sorted(quantity):
            before = stored.get(key)
            if before is None and quantity[key]:
                new.append(NewLine(key, remote[key], quantity[key], refunded[key]))
            elif before is not None and (quantity[key], refunded[key]) != (before.quantity, before.refunded):
                changed.append((before.pk, quantity[key], refunded[key]))
    return Lines(tuple(new), tuple(changed))


def settled(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How many pieces each line has, so that together they have as many as `after`, and none changes against the way they all went."""
    changes = {key: after.get(key, 0) - before.get(key, 0) for key in sorted({*before, *after})}
    left = sum(changes.values())
    result = {}
    for key, change in changes.items():
        taken = min(change, left) if left > 0 else max(change, left)
        taken = taken if taken * left > 0 else 0
        left -= taken
        result[key] = before.get(key, 0) + taken
    return result


def due(quantity: int, refunded: int, phase: str) -> int:
    """How many pieces of a line are to be booked."""
    return 0 if phase == OrderPhase.CANCELLED else max(quantity - refunded, 0)


def surplus(booked: int, quantity: int, refunded: int, phase: str) -> int:
    """How many pieces of a line are booked that the shop does not count as sold any more."""
    return max(booked - due(quantity, refunded, phase), 0)


def restock_after(before: str, *, surplus: int, more: bool) -> str:
    """What is to be chosen about an order's goods, of which `surplus` pieces are booked that the shop does not count as sold any more.

    Once declined, it is offered again only when `more` pieces came back than before.
    """
    if not surplus:
        return Restock.RESTOCKED if before == Restock.RESTOCKED else Restock.NONE
    return Restock.OFFERED if more or before in (Restock.NONE, Restock.RESTOCKED) else before


def _by_key(told: Iterable[RemoteLine]) -> dict[str, RemoteLine]:
    """The lines by their keys, which a shop is to give once each; what it gives twice is one line all the same."""
    found: dict[str, RemoteLine] = {}
    for line in told:
        same = found.get(line.key)
        if same is not None:
            line = replace(same, quantity=same.quantity + line.quantity, refunded=same.refunded + line.refunded)
        found[line.key] = line
    return found


def _lot(key: str, lot_id: str) -> str:
    return f"lot {lot_id}" if lot_id else f"line {key.split(GROWN)[0]}"


def _split(line: KnownLine, quantity: dict[str, int], refunded: dict[str, int], remote: dict[str, RemoteLine]) -> None:
    """What was ordered before the lot was ours stays history; what was added since was sold from our stock, and is a line of its own."""
    more = quantity[line.key] - line.quantity
    if not line.history or more <= 0 or line.key not in remote:
        return
    key = f"{line.key}{GROWN}{line.quantity}"
    remote.setdefault(key, replace(remote[line.key], key=key, lot_id=line.lot_id))
    quantity[line.key] = line.quantity
    quantity[key] = quantity.get(key, 0) + more
    refunded.setdefault(key, 0)
