"""Orders of a shop, each read and booked once (docs/orders.md)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.acting import Actor
from accounts.errors import Problem
from inventory import moment
from marketplaces import push
from marketplaces.lots import RemoteLine, RemoteOrder
from marketplaces.models import LineBooking, Listing, Order, OrderLine, OrderPhase, Shop
from marketplaces.orders import missed, shortfalls, storing
from marketplaces.orders.matching import Clues, match
from marketplaces.orders.plan import KnownLine, Lines, compare, restock_after, surplus
from marketplaces.orders.reading import AT_ONCE, FAR_BACK, LOOK_AGAIN, REFUNDED_UNTIL, KnownOrder, is_news, needs_lines, since
from marketplaces.orders.settling import News, settle
from marketplaces.provider import Remote, provider_of
from marketplaces.push.spending import ORDERS
from sync.wire.errors import Refused, WrongAnswer

logger = logging.getLogger(__name__)

_IDS = 500


def read_orders(shop: Shop) -> None:
    """Read the shop's list of orders and book what is new in it, each order in a transaction of its own.

    Called again, also after dying anywhere, it books what is missing and nothing twice. One order that can't be read or booked says so
    itself and keeps none of the others. Raises WireError, CredentialsUnreadable; what was booked until then stays.
    """
    started = moment.now()
    provider = provider_of(shop)
    with provider.open(shop) as remote:
        if shop.orders_from is not None and (shop.orders_mark is None or shop.orders_mark < shop.orders_from):
            # What was sold while orders were not read was never taken off what the shop was told.
            missed.doubt(shop, remote)
        listed = remote.orders(since(shop.orders_mark, started), ORDERS)
        known = _known(shop, listed)
        for each in sorted(listed, key=lambda order: (order.ordered_at, order.order_id)):
            if is_news(each, known.get(each.order_id), started):
                _import(shop, remote, each, known.get(each.order_id), started)
        if not provider.lists_refunds:
            _look_again(shop, remote, started)
    match_again(shop, started)
    shortfalls.settled(shop)
    Shop.objects.filter(pk=shop.pk).update(orders_mark=started)
    shop.orders_mark = started


def match_again(shop: Shop, now: datetime) -> int:
    """Try lines once more of which it was not known whose they are; of how many orders some are known now. Two statements where none is."""
    open_ = Q(booking=LineBooking.UNMATCHED) | (Q(listing=None) & ~Q(lot_id="") & ~Q(booking=LineBooking.HISTORY))
    lines = list(OrderLine.objects.filter(open_, order__shop=shop, order__ordered_at__gte=now - FAR_BACK))
    clues = {line.pk: Clues.of(line) for line in lines}
    found = match(shop, clues.values()) if clues else {}
    orders = {
        line.order_id
        for line in lines
        if (match_ := found.get(clues[line.pk])) is not None and (line.item_id is None or match_.item_id == line.item_id)
    }
    for pk in sorted(orders):
        try:
            with transaction.atomic():
                order = locked(shop.account_id, pk)
                settle(actor_of(shop), order, list(order.lines.order_by("pk")), News(), now)
        except Exception:
            # As for an order that is new: the others go on.
            logger.exception("What became known of order %s could not be booked.", pk)
    return len(orders)


def locked(account_id: int, order_pk: int) -> Order:
    """The order, locked before anything that it books. Raises Order.DoesNotExist."""
    rows = Order.objects.select_for_update(of=("self",)).select_related("shop__connection")
    return rows.get(pk=order_pk, account=account_id)


def actor_of(shop: Shop) -> Actor:
    """Who books what a shop has sold."""
    return Actor.system(shop.account, f"Orders of {shop}")


def _known(shop: Shop, listed: Sequence[RemoteOrder]) -> dict[str, KnownOrder]:
    ids = [each.order_id for each in listed]
    lines = OrderLine.objects.filter(order=OuterRef("pk"))
    found: dict[str, KnownOrder] = {}
    for start in range(0, len(ids), _IDS):
        rows = Order.objects.filter(shop=shop, order_id__in=ids[start : start + _IDS]).annotate(has_lines=Exists(lines)).order_by()
        for order_id, digest, problem, at, has_lines in rows.values_list("order_id", "read_digest", "problem", "updated_at", "has_lines"):
            found[order_id] = KnownOrder(digest, problem, at, has_lines)
    return found


def _import(shop: Shop, remote: Remote, listed: RemoteOrder, known: KnownOrder | None, now: datetime) -> None:
    lines: Sequence[RemoteLine] | None = None
    if needs_lines(listed, known, shop.orders_from or shop.created_at, now):
        lines = _contents(shop, remote, listed, now)
        if lines is None:
            return
    _book(shop, listed, lines, now)


def _look_again(shop: Shop, remote: Remote, now: datetime) -> None:
    """Read again what booked orders hold, the one that was looked at longest ago first: pieces may have been refunded."""
    stale = Q()
    for phase, pause in LOOK_AGAIN.items():
        stale |= Q(phase=phase, updated_at__lte=now - pause)
    booked = Exists(OrderLine.objects.filter(order=OuterRef("pk"), booked__gt=0))
    rows = Order.objects.filter(stale, booked, shop=shop, problem="", ordered_at__gte=now - REFUNDED_UNTIL)
    for order in rows.order_by("updated_at", "pk")[:AT_ONCE]:
        listed = storing.as_listed(order)
        lines = _contents(shop, remote, listed, now)
        if lines is not None:
            _book(shop, listed, lines, now)


def _contents(shop: Shop, remote: Remote, listed: RemoteOrder, now: datetime) -> Sequence[RemoteLine] | None:
    """What the order holds; None where that can't be read, which the order then says."""
    try:
        return remote.order_lines(listed.order_id, ORDERS)
    except (Refused, WrongAnswer) as error:
        # What the shop refuses it will refuse again, until it says something new of the order.
        settled = isinstance(error, Refused)
        _unreadable(shop, listed, f"Its contents could not be read: {error.sentence}", now, digest=listed.digest if settled else "")
        return None


