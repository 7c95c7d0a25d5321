"""A purchase that came on an order is corrected or taken back: the order's line follows, in the same transaction."""

from __future__ import annotations

from typing import Any

from accounts.acting import Actor
from inventory import moment
from inventory.ledger.bought import returned_to
from inventory.ledger.counters import ZERO
from inventory.ledgerwords import amount
from inventory.models import OrderReceipt, Purchase
from inventory.purchasing.standing import audit, held, settle_state, tell


def on_purchase_changed(*, purchase: Purchase, actor: Actor, **_signal: Any) -> None:
    """Receiver of `purchase_changed`. One statement for a purchase that came on no order.

    What is in another unit kind now than was ordered counts as nothing of it.
    """
    receipt = OrderReceipt.objects.filter(purchase=purchase).select_related("line__order", "line__product").first()
    if receipt is None:
        return
    order = held(actor, receipt.line.order)
    # Its level is held, so nobody else counts in this line or out of it.
    line = order.lines.select_related("product").get(pk=receipt.line_id)
    batch = purchase.batch
    came = batch.received - batch.voided - returned_to(batch) if batch.unit_kind == line.unit_kind else ZERO
    if came == receipt.quantity:
        return
    before = amount(receipt.quantity, line.unit_kind)
    line.received = max(line.received + came - receipt.quantity, ZERO)
    receipt.quantity = came
    receipt.save(update_fields=["quantity"])
    line.save(update_fields=["received"])
    settle_state(order, [(row.quantity, row.received) for row in order.lines.all()], moment.now())
    order.version += 1
    order.save(update_fields=["state", "closed_at", "version"])
    sku = line.product.sku
    audit(actor, order, "CORRECT_RECEIPT", {sku: before}, {sku: amount(came, line.unit_kind), "purchase": purchase.pk})
    tell(order, [line.product_id])
