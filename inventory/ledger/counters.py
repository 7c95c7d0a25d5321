"""What levels are counted in, and what tells one from another."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from inventory.models import UnitKind

ZERO = Decimal(0)
KINDS = tuple(UnitKind.values)


class Key(NamedTuple):
    """One product in one warehouse. Levels are always locked in the order of their keys."""

    product_id: int
    warehouse_id: int


class Counters(NamedTuple):
    """Pallets, packs and units, which are never turned into each other."""

    pallets: Decimal = ZERO
    packs: Decimal = ZERO
    units: Decimal = ZERO

    def of(self, kind: str) -> Decimal:
        """The counter of a unit kind. Raises ValueError for a kind there is not."""
        return self[KINDS.index(kind)]

    def moved(self, kind: str, by: Decimal) -> Counters:
        return self._replace(**{kind: self.of(kind) + by})

    def less(self, other: Counters) -> Counters:
        """The difference: what `other` would have to grow by to become these."""
        return Counters(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    def plus(self, other: Counters) -> Counters:
        return Counters(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def in_all(self) -> Decimal:
        """The sizes of all three together, whatever their signs: how much stock a difference is about."""
        return sum((abs(each) for each in self), ZERO)
