"""Reconcile proves itself: a drift that is made on purpose, on a product nobody sells (docs/reconcile.md)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from accounts.acting import Actor
from accounts.models import AuditLog
from inventory import ledger, moment
from inventory.keys import model_key, sku_key
from inventory.ledger.counters import Counters, Key
from inventory.models import Cause, Level, Product, Purchase, PurchaseStatus, UnitKind, Warehouse, WarehouseMode
from inventory.reconcile.correct import reconcile

CODE = "SELFTEST"
PACKS, DRIFT = Decimal(20), Decimal(5)


@dataclass(frozen=True)
class Step:
    """One thing that has to be so."""

    what: str
    passed: bool


def selftest(actor: Actor) -> list[Step]:
    """Buy twenty packs of a test product, raise its counter by five behind the application's back, reconcile twice, and take the purchase
    back; what was checked on the way.

    All of it is one transaction, in a warehouse of its own and with a product that is not in use, so that nothing of it is ever for sale.
    May be repeated. Raises NotAllowed.
    """
    actor.require("stock.reconcile")
    with transaction.atomic():
        place, product = _place(actor), _product(actor)
        # In use as long as nobody else can see it.
        Warehouse.objects.filter(pk=place.pk).update(active=True)
        for purchase in Purchase.objects.filter(batch__product=product, batch__warehouse=place).exclude(status=PurchaseStatus.VOIDED):
            ledger.void_rest(actor, purchase)
        bought = ledger.receive(
            actor,
            product=product,
            warehouse=place,
            unit_kind=UnitKind.PACKS,
            quantity=PACKS,
            unit_cost=1,
            note="Self-test of reconcile",
            cause=Cause.SELFTEST,
        )
        steps = _drift(actor, Key(product.pk, place.pk))
        ledger.void_purchase(actor, bought.purchase)
        steps.append(Step("The purchase was taken back: nothing is left.", _counters(Key(product.pk, place.pk)) == Counters()))
        Warehouse.objects.filter(pk=place.pk).update(active=False)
    return steps


def _drift(actor: Actor, key: Key) -> list[Step]:
    before = Counters(packs=PACKS)
    steps = [Step("Twenty packs were bought and counted.", _counters(key) == before)]
    levels = Level.objects.filter(product=key.product_id, warehouse=key.warehouse_id)
    levels.update(packs=PACKS + DRIFT)
    steps.append(Step("The counter was raised by five behind the application's back.", _counters(key).packs == PACKS + DRIFT))
    first = reconcile(actor, [key], Cause.SELFTEST)
    changes = [each.after.less(each.before) for each in first]
    steps.append(Step("Reconcile found one drift of five packs.", changes == [Counters(packs=-DRIFT)]))
    steps.append(Step("The counter agrees with the batch again.", _counters(key) == before))
    row = AuditLog.objects.filter(account=actor.account, entity="WarehouseInventory", action="AUTO_SYNC_CORRECTION").order_by("-pk").first()
    noted = row is not None and row.after is not None and row.entity_id == str(levels.get().pk)
    expected = {"pallets": 0, "packs": -5, "units": 0}
    steps.append(Step("An audit row says so.", noted and row is not None and (row.after or {}).get("difference") == expected))
    steps.append(Step("A second pass finds nothing.", reconcile(actor, [key], Cause.SELFTEST) == ()))
    return steps


def _place(actor: Actor) -> Warehouse:
    values = {"name": "Self-test", "mode": WarehouseMode.LEDGER, "active": False, "opened_at": moment.now()}
    return Warehouse.objects.get_or_create(account=actor.account, code=CODE, defaults=values)[0]


def _product(actor: Actor) -> Product:
    found = Product.objects.filter(account=actor.account, sku_key=sku_key(CODE), active=False).order_by("pk").first()
    return found or Product.objects.create(
        account=actor.account, sku=CODE, sku_key=sku_key(CODE), model_key=model_key(CODE), name="Test product", active=False
    )


def _counters(key: Key) -> Counters:
    level = Level.objects.get(product=key.product_id, warehouse=key.warehouse_id)
    return Counters(level.pallets, level.packs, level.units)
