"""What is asked of a shop about its orders, and how often. Pure (docs/orders.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplaces.lots import RemoteOrder
from marketplaces.models import OrderPhase

EVERY = timedelta(seconds=60)
SELDOM = timedelta(minutes=5)
"""How often orders are read, and how often when few calls are left."""
FEW_CALLS = 1500
SLACK = timedelta(seconds=10)
"""The clock ticks once a minute, and not to the second."""
OVERLAP = timedelta(minutes=50)
"""Less than an hour, after which a shop may be asked for more (BrickLink's filed orders)."""
FAR_BACK = timedelta(days=90)
"""Orders that are older change no more, as far as stock is concerned."""
MAY_GROW = timedelta(days=30)
AGAIN_AFTER = timedelta(minutes=15)
"""What could not be read of an order is asked for again then, or when the shop says something new of it."""


REFUNDED_UNTIL = timedelta(days=60)
"""Pieces of older orders are not looked for to have been refunded."""
LOOK_AGAIN = {OrderPhase.OPEN: timedelta(hours=1), OrderPhase.SHIPPED: timedelta(hours=12), OrderPhase.DONE: timedelta(hours=12)}
"""After so long the contents of a booked order are read again, where its shop's list does not tell of refunds."""
AT_ONCE = 20


def is_due(polled_at: datetime | None, asked_at: datetime | None, now: datetime, calls_left: int | None) -> bool:
    """Whether a shop's orders are to be read now. `calls_left` is what is left of a day's budget, None where there is none."""
    if polled_at is None or polled_at > now or (asked_at is not None and asked_at > polled_at):
        return True
    pause = SELDOM if calls_left is not None and calls_left < FEW_CALLS else EVERY
    return now - polled_at >= pause - SLACK


def since(mark: datetime | None, now: datetime) -> datetime:
    """From when on changes of orders are asked for, the last reading having begun at `mark`.

    With an overlap, as shops' clocks differ; and far back once an hour, because it is not known of every shop whether it goes by when an
    order was changed or by when it was made.
    """
    if mark is None or mark > now or (mark.date(), mark.hour) != (now.date(), now.hour):
        return now - FAR_BACK
    return mark - OVERLAP


@dataclass(frozen=True)
class KnownOrder:
    """An order as it is stored. `tried_at`: when something was last done about it."""

    digest: str
    problem: str
    tried_at: datetime
    has_lines: bool


def is_news(listed: RemoteOrder, known: KnownOrder | None, now: datetime) -> bool:
    """Whether there is something to do about an order in a shop's list."""
    if known is None or (known.digest and known.digest != listed.digest):
        return True
    return known.digest != listed.digest and (not known.problem or now - known.tried_at >= AGAIN_AFTER)


def needs_lines(listed: RemoteOrder, known: KnownOrder | None, history_until: datetime, now: datetime) -> bool:
    """Whether its lines are asked for, which costs a call: not of orders that came to an end before the shop's orders were read here, nor
    to learn that all of one that is known is cancelled."""
    if known is not None and known.has_lines:
        return listed.phase != OrderPhase.CANCELLED
    if listed.ordered_at < history_until.replace(microsecond=0):
        return listed.phase == OrderPhase.OPEN and now - listed.ordered_at < MAY_GROW
    return True
