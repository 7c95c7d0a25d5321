"""Which warehouses give the goods of an order line, and which get them back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

ZERO = Decimal(0)


def split(quantity: Decimal, sources: Sequence[tuple[int, Decimal]], rest: int) -> dict[int, Decimal]:
    """How much of `quantity` comes from which of `sources`, pairs of a warehouse and what is available there, in the order of choice.

    From the first that has all of it; where none has, from each what it has. What is missing altogether falls to the warehouse `rest`.
    """
    for place, available in sources:
        if available >= quantity:
            return {place: quantity}
    found: dict[int, Decimal] = {}
    for place, available in sources:
        taken = min(max(available, ZERO), quantity)
        if taken:
            found[place] = taken
            quantity -= taken
    if quantity:
        found[rest] = found.get(rest, ZERO) + quantity
    return found


def left_after(taken: Mapping[int, Decimal], back: Decimal, short: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """What stays taken of each warehouse when `back` of it goes back. `taken` is in the order of choice.

    What was never there goes first (`short`, a part of `taken`), then the warehouses chosen last give back first.
    """
    left = dict(taken)
    for limits in (short, taken):
        for place in reversed(list(taken)):
            returned = min(left[place], limits.get(place, ZERO), back)
            left[place] -= returned
            back -= returned
    return left


def share(taken: Decimal, pieces: int, back: int, *, whole: bool) -> Decimal:
    """How much of `taken`, which are `pieces`, goes back with `back` of them; in whole numbers where a product is counted so."""
    if back >= pieces:
        return taken
    part = taken * back / pieces
    return part.to_integral_value(rounding="ROUND_FLOOR") if whole else part.quantize(Decimal("0.001"), rounding="ROUND_FLOOR")
