"""Bringing an order's lines to what is due of them: matched to items, booked, and taken off what their shop was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.acting import Actor
from marketplaces import push
from marketplaces.models import LineBooking, Listing, LotOrigin, Order, OrderLine, OrderPhase
from marketplaces.orders.locked import lock
from marketplaces.orders.matching import Clues, Match, match
from marketplaces.orders.plan import due
from marketplaces.orders.taking import CAUSE, Wanted, kind_of, take

BEFORE_SHOP = "Ordered before this shop's orders were read here."
BEFORE_LOT = "Ordered before the lot was adopted: its quantity was read afterwards."
_SAVED = ("listing", "item", "booking", "booked", "restocked", "shortfall", "told_lowered", "note")


@dataclass(frozen=True)
class News:
    """What is known of some lines besides what is stored, by the line's id.

    `clues` are those of lines read just now. `not_before`: of lines that came, or grew, after the order was first read: when they had not
    yet. `chosen` are items that a person has matched. `reopened`: the order had been cancelled.
    """

    clues: Mapping[int, Clues] = field(default_factory=dict)
    not_before: Mapping[int, datetime | None] = field(default_factory=dict)
    chosen: Mapping[int, int] = field(default_factory=dict)
    reopened: bool = False


@dataclass
class _Sold:
    """Pieces that the shop has taken off a listing's lot, and that it was not told of by us."""

    line: OrderLine
    listing_id: int
    pieces: int


def settle(actor: Actor, order: Order, lines: Sequence[OrderLine], news: News, now: datetime) -> None:
    """Match the lines that are not matched yet, book what is due and not booked, lower what the shop was told, and ask for the push.

    For the transaction that has locked the order. Done again it does nothing. Raises NotBooked.
    """
    matches = _matches(order, lines, news)
    for line in lines:
        _place(order, line, matches.get(line.pk), news, now)
    booking = [line for line in lines if line.item_id is not None and line.booking != LineBooking.HISTORY]
    wanted = [
        Wanted(line, line.item_id or 0, pieces, _ordered_at(order, line, news, now))
        for line in booking
        if (pieces := due(line.quantity, line.refunded, order.phase) - line.booked) > 0
    ]
    unplaced = [line for line in booking if line.booking == LineBooking.UNMATCHED]
    locked = lock(order.account_id, {each.item_id for each in wanted} | {line.item_id for line in unplaced if line.item_id})
    sold = _sold(lines, matches, {each.line.pk: each.pieces for each in wanted})
    take(actor, order, wanted, locked)
    for line in unplaced:
        if line.booking == LineBooking.UNMATCHED and line.item_id:
            # Nothing is due of it; what it would be booked as is known all the same.
            line.booking = kind_of(locked.items[line.item_id], locked.sources.get(line.item_id, []))
    _tell(order, sold, news, now)
    OrderLine.objects.bulk_update(lines, _SAVED, batch_size=200)
    differing = {each.item_id for each in wanted} | {each.line.item_id for each in sold if each.line.item_id}
    push.request(differing, CAUSE, account_id=order.account_id, correlation=order.correlation)


def history_until(order: Order) -> datetime:
    """What was ordered before is not booked."""
    return order.shop.orders_from or order.shop.created_at


def pending(line: OrderLine) -> bool:
    """Whether it is still to be found out whose lot the line is: it has no item, or was booked before its lot was known to be ours."""
    return line.booking == LineBooking.UNMATCHED or (line.listing_id is None and bool(line.lot_id) and line.booking != LineBooking.HISTORY)


def _matches(order: Order, lines: Sequence[OrderLine], news: News) -> dict[int, Match]:
    open_ = [line for line in lines if pending(line)]
    clues = {line.pk: news.clues.get(line.pk) or Clues.of(line) for line in open_}
    found = match(order.shop, clues.values()) if clues else {}
    matches = {pk: found[each] for pk, each in clues.items() if each in found}
    for pk, item_id in news.chosen.items():
        matches[pk] = Match(item_id)
    return matches


def _place(order: Order, line: OrderLine, found: Match | None, news: News, now: datetime) -> None:
    """Let the line be of the item that it was found to be, or history."""
    if not pending(line):
        return
    at = _ordered_at(order, line, news, now)
    if line.booking == LineBooking.UNMATCHED:
        if found is not None:
            line.item_id = found.item_id
        if line.pk in news.chosen:
            return
        if _before(at, history_until(order)) and line.pk not in news.not_before:
            line.booking, line.note = LineBooking.HISTORY, BEFORE_SHOP
        elif found is not None and found.lot is not None and found.lot.origin == LotOrigin.ADOPTED and _before(at, found.lot.since):
            line.booking, line.note = LineBooking.HISTORY, BEFORE_LOT
    if found is not None and found.item_id == line.item_id:
        line.listing_id = found.listing_id


def _before(at: datetime, moment: datetime) -> bool:
    # Shops tell whole seconds.
    return at < moment.replace(microsecond=0)


def _ordered_at(order: Order, line: OrderLine, news: News, now: datetime) -> datetime:
    return now if line.pk in news.not_before else order.ordered_at


def _sold(lines: Sequence[OrderLine], matches: Mapping[int, Match], more: Mapping[int, int]) -> list[_Sold]:
    """What was sold of lots that are ours, as far as it was not taken off the told quantity before."""
    found = []
    for line in lines:
        if line.listing_id is None or line.booking == LineBooking.HISTORY or not line.lot_id:
            continue
        pieces = more.get(line.pk, 0)
        if line.pk in matches:
            # All of it: until now it was not known that it came from that lot.
            pieces += line.booked
        if pieces or line.pk in matches:
            found.append(_Sold(line, line.listing_id, pieces))
    return found


def _tell(order: Order, sold: Sequence[_Sold], news: News, now: datetime) -> None:
    """Lower what the shop was told, where the line's lot is the one that the listing has now."""
    listings = Listing.objects.filter(pk__in={each.listing_id for each in sold}).order_by("pk").select_for_update()
    current = {row.pk: (row.lot_id, row.assigned_at) for row in listings}
    for each in sorted(sold, key=lambda each: each.listing_id):
        lot_id, assigned_at = current[each.listing_id]
        if lot_id != each.line.lot_id:
            continue
        if order.phase == OrderPhase.CANCELLED or news.reopened:
            # The shop may have put pieces back, or taken them again.
            push.doubt(each.listing_id)
        elif each.pieces:
            at = order.ordered_at
            if each.line.pk in news.not_before:
                at = _sold_at(assigned_at, news.not_before[each.line.pk], now)
            each.line.told_lowered += push.lower_told(each.listing_id, each.pieces, at)


def _sold_at(assigned_at: datetime | None, not_before: datetime | None, now: datetime) -> datetime:
    """When pieces were sold that came to an order between `not_before` and `now`.

    Where the lot was read in between, it can't be known whether they are in what was read: they then count as sold at that moment, so that
    the lot is read again.
    """
    if assigned_at is None or (not_before is not None and assigned_at <= not_before):
        return now
    return assigned_at
