"""A business that buys tea and cake of one vendor, for a warehouse that is kept here and one that is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.acting import Actor
from accounts.models import Account
from inventory import purchasing
from inventory.keys import name_key
from inventory.models import Level, Product, PurchaseOrder, PurchaseOrderLine, Vendor, Warehouse
from inventory.purchasing import Arrival, OrderedLine
from tests.build import make_account, make_actor
from tests.inventory.ledger.build import make_place, make_product


def make_vendor(account: Account, name: str = "North Supply", **values: Any) -> Vendor:
    return Vendor.objects.create(account=account, name=name, name_key=name_key(name), **values)


class Business:
    """Somebody who may do everything, and what is bought. Tea costs 2.50 a pack; nobody knows what cake costs."""

    def __init__(self) -> None:
        self.account = make_account()
        self.actor: Actor = make_actor(self.account)
        self.north = make_vendor(self.account, code="N-1", email="orders@north.example", lead_time_days=14)
        self.shop = make_place(self.account)
        self.mirror = Warehouse.objects.create(account=self.account, name="Hall", code="HALL", mode="mirror")
        self.tea = make_product(self.account, "QTX-TEA", purchase_price=Decimal("2.5"))
        self.cake = make_product(self.account, "QTX-CAKE", name="Cake", unit_kind="units")

    def draft(self, tea: Any = 10, cake: Any = 4, *, place: Warehouse | None = None) -> PurchaseOrder:
        """A draft with tea at its usual price and cake without one, in as many as given."""
        wanted = [(self.tea, tea), (self.cake, cake)]
        lines = [OrderedLine(product, quantity) for product, quantity in wanted if quantity]
        return purchasing.draft(self.actor, self.north, place or self.shop, lines).order

    def approved(self, tea: Any = 10, cake: Any = 4, *, place: Warehouse | None = None) -> PurchaseOrder:
        return purchasing.approve(self.actor, self.draft(tea, cake, place=place))

    def came(self, order: PurchaseOrder, tea: Any = None, cake: Any = None, **about: Any) -> purchasing.OrderReceived:
        """So much of both came; cake for 1.20 each."""
        lines = []
        if tea is not None:
            lines.append(Arrival(line_of(order, self.tea).pk, tea))
        if cake is not None:
            lines.append(Arrival(line_of(order, self.cake).pk, cake, unit_cost="1.20"))
        return purchasing.receive(self.actor, order, lines, **about)

    def level(self, product: Product, place: Warehouse | None = None) -> Decimal:
        row = Level.objects.filter(product=product, warehouse=place or self.shop).first()
        return getattr(row, product.unit_kind) if row else Decimal(0)


def line_of(order: PurchaseOrder, product: Product) -> PurchaseOrderLine:
    return PurchaseOrderLine.objects.get(order=order, product=product)


def fresh(order: PurchaseOrder) -> PurchaseOrder:
    return PurchaseOrder.objects.get(pk=order.pk)
