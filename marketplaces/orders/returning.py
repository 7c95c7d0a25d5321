"""Giving back what order lines had taken, because a person says that it is in stock again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.acting import Actor
from inventory import items, moment
from marketplaces.models import LineBooking, Order, OrderLine
from marketplaces.orders.booked import Booked, booked_of
from marketplaces.orders.locked import Locked
from marketplaces.orders.splitting import left_after, share
from marketplaces.orders.taking import source_of
from marketplaces.orders.writing import Change, write

CAUSE = "restock"
LINKED_SINCE = "The item was linked to a product since: put them into its stock by hand."
COUNTED_SINCE = "Its warehouse was opened anew since: if the count has not seen them, enter them by hand."


@dataclass(frozen=True)
class Back:
    """So many pieces of a line are back."""

    line: OrderLine
    item_id: int
    pieces: int


def give_back(actor: Actor, order: Order, back: Sequence[Back], locked: Locked) -> None:
    """Reverse what was booked for these pieces, and note it on the lines; the caller stores them. What was never there does not come back.

    Raises NotBooked.
    """
    stock = [each for each in back if each.line.booking in (LineBooking.SALE, LineBooking.HOLD)]
    booked = booked_of(order, [each.line for each in stock])
    changes = [_change(each, locked, booked) for each in stock]
    counted = write(actor, order, changes).counted if changes else frozenset()
    for each in back:
        line, item = each.line, locked.items[each.item_id]
        short = min(each.pieces, line.shortfall)
        if line.pk in counted:
            line.note = COUNTED_SINCE
        if line.booking == LineBooking.ITEM and item.linked:
            line.note = LINKED_SINCE
        elif line.booking == LineBooking.ITEM and each.pieces > short:
            items.restocked(actor, item, each.pieces - short, source=source_of(order), correlation=order.correlation, cause=CAUSE)
        line.shortfall -= short
        line.booked -= each.pieces
        line.restocked += each.pieces


def _change(each: Back, locked: Locked, booked: Mapping[int, Booked]) -> Change:
    item, line, taken = locked.items[each.item_id], each.line, booked[each.line.pk]
    total = {**taken.sold}
    for place, quantity in taken.held.items():
        total[place] = total.get(place, Decimal(0)) + quantity
    whole = item.product is not None and not item.product.fractional
    returned = share(sum(total.values(), Decimal(0)), line.booked, each.pieces, whole=whole)
    left = left_after(total, returned, taken.short)
    sold = {place: min(quantity, left[place]) for place, quantity in taken.sold.items()}
    held = {place: left[place] - sold.get(place, Decimal(0)) for place in taken.held}
    return Change(line, item, taken, sold, held, moment.now())
