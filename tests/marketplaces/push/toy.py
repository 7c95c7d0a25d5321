"""A marketplace in memory, registered as the provider “toy”: it keeps lots, sells, and fails as it is told to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Account
from inventory.models import Item
from marketplaces import push
from marketplaces.errors import LotNotThere
from marketplaces.lots import Created, Refusal, RemoteLine, RemoteLot, RemoteOrder, Store, Wanted
from marketplaces.models import Listing, Lot, Shop
from sync.models import Connection
from sync.systems import Setting, System
from sync.wire.errors import RetryLater, Unreachable, WireError
from sync.wire.verdict import Verdict

BUSY = RetryLater("The toy shop failed.", after=0, code="server_error", http_status=500, may_have_acted=True)
SILENT = Unreachable("The toy shop was silent.", code="timeout", may_have_acted=True)
UNREACHED = Unreachable("No connection to the toy shop.", code="connect")


class Killed(BaseException):
    """The worker was killed with -9 here."""


@dataclass
class Fault:
    """Happens at the next write: `error` before or after the work was done."""

    error: BaseException
    after: bool


@dataclass
class ToyStore:
    """One shop's world."""

    lots: dict[str, RemoteLot] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sales: list[tuple[str, int, datetime]] = field(default_factory=list)
    """Orders that were not imported yet: lot, pieces, when."""
    vanish_at_zero: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(700_000_001))

    def fail(self, error: BaseException, *, after: bool = False) -> None:
        self.faults.append(Fault(error, after))

    def count(self, kind: str) -> int:
        return sum(call.startswith(kind) for call in self.calls)

    def quantity(self, token: str) -> int:
        """Pieces of an item on sale, all its lots together."""
        return sum(lot.quantity for lot in self.lots.values() if lot.token == token and not lot.fields.get("hidden"))

    def sell(self, lot_id: str, pieces: int) -> int:
        """A customer buys up to so many pieces; how many."""
        lot = self.lots.get(lot_id)
        bought = min(pieces, lot.quantity) if lot else 0
        if lot and bought:
            self.sales.append((lot_id, bought, timezone.now()))
            self._set(lot, quantity=lot.quantity - bought)
        return bought

    def _set(self, lot: RemoteLot, **changes: Any) -> RemoteLot:
        changed = replace(lot, **changes)
        if changed.quantity == 0 and self.vanish_at_zero:
            self.lots.pop(lot.lot_id, None)
        else:
            self.lots[lot.lot_id] = changed
        return changed

    @contextmanager
    def doing(self, call: str) -> Iterator[None]:
        self.calls.append(call)
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault.after:
            raise fault.error
        yield
        if fault:
            raise fault.error


class ToyRemote:
    def __init__(self, store: ToyStore) -> None:
        self.there = store

    def prepare(self, item: Item, spending: Any) -> None:
        return

    def create(self, wanted: Wanted, token: str, spending: Any) -> Created:
        with self.there.doing("create"):
            lot_id = str(next(self.there.numbers))
            lot = RemoteLot(lot_id, wanted.quantity, wanted.identity, dict(wanted.fields), token=token, created_at=timezone.now())
            self.there.lots[lot_id] = lot
        return Created(lot_id, frozenset(wanted.fields), lot)

    def update(
        self, lot_id: str, *, difference: int, absolute: int | None, fields: Mapping[str, Any], present: Mapping[str, Any], spending: Any
    ) -> RemoteLot:
        with self.there.doing(f"update {lot_id} {difference:+} {absolute if absolute is not None else '-'} {' '.join(fields)}".strip()):
            lot = self.there.lots.get(lot_id)
            if lot is None:
                raise LotNotThere("There is no such lot.", code="not_found", http_status=404)
            quantity = lot.quantity + difference if absolute is None else absolute
            assert quantity >= 0, "A difference below zero must never be sent."
            return self.there._set(lot, quantity=quantity, fields={**lot.fields, **fields})

    def delete(self, lot_id: str, spending: Any) -> None:
        with self.there.doing(f"delete {lot_id}"):
            if self.there.lots.pop(lot_id, None) is None:
                raise LotNotThere("There is no such lot.", code="not_found", http_status=404)

    def read(self, lot_id: str, spending: Any) -> RemoteLot | None:
        self.there.calls.append(f"read {lot_id}")
        return self.there.lots.get(lot_id)

    def find(self, wanted: Wanted, token: str, since: datetime, spending: Any) -> list[RemoteLot]:
        self.there.calls.append("find")
        return [
            lot
            for lot in self.there.lots.values()
            if lot.token == token and lot.created_at and lot.created_at >= since - timedelta(minutes=2)
        ]

    def lots(self, spending: Any) -> Iterator[RemoteLot]:
        self.there.calls.append("lots")
        yield from list(self.there.lots.values())

    def orders(self, since: datetime | None, spending: Any) -> Sequence[RemoteOrder]:
        return ()

    def order_lines(self, order_id: str, spending: Any) -> Sequence[RemoteLine]:
        return ()

    def store(self, spending: Any) -> Store:
        return Store("Toys", "EUR")


