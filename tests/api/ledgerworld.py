"""One row of everything that the ledger keeps, for tests that go through all addresses."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.acting import Actor
from accounts.models import Account
from inventory import integrity, ledger, purchasing, reconcile, vendors
from inventory.models import Cause, Drift, Level, Movement
from tests.inventory.ledger.build import make_place, make_product

MARK = "QTX-TEA-777"


def make_ledger_rows(actor: Actor, account: Account) -> dict[str, int]:
    """A product bought and sold, with what that leaves behind, by the beginnings of their addresses."""
    place, tea = make_place(account, "LEDGER"), make_product(account, MARK)
    given = {"product": tea, "warehouse": place, "unit_kind": "packs"}
    bought = ledger.receive(actor, **given, quantity=20, unit_cost="2.50", lot=MARK, expires_at=timezone.now() + timedelta(days=5)).purchase
    sold = ledger.sell(actor, **given, quantity=3, reference=MARK).sale
    gone = ledger.write_off(actor, **given, quantity=1, reason="damaged", note=MARK)
    moved = ledger.transfer(actor, product=tea, source=place, target=make_place(account, "OTHER"), unit_kind="packs", quantity=2, note=MARK)
    back = ledger.take_back(actor, quantity=1, sale=sold, note=MARK)
    count = ledger.enter_count(actor, warehouse=place, lines=[ledger.CountedLine(tea, "packs", 15)], note=MARK)
    south = vendors.add_vendor(actor, name="South Supply")
    order = purchasing.draft(actor, south, place, [purchasing.OrderedLine(tea, 5, vendor_code=MARK)], note=MARK).order
    run = reconcile.start(actor, cause=Cause.API)
    Drift.objects.create(account=account, reconciliation=run, product=tea, warehouse=place, drift_class="MISMATCH")
    movement = Movement.objects.filter(account=account).latest("pk")
    return {
        "/api/levels/": Level.objects.get(product=tea, warehouse=place).pk,
        "/api/batches/": bought.batch_id,
        "/api/movements/": movement.pk,
        "/api/purchases/": bought.pk,
        "/api/purchase-orders/": order.pk,
        "/api/sales/": sold.pk,
        "/api/write-offs/": gone.pk,
        "/api/transfers/": moved.pk,
        "/api/returns/": back.pk,
        "/api/counts/": count.pk,
        "/api/reconciliations/": run.pk,
        "/api/stock/integrity/": integrity.check(actor).pk,
    }
