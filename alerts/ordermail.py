"""A purchase order by mail to its vendor (docs/alerts.md)."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from accounts.acting import Actor
from accounts.audit import record
from accounts.errors import Problem
from alerts.deliveries import UNFINISHED, wake
from alerts.errors import NoAddress, NotOpen
from alerts.models import Delivery, DeliveryKind
from inventory.models import OPEN_ORDERS, PurchaseOrder
from inventory.purchasing import mark_sent, paper

logger = logging.getLogger(__name__)


def send(actor: Actor, order: PurchaseOrder, *, to: str = "") -> Delivery:
    """Mail an approved order to its vendor as text with a CSV file, to the address `to` or else the vendor's; the delivery.

    The order is marked as sent when the mail server has taken it. Audited. Raises NotAllowed, NotOpen for an order that is no order yet or
    no more, or that is being mailed just now; NoAddress; ValidationError naming `to`; PurchaseOrder.DoesNotExist for another account's.
    """
    actor.require("purchase_order.edit")
    with transaction.atomic():
        row = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("vendor", "warehouse", "account")
        stored = row.get(pk=order.pk, account=actor.account)
        if stored.state not in OPEN_ORDERS:
            raise NotOpen(f"{stored} is {stored.get_state_display().lower()}.", hint="Only an approved order goes to its vendor.")
        if Delivery.objects.filter(order=stored, state__in=UNFINISHED).exists():
            raise NotOpen(f"{stored} is on its way already.", hint="Look at the deliveries in a minute.")
        address = to.strip() or stored.vendor.email.strip()
        if not address:
            raise NoAddress(f"No address of {stored.vendor} is known.", hint="Enter one here, or at the vendor.")
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError({"to": "This is not an address that mail can be sent to."}) from error
        delivery = Delivery.objects.create(
            account=actor.account,
            kind=DeliveryKind.ORDER,
            order=stored,
            to=address,
            subject=f"Purchase order {stored.number} of {' '.join(actor.account.name.split())}"[:200],
            text=paper.text(stored),
            attachments=[{"name": paper.filename(stored, "csv"), "type": "text/csv", "text": paper.as_csv(stored)}],
            due_at=timezone.now(),
            asked_by=actor.label[:200],
        )
        record(actor, entity="PurchaseOrder", entity_id=stored.pk, action="MAIL", after={"to": address, "delivery": delivery.pk})
        wake([delivery.pk])
    return delivery


def was_sent(delivery: Delivery) -> None:
    """The vendor's mail server has the order: it is marked so, unless it was closed meanwhile."""
    if delivery.order is None:
        return
    try:
        mark_sent(Actor.system(delivery.account, delivery.asked_by or "mail"), delivery.order, to=delivery.to)
    except Problem as problem:
        logger.info("Purchase order %s was mailed but not marked: %s", delivery.order_id, problem.code)
