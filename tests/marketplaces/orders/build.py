"""A marketplace in memory that keeps orders, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Account
from inventory import items
from inventory.models import Item, Level, Product, Warehouse
from marketplaces import orders, push
from marketplaces.lots import RemoteLine, RemoteOrder
from marketplaces.models import Listing, Order, OrderLine, Shop
from marketplaces.orders.settings import HOLD_RELEASE
from sync.models import Connection
from sync.systems import Setting, SettingKind
from tests.build import make_actor
from tests.marketplaces.push.toy import Toy, ToyRemote, ToyStore, make_item

__all__ = ["make_item"]


@dataclass
class OrderStore(ToyStore):
    """A store and what was ordered there."""

    orders: dict[str, RemoteOrder] = field(default_factory=dict)
    lines: dict[str, list[RemoteLine]] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    """Raised when the contents of an order are asked for; of the list under “list”."""
    asked_since: list[datetime | None] = field(default_factory=list)

    def order(self, order_id: str, *bought: tuple[str, int], ago: float = 0, **line: Any) -> None:
        """A customer orders pieces of these lots; told again, he adds a batch to his order."""
        known = self.orders.get(order_id)
        batch = sum(each.lot_id != "" for each in self.lines.get(order_id, ()))
        for place, (lot_id, pieces) in enumerate(bought):
            lot = self.lots.get(lot_id)
            if lot is not None:
                self._set(lot, quantity=max(lot.quantity - pieces, 0))
            values = {"part_number": "3001", "color_id": 11, "condition": "new", "unit_price": Decimal("0.125"), **line}
            self.lines.setdefault(order_id, []).append(RemoteLine(f"{lot_id}-{batch}-{place}", lot_id, pieces, **values))
        ordered_at = known.ordered_at if known else timezone.now() - timedelta(seconds=ago)
        status = ("PENDING", "open") if known is None else ("UPDATED", "open")
        self.orders[order_id] = self._told(RemoteOrder(order_id, *status, ordered_at, "", buyer="demo_buyer", currency="EUR"))

    def status(self, order_id: str, status: str, phase: str) -> None:
        self.orders[order_id] = self._told(replace(self.orders[order_id], status=status, phase=phase))

    def refund(self, order_id: str, pieces: int) -> None:
        first, *rest = self.lines[order_id]
        self.lines[order_id] = [replace(first, refunded=pieces), *rest]
        self.orders[order_id] = self._told(self.orders[order_id])

    def _told(self, order: RemoteOrder) -> RemoteOrder:
        lines = self.lines[order.order_id]
        pieces = sum(line.quantity for line in lines)
        return replace(order, pieces=pieces, lot_count=len(lines), digest=f"{order.status} {pieces} {sum(line.refunded for line in lines)}")


class OrderRemote(ToyRemote):
    there: OrderStore

    def orders(self, since: datetime | None, spending: Any) -> Sequence[RemoteOrder]:
        self.there.calls.append("orders")
        self.there.asked_since.append(since)
        self._fail("list")
        return list(self.there.orders.values())

    def order_lines(self, order_id: str, spending: Any) -> Sequence[RemoteLine]:
        self.there.calls.append(f"lines {order_id}")
        self._fail(order_id)
        return list(self.there.lines[order_id])

    def _fail(self, what: str) -> None:
        error = self.there.errors.get(what)
        if error is not None:
            raise error


class OrderToy(Toy):
    """The toy marketplace with orders, and with the settings that are about them."""

    def __init__(self) -> None:
        super().__init__()
        switch = Setting("orders", "Read orders", kind=SettingKind.SWITCH, default=True)
        self.system = replace(self.system, settings=(*self.system.settings, switch, HOLD_RELEASE))

    @contextmanager
    def open(self, shop: Shop) -> Iterator[OrderRemote]:
        yield OrderRemote(self.stores[shop.pk])


TOY = OrderToy()


def make_shop(account: Account, name: str = "Toys", **settings: Any) -> tuple[Shop, OrderStore]:
    """A shop that was connected an hour ago, with an empty store."""
    connection = Connection.objects.create(account=account, system="toy", name=name, base_url="http://127.0.0.1:1", settings=settings)
    Shop.objects.filter(connection=connection).update(created_at=timezone.now() - timedelta(hours=1))
    shop = Shop.objects.select_related("connection").get(connection=connection)
    store = OrderStore(vanish_at_zero=settings.get("zero_stock") != "keep")
    TOY.stores[shop.pk] = store
    return shop, store


def pushed(*shops: Shop) -> None:
    """Let the shops be told all that differs."""
    for shop in shops:
        push.drain(shop.pk)


def read(*shops: Shop) -> None:
    """Read the shops' orders."""
    for shop in shops:
        assert orders.import_now(shop), Shop.objects.get(pk=shop.pk).orders_problem


def lot_of(shop: Shop, item: Item) -> str:
    return Listing.objects.get(shop=shop, item=item).lot_id


def told(shop: Shop, item: Item) -> int:
    return Listing.objects.get(shop=shop, item=item).told_quantity


def line_of(order_id: str) -> OrderLine:
    """The only line of an order."""
    return OrderLine.objects.get(order__order_id=order_id)


def order_of(order_id: str) -> Order:
    return Order.objects.get(order_id=order_id)


def counts(item: Item) -> tuple[int, int]:
    """Available and sold."""
    row = Item.objects.get(pk=item.pk)
    return row.quantity_available, row.quantity_sold


def link(account: Account, product: Product, *places: Warehouse, **rules: Any) -> Item:
    """An item that offers the product's stock in these warehouses."""
    item = make_item(account, quantity=0)
    return items.link(make_actor(account), item, product, places, **rules)


def make_mirror(account: Account, product: Product, units: int, code: str = "3PL") -> Warehouse:
    """A warehouse whose stock an outside system keeps."""
    place = Warehouse.objects.create(account=account, name=f"Warehouse {code}", code=code, mode="mirror")
    Level.objects.create(account=account, product=product, warehouse=place, ledger=False, units=units, changed_at=timezone.now())
    return place
