"""What people decide about orders: whose a line is, and what becomes of goods that the shop does not count as sold any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from django.db import transaction

from accounts.acting import Actor
from accounts.audit import record
from accounts.notthere import listed
from accounts.roles import Role
from inventory import moment
from inventory.models import Item
from marketplaces import push
from marketplaces.errors import NoSuchLines, NotDecidable
from marketplaces.models import LineBooking, Order, OrderLine, Restock
from marketplaces.orders.importing import doubt_lots, locked
from marketplaces.orders.locked import lock
from marketplaces.orders.plan import surplus
from marketplaces.orders.returning import CAUSE, Back, give_back
from marketplaces.orders.settling import News, settle

_SAVED = ("booked", "restocked", "shortfall", "note")


def restock(actor: Actor, order: Order, lines: Collection[int] | None = None) -> Order:
    """Put the goods of a cancelled order, or refunded pieces, back where they were taken from: of all its lines, or of these, by id.

    What was never there does not come back. Whether the shop has put them back there by itself is not known: the lot is read before its
    quantity is next changed. Raises NotAllowed, Order.DoesNotExist for one of another account, NoSuchLines where it has not all of them,
    NotDecidable where there is nothing to put back, NotBooked where the ledger can't be corrected so.
    """
    actor.require("order.restock")
    with transaction.atomic():
        row = locked(actor.account.pk, order.pk)
        stored = list(row.lines.order_by("pk"))
        wanted = {line.pk for line in stored} if lines is None else set(lines)
        if missing := sorted(wanted.difference(line.pk for line in stored)):
            raise NoSuchLines(f"{row} has no line {listed(missing)}. Nothing was put back.", details={"lines": missing})
        chosen = [line for line in stored if line.pk in wanted]
        back = [Back(line, line.item_id, pieces) for line in chosen if line.item_id and (pieces := _surplus(row, line))]
        if not back:
            raise NotDecidable(
                f"Nothing of {row} is to be put back into stock.", hint="Only what was booked, and then cancelled or refunded, can be."
            )
        held = lock(row.account_id, {each.item_id for each in back})
        give_back(_as_owner(actor), row, back, held)
        OrderLine.objects.bulk_update([each.line for each in back], _SAVED, batch_size=200)
        doubt_lots([each.line for each in back])
        if not sum(_surplus(row, line) for line in stored):
            row.restock = Restock.RESTOCKED
        _decided(actor, row, "RESTOCK", {str(each.line.pk): each.pieces for each in back})
        push.request({each.item_id for each in back}, CAUSE, account_id=row.account_id, correlation=row.correlation)
    return row


def decline(actor: Actor, order: Order) -> Order:
    """Say that the goods of a cancelled order, or refunded pieces, do not come back. It can still be restocked afterwards.

    Raises NotAllowed, Order.DoesNotExist for one of another account, NotDecidable where nothing is offered.
    """
    actor.require("order.restock")
    with transaction.atomic():
        row = locked(actor.account.pk, order.pk)
        if row.restock != Restock.OFFERED:
            raise NotDecidable(f"There is nothing to decide about {row}.", hint="Somebody has decided it meanwhile, or nothing came back.")
        stored = [line for line in row.lines.order_by("pk") if _surplus(row, line)]
        row.restock = Restock.DECLINED
        doubt_lots(stored)
        _decided(actor, row, "DECLINE_RESTOCK", {str(line.pk): _surplus(row, line) for line in stored})
        push.request({line.item_id for line in stored if line.item_id}, CAUSE, account_id=row.account_id, correlation=row.correlation)
    return row


def match(actor: Actor, line: OrderLine, item: Item) -> OrderLine:
    """Say which item a line is, and book it.

    The line's own shop is told of it, too, unless its lot turns out to be ours. Raises NotAllowed, OrderLine.DoesNotExist and
    Item.DoesNotExist for those of another account, NotDecidable for a line that is booked, NotBooked.
    """
    actor.require("order.match")
    with transaction.atomic():
        order, row = _line(actor, line)
        chosen = Item.objects.get(pk=item.pk, account=actor.account)
        if row.booked or row.booking not in (LineBooking.UNMATCHED, LineBooking.HISTORY):
            raise NotDecidable(f"{row} is booked to an item already.", hint="Correct the item's quantity by hand if it is the wrong one.")
        row.booking, row.item, row.note = LineBooking.UNMATCHED, None, f"Matched by {actor.label}."[:300]
        settle(_as_owner(actor), order, [row], News(chosen={row.pk: chosen.pk}), moment.now())
        record(actor, entity="OrderLine", entity_id=row.pk, action="MATCH", after={"item": chosen.pk}, correlation=order.correlation)
    return row


def not_ours(actor: Actor, line: OrderLine) -> OrderLine:
    """Say that a line was not sold from our stock: nothing is booked for it. It can still be matched afterwards.

    Raises NotAllowed, OrderLine.DoesNotExist for one of another account, NotDecidable for a line that is matched.
    """
    actor.require("order.match")
    with transaction.atomic():
        order, row = _line(actor, line)
        if row.booking != LineBooking.UNMATCHED:
            raise NotDecidable(f"{row} is {row.get_booking_display().lower()}.", hint="Only what is not matched yet can be put aside.")
        row.booking, row.note = LineBooking.HISTORY, f"Not from our stock, says {actor.label}."[:300]
        row.save(update_fields=["booking", "note"])
        record(actor, entity="OrderLine", entity_id=row.pk, action="NOT_OURS", correlation=order.correlation)
    return row


def _line(actor: Actor, line: OrderLine) -> tuple[Order, OrderLine]:
    pk = OrderLine.objects.values_list("order_id", flat=True).get(pk=line.pk, account=actor.account)
    order = locked(actor.account.pk, pk)
    return order, order.lines.get(pk=line.pk)


def _surplus(order: Order, line: OrderLine) -> int:
    return surplus(line.booked, line.quantity, line.refunded, order.phase)


def _decided(actor: Actor, order: Order, action: str, pieces: dict[str, int]) -> None:
    order.restock_by, order.restock_at = actor.label[:200], moment.now()
    order.save(update_fields=["restock", "restock_by", "restock_at", "updated_at"])
    record(actor, entity="Order", entity_id=order.pk, action=action, after={"pieces": pieces}, correlation=order.correlation)


def _as_owner(actor: Actor) -> Actor:
    """Who may decide it may have it booked, wherever it was taken from."""
    return replace(actor, role=Role.OWNER, scopes=())
