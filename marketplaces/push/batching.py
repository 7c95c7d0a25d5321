"""Many quantities set by few calls, for repairs at a shop that takes them so (docs/verify.md). The hot path never does this.

As with every write an attempt is noted before it is sent, under the lease of its listing; what a worker that died leaves open is set again
by the push.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from inventory import moment
from marketplaces.lots import RemoteLot, Wanted
from marketplaces.models import OPEN_STATES, Attempt, AttemptState, Listing, Operation, Shop
from marketplaces.provider import provider_of
from marketplaces.push.carrying import note
from marketplaces.push.draining import open_for_calls
from marketplaces.push.told import seen, sold_since, told_of
from sync.systems import values_of
from sync.wire.caller import Spending
from sync.wire.errors import WireError

CHUNK = 200
LEASE = timedelta(minutes=5)
"""For the few calls of a chunk, each of which may take as long as any."""
CAUSE = "repair"


class Written(Protocol):
    """What became of one lot's quantity: done, not_there, refused, unknown or not_sent; and the lot, where it was read back."""

    @property
    def outcome(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def lot(self) -> RemoteLot | None: ...


@runtime_checkable
class SetsMany(Protocol):
    """A line to a shop that takes many quantities in one call, and reads back what came of them."""

    def batch_quantities(self, quantities: Mapping[str, int], spending: Spending) -> Mapping[str, Written]:
        """Set the quantity of each of these lots. Raises WireError when nothing was sent."""


@dataclass(frozen=True)
class _Claimed:
    listing: Listing
    attempt: Attempt
    quantity: int


def set_quantities(shop: Shop, remote: SetsMany, listing_ids: Collection[int], spending: Spending) -> int:
    """Let the shop's lots of these listings have what their items offer, where that is all they need; how many were.

    Orders must have been read before. What is left, fails or is not confirmed is the push's, which is due for all of them anyway.
    """
    pks, done = sorted(listing_ids), 0
    for start in range(0, len(pks), CHUNK):
        if settings.DISABLE_EXTERNAL_CALLS or not open_for_calls(shop.pk):
            break
        claimed = _claim(shop, pks[start : start + CHUNK])
        if not claimed:
            continue
        quantities = {each.listing.lot_id: each.quantity for each in claimed}
        try:
            written = remote.batch_quantities(quantities, spending)
        except WireError:
            _close(claimed, {})
            break
        done += _close(claimed, written)
    return done


@transaction.atomic
def _claim(shop: Shop, pks: Sequence[int]) -> list[_Claimed]:
    """The listings of which nothing but a number above zero has to be told, with an attempt noted for each."""
    open_one = Attempt.objects.filter(listing=OuterRef("pk"), state__in=OPEN_STATES)
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
    rows = Listing.objects.filter(free, ~Exists(open_one), pk__in=pks, kept_off=False, due_at__isnull=False).exclude(lot_id="")
    locked = list(rows.select_for_update(of=("self",)).select_related("item").order_by("pk"))
    provider, rules, now = provider_of(shop), values_of(shop.connection), moment.now()
    found = []
    for row in locked:
        wanted = provider.wanted(row.item, shop, rules)
        told = told_of(row)
        same = isinstance(wanted, Wanted) and wanted.identity == told.identity and row.item.offered == wanted.quantity
        if same and row.item.offered and row.item.offered != row.told_quantity and not row.reread:
            found.append((row, row.item.offered))
    # In doubt until the answer is there: were this worker to die, the push would read each lot before it moves its number.
    mine = Listing.objects.filter(pk__in=[row.pk for row, _ in found])
    mine.update(fence=F("fence") + 1, lease_until=Now() + LEASE, worker="batch", reread=True)
    attempts = Attempt.objects.bulk_create([_attempt(row, quantity, now) for row, quantity in found])
    note(attempts)
    return [_Claimed(row, attempt, quantity) for (row, quantity), attempt in zip(found, attempts, strict=True)]


def _attempt(row: Listing, quantity: int, now: datetime) -> Attempt:
    told = {"lot_id": row.lot_id, "identity": row.told.get("identity"), "fields": row.told.get("fields", {})}
    return Attempt(
        account_id=row.account_id,
        shop_id=row.shop_id,
        listing=row,
        operation=Operation.UPDATE,
        fence=row.fence + 1,
        lot_id=row.lot_id,
        difference=quantity - row.told_quantity,
        absolute=True,
        baseline=row.told_quantity,
        sent={"difference": quantity - row.told_quantity, "fields": {}, "absolute": quantity},
        before={**told, "quantity": row.told_quantity},
        after={**told, "quantity": quantity},
        item_version=row.item.version,
        cause=CAUSE,
        correlation=row.correlation or uuid.uuid4(),
        correlations=row.correlations,
        requested_at=row.requested_at,
        started_at=now,
    )


@transaction.atomic
def _close(claimed: Sequence[_Claimed], written: Mapping[str, Written]) -> int:
    """Close the attempts and give the leases back; how many were done. What another worker has taken over meanwhile is left to it."""
    done = 0
    fences = {each.listing.pk: each.attempt.fence for each in claimed}
    locked = Listing.objects.filter(pk__in=fences, lease_until__isnull=False).select_for_update(of=("self",)).order_by("pk")
    mine = {row.pk for row in locked if row.fence == fences[row.pk]}
    sold = sold_since(fences, min(each.attempt.started_at for each in claimed))
    for each in claimed:
        if each.listing.pk not in mine:
            continue
        answer = written.get(each.listing.lot_id)
        outcome = "not_sent" if answer is None else str(answer.outcome)
        attempt = Attempt.objects.filter(pk=each.attempt.pk, state=AttemptState.IN_FLIGHT)
        columns: dict[str, Any] = {"lease_until": None, "worker": "", "due_at": Now(), "reread": each.listing.pk in sold}
        if outcome == "not_sent":
            attempt.delete()
        elif outcome == "done":
            attempt.update(state=AttemptState.SUCCEEDED, ended_at=Now())
            # Orders from before are in what was set.
            columns |= {"told_quantity": each.quantity, "assigned_at": each.attempt.started_at}
            columns |= seen(answer.lot if answer else None, each.attempt.started_at)
            done += 1
        else:
            attempt.update(state=AttemptState.FAILED, ended_at=Now(), code=outcome, sentence=(answer.sentence if answer else "")[:1000])
            columns["reread"] = True
        Listing.objects.filter(pk=each.listing.pk).update(**columns)
    return done
