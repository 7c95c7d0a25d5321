"""A shop that does at random whatever a ledger lets it do. Each step is a verb and three digits, which pick what it is done to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.errors import Problem
from accounts.models import AuditLog
from inventory import expiry, ledger
from inventory.ledger import CountedLine
from inventory.ledger.bought import with_bought
from inventory.ledger.counters import Key
from inventory.models import Allocation, Batch, Cause, Count, CustomerReturn, Level, Movement, Purchase, Sale, Transfer, Warehouse, WriteOff
from inventory.reconcile import reconcile
from tests.inventory.ledger.build import Shop, in_days, make_place

R = TypeVar("R", bound=models.Model)

ISSUES = ("sale", "wastage", "consumption", "vendor_return", "sale")
RECEIPTS = ("purchase", "sale_return", "manufacture", "found", "purchase")
KINDS = ("packs", "packs", "pallets", "units")
ROWS = (Level, Batch, Movement, Allocation, Purchase, Sale, WriteOff, Transfer, CustomerReturn, Count, AuditLog)


class History:
    """One product in two places, and the verbs by their names."""

    def __init__(self) -> None:
        self.shop = Shop(packs_per_pallet=4, units_per_pack=6)
        self.shop.allow(open_pallets=True)
        self.places = (self.shop.place, make_place(self.shop.account, "BRANCH"))
        self.facts: list[dict[str, Any]] = []

    def step(self, verb: str, a: int, b: int, c: int) -> None:
        """Do it, or see it refused: then nothing at all may have changed."""
        before = self.everything()
        try:
            VERBS[verb](self, a, b, c)
        except (Problem, ValidationError):
            assert self.everything() == before, f"{verb} was refused and left something behind"

    def everything(self) -> list[list[tuple[Any, ...]]]:
        return [list(model._default_manager.order_by("pk").values_list()) for model in ROWS]

    def pick(self, model: type[R], number: int, **where: Any) -> R | None:
        rows = list(model._default_manager.filter(account=self.shop.account, **where).order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def where(self, number: int) -> dict[str, Any]:
        return {"product": self.shop.tea, "warehouse": self.place(number), "unit_kind": KINDS[number % 4]}

    def place(self, number: int) -> Warehouse:
        return self.places[number % 2 if number < 4 else 0]

    def keys(self) -> list[Key]:
        return [Key(self.shop.tea.pk, place.pk) for place in self.places]

    def buy(self, a: int, b: int, c: int) -> None:
        expires_at = in_days(20 * c) if c > 4 else None
        lot = f"L{c}" if c % 2 else ""
        ledger.receive(self.shop.actor, **self.where(b), quantity=a + 1, unit_cost=c + 1, expires_at=expires_at, lot=lot)

    def edit_purchase(self, a: int, b: int, c: int) -> None:
        if purchase := self.pick(Purchase, b):
            changes: list[dict[str, Any]] = [
                {"quantity": a + 1},
                {"unit_cost": a + 1},
                {"expires_at": in_days(a - 4)},
                {"expires_at": None, "expires_on": None},
                {"unit_kind": KINDS[a % 4]},
            ]
            ledger.edit_purchase(self.shop.actor, purchase, **changes[c % len(changes)])

    def void_purchase(self, a: int, b: int, c: int) -> None:
        if purchase := self.pick(Purchase, b):
            (ledger.void_rest if c % 3 == 0 else ledger.void_purchase)(self.shop.actor, purchase)

    def sell(self, a: int, b: int, c: int) -> None:
        level = self.shop.level(place=self.place(b))
        sold = ledger.sell(self.shop.actor, **self.where(b), quantity=a + 1)
        after = self.shop.level(place=self.place(b))
        assert sum((each.quantity for each in sold.allocations), 0) == a + 1
        if not sold.opened and not self.expired_meanwhile:
            assert level.of(sold.sale.unit_kind) - after.of(sold.sale.unit_kind) == a + 1

    @property
    def expired_meanwhile(self) -> bool:
        """Whether the last verb found something to be expired."""
        return Movement.objects.filter(kind="expiry", booked_at=Movement.objects.latest("id").booked_at).exists()

    def edit_sale(self, a: int, b: int, c: int) -> None:
        if sale := self.pick(Sale, b):
            ledger.edit_sale(self.shop.actor, sale, quantity=a + 1)

    def cancel_sale(self, a: int, b: int, c: int) -> None:
        if sale := self.pick(Sale, b):
            ledger.cancel_sale(self.shop.actor, sale)

    def sell_unseen(self, a: int, b: int, c: int) -> None:
        """What was sold elsewhere, and is booked whether or not it is here; or what is said of it later."""
        fact, known = self.fact("sold_at", b, again=c > 6)
        fact["purpose"] = fact.get("purpose", ISSUES[(a + b) % 5]) if c < 9 else ISSUES[a % 5]
        ledger.sell_many(self.shop.actor, [ledger.SaleFact(**fact, quantity=a if known else a + 1)])

    def buy_unseen(self, a: int, b: int, c: int) -> None:
        fact, known = self.fact("bought_at", b, again=c > 4)
        expires_at = in_days(20 * c - 40) if c % 2 else None
        quantity = a if known else a + 1
        fact["purpose"] = fact.get("purpose", RECEIPTS[(a + b) % 5]) if c < 9 else RECEIPTS[a % 5]
        ledger.receive_many(self.shop.actor, [ledger.PurchaseFact(**fact, quantity=quantity, unit_cost=c or None, expires_at=expires_at)])

    def move_unseen(self, a: int, b: int, c: int) -> None:
        """What went from one place to another elsewhere, on its way or from there; or what is said of it later."""
        known = [fact for fact in self.facts if "moved_at" in fact]
        if c > 5 and known:
            chosen, quantity = known[b % len(known)], a
            chosen["revision"] += 1
        else:
            on_their_way = tuple(fact["source_key"] for fact in known if fact["to_id"] is None)
            chosen = {"source_key": f"move/{len(known)}", "revision": 0, "product_id": self.shop.tea.pk, "unit_kind": KINDS[b % 4]}
            chosen |= {"moved_at": timezone.now(), "pairs": on_their_way, "from_id": None, "to_id": None}
            quantity = a + 1
            self.facts.append(chosen)
        if c > 8 or not (chosen["from_id"] or chosen["to_id"]):
            one, other = (place.pk for place in (self.places if b % 2 else self.places[::-1]))
            chosen["from_id"], chosen["to_id"] = ((one, other), (one, None), (None, one))[a % 3]
        told = [ledger.TransferFact(**chosen, quantity=quantity)]
        outcome = ledger.transfer_many(self.shop.actor, told)
        there = self.everything()
        again = ledger.transfer_many(self.shop.actor, told)
        assert (again.repeated + again.empty, again.held) == (0, outcome.held) if outcome.held else (1, ())
        assert outcome.held or self.everything() == there
        if not outcome.held:
            pieces = with_bought(Purchase.objects.filter(arrival__transfer_key=chosen["source_key"], status="booked"))
            assert sum((each.bought for each in pieces), 0) == (quantity if chosen["to_id"] else 0)

    def fact(self, moment: str, number: int, *, again: bool) -> tuple[dict[str, Any], bool]:
        """A new fact, or the next revision of one."""
        known = [fact for fact in self.facts if moment in fact]
        if again and known:
            chosen = known[number % len(known)]
            chosen["revision"] += 1
            return chosen, True
        where = self.where(number)
        fact = {"product_id": where["product"].pk, "warehouse_id": where["warehouse"].pk, "unit_kind": where["unit_kind"]}
        fact |= {"source_key": f"fact/{len(self.facts)}", "revision": 0, moment: timezone.now()}
        self.facts.append(fact)
        return fact, False

    def write_off(self, a: int, b: int, c: int) -> None:
        about = {"reason": "lost", "note": "Gone."}
        batch = self.pick(Batch, b, remaining__gt=0) if c % 2 else None
        where = self.where(b)
        if batch is not None:
            where = {"product": batch.product, "warehouse": batch.warehouse, "unit_kind": batch.unit_kind}
        ledger.write_off(self.shop.actor, **where, quantity=a % 5 + 1, batch=batch, **about)

    def reverse_write_off(self, a: int, b: int, c: int) -> None:
        if gone := self.pick(WriteOff, b):
            ledger.reverse_write_off(self.shop.actor, gone)

    def transfer(self, a: int, b: int, c: int) -> None:
        source, target = self.places if c % 3 else self.places[::-1]
        ledger.transfer(self.shop.actor, product=self.shop.tea, source=source, target=target, unit_kind=KINDS[b % 4], quantity=a % 5 + 1)

    def reverse_transfer(self, a: int, b: int, c: int) -> None:
        if moved := self.pick(Transfer, b):
            ledger.reverse_transfer(self.shop.actor, moved)

    def take_back(self, a: int, b: int, c: int) -> None:
        sale = self.pick(Sale, b) if c < 6 else None
        batch = self.pick(Batch, a) if c % 3 == 0 else None
        where: dict[str, Any] = {"sale": sale} if sale is not None else self.where(b)
        ledger.take_back(self.shop.actor, **where, quantity=a % 4 + 1, batch=batch)

    def open_packs(self, a: int, b: int, c: int) -> None:
        ledger.open_packs(self.shop.actor, **{**self.where(b), "unit_kind": ("pallets", "packs")[c % 2]}, quantity=a % 3 + 1)

    def count(self, a: int, b: int, c: int) -> None:
        where = self.where(b)
        place = where.pop("warehouse")
        lines = [CountedLine(**where, counted=3 * a)]
        batch = self.pick(Batch, a, warehouse=place)
        if c % 3 == 0 and batch is not None:
            lines = [CountedLine(batch.product, batch.unit_kind, b, batch=batch)]
        elif c % 3 == 1:
            lines = [CountedLine(**where, counted=a, lot="L5"), CountedLine(**where, counted=b, lot="L7", unit_cost=2)]
        entered = ledger.enter_count(self.shop.actor, warehouse=place, lines=lines)
        if c < 6:
            ledger.approve_count(self.shop.actor, entered)

    def decide_count(self, a: int, b: int, c: int) -> None:
        if waiting := self.pick(Count, b, status="pending"):
            (ledger.reject_count if c == 0 else ledger.approve_count)(self.shop.actor, waiting)

    def let_expire(self, a: int, b: int, c: int) -> None:
        """Something expires, and nothing notices it yet."""
        if batch := self.pick(Batch, b, expires_at__gt=timezone.now()):
            Batch.objects.filter(pk=batch.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    def book_expiries(self, a: int, b: int, c: int) -> None:
        expiry.expire(self.shop.account.pk)

    def reconcile(self, a: int, b: int, c: int) -> None:
        """What the verbs left is never wrong; what somebody did behind their backs always is, once."""
        assert reconcile(self.shop.actor, self.keys(), Cause.SCHEDULED_CRON) == ()
        level = self.pick(Level, b)
        if level is not None and c % 2:
            Level.objects.filter(pk=level.pk).update(packs=level.packs + a + 1)
            (correction,) = reconcile(self.shop.actor, self.keys(), Cause.SCHEDULED_CRON)
            assert correction.after.less(correction.before) == (0, -a - 1, 0)
            assert AuditLog.objects.latest("id").action == "AUTO_SYNC_CORRECTION"


VERBS: dict[str, Callable[[History, int, int, int], None]] = {
    verb.__name__: verb
    for verb in (
        History.buy,
        History.edit_purchase,
        History.void_purchase,
        History.sell,
        History.edit_sale,
        History.cancel_sale,
        History.sell_unseen,
        History.move_unseen,
        History.buy_unseen,
        History.write_off,
        History.reverse_write_off,
        History.transfer,
        History.reverse_transfer,
        History.take_back,
        History.open_packs,
        History.count,
        History.decide_count,
        History.let_expire,
        History.book_expiries,
        History.reconcile,
    )
}