class Toy:
    key = "toy"
    label = "Toy shop"
    sets_quantities = False
    settle_pauses = (0, 0)
    lists_refunds = True

    def __init__(self) -> None:
        self.stores: dict[int, ToyStore] = {}
        self.system = System(
            key="toy",
            label="Toy shop",
            settings=(Setting("zero_stock", "Sold out", default="delete"),),
            secrets=(),
            scopes={},
            primary_scope="",
            dataset="",
            source="",
            test=lambda _connection: Verdict("ok", "Well."),
        )

    def budgets(self, rules: Mapping[str, Any]) -> Sequence[tuple[str, int, int, int]]:
        return ()

    def wanted(self, item: Item, shop: Shop, rules: Mapping[str, Any]) -> Wanted | Refusal:
        if item.price is None:
            return Refusal("failed", "no_price", "The item has no price.", "Enter one.")
        fields: dict[str, Any] = {"price": f"{item.price:.3f}", "notes": item.notes, "hidden": item.status == "reserved"}
        if item.offered == 0 and rules["zero_stock"] == "keep":
            fields["hidden"] = True
        return Wanted({"number": item.part_number, "condition": item.condition}, item.offered, fields)

    @contextmanager
    def open(self, shop: Shop) -> Iterator[ToyRemote]:
        yield ToyRemote(self.stores[shop.pk])

    def part_id(self, text: str) -> str:
        return text

    def link(self, lot_id: str, remote_number: str) -> str:
        return ""


TOY = Toy()


def make_shop(account: Account, name: str = "Toys", **settings: Any) -> tuple[Shop, ToyStore]:
    """A shop at the toy marketplace with an empty store."""
    connection = Connection.objects.create(account=account, system="toy", name=name, base_url="http://127.0.0.1:1", settings=settings)
    shop = Shop.objects.get(connection=connection)
    store = TOY.stores[shop.pk] = ToyStore(vanish_at_zero=settings.get("zero_stock") != "keep")
    return shop, store


def make_item(account: Account, quantity: int = 10, price: str | None = "0.125", **fields: Any) -> Item:
    """A black 2 x 4 brick, saved as anybody would save it."""
    values = {"part_number": "3001", "color_id": 11, "location": "A-12", **fields}
    return Item.objects.create(account=account, quantity_available=quantity, price=None if price is None else Decimal(price), **values)


def import_sales(shop: Shop) -> bool:
    """What importing orders does to stock and told, in one transaction for each order."""
    store = TOY.stores[shop.pk]
    while store.sales:
        lot_id, pieces, at = store.sales[0]
        with transaction.atomic():
            lot = Lot.objects.filter(shop=shop, lot_id=lot_id).first()
            if lot is None:
                # Made, but not known to be ours yet: the next import finds it.
                return True
            item = Item.objects.select_for_update().get(listings=lot.listing_id)
            item.quantity_available = max(item.quantity_available - pieces, 0)
            item.quantity_sold += pieces
            item.save()
            if Listing.objects.get(pk=lot.listing_id).lot_id == lot_id:
                push.lower_told(lot.listing_id, pieces, at)
        store.sales.pop(0)
    return True


def hurry() -> None:
    """Let everything that waits be due now."""
    Listing.objects.filter(due_at__isnull=False).update(due_at=Now())
    Shop.objects.update(resting_until=None, lease_until=None)


def after_a_kill() -> None:
    """Time passes until the leases of a dead worker are over."""
    Listing.objects.update(lease_until=None)
    hurry()


def error_named(name: str) -> WireError:
    return {"busy": BUSY, "silent": SILENT, "unreached": UNREACHED}[name]
