"""What transfers of a chunk have sent and what has arrived by them, as it is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from accounts.models import Account
from inventory.ledger.bought import returned
from inventory.ledger.bulkgoods import Like
from inventory.ledger.bulkpieces import Source
from inventory.ledger.counters import Key
from inventory.models import Allocation, Arrival, PurchaseStatus, Sale
from inventory.quantity import to_thousandths

IN = ":in:"
OUT = ":out"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A piece that is stored; `quantity` in thousandths, 0 for a void one."""

    tail: str
    key: Key
    unit_kind: str
    quantity: int
    revision: int
    arrived_at: datetime
    correlation: Any


@dataclass
class Sent:
    """An issue that a transfer has made: what it holds of which batch, in the order in which it took it, and what it is short of."""

    pk: int
    correlation: Any
    shortfall: int
    goods: list[tuple[int, Like, datetime]] = field(default_factory=list)

    def sources(self) -> list[Source]:
        """What arrives where the same transfer goes to."""
        return [Source(str(like.parent), quantity, like, came, self.pk) for quantity, like, came in self.goods]


def out_key(source_key: str) -> str:
    """By which key the issue of a transfer is booked."""
    return f"{source_key}{OUT}"


def in_key(source_key: str, tail: str) -> str:
    """By which key a piece of what arrives is booked."""
    return f"{source_key}{IN}{tail}"


def arrived_of(account: Account, source_keys: Collection[str]) -> dict[str, list[Arrived]]:
    """The pieces that are booked of these transfers, by the transfer's key. Two statements."""
    columns = ("transfer_key", "purchase__source_key", "purchase__revision", "purchase__status", "purchase__correlation", "arrived_at")
    about = ("batch", "batch__product_id", "batch__warehouse_id", "batch__unit_kind", "batch__received")
    stored = Arrival.objects.filter(account=account, transfer_key__in=list(source_keys)).order_by("pk")
    found = list(stored.values_list(*columns, *(f"purchase__{name}" for name in about)))
    back = returned([row[6] for row in found])
    pieces: dict[str, list[Arrived]] = {}
    for transfer, key, revision, status, correlation, at, batch, product, place, kind, received in found:
        tail = key.removeprefix(f"{transfer}{IN}")
        if "#" in tail:
            # What it was in an earlier revision, taken back.
            continue
        quantity = to_thousandths(received - back.get(batch, 0)) if status == PurchaseStatus.BOOKED else 0
        pieces.setdefault(transfer, []).append(Arrived(tail, Key(product, place), kind, quantity, revision, at, correlation))
    return pieces


def sent_by(account: Account, source_keys: Collection[str]) -> dict[str, Sent]:
    """What these transfers have sent, by the transfer's key. Two statements."""
    if not source_keys:
        return {}
    transfers = {out_key(key): key for key in source_keys}
    issues = Sale.objects.filter(account=account, source_key__in=list(transfers)).order_by()
    found = {
        transfers[str(key)]: Sent(pk, correlation, to_thousandths(shortfall))
        for pk, key, correlation, shortfall in issues.values_list("pk", "source_key", "correlation", "shortfall")
    }
    by_sale = {sent.pk: sent for sent in found.values()}
    held = Allocation.objects.filter(sale__in=by_sale, quantity__gt=F("released")).order_by("id")
    goods = ("unit_cost", "lot", "expires_on", "expires_at", "packs_per_pallet", "units_per_pack", "pk", "received_at")
    taken: dict[tuple[int, int], list[Any]] = {}
    for sale, quantity, back, *about, came in held.values_list("sale", "quantity", "released", *(f"batch__{name}" for name in goods)):
        like = Like(*about)
        assert like.parent is not None
        taken.setdefault((sale, like.parent), [0, like, came])[0] += to_thousandths(quantity - back)
    for (sale, _), (thousandths, like, came) in taken.items():
        by_sale[sale].goods.append((thousandths, like, came))
    return found


class OnTheWay:
    """What transfers have sent that others bring on: how much of it has arrived, and by which transfer."""

    def __init__(self, account: Account, sent: Mapping[str, Sent], pairs: Collection[str]) -> None:
        self._sent = sent
        self._arrived: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
        issues = [sent[pair].pk for pair in pairs if pair in sent]
        if not issues:
            return
        brought = Arrival.objects.filter(account=account, sent__in=issues, purchase__status=PurchaseStatus.BOOKED)
        columns = ("sent", "purchase__batch__parent", "transfer_key", "purchase__batch", "purchase__batch__received")
        found = list(brought.order_by().values_list(*columns))
        back = returned([row[3] for row in found])
        for issue, parent, transfer, batch, received in found:
            self._arrived[issue, parent][transfer] = to_thousandths(received - back.get(batch, 0))

    def sources(self, pairs: Sequence[str], source_key: str) -> list[Source]:
        """What these transfers have sent and no other than `source_key` brought on."""
        return [
            Source(f"{sent.pk}.{like.parent}", max(quantity - self._gone(sent.pk, like.parent, source_key), 0), like, came, sent.pk)
            for sent in (self._sent[pair] for pair in pairs if pair in self._sent)
            for quantity, like, came in sent.goods
        ]

    def bring(self, source: Source, source_key: str, quantity: int) -> None:
        """Note that the transfer `source_key` brings so much of it on."""
        assert source.like.parent is not None
        self._arrived[source.sent, source.like.parent][source_key] = quantity

    def _gone(self, issue: int, parent: int | None, source_key: str) -> int:
        return sum(quantity for by, quantity in self._arrived[issue, parent or 0].items() if by != source_key)