def _book(shop: Shop, listed: RemoteOrder, lines: Sequence[RemoteLine] | None, now: datetime) -> None:
    try:
        imported(shop, listed, lines, now)
    except Problem as problem:
        _unreadable(shop, listed, f"It could not be booked: {problem.sentence}", now)
    except OperationalError:
        # A deadlock, or a database that is locked for long: nothing is stored of it, and the next reading does it.
        logger.exception("Order %s of shop %s was cut off by the database.", listed.order_id, shop.pk)
    except Exception:
        # The one place that closes the import of an order: what breaks with one must not keep the others from being booked.
        logger.exception("Order %s of shop %s could not be imported.", listed.order_id, shop.pk)
        _unreadable(shop, listed, "Something went wrong in this program; the operator finds it in the log.", now)


def _unreadable(shop: Shop, listed: RemoteOrder, sentence: str, now: datetime, *, digest: str = "") -> None:
    with transaction.atomic():
        order = _order(shop, listed, now)
        if not order.read_digest:
            storing.describe(order, listed)
        order.problem, order.read_digest = sentence[:500], digest
        order.save()


def imported(shop: Shop, listed: RemoteOrder, told: Sequence[RemoteLine] | None, now: datetime) -> Order:
    """Store what the shop says of an order and book what is due of it, all or nothing; `told` None leaves its lines as they are.

    Raises NotBooked.
    """
    with transaction.atomic():
        order = _order(shop, listed, now)
        lines = list(order.lines.order_by("pk"))
        before = {line.pk: surplus(line.booked, line.quantity, line.refunded, order.phase) for line in lines}
        was_cancelled = order.phase == OrderPhase.CANCELLED and bool(lines)
        storing.describe(order, listed)
        clues: dict[int, Clues] = {}
        later: set[int] = set()
        if told is not None:
            changes = compare(
                [KnownLine(row.pk, row.key, row.lot_id, row.quantity, row.refunded, row.booking == LineBooking.HISTORY) for row in lines],
                [replace(line, key=storing.key(line)) for line in told],
            )
            grown = _grow(lines, changes)
            new = OrderLine.objects.bulk_create([storing.line_of(order, each) for each in changes.new])
            clues = {row.pk: _clues(row, each.remote) for row, each in zip(new, changes.new, strict=True)}
            later = {*grown, *(row.pk for row in new)} if lines else set()
            lines += new
        news = News(clues, dict.fromkeys(later, shop.orders_mark), reopened=was_cancelled and order.phase != OrderPhase.CANCELLED)
        settle(actor_of(shop), order, lines, news, now)
        _choose(order, lines, before)
        if order.phase in (OrderPhase.SHIPPED, OrderPhase.DONE):
            order.shipped_at = order.shipped_at or now
        order.read_digest, order.problem = listed.digest, ""
        order.save()
    return order


def _order(shop: Shop, listed: RemoteOrder, now: datetime) -> Order:
    """The order, locked; made where it is new."""
    made = Order(account_id=shop.account_id, shop=shop, order_id=listed.order_id, imported_at=now)
    storing.describe(made, listed)
    Order.objects.bulk_create([made], ignore_conflicts=True)
    pk = Order.objects.values_list("pk", flat=True).get(shop=shop, order_id=listed.order_id)
    return locked(shop.account_id, pk)


def _clues(row: OrderLine, remote: RemoteLine) -> Clues:
    return replace(Clues.of(row), token=remote.token, item_type=remote.item_type)


def _grow(lines: Iterable[OrderLine], changes: Lines) -> set[int]:
    """Note what the stored lines hold now; the ids of those that hold more."""
    by_pk = {line.pk: line for line in lines}
    grown, changed = set(), []
    for pk, quantity, refunded in changes.changed:
        line = by_pk[pk]
        if quantity > line.quantity:
            grown.add(pk)
        line.quantity, line.refunded = storing.pieces(quantity), storing.pieces(refunded)
        changed.append(line)
    OrderLine.objects.bulk_update(changed, ["quantity", "refunded"], batch_size=200)
    return grown


def _choose(order: Order, lines: Sequence[OrderLine], before: Mapping[int, int]) -> None:
    """Offer what the shop does not count as sold any more to be put back into stock, and doubt what the shop was told: it may have put the
    pieces back itself."""
    after = {line.pk: surplus(line.booked, line.quantity, line.refunded, order.phase) for line in lines}
    more = [line for line in lines if after[line.pk] > before.get(line.pk, 0)]
    order.restock = restock_after(order.restock, surplus=sum(after.values()), more=bool(more))
    doubt_lots(more)


def doubt_lots(lines: Iterable[OrderLine]) -> None:
    """Let the lots of these lines be read before their quantity is next changed."""
    lots = {line.listing_id: line.lot_id for line in lines if line.listing_id is not None}
    for pk, lot_id in Listing.objects.filter(pk__in=lots).order_by("pk").values_list("pk", "lot_id"):
        if lot_id and lot_id == lots[pk]:
            push.doubt(pk)
