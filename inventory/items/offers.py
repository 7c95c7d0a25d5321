"""How many pieces a linked item offers of what is there (docs/items.md). Pure."""

from __future__ import annotations

from decimal import Decimal

from inventory.quantity import STORABLE, to_thousandths

MOST = 2**31 - 1
"""What a quantity of pieces can be in the database."""


def offer(
    available: Decimal,
    *,
    held: Decimal = Decimal(0),
    pack: Decimal = Decimal(1),
    buffer: Decimal = Decimal(0),
    minimum: int = 0,
    maximum: int | None = None,
    share: int = 100,
) -> int:
    """Whole pieces: `share` per cent of what is `available` without what is kept back (`buffer`) and `held`, in packs of `pack`.

    Rounded down; never below zero nor above `maximum`; nothing where it would be less than `minimum`. `available` may be negative.
    """
    # In whole thousandths: no quotient of decimals is exact.
    free = _whole(available) - _whole(buffer) - _whole(held)
    pieces = free * share // (100 * _whole(pack))
    pieces = max(0, min(pieces, MOST if maximum is None else maximum))
    return pieces if pieces >= minimum else 0


def _whole(quantity: Decimal) -> int:
    return to_thousandths(quantity, STORABLE)
